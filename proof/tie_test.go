package proof

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/deep"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
)

// The models whose whole graph is compared: the larger ones with ROOTLOCK_DEEP.
var (
	small = []string{"Tiny", "Neighbours", "Graph"}
	large = []string{"Map", "Lost", "Edges", "Anew", "Live"}
)

// A graph is one of spec's, and each of its states as a structure.
type graph struct {
	m     *spec.Model
	g     *spec.Graph
	views []*Structure
}

func graphOf(t *testing.T, name string) *graph {
	t.Helper()
	m, err := models.Find(spec.RootPointer, name)
	require.NoError(t, err)
	g, err := spec.NewGraph(t.Context(), m.Model, 0)
	require.NoError(t, err)
	x, v := &graph{m: m.Model, g: g}, NewView(m.Model)
	for i := range g.Len() {
		s := g.State(uint32(i))
		view, err := v.Of(&s) // which compares reference counts with their holders
		require.NoError(t, err)
		x.views = append(x.views, view)
	}
	return x
}

// In every reachable state every part of the invariant is true, and of every claim. Every
// edge is a branch of the step's name, and every branch that can be taken is an edge: but
// for those that the model's bounds refuse, and those of other names where the law picks
// one. Every branch is taken somewhere, or is one of those that are never taken.
func TestBranchesAreEdges(t *testing.T) {
	list, taken := small, map[string]int{}
	if deep.Asked() {
		list = slices.Concat(small, large)
	}
	formulas := 0
	machine := NewMachine(Branches())
	for _, name := range list {
		x := graphOf(t, name)
		formulas += x.allTrue(t)
		edges, instances := x.compare(t, machine, taken)
		t.Logf("%s: %d states, %d edges, %d instances of branches", name, len(x.views), edges, instances)
	}
	var untaken []string
	for _, b := range Branches() {
		if taken[b.Name] == 0 {
			untaken = append(untaken, b.Name)
		}
	}
	t.Logf("%d formulas evaluated; %d of %d branches taken, not %s", formulas, len(taken), len(Branches()), strings.Join(untaken, " "))
	assert.Greater(t, formulas, 1_000_000)
	if deep.Asked() {
		for _, name := range untaken {
			assert.Contains(t, neverTaken, name, "a branch that no graph takes, and that is not known to be dead")
		}
	}
	assert.GreaterOrEqual(t, len(taken), 90)
}

// neverTaken are the branches that the invariant forbids: TestNeverTaken asks the solver.
var neverTaken = []string{"NextEntry.oops", "ReadStart.oops", "ReadPgoff.oops", "Visit.oops", "PutLast.mmLast", "FreeAnon.mmRoot", "FreeAnon.again", "CheckMapped.got", "CheckMapped.two"}

// allTrue evaluates the invariant and the claims in every state.
func (x *graph) allTrue(t *testing.T) (evaluated int) {
	c := newCompiler()
	list := slices.Concat(Conjuncts(), Claims())
	var codes []code
	for _, k := range list {
		codes = append(codes, c.compile(k.Of(now)))
	}
	e := c.env(nil)
	e.vars = make([]int, len(c.place))
	for i, view := range x.views {
		e.Structure = view
		for j, k := range list {
			if evaluated++; codes[j](e) == 0 {
				t.Errorf("%s: %s is false after %s\n%s", x.m.Name, k.Name, x.m.FormatSchedule(x.g.Path(uint32(i))), view)
				return evaluated
			}
		}
	}
	return evaluated
}

type edge struct {
	thread   int
	step, to string
}

// compare goes over all states, and counts edges and instances of branches.
func (x *graph) compare(t *testing.T, k *Machine, taken map[string]int) (edges, instances int) {
	keys := make([]string, len(x.views))
	for i, v := range x.views {
		keys[i] = v.Key()
	}
	for i := range keys {
		s := x.g.State(uint32(i))
		law, found := map[edge]bool{}, map[edge]bool{}
		for _, e := range x.g.Edges(uint32(i)) {
			law[edge{int(e.Move.Thread), e.Move.Step.String(), keys[e.To]}] = true
		}
		for th := 1; th <= x.m.Threads(); th++ {
			steps := []string{s.Thread[th-1].PC.String()}
			if s.Thread[th-1].PC == spec.Idle {
				steps = begins
			}
			for _, step := range steps {
				k.Successors(x.views[i], step, th, func(b *Branch, picks []int, after *Structure) {
					e := edge{th, step, after.Key()}
					instances++
					switch why := x.excused(&s, b, th, picks); {
					case law[e]:
						taken[b.Name]++
						found[e] = true
					case why == "":
						t.Fatalf("%s: %s:%s%v is no edge after %s\n%s", x.m.Name, x.m.ThreadName(uint8(th)), b.Name, picks, x.m.FormatSchedule(x.g.Path(uint32(i))), x.views[i])
					}
				})
			}
		}
		for _, e := range x.g.Edges(uint32(i)) {
			if edges++; !found[edge{int(e.Move.Thread), e.Move.Step.String(), keys[e.To]}] {
				t.Fatalf("%s: no branch is %s after %s\n%s", x.m.Name, x.m.Format(e.Move), x.m.FormatSchedule(x.g.Path(uint32(i))), x.views[i])
			}
		}
	}
	return edges, instances
}

// excused says why the law has no edge for an instance of a branch, if it need not have one.
func (x *graph) excused(s *spec.State, b *Branch, thread int, picks []int) string {
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
	if th := &s.Thread[thread-1]; th.Op != spec.Idle || step == spec.Unmap || step == spec.Exit {
		for i := range x.m.VMAs {
			if s.VMA[i].NChain > 2 {
				return "the order of a chain between its ends is left open"
			}
		}
	}
	return ""
}

// A claim is true as a formula exactly where it is true in spec: in states that no schedule
// leads to, too.
func TestClaimsAreSpecs(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	x := graphOf(t, "Graph")
	v, c := NewView(x.m), newCompiler()
	codes := map[string]code{}
	for _, k := range Claims() {
		codes[k.Name] = c.compile(k.Of(now))
	}
	delete(codes, "TypeOK.TypeOK") // says less than spec's, whose ranges are the sorts here
	all := spec.AllConjuncts()
	for name := range codes {
		require.Contains(t, all, name)
	}
	compared, broken := 0, map[string]int{}
	rounds := 40_000
	if deep.Asked() {
		rounds = 1_000_000
	}
	for range rounds {
		s := x.g.State(uint32(rng.IntN(len(x.views))))
		disturb(rng, x.m, &s)
		if x.m.Broken(&s, spec.TypeOK.Set(), 0) != 0 {
			continue
		}
		view, err := v.Of(&s)
		if err != nil {
			continue
		}
		e := c.env(view)
		set := x.m.Broken(&s, x.m.Protocol.Asked(), 0)
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
		switch rng.IntN(16) {
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
		}
	}
}

// A formula that is false is found, with the schedule to the state.
func ExampleStructure_String() {
	m, _ := models.Find(spec.RootPointer, "Tiny")
	s := m.Init()
	x, _ := NewView(m.Model).Of(&s)
	fmt.Print(x)
	// Output:
	// vma[v1]: life Mapped, mm mm1, anon a1, chain {a1}, tail a1, has {0 1}, by mm1
	// anon[a1]: live true, root a1, list {v1}
	// page[p1]: mapping a1, index 1
	// pte[mm1][1]: kind Present, page p1, writable true, area v1
	// thread[mm1]: pc Idle
	// thread[w1]: pc Idle
}
