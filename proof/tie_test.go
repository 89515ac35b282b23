package proof

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/deep"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/internal/museum"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/explore"
)

// The models whose whole graph is compared: the larger ones with ROOTLOCK_DEEP.
var (
	small = []string{"Tiny", "Neighbours", "Graph"}
	large = []string{"Map", "Edges", "Live"}
)

// A tie compares the formulas with a model of spec, state by state.
type tie struct {
	*testing.T
	m        *spec.Model
	view     *View
	machine  *Machine
	formulas []Conjunct // the invariant and the claims
	codes    []code
	env      *env

	states, edges, instances int
	taken                    map[string]int // branches
}

// formulas are what is true in every reachable state: of a law that has no proof nothing is.
func (p *Protocol) formulas() []Conjunct {
	if p == refcountedRoot {
		return nil
	}
	return slices.Concat(p.Conjuncts(), p.lates(), p.Claims())
}

func newTie(t *testing.T, p *Protocol, m *spec.Model) *tie {
	c := newCompiler()
	x := &tie{T: t, m: m, view: NewView(p, m), machine: NewMachine(p.Branches()), formulas: p.formulas(), taken: map[string]int{}}
	for _, k := range x.formulas {
		x.codes = append(x.codes, c.compile(k.Of(p.state())))
	}
	x.env = c.env(nil)
	return x
}

func modelOf(t *testing.T, of spec.Protocol, name string) *spec.Model {
	t.Helper()
	m, err := models.Find(of, name)
	require.NoError(t, err)
	return m.Model
}

// rare are worlds in which that happens which other worlds seldom come to. Orphans: processes
// go while a walker has a reference on a child, which goes last, and its root with it.
// Generations: forks whose parents exit, of which RwsemRoot's take ancestors. Unfilled: a fork of an area that has an anon_vma and no page, because there was none.
func rare(t *testing.T, of spec.Protocol) (list []*spec.Model) {
	t.Helper()
	for name, b := range map[string]spec.Bounds{
		"Generations": {MMs: 2, VMAs: 2, Objects: 4, Pages: 1, Walkers: 0, Slots: 1, MMOps: spec.Unlimited, Layout: spec.LayoutOnePage,
			Ops: spec.OpsOf(spec.Fork, spec.Exit)},
		"Orphans": {MMs: 2, VMAs: 2, Objects: 2, Pages: 2, Walkers: 1, Slots: 1, MMOps: 1, WalkerOps: 2, Layout: spec.LayoutForked,
			Ops: spec.OpsOf(spec.Exit, spec.Migrate, spec.Pin, spec.WalkPinned, spec.Unpin)},
		"Unfilled": {MMs: 2, VMAs: 4, Objects: 3, Pages: 1, Walkers: 1, Slots: 2, MMOps: 2, WalkerOps: 0, Layout: spec.LayoutNeighbours,
			Ops: spec.OpsOf(spec.Fault, spec.Fork)},
	} {
		m, err := spec.NewModel(of, name, b)
		require.NoError(t, err)
		list = append(list, m)
	}
	return list
}

// structure is a state as a structure, which compares reference counts with their holders.
func (x *tie) structure(s *spec.State) *Structure {
	x.Helper()
	view, err := x.view.Of(s)
	require.NoError(x, err)
	return view
}

// In every reachable state (in a plain run, in a sample of them) every part of the invariant is true, and of every claim. Every
// edge is a branch of the step's name, and every branch that can be taken is an edge: but
// for those that the model's bounds refuse, and those of other names where the law picks
// one. Every branch is taken somewhere, or is one of those that are never taken.
func TestBranchesAreEdges(t *testing.T) {
	for _, p := range protocols {
		if p.Repair == os.Getenv(repaired) {
			t.Run(nameOf(p), func(t *testing.T) { branchesAreEdges(t, p) })
		}
	}
}

func branchesAreEdges(t *testing.T, p *Protocol) {
	list, taken := small, map[string]int{}
	if deep.Asked() {
		list = slices.Concat(small, large)
	}
	states := 0
	var worlds []*spec.Model
	if deep.Asked() {
		worlds = rare(t, p.Of)
	}
	for _, name := range list {
		worlds = append(worlds, modelOf(t, p.Of, name))
	}
	for _, m := range worlds {
		x := newTie(t, p, m)
		g, err := explore.NewGraph(t.Context(), x.m.Law(), 0)
		require.NoError(t, err)
		each := deep.Or(5, 1)
		if g.Len() > 5000 {
			each = deep.Or(16, 1)
		}
		for i := 0; i < g.Len(); i += each {
			s := g.State(uint32(i))
			x.compare(&s, func() spec.Schedule { return g.Path(uint32(i)) })
		}
		states += x.states
		maps.Copy(taken, x.taken)
		t.Logf("%s: %d states, %d edges, %d instances of branches", m.Name, x.states, x.edges, x.instances)
	}
	rounds := deep.Or(3, 150)
	for name, b := range random {
		m, err := spec.NewModel(p.Of, name, b)
		require.NoError(t, err)
		x := newTie(t, p, m)
		x.random(rounds)
		states += x.states
		maps.Copy(taken, x.taken)
		t.Logf("%s, %d random schedules: %d states, %d edges, %d instances of branches", name, rounds, x.states, x.edges, x.instances)
	}
	for name, schedule := range heirs {
		if !p.trees || !deep.Asked() {
			break
		}
		m, err := spec.NewModel(p.Of, name, spec.Bounds{MMs: 3, VMAs: 6, Objects: 7, Pages: 2, Walkers: 1, Slots: 3, MMOps: spec.Unlimited, WalkerOps: spec.Unlimited,
			Layout: spec.LayoutOnePage, Ops: spec.AllOps()})
		require.NoError(t, err)
		x := newTie(t, p, m)
		x.along(schedule)
		states += x.states
		maps.Copy(taken, x.taken)
	}
	var untaken []string
	for _, b := range p.Branches() {
		if taken[b.Name] == 0 {
			untaken = append(untaken, b.Name)
		}
	}
	t.Logf("%d formulas true in %d states; %d of %d branches taken, not %s", len(p.formulas()), states, len(taken), len(p.Branches()), strings.Join(untaken, " "))
	assert.Greater(t, states, deep.Or(1_000, 4_000))
	if _, has := proved[p]; has && deep.Asked() {
		assert.ElementsMatch(t, neverTaken[p], untaken)
	}
	assert.GreaterOrEqual(t, len(taken), 90)
}

// repaired is the environment variable that names the repair of the law which the program was
// built with.
const repaired = "ROOTLOCK_REPAIRED"

// The same for a law with a repair of the museum: in a program that is built with the repair.
func TestRepairedLaws(t *testing.T) {
	if os.Getenv(repaired) != "" {
		t.Skip("this is the program with the repair")
	}
	if !deep.Asked() {
		t.Skip("builds these tests anew; " + deep.Variable + "=1 asks for it")
	}
	for _, p := range protocols {
		if p.Repair == "" {
			continue
		}
		t.Run(p.Repair, func(t *testing.T) {
			entries, err := museum.Load(os.DirFS(filepath.Join("..", "testdata", "museum")))
			require.NoError(t, err)
			i := slices.IndexFunc(entries, func(e museum.Entry) bool { return e.Name == p.Repair && e.Protocol == p.Of && e.Kind == museum.Repair })
			require.GreaterOrEqual(t, i, 0, "the museum has no such repair")
			overlay, err := museum.Overlay(&entries[i], "..", t.TempDir(), "spec")
			require.NoError(t, err)
			cmd := exec.CommandContext(t.Context(), "go", "test", "-overlay", overlay, "-run", "^TestBranchesAreEdges$", "-v", ".")
			cmd.Env = append(os.Environ(), repaired+"="+p.Repair)
			out, err := cmd.CombinedOutput()
			require.NoError(t, err, "%s", out)
			assert.Contains(t, string(out), "--- PASS: TestBranchesAreEdges/"+nameOf(p))
			t.Logf("%s", out)
		})
	}
}

// neverTaken are the branches that the invariant forbids: TestNeverTaken asks the solver.
var neverTaken = map[*Protocol][]string{
	rootPointer: {"NextEntry.oops", "ReadStart.oops", "ReadPgoff.oops", "Visit.oops", "PutLast.mmLast", "FreeAnon.mmRoot", "FreeAnon.again", "CheckMapped.got", "CheckMapped.two"},
	childFirst: {"NextEntry.oops", "ReadStart.oops", "ReadPgoff.oops", "Visit.oops", "CheckMapped.got", "CheckMapped.two", "UnlockRoot.notGot", "UnlockRoot.got",
		"GetUnlessZero.one", "FreeAnon.root.one", "PutAnon.rootKept.one", "PutAnon.rootLast.mm", "StoreEnd.locked"},
	rwsemRoot: {"NextEntry.oops", "ReadStart.oops", "ReadPgoff.oops", "Visit.oops", "ReadPgoff.out", "CheckMapped.pinned", "CheckMapped.got", "CheckMapped.two", "UnlockRoot.notGot",
		"UnlockRoot.got", "GetUnlessZero.one", "FreeAnon.root.one", "Unmap.put", "Exit.put", "ZapEntry.put", "FreeVMA.put", "UnlockAnon.chain", "UnlinkChain.chain"},
}

// random are worlds beyond those of which there is a whole graph.
var random = map[string]spec.Bounds{
	// One page for two areas: the second has an anon_vma, and nothing to copy at a fork.
	"Scarce": {MMs: 2, VMAs: 4, Objects: 4, Pages: 1, Slots: 2, MMOps: 6, Layout: spec.LayoutMapped, Ops: spec.OpsOf(spec.Map, spec.Fault, spec.Fork, spec.SplitAbove)},
	"Copies": {MMs: 2, VMAs: 5, Objects: 4, Pages: 3, Walkers: 1, Slots: 2, MMOps: spec.Unlimited, WalkerOps: spec.Unlimited, Layout: spec.LayoutOnePage, Ops: spec.AllOps()},
	"Pinned": {MMs: 2, VMAs: 4, Objects: 4, Pages: 2, Walkers: 2, Slots: 2, MMOps: 6, WalkerOps: 4, Layout: spec.LayoutOnePage,
		Ops: spec.OpsOf(spec.Fault, spec.Fork, spec.Exit, spec.Walk, spec.Migrate, spec.Pin, spec.WalkPinned, spec.Unpin)},
	"Wide": {MMs: 3, VMAs: 7, Objects: 6, Pages: 3, Walkers: 2, Slots: 3, MMOps: spec.Unlimited, WalkerOps: spec.Unlimited, Layout: spec.LayoutMapped, Ops: spec.AllOps()},
}

// random draws schedules in which the threads are not equally fast.
func (x *tie) random(rounds int) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range rounds {
		s, sch := x.m.Init(), spec.Schedule{}
		weight := make([]float64, x.m.Threads())
		for step := range 150 {
			if step%30 == 0 {
				for i := range weight {
					weight[i] = rng.Float64()*rng.Float64() + 0.02
				}
			}
			if step%5 == 0 {
				x.compare(&s, func() spec.Schedule { return sch })
			}
			moves := x.m.Moves(&s, nil)
			if len(moves) == 0 {
				break
			}
			best, chosen := 0.0, moves[0]
			for _, mv := range moves {
				if w := weight[mv.Thread-1] * rng.Float64(); w > best {
					best, chosen = w, mv
				}
			}
			x.m.Apply(&s, chosen)
			sch = append(sch, chosen)
		}
	}
}

// heirs are schedules of RwsemRoot in which a fork takes an ancestor: what else hardly ever happens.
// "mm1 PinRoot" is that mm1 goes on to that step, "mm1 Idle" to the end of its operation.
var heirs = map[string]string{
	"FilledLast": "mm1:SplitAbove(v1,2) mm1 Idle mm1:Fork(mm2) mm1 Idle mm1:Exit mm1 Idle mm2:Fork(mm1) mm2 Idle mm2:Exit mm2 Idle mm1:Fork(mm2) mm1 Idle",
	"BareLast": "mm1:Fault(v1,0) mm1 Idle mm1:SplitAbove(v1,1) mm1 Idle mm1:SplitAbove(v2,2) mm1 Idle mm1:Unmap(v3) mm1 Idle " +
		"mm1:Fork(mm2) mm1 Idle mm1:Exit mm1 Idle mm2:Fork(mm1) mm2 Idle mm2:Exit mm2 Idle mm1:Fork(mm2) mm1 Idle",
	"TwoFree": "mm1:Fork(mm2) mm1 Idle mm1:Exit mm1 Idle mm2:Fork(mm1) mm2 Idle mm1:Fork(mm3) mm1 Idle mm1:Exit mm1 Idle mm2:Exit mm2 Idle mm3:Fork(mm1) mm3 Idle",
	// A walker has a reference on what the fork has allocated: on its former life.
	"LateNext": "mm1:SplitAbove(v1,2) mm1 Idle mm1:Fork(mm2) mm1 Idle mm1:Exit mm1 Idle mm2:Fork(mm1) mm2 Idle mm1:Fork(mm3) mm1 Idle mm3:Fault(v5,0) mm3 Idle mm2:Exit mm2 Idle " +
		"w1:Walk(p2) w1 TryRoot mm3:Exit mm3 Idle mm1:Fork(mm2) mm1 LinkList w1 RecheckMapped mm1 Idle w1 Idle",
	"LateFilled": "mm1:Fork(mm2) mm1 Idle mm1:Exit mm1 Idle mm2:Fork(mm1) mm2 Idle mm1:Fork(mm3) mm1 Idle mm3:Fault(v3,0) mm3 Idle mm2:Exit mm2 Idle " +
		"w1:Walk(p2) w1 TryRoot mm3:Exit mm3 Idle mm1:Fork(mm2) mm1 LinkList w1 RecheckMapped mm1 Idle w1 Idle",
	"LateEnd": "mm1:Fault(v1,0) mm1 Idle mm1:SplitAbove(v1,1) mm1 Idle mm1:SplitAbove(v2,2) mm1 Idle mm1:Unmap(v3) mm1 Idle " +
		"mm1:Fork(mm2) mm1 Idle mm1:Exit mm1 Idle mm2:Fork(mm1) mm2 Idle mm1:Fork(mm3) mm1 Idle mm3:Fault(v6,1) mm3 Idle mm2:Exit mm2 Idle w1:Walk(p1) w1 TryRoot mm3:Exit mm3 Idle " +
		"mm1:Fork(mm2) mm1 AllocAnon mm1:AllocAnon(a6) mm1 CopyVMA mm1 AllocAnon mm1:AllocAnon(a7) mm1 LinkList w1 RecheckMapped mm1 Idle w1 Idle",
}

// along takes a schedule, and compares every state on it.
func (x *tie) along(schedule string) {
	x.Helper()
	s, sch := x.m.Init(), spec.Schedule{}
	take := func(is func(mv spec.Move) bool) {
		x.Helper()
		x.compare(&s, func() spec.Schedule { return sch })
		moves := x.m.Moves(&s, nil)
		i := slices.IndexFunc(moves, is)
		require.GreaterOrEqual(x, i, 0, "after %s", x.m.FormatSchedule(sch))
		x.m.Apply(&s, moves[i])
		sch = append(sch, moves[i])
	}
	words := strings.Fields(schedule)
	for i := 0; i < len(words); i++ {
		if strings.Contains(words[i], ":") {
			take(func(mv spec.Move) bool { return x.m.Format(mv) == words[i] })
			continue
		}
		for first := true; first || x.at(&s, words[i]) != words[i+1]; first = false {
			take(func(mv spec.Move) bool { return x.m.ThreadName(mv.Thread) == words[i] })
		}
		i++
	}
	x.compare(&s, func() spec.Schedule { return sch })
}

// at is the next step of a thread.
func (x *tie) at(s *spec.State, thread string) string {
	for t := 1; t <= x.m.Threads(); t++ {
		if x.m.ThreadName(uint8(t)) == thread {
			return s.Thread[t-1].PC.String()
		}
	}
	return ""
}

type edge struct {
	thread   int
	step, to string
}

// compare evaluates the formulas in a state, and compares its edges with the branches.
func (x *tie) compare(s *spec.State, path func() spec.Schedule) {
	view := x.structure(s)
	where := func() string { return x.m.Name + ", after " + x.m.FormatSchedule(path()) + "\n" + view.String() }
	x.env.Structure = view
	x.states++
	for j, k := range x.formulas {
		if x.codes[j](x.env) == 0 {
			x.Fatalf("%s is false: %s", k.Name, where())
		}
	}
	law, found := map[edge]bool{}, map[edge]bool{}
	moves := x.m.Moves(s, nil)
	to := make([]edge, len(moves))
	for i, mv := range moves {
		after := *s
		x.m.Apply(&after, mv)
		to[i] = edge{int(mv.Thread), mv.Step.String(), x.structure(&after).Key()}
		law[to[i]] = true
	}
	for th := 1; th <= x.m.Threads(); th++ {
		steps := []string{s.Thread[th-1].PC.String()}
		if s.Thread[th-1].PC == spec.Idle {
			steps = begins
		}
		for _, step := range steps {
			x.machine.Successors(view, step, th, func(b *Branch, picks []int, after *Structure) {
				e := edge{th, step, after.Key()}
				x.instances++
				if law[e] {
					x.taken[b.Name]++
					found[e] = true
				} else if x.excused(s, b, th, picks) == "" {
					x.Fatalf("%s:%s%v is no edge: %s", x.m.ThreadName(uint8(th)), b.Name, picks, where())
				}
			})
		}
	}
	for i, mv := range moves {
		if x.edges++; !found[to[i]] {
			x.Fatalf("no branch is %s: %s", x.m.Format(mv), where())
		}
	}
}

// excused says why the law has no edge for an instance of a branch, if it need not have one.
func (x *tie) excused(s *spec.State, b *Branch, thread int, picks []int) string {
	step, _ := spec.StepByName(b.Step())
	if step.Begins() {
		args := map[string][]int{"Map": {1, 2}, "Fault": {0, 1}, "Fork": {0}, "Unmap": {0}, "SplitBelow": {0, 1}, "SplitAbove": {0, 1}, "Walk": {0}, "Migrate": {0}, "WalkPinned": {0}, "Pin": {0}}
		mv := spec.Move{Thread: uint8(thread), Step: step}
		for i, p := range args[b.Step()] {
			mv.Args[i] = uint8(picks[p])
		}
		if step == spec.Map {
			mv.Args[1] -= mv.Args[0]
		}
		switch why := x.m.Refusal(s, mv); why {
		case "InOps", "OperationLeft", "VMAsSpare", "ObjectsSpare":
			return "the bounds of the model: " + why
		}
		if step == spec.WalkPinned && picks[0] == x.m.Slots {
			return "an address at the end of the world"
		}
	}
	lowest := func(free func(n int) bool) bool {
		for n := 1; n < picks[0]; n++ {
			if free(n) {
				return false
			}
		}
		return true
	}
	switch b.Step() {
	case "Map", "CopyVMA":
		if !lowest(func(n int) bool { return s.VMA[n-1].Life == spec.Unborn }) {
			return "the law picks the name of a new area"
		}
	case "MapPage":
		if len(picks) > 0 {
			return "the law picks a free page"
		}
	}
	return ""
}

// A claim is true as a formula exactly where it is true in spec: in states that no schedule
// leads to, too.
func TestClaimsAreSpecs(t *testing.T) {
	for _, p := range []*Protocol{rootPointer, rwsemRoot} {
		if p.trees && !deep.Asked() {
			continue
		}
		t.Run(nameOf(p), func(t *testing.T) { claimsAreSpecs(t, p) })
	}
}

func claimsAreSpecs(t *testing.T, p *Protocol) {
	rng := rand.New(rand.NewPCG(1, 2))
	m := modelOf(t, p.Of, "Graph")
	g, err := explore.NewGraph(t.Context(), m.Law(), 0)
	require.NoError(t, err)
	v, c := NewView(p, m), newCompiler()
	codes := map[string]code{}
	for _, k := range p.Claims() {
		codes[k.Name] = c.compile(k.Of(p.state()))
	}
	delete(codes, NoDeadlock+".SomebodyRuns") // is no part of a claim of spec
	delete(codes, "TypeOK.TypeOK")            // says less than spec's, whose ranges are the sorts here
	all := spec.AllConjuncts()
	for name := range codes {
		require.Contains(t, all, name)
	}
	compared, broken := 0, map[string]int{}
	rounds := deep.Or(8_000, 200_000)
	for range rounds {
		s := g.State(uint32(rng.IntN(g.Len())))
		disturb(rng, m, &s)
		if m.Broken(&s, spec.TypeOK.Set(), 0) != 0 {
			continue
		}
		view, err := v.Of(&s)
		if err != nil {
			continue
		}
		e := c.env(view)
		set := m.Broken(&s, m.Protocol.Asked(), 0)
		compared++
		for i, name := range all {
			if codes[name] == nil {
				continue
			}
			if set.Has(i) {
				broken[name]++
			}
			if set.Has(i) || name != "MutualExclusion.HolderAlone" || !set.Has(slices.Index(all, "MutualExclusion.WriterAlone")) {
				require.Equal(t, !set.Has(i), codes[name](e) != 0, "%s\n%s", name, view)
			} // of a walker and a process in one family tla/ says that both parts are false, spec only WriterAlone
		}
	}
	t.Logf("%d disturbed states compared; claims false in them: %v", compared, broken)
	assert.Greater(t, compared, rounds/10)
	assert.GreaterOrEqual(t, len(broken), 15)
}

// disturb changes one or two things in a state, so that claims may be false.
func disturb(rng *rand.Rand, m *spec.Model, s *spec.State) {
	id := func(n int) uint8 { return uint8(1 + rng.IntN(n)) }
	for range 1 + rng.IntN(2) {
		v, a, p, th := &s.VMA[rng.IntN(m.VMAs)], &s.Anon[rng.IntN(m.Objects)], &s.Page[rng.IntN(m.Pages)], &s.Thread[rng.IntN(m.Threads())]
		e, h := &s.PTE[rng.IntN(m.MMs)][rng.IntN(m.Slots)], &s.History[m.MMs+rng.IntN(m.Walkers)]
		switch rng.IntN(19) {
		case 0:
			a.Live = !a.Live
		case 1:
			if a.Refs == 0 && a.Root != 0 { // who refers to it is told from the roots
				a.Root = id(m.Objects)
			}
		case 2:
			a.Lock = uint8(rng.IntN(m.Threads() + 1))
		case 3:
			if v.Life != spec.Unborn {
				v.Anon = id(m.Objects)
			}
		case 4:
			if a.NList > 0 {
				a.NList--
				a.List[a.NList] = 0
			}
		case 5:
			p.Mapping = uint8(rng.IntN(m.Objects + 1))
		case 6:
			if e.Kind != spec.Empty {
				e.Kind, e.Page = spec.Kind(1+rng.IntN(2)), id(m.Pages)
			}
		case 7:
			e.Writable = e.Kind != spec.Empty && !e.Writable
		case 8:
			if th.Anon != 0 {
				th.Anon = id(m.Objects)
			}
		case 9:
			if th.Held != 0 {
				th.Held = id(m.Objects)
			}
		case 10:
			h.Missed = !h.Missed
		case 11:
			h.Failed = !h.Failed
		case 12:
			h.Stale = !h.Stale
		case 13:
			p.Lock = uint8(rng.IntN(m.Threads() + 1))
		case 14:
			if th.PC == spec.UnlockAnon {
				th.PC = spec.LinkList
			} else if th.PC == spec.LockRoot && th.Root != 0 {
				th.PC, th.Held = spec.NextEntry, th.Root
			}
		case 15:
			if v.NChain > 0 {
				v.Chain[v.NChain-1] = id(m.Objects)
			}
		case 16:
			if a.NList > 1 {
				a.List[0], a.List[1] = a.List[1], a.List[0]
			}
		case 17:
			if a.Parent != 0 {
				a.Parent = id(m.Objects)
			}
		case 18:
			if th.PC == spec.TakeOut {
				th.PC = spec.StoreEnd
			}
		}
	}
}

// A formula that is false is found, with the schedule to the state.
func ExampleStructure_String() {
	m, _ := models.Find(spec.RootPointer, "Tiny")
	s := m.Init()
	x, _ := NewView(rootPointer, m.Model).Of(&s)
	fmt.Print(x)
	// Output:
	// vma[v1]: life Mapped, mm mm1, anon a1, chain {a1}, tail a1, has {0 1}, by mm1
	// anon[a1]: live true, root a1, list {v1}
	// page[p1]: mapping a1, index 1
	// pte[mm1][1]: kind Present, page p1, writable true, area v1
	// thread[mm1]: pc Idle
	// thread[w1]: pc Idle
}
