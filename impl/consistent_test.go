package impl

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What is kept twice agrees, and each word that does not is found.
func TestConsistent(t *testing.T) {
	world := func() (*System, *vma, *anonVMA) {
		c := NewControl(Options{}, Bounds{MMs: 2, VMAs: 6, Objects: 6, Pages: 4, Slots: 4})
		require.NoError(t, c.Map(1, 0, 2, 0))
		require.NoError(t, c.Fault(1, 0))
		require.NoError(t, c.Fork(1))
		require.NoError(t, c.SplitAbove(2, 1))
		require.NoError(t, c.SwapOut(1))
		require.NoError(t, c.System().Consistent())
		v := c.AddressSpace(2).areas[0]
		return c.System(), v, v.oldest.Load().anon
	}
	other := new(anonVMA)
	for _, test := range []struct {
		want  string
		spoil func(*System, *vma, *anonVMA)
	}{
		{"v2: walkers see another anon_vma than it has", func(_ *System, v *vma, _ *anonVMA) { v.seen.Store(other) }},
		{"v2: its chain is another from its tail", func(_ *System, v *vma, _ *anonVMA) { v.oldest.Load().newer = nil }},
		{"v2: its chain does not end where it should", func(_ *System, v *vma, _ *anonVMA) { v.oldest.Store(v.newest) }},
		{"a1: its list is another from its tail", func(_ *System, _ *vma, a *anonVMA) { a.last.prev = nil }},
		{"a1: its list has 3 entries", func(_ *System, _ *vma, a *anonVMA) { a.count.Add(oneEntry) }},
		{"a1: its list has 3 entries", func(_ *System, _ *vma, a *anonVMA) { a.last = a.last.prev }},
		{"mm2 has 1 areas, and 2 are mapped", func(_ *System, v *vma, _ *anonVMA) { v.mm.areas = v.mm.areas[:1] }},
		{"mm2: v3 is not where its areas are in order", func(_ *System, v *vma, _ *anonVMA) { v.extent.Store(pack(0, 2)) }},
		{"p1 counts", func(s *System, _ *vma, _ *anonVMA) { s.pool.pages[0].mapped.Add(1) }},
		{"p1 counts", func(s *System, _ *vma, _ *anonVMA) { s.pool.pages[0].swapped.Add(-1) }},
	} {
		s, v, a := world()
		test.spoil(s, v, a)
		assert.ErrorContains(t, s.Consistent(), "rootlock: "+test.want)
	}
}
