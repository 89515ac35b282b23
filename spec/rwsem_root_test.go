package spec

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/triangle/explore"
)

// Whether a writer that waits stops new readers decides one claim: without that the mm side
// starves, as soon as walks of one family overlap. Nothing else depends on it.
func TestWaitingWriterStopsReaders(t *testing.T) {
	// Walks of one page keep each other out by its lock; a walk of what is pinned has none.
	overlap := Bounds{MMs: 2, VMAs: 2, Objects: 2, Pages: 1, Walkers: 2, Slots: 1, MMOps: 1, WalkerOps: Unlimited, Ops: OpsOf(Fork, Walk, Pin, WalkPinned)}
	law := mustModel(t, RwsemRoot, overlap)
	overtaken := *law
	overtaken.overtaken = true
	fairness := explore.WeakThreads | explore.StrongLocks
	lassos, _, err := explore.Terminates(t.Context(), law.Law(), fairness, 0)
	require.NoError(t, err)
	assert.Empty(t, lassos)
	lassos, _, err = explore.Terminates(t.Context(), overtaken.Law(), fairness, 0)
	require.NoError(t, err)
	require.NotNil(t, lassos.Of(OperationTerminates.String()), "two walks that overlap again and again keep a fork out")
	assert.Nil(t, lassos.Of(WalkTerminates.String()), "walks end")
	for name, b := range map[string]Bounds{
		"two walkers, two pages": {MMs: 2, VMAs: 2, Objects: 3, Pages: 2, Walkers: 2, Slots: 1, MMOps: 1, WalkerOps: 1, Layout: LayoutForked, Ops: OpsOf(Fault, Fork, Exit, Walk, WalkPinned, Pin)},
		"recycled":               {MMs: 2, VMAs: 3, Objects: 2, Pages: 2, Walkers: 1, Slots: 1, MMOps: 2, WalkerOps: 1, Ops: OpsOf(Map, Fault, Fork, Exit, Walk, Migrate)},
		"areas are split":        {MMs: 1, VMAs: 4, Objects: 1, Pages: 2, Walkers: 2, Slots: 2, MMOps: 2, WalkerOps: 1, Ops: OpsOf(Fault, Unmap, SplitBelow, Walk, Migrate)},
	} {
		m := mustModel(t, RwsemRoot, b)
		variant := *m
		variant.overtaken = true
		both := map[*Model]*explore.Exploration[State, Move]{}
		for _, m := range []*Model{m, &variant} {
			x, err := explore.Explore(t.Context(), m.Law(), explore.Options{})
			require.NoError(t, err)
			assert.True(t, x.Complete)
			assert.Empty(t, x.Violations, "%s: overtaken %t", name, m.overtaken)
			both[m] = x
		}
		t.Logf("%s: %d states; overtaken %d", name, both[m].Distinct, both[&variant].Distinct)
		if b.Walkers > 1 {
			assert.NotEqual(t, both[&variant].Distinct, both[m].Distinct, "readers overtake")
		}
	}
}

// Each step of RwsemRoot has a function of Linux 7.2, and no other step has.
func TestToday(t *testing.T) {
	for _, s := range Steps() {
		assert.Equal(t, RwsemRoot.Has(s), s.Today() != "", s)
	}
}

// What is asked of trees alone can be false too, and says with which values.
func TestTreeConjunctsCanBeFalse(t *testing.T) {
	m := testModel(t, RwsemRoot)
	second := func(s *State) { // v2 of mm2, a copy of v1, in a1's tree
		s.VMA[1] = VMA{Life: Mapped, MM: 2, End: 2}
		s.vma(2).pushChain(1)
		s.Anon[0].append(2)
	}
	for _, test := range []struct {
		claim    Claim
		conjunct string
		reason   string
		breaks   func(s *State)
		values   string
	}{
		{AncestorsReused, "NoneLeft", "a fork that takes nothing, where the parent's is free", func(s *State) {
			second(s)
			s.VMA[0].Anon = 0
			s.Thread[0] = Thread{PC: UnlockAnon, Op: Fork, VMA: 1, New: 2, Root: 3, Child: 2}
		}, "mm1 takes a new anon_vma, and a1 is free to take (says: 1 children, 1 areas)"},
		{AncestorsReused, "TakenFree", "a fork that takes what is in use", func(s *State) {
			second(s)
			s.VMA[1].Anon = 1
			s.Thread[0] = Thread{PC: UnlockAnon, Op: Fork, VMA: 1, New: 2, Root: 3, Child: 2}
		}, "mm1 takes a1, which is not free"},
		{AncestorsReused, "ParentNamed", "a child of the root, forked from a child", func(s *State) {
			second(s)
			s.VMA[0].Anon = 2
			s.Anon[1] = AnonVMA{Live: true, Root: 1, Parent: 1}
			s.Anon[2] = AnonVMA{Live: true, Root: 1, Parent: 1}
			s.Thread[0] = Thread{PC: LinkList, Op: Fork, VMA: 1, New: 2, Anon: 3, Held: 1, Child: 2}
		}, "mm1 links a3, whose parent is a1; it forks v1, whose anon_vma is a2"},
		{AncestorsReused, "CountsExact", "a second area that is not counted", func(s *State) {
			second(s)
			s.VMA[1].Anon = 1
		}, "a1 says: 1 children, 1 areas; there are 1 and 2"},
		{AncestorsReused, "CountsExact", "a child that is counted, and is not in use", func(s *State) {
			s.Anon[0].Children = 2
		}, "a1 says: 2 children, 1 areas; there are 1 and 1"},
		{TreesSorted, "InOrder", "a copy of an area that is further down, and before it", func(s *State) {
			second(s)
			s.VMA[0].Pgoff = 1
		}, "tree[a1] = <v1 v2>, where v1 has page offset 1, and v2 behind it 0"},
		{TreesSorted, "OutWhileStored", "a split that leaves the area in its tree", func(s *State) {
			s.Thread[0] = Thread{PC: StoreEnd, Op: SplitAbove, VMA: 1, New: 2, Anon: 1, Held: 1}
		}, "mm1 is at StoreEnd of v1, which is in tree[a1] = <v1>"},
	} {
		t.Run(test.conjunct, func(t *testing.T) {
			s := m.Init()
			require.Zero(t, m.Check(&s))
			test.breaks(&s)
			assert.True(t, m.Check(&s).Has(test.claim), test.reason)
			conjunct, values := m.Explain(&s, test.claim)
			assert.Equal(t, test.conjunct, conjunct, test.reason)
			assert.Contains(t, values, test.values, test.reason)
		})
	}
}
