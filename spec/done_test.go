package spec

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What an operation leaves that has failed for want of memory, and what it must not leave.
func TestLeftWhole(t *testing.T) {
	m, err := NewModel(RootPointer, "test", Bounds{MMs: 2, VMAs: 4, Objects: 4, Pages: 2, Slots: 4, MMOps: 5, Ops: AllOps() | WideOps(), Prots: 2, Failures: true})
	require.NoError(t, err)
	dying := func(w *World) { *w.vma(2) = VMA{Life: Detached, MM: 1, End: 1} }
	for _, test := range []struct {
		reason string
		was    Thread
		breaks func(*World) // mm1 has v1 at all four slots, and a page at the last
	}{
		{"a fault that is over leaves no anon_vma", Thread{Op: Fault, VMA: 2}, func(w *World) { w.vma(2).Anon = 1 }},
		{"nor a link", Thread{Op: Fault, VMA: 2}, func(w *World) { w.vma(2).pushChain(1) }},
		{"a fork leaves no child", Thread{Op: Fork, Child: 2}, func(w *World) { *w.vma(2) = VMA{Life: Mapped, MM: 2, End: 1} }},
		{"nor half of one", Thread{Op: Fork, Child: 2}, func(w *World) { *w.vma(2) = VMA{Life: Detached, MM: 2, End: 1} }},
		{"nor an entry", Thread{Op: Fork, Child: 2}, func(w *World) { *w.pte(2, 3) = *w.pte(1, 3) }},
		{"a split leaves one area", Thread{Op: SplitAbove, Slot: 2}, func(w *World) {
			w.vma(1).End = 2
			*w.vma(2) = VMA{Life: Mapped, MM: 1, Start: 2, End: 4}
		}},
		{"and no hole", Thread{Op: SplitBelow, Slot: 2}, func(w *World) { w.vma(1).End = 2 }},
		{"and no new part", Thread{Op: SplitBelow, Slot: 2}, dying},
		{"a protection leaves no hole", Thread{Op: Protect, Low: 0, High: 4}, func(w *World) { w.vma(1).Start = 1 }},
		{"a move leaves its source", Thread{Op: MoveArea, Low: 2, High: 4, To: 0}, func(w *World) { w.vma(1).End = 3 }},
		{"and its pages together", Thread{Op: MoveArea, Low: 2, High: 4, To: 0}, func(w *World) { *w.pte(1, 0) = PTE{Kind: Present, Page: 2} }},
		{"an unmap leaves no area on the way out", Thread{Op: UnmapRange, Low: 1, High: 2}, dying},
	} {
		s := m.Init()
		assert.True(t, m.leftWhole(&s.World, 1, &test.was), test.reason)
		test.breaks(&s.World)
		assert.False(t, m.leftWhole(&s.World, 1, &test.was), test.reason)
	}
	s := m.Init()
	assert.False(t, m.leftWhole(&s.World, 1, &Thread{Op: Map, Low: 3, High: 4}), "a map leaves no area")
	s.vma(1).End = 3
	assert.True(t, m.leftWhole(&s.World, 1, &Thread{Op: Map, Low: 3, High: 4}))
}
