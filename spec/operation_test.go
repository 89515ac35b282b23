package spec

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// alone begins an operation and lets its thread run to the end, choosing the
// first object when one is to be chosen.
func alone(t *testing.T, m *Model, s *State, text string) {
	t.Helper()
	sch, err := m.ParseSchedule(text)
	require.NoError(t, err)
	require.NoError(t, m.Run(s, sch, nil))
	thread := sch[len(sch)-1].Thread
	for s.thread(thread).PC != Idle {
		moved := false
		for _, mv := range m.Moves(s, nil) {
			if mv.Thread == thread {
				m.Apply(s, mv)
				moved = true
				break
			}
		}
		require.True(t, moved, "%s is stuck at %s", m.ThreadName(thread), s.thread(thread).PC)
	}
}

// What docs/kernel.md says of the structure after whole operations, run alone.
func TestOperationsAlone(t *testing.T) {
	for _, p := range Protocols() {
		t.Run(p.String(), func(t *testing.T) {
			m := testModel(t, p)
			s := m.Init()

			alone(t, m, &s, "mm1:Fork(mm2)")
			assert.Equal(t, []uint8{2, 1}, s.vma(2).chain(), "I3: a child's chain is its own anon_vma before the parent's chain")
			assert.Equal(t, []uint8{1, 2}, s.anon(1).list(), "I7: the child stands behind its parent")
			assert.Equal(t, []uint8{2}, s.anon(2).list())
			assert.Equal(t, uint8(1), s.anon(2).Root)
			assert.Equal(t, PTE{Present, 1, false}, *s.pte(1, 1), "the parent's entry becomes read-only")
			assert.Equal(t, *s.pte(1, 1), *s.pte(2, 1))

			alone(t, m, &s, "mm2:Fault(v2,1)")
			assert.Equal(t, PTE{Present, 2, true}, *s.pte(2, 1), "copy on write")
			assert.Equal(t, Page{Mapping: 2, Index: 1}, *s.page(2), "a new page gets the newest anon_vma")
			alone(t, m, &s, "mm1:Fault(v1,1)")
			assert.Equal(t, PTE{Present, 1, true}, *s.pte(1, 1), "the only mapping left is reused")

			alone(t, m, &s, "mm2:SplitBelow(v2,1)")
			copied, order := [MaxObjects]uint8{2, 1}, []uint8{1, 2, 3} // the new part goes to the tail
			if p.Trees() {                                             // the order of the chain is turned round; the upper part has a higher offset
				copied, order = [MaxObjects]uint8{1, 2}, []uint8{1, 3, 2}
			}
			assert.Equal(t, VMA{Life: Mapped, MM: 2, Start: 1, End: 2, Pgoff: 1, Anon: 2, NChain: 2, Chain: [MaxObjects]uint8{2, 1}}, *s.vma(2))
			assert.Equal(t, VMA{Life: Mapped, MM: 2, Start: 0, End: 1, Pgoff: 0, Anon: 2, NChain: 2, Chain: copied}, *s.vma(3))
			assert.Equal(t, order, s.anon(1).list())

			alone(t, m, &s, "w1:Migrate(p2)")
			assert.Equal(t, PTE{Present, 2, true}, *s.pte(2, 1), "migration puts the entry back as it was")
			alone(t, m, &s, "w2:Pin(v2)")
			alone(t, m, &s, "mm1:Exit")
			alone(t, m, &s, "mm2:Exit")
			assert.True(t, s.anon(2).Live, "the pin keeps the child")
			alone(t, m, &s, "w2:WalkPinned(1)")
			rooted := p == RootPointer || p == RefcountedRoot || p == RwsemRoot
			assert.Equal(t, rooted, s.anon(1).Live, "and the child its root; else nothing does (F6)")
			assert.Equal(t, p == DeepestLock, m.Check(&s).Has(RootFreedLast), "which only the sketch relies on")
			alone(t, m, &s, "w2:Unpin")
			assert.Zero(t, m.Check(&s))
			for a := range m.Objects {
				assert.False(t, s.Anon[a].Live)
			}
		})
	}
}

// prepare takes a neighbour's anon_vma, and enters its list at the head.
func TestPrepareReusesNeighbour(t *testing.T) {
	m, err := NewModel(OwnLock, "test", Bounds{MMs: 2, VMAs: 4, Objects: 4, Pages: 2, Walkers: 0, Slots: 2, MMOps: 9, Layout: LayoutNeighbours, Ops: AllOps()})
	require.NoError(t, err)
	s := m.Init()
	alone(t, m, &s, "mm1:Fault(v2,1)")
	assert.Equal(t, uint8(1), s.vma(2).Anon)
	assert.Equal(t, []uint8{2, 1}, s.anon(1).list(), "2.6.34: prepare inserts at the head")

	s = m.Init()
	alone(t, m, &s, "mm1:Fork(mm2)")
	alone(t, m, &s, "mm1:Exit")
	alone(t, m, &s, "mm2:Fault(v4,1)")
	assert.NotEqual(t, s.vma(3).Anon, s.vma(4).Anon, "the neighbour's chain has two links: it was forked (M01)")
}
