package properties

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rootlock/rootlock/internal/deep"
	"github.com/rootlock/rootlock/internal/hunt"
	"github.com/rootlock/rootlock/internal/lockstep"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
)

// The world of the kernel's traces: whole operations of all kinds, one after the
// other, with failing allocations, migrations that stand between their two walks
// while others run, and bytes. Model and implementation agree after every step; after
// every operation every claim holds, and every byte is where it belongs.
func TestWorld(t *testing.T) {
	cover := newCoverage()
	for _, p := range spec.Protocols() {
		t.Run(p.String(), func(t *testing.T) {
			found, err := models.Find(p, "World")
			require.NoError(t, err)
			m := found.Model
			run, err := lockstep.New(m)
			require.NoError(t, err)
			defer func() { require.NoError(t, run.Close()) }()
			if deep.Asked() { // each protocol has met everything
				cover = newCoverage()
				chain := uint8(6)
				if p.Trees() { // ancestors are reused
					chain = 4
				}
				defer func() { cover.assert(t, chain) }()
			}
			checks(t, deep.Or(110, 1_000))
			var last *hunt.Failure
			defer func() {
				if last != nil {
					leave(t, m, last)
				}
			}()
			rapid.Check(t, func(t *rapid.T) {
				if err := run.Reset(); err != nil {
					t.Fatalf("reset: %v", err)
				}
				w := &world{Run: run, m: m, t: t, cover: cover, keeps: models.KeptAlone(p), failed: func(f *hunt.Failure) { last = f }}
				w.kinds = kinds[w.draw("kinds", 0, len(kinds)-1)]
				for range rapid.IntRange(10, 60).Draw(t, "operations") {
					if w.operation(); w.strayed() {
						cover.strayed++
						return
					}
				}
				w.leave()
			})
		})
	}
	if !deep.Asked() { // one of them has
		cover.assert(t, 6)
	}
}

// kinds of sequences, by the operations that they are drawn from: what is rare
// where everything may happen is common where little does.
var kinds = [][]spec.Step{
	{spec.Map, spec.Map, spec.Fault, spec.Fault, spec.Fault, spec.Fault, spec.Fork, spec.Fork, spec.UnmapRange, spec.Protect, spec.Protect, spec.Protect,
		spec.MoveArea, spec.Exit, spec.Read, spec.Pin, spec.Migrate, spec.Walk, spec.SwapOut, spec.SwapDrop},
	{spec.Fault, spec.Fault, spec.Fork, spec.Fork, spec.Fork, spec.Exit, spec.Pin, spec.Migrate},
	{spec.Fault, spec.Fault, spec.Fault, spec.Fork, spec.SwapOut, spec.SwapOut, spec.SwapDrop, spec.Read, spec.Read, spec.Exit, spec.Migrate, spec.MoveArea},
	{spec.Map, spec.Map, spec.Fault, spec.Protect, spec.Protect, spec.MoveArea, spec.UnmapRange, spec.UnmapRange, spec.Walk},
}

// A world is one sequence of operations.
type world struct {
	kinds []spec.Step
	*lockstep.Run
	m       *spec.Model
	t       *rapid.T
	cover   *coverage
	keeps   spec.ClaimSet
	bytes   [spec.MaxMMs][spec.MaxSlots]byte // what a read must find; unmapped slots are 0
	written byte
	history spec.Schedule
	failed  func(*hunt.Failure) // is told what rapid may shrink
}

// draw draws from [low,high], evenly: rapid by itself prefers small numbers.
func (w *world) draw(label string, low, high int) uint8 {
	return uint8(low + anyNumber.Draw(w.t, label)%(high-low+1))
}

var anyNumber = rapid.IntRange(0, 1<<20)

// operation draws an operation that the law does not refuse here, and runs it.
func (w *world) operation() {
	for range 10 {
		walker := w.draw("walker", w.m.MMs+1, w.m.Threads())
		if w.State().Thread[walker-1].PC != spec.Idle && w.draw("finish", 0, 3) == 0 {
			w.finish(walker) // it stands between its two walks
			return
		}
		mv := w.candidate(walker)
		if !w.m.Enabled(w.State(), mv) {
			continue
		}
		failing := -1
		if w.draw("fails", 0, 7) == 0 {
			failing = int(w.draw("allocation", 0, 4))
		}
		w.begin(mv, failing, mv.Step == spec.Migrate && w.draw("halfway", 0, 1) == 0)
		return
	}
}

// candidate draws an operation on what there is.
func (w *world) candidate(walker uint8) spec.Move {
	s := w.State()
	var areas []uint8
	for v := range s.VMA {
		if s.VMA[v].Life == spec.Mapped {
			areas = append(areas, uint8(v+1))
		}
	}
	mm, slot, v := w.draw("mm", 1, w.m.MMs), w.draw("slot", 0, spec.MaxSlots-1), uint8(0)
	length := min(w.draw("length", 1, 6), spec.MaxSlots-slot)
	step := spec.Map
	if len(areas) > 0 {
		step = w.kinds[w.draw("kind", 0, len(w.kinds)-1)]
		v = areas[w.draw("area", 0, len(areas)-1)]
		a := &s.VMA[v-1]
		if step != spec.Map {
			mm = a.MM
			slot = w.draw("slot", int(a.Start), int(a.End-1))
			length = w.draw("length", 1, int(min(a.End-slot+1, spec.MaxSlots-slot)))
		}
	}
	mv := spec.Move{Thread: mm, Step: step}
	switch step {
	case spec.Map, spec.Protect:
		mv.Args = [3]uint8{slot, length, w.draw("prot", 0, 1)}
	case spec.Fault, spec.Read:
		mv.Args = [3]uint8{v, slot}
	case spec.Fork:
		mv.Args = [3]uint8{w.draw("child", 1, w.m.MMs)}
	case spec.UnmapRange:
		mv.Args = [3]uint8{slot, length}
	case spec.MoveArea:
		mv.Args = [3]uint8{slot, length, w.draw("to", 0, spec.MaxSlots-1)}
	case spec.Pin:
		mv.Thread, mv.Args = walker, [3]uint8{v}
		if s.Thread[walker-1].Pin != 0 {
			mv = spec.Move{Thread: walker, Step: spec.Unpin}
			if w.draw("walks", 0, 1) == 0 {
				mv = spec.Move{Thread: walker, Step: spec.WalkPinned, Args: [3]uint8{slot}}
			}
		}
	case spec.Walk, spec.Migrate, spec.SwapOut, spec.SwapDrop:
		mv.Thread, mv.Args = walker, [3]uint8{s.PTE[mm-1][slot].Page}
	}
	return mv
}

// strayed reports whether mremap has brought pages into an area that has no
// anon_vma: Linux's own rules, after which nothing holds what finds them
// (testdata/schedules/strayed-page.txtar). The sequence ends there.
func (w *world) strayed() bool {
	s := w.State()
	for v := range s.VMA {
		a := &s.VMA[v]
		for slot := a.Start; a.Life == spec.Mapped && a.Anon == 0 && slot < a.End; slot++ {
			if s.PTE[a.MM-1][slot].Kind != spec.Empty {
				return true
			}
		}
	}
	return false
}

func (w *world) areaAt(mm, slot uint8) uint8 {
	for v := range w.State().VMA {
		if a := &w.State().VMA[v]; a.Life == spec.Mapped && a.MM == mm && a.Start <= slot && slot < a.End {
			return uint8(v + 1)
		}
	}
	return 0
}

// begin runs an operation: to its end, or for a migration to walk 2. The
// allocating step of that number fails.
func (w *world) begin(mv spec.Move, failing int, halfway bool) {
	w.cover.operations[mv.Step]++
	before := w.bytes
	w.proceed(mv, failing, halfway)
	s := w.State()
	th := &s.Thread[mv.Thread-1]
	mm := mv.Thread - 1
	switch {
	case th.Error:
		w.cover.failures++
	case mv.Step == spec.Exit:
		w.bytes[mm] = [spec.MaxSlots]byte{}
	case mv.Step == spec.Fork:
		w.bytes[mv.Args[0]-1] = w.bytes[mm]
	}
	if mv.Step == spec.MoveArea && w.areaAt(mv.Thread, mv.Args[2]) != 0 {
		for i := range mv.Args[1] {
			w.bytes[mm][mv.Args[0]+i] = 0
			w.bytes[mm][mv.Args[2]+i] = before[mm][mv.Args[0]+i]
		}
	}
	if mv.Step == spec.Fault && s.PTE[mm][mv.Args[1]].Writable {
		w.written++
		w.bytes[mm][mv.Args[1]] = w.written
		if err := w.AddressSpace(int(mv.Thread)).Write(uint32(mv.Args[1]), 0, []byte{w.written}); err != nil {
			w.t.Fatalf("write: %v", err)
		}
	}
	w.check(mv)
}

// proceed takes steps of one thread. Where it waits for a page that is being
// migrated, the migration ends first.
func (w *world) proceed(mv spec.Move, failing int, halfway bool) {
	t := mv.Thread
	for {
		if r := w.m.Refusal(w.State(), mv); r == "PageLockFree" {
			holder := w.State().Page[w.State().Thread[t-1].Page-1].Lock
			w.proceed(spec.Move{Thread: holder, Step: w.second()}, -1, false)
			continue
		} else if r != "" {
			w.t.Fatalf("%s does not end: %s is refused: %s", w.State().Thread[t-1].Op, w.m.Format(mv), r)
		}
		w.observe(t, w.take(mv))
		th := &w.State().Thread[t-1]
		if th.PC == spec.Idle || halfway && th.Phase == spec.Two && th.PC == w.second() {
			return
		}
		mv = spec.Move{Thread: t, Step: th.PC}
		if w.m.Allocations(w.State(), t) > 0 {
			if failing == 0 {
				mv.Step = spec.FailAlloc
			}
			failing--
		}
		if mv.Step == spec.AllocAnon {
			for a := range w.m.Objects {
				if !w.State().Anon[a].Live {
					mv.Args[0] = uint8(a + 1)
				}
			}
		}
	}
}

// second is the first step of a migration's second walk.
func (w *world) second() spec.Step {
	if w.m.Protocol.Has(spec.LockWalks) {
		return spec.LockWalks
	}
	return spec.ReadMapping
}

// take takes one step and returns the thread as it was before.
func (w *world) take(mv spec.Move) spec.Thread {
	before := w.State().Thread[mv.Thread-1]
	w.history = append(w.history, mv)
	if err := w.Do(mv); err != nil {
		w.failed(&hunt.Failure{Schedule: w.history, Divergence: err})
		w.t.Fatalf("%v", err)
	}
	return before
}

// finish ends the migration that a walker is in the middle of.
func (w *world) finish(walker uint8) {
	mv := spec.Move{Thread: walker, Step: w.second()}
	w.proceed(mv, -1, false)
	w.check(mv)
}

// check asks the claims and the bytes; but not where a page has just gone astray, which ends
// the sequence.
func (w *world) check(mv spec.Move) {
	if w.strayed() {
		return
	}
	s := w.State()
	if f := violated(w.m, s, w.keeps, w.history); f != nil {
		w.failed(f)
		w.t.Fatalf("%s is violated after %s alone: %s is false: %s", f.Claim, w.m.Format(mv), f.Conjunct, f.Values)
	}
	for mm := range uint8(w.m.MMs) {
		for slot := range uint8(w.m.Slots) {
			if w.areaAt(mm+1, slot) == 0 {
				w.bytes[mm][slot] = 0
				continue
			}
			if kind := s.PTE[mm][slot].Kind; kind != spec.Present && kind != spec.Empty {
				continue // to read it would be an operation
			}
			b := []byte{1}
			if err := w.AddressSpace(int(mm+1)).Read(uint32(slot), 0, b); err != nil || b[0] != w.bytes[mm][slot] {
				w.t.Fatalf("after %s: mm%d, slot %d: read %d (%v), written %d\n%s", w.m.Format(mv), mm+1, slot, b[0], err, w.bytes[mm][slot], w.m.FormatSchedule(w.history))
			}
		}
	}
}

// leave ends the world: migrations, then the address spaces in any order, and
// the pins. Then nothing may be left.
func (w *world) leave() {
	for walker := w.m.MMs + 1; walker <= w.m.Threads(); walker++ {
		if w.State().Thread[walker-1].PC != spec.Idle {
			w.finish(uint8(walker))
		}
	}
	mms := []uint8{1, 2, 3, 4}
	for _, parent := range mms { // as many processes as there can be
		for _, child := range mms {
			if mv := (spec.Move{Thread: parent, Step: spec.Fork, Args: [3]uint8{child}}); w.m.Enabled(w.State(), mv) {
				w.begin(mv, -1, false)
			}
		}
	}
	family, order := map[uint8]bool{}, ""
	for _, mm := range rapid.Permutation(mms).Draw(w.t, "exits") {
		for v := range w.State().VMA {
			if a := &w.State().VMA[v]; a.Life == spec.Mapped && a.MM == mm && a.NChain > 0 {
				family[a.Chain[a.NChain-1]] = true
			}
		}
		if mv := (spec.Move{Thread: mm, Step: spec.Exit}); w.m.Enabled(w.State(), mv) {
			order += fmt.Sprint(mm)
			w.begin(mv, -1, false)
		}
	}
	if len(order) == w.m.MMs && len(family) == 1 {
		w.cover.exits[order]++
	}
	for walker := w.m.MMs + 1; walker <= w.m.Threads(); walker++ {
		if mv := (spec.Move{Thread: uint8(walker), Step: spec.Unpin}); w.m.Enabled(w.State(), mv) {
			w.begin(mv, -1, false)
		}
	}
}

// coverage counts what the operations came upon.
type coverage struct {
	operations map[spec.Step]int
	failures   int
	strayed    int
	merges     map[int]int    // by the case of the comment at vma_merge
	reuse      map[string]int // prepare with the next or the previous neighbour's anon_vma
	chains     map[uint8]int  // lengths of chains, one each time a VMA has it first
	exits      map[string]int // orders in which four processes of one family exit
}

// observe looks at the step that thread t has just taken; before is the thread
// before it.
func (w *world) observe(t uint8, before spec.Thread) {
	s := w.State()
	th := &s.Thread[t-1]
	if th.Phase == spec.Together && before.Phase != spec.Together {
		w.cover.merges[mergeCase(s, th)]++
	}
	if th.Op == spec.Fault && before.PC == spec.Idle && th.PC == spec.LockAnon {
		v := &s.VMA[th.VMA-1]
		if n := w.areaAt(t, v.End); v.End < spec.MaxSlots && n != 0 && s.VMA[n-1].Anon == th.Anon {
			w.cover.reuse["next"]++
		} else {
			w.cover.reuse["previous"]++
		}
	}
	if before.PC == spec.LinkChain {
		longest := uint8(0)
		for v := range s.VMA {
			longest = max(longest, s.VMA[v].NChain)
		}
		w.cover.chains[longest]++
	}
}

// mergeCase tells the case of the kernel's comment from what the range in hand
// was and which area is to have what.
func mergeCase(s *spec.State, th *spec.Thread) int {
	v := &s.VMA[th.VMA-1]
	a, b := th.Low, th.High
	switch th.Op {
	case spec.Protect:
		b = th.To
	case spec.MoveArea:
		a, b = th.To, th.To+th.High-th.Low
	}
	inside := th.Op == spec.Protect // the range is part of an area
	switch {
	case v.Start < a && th.End == a && v.End > a:
		return 4
	case v.Start < a && inside && th.End > b:
		return 6
	case v.Start < a && inside:
		for i := range s.VMA {
			if n := &s.VMA[i]; n.Life == spec.Mapped && n.MM == v.MM && n.Start == a && n.End > b {
				return 5
			}
		}
		return 7
	case v.Start < a && th.End > b:
		return 1
	case v.Start < a:
		return 2
	case inside:
		return 8
	}
	return 3
}

func newCoverage() *coverage {
	return &coverage{operations: map[spec.Step]int{}, merges: map[int]int{}, reuse: map[string]int{}, chains: map[uint8]int{}, exits: map[string]int{}}
}

func (c *coverage) assert(t *testing.T, chain uint8) {
	t.Helper()
	if testing.Short() {
		t.Skip("a short run draws too little to ask what it met")
	}
	total := 0
	for _, s := range spec.WideOps().List() {
		assert.NotZero(t, c.operations[s], "no %s was drawn", s)
		total += c.operations[s]
	}
	assert.NotZero(t, c.failures, "no allocation failed")
	for i := 1; i <= 8; i++ {
		assert.NotZero(t, c.merges[i], "case %d of vma_merge", i)
	}
	for _, n := range []string{"next", "previous"} {
		assert.NotZero(t, c.reuse[n], "the %s neighbour's anon_vma is shared", n)
	}
	longest := slices.Max(slices.Collect(maps.Keys(c.chains)))
	assert.GreaterOrEqual(t, longest, chain, "the longest chain")
	assert.Len(t, c.exits, 24, "orders in which four processes of one family exit")
	t.Logf("%d operations %v; %d failed for want of memory; %d sequences ended with a page astray; vma_merge cases %v; shared anon_vma of neighbours %v; longest chain %d (%v); %d exit orders of a family of four",
		total, c.operations, c.failures, c.strayed, c.merges, c.reuse, longest, c.chains, len(c.exits))
}
