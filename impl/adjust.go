package impl

import (
	"slices"

	"github.com/rootlock/rootlock/spec"
)

// vma_adjust (docs/kernel.md 1.10) gives areas of one address space other extents:
// split cuts one, grow lets one have the pages of its neighbours or gives the next some
// of its own. merge says where vma_merge would. The callers hold the mmap lock.

// split cuts v, which keeps [start, end); a new area gets the rest, below or above.
// The new area is the one that goes to the tail of the lists (__split_vma). Without
// enough memory nothing has changed but what was reserved.
func (m *AddressSpace) split(v *vma, start, end uint32) error {
	s := m.sys
	m.lockArea(v)
	// CopyVMA: Unborn -> Detached, the same anon_vma.
	if s.fails(s.step(spec.CopyVMA, v.id), 1) {
		m.budget.giveBack(m.sys)
		return ErrNoMemory
	}
	var n *vma
	if low, high := v.span(); start > low {
		n = m.takeVMA(m, low, start, v.pgoff.Load(), v.prot)
	} else {
		n = m.takeVMA(m, end, high, v.offset(end), v.prot)
	}
	m.lockNew(n)
	n.own(v.anon)
	if !s.cloneChain(n, v) {
		return m.abandon(n)
	}
	m.adjust(v, n, start, end)
	return nil
}

// grow lets v have [start, end), pass by pass: neighbours that lie within are
// removed, the next one gives up pages, or gets those that v gives up. It reports
// false if there was not enough memory to link one area like another; then
// that pass, and what would follow, did not happen.
// copied, if there is one, is the area whose pages are to be moved there (dup_anon_vma): 7.2
// links v like that one; without it they would be in an area that has no anon_vma.
func (m *AddressSpace) grow(v *vma, start, end uint32, copied *vma) bool {
	for v.start() != start || v.end() != end {
		m.lockArea(v)
		var n *vma
		if next := m.after(v); next != nil && end != v.end() && (end < v.end() || end > next.start()) {
			n = next
			m.lockArea(n)
			to, from := v, n
			if end < v.end() {
				to, from = n, v
			}
			if !m.importChain(to, from) {
				return false
			}
		}
		if copied != nil && m.sys.rules.trees() && !m.importChain(v, copied) {
			return false
		}
		m.adjust(v, n, start, end)
	}
	return true
}

// importChain links an area that has no anon_vma like the one whose pages it gets.
func (m *AddressSpace) importChain(to, from *vma) bool {
	if to.anon != nil || from.anon == nil {
		return true
	}
	if !m.sys.cloneChain(to, from) {
		m.unlink(to)
		return false
	}
	to.own(from.anon)
	return true
}

// adjust is one pass: v goes to [start, end), but not beyond the end of n. n is the
// Detached new part of a split, the next neighbour, or nil.
func (m *AddressSpace) adjust(v, n *vma, start, end uint32) {
	s := m.sys
	// LockAdjust: free -> held, if the protocol keeps walkers from seeing half
	// of the adjustment.
	var held *anonVMA
	trees := s.rules.trees()
	if n != nil || start != v.start() || trees {
		if w := s.rules.adjustLock(v, n); w != nil {
			held = s.lockAnon(spec.LockAdjust, w, w.anon)
		}
	}
	if n != nil && n.is(Mapped) {
		end = min(end, n.end())
	}
	// TakeOut, PutBack: the areas that are stored to and stay.
	var out []*vma
	if trees && held != nil {
		out = append(out, v)
		if n != nil && n.is(Mapped) && n.end() > end {
			out = append(out, n)
		}
		s.takeOut(spec.TakeOut, out...)
	}
	if start != v.start() {
		s.storeStart(v, start)
	}
	if end != v.end() {
		// StoreEnd: end -> where it is to be.
		s.step(spec.StoreEnd, v.id)
		v.extent.Store(pack(start, end))
	}
	// Part of the last store's step: only the mmap lock's holder looks at areas.
	swallowed := false
	switch {
	case n == nil:
	case n.is(Detached):
		m.attach(n)
	case n.end() <= end:
		swallowed = true
		i := slices.Index(m.areas, n)
		m.detach(i, i+1)
	case n.start() != end:
		s.storeStart(n, end)
	}
	if out != nil {
		s.takeOut(spec.PutBack, out...)
	}
	// UnlockAdjust: held -> free.
	if held != nil {
		held.lock.release(s, spec.UnlockAdjust, held.id)
	}
	if swallowed {
		m.bury(n)
	}
}

// adjusted33 is vma_adjust's rule in 2.6.33, which the sketches of May 2010 presume: the
// area that is adjusted first, or the other where that has no anon_vma.
func adjusted33(v, n *vma) *vma {
	switch {
	case v.anon != nil:
		return v
	case n != nil && n.anon != nil:
		return n
	}
	return nil
}

// storeStart moves the start of v, and its page offset by as much.
func (s *System) storeStart(v *vma, start uint32) {
	// StoreStart: start -> where it is to be. Between this and the next store the
	// address that a walker computes for v is wrong.
	pgoff := v.offset(start)
	s.step(spec.StoreStart, v.id)
	v.extent.Store(pack(start, v.end()))

	// StorePgoff: pgoff -> pgoff + (start - old start).
	s.step(spec.StorePgoff, v.id)
	v.pgoff.Store(pgoff)
}

// merge lets a neighbour have the slots [a, b), as pages of a protection, a page offset, and
// the anon_vma of area src (nil: none yet), if one can: prev, the area before
// them, or the one behind (vma_merge, whose comment counts eight cases). If it
// could but for want of memory, apart is true: to try again would be in vain.
func (m *AddressSpace) merge(prev *vma, a, b uint32, prot Prot, src, copied *vma, pgoff uint64) (merged, apart bool) {
	if !m.sys.merges() {
		return false, false
	}
	compatible := func(x, y *anonVMA) bool { return x == nil || y == nil || x == y }
	area := m.after(prev)
	next := area
	if area != nil && area.end() == b {
		next = m.after(area)
	}
	canNext := next != nil && next.start() == b && next.prot == prot && m.alike(next, src) && next.pgoff.Load() == pgoff+uint64(b-a)
	switch {
	case prev != nil && prev.end() == a && prev.prot == prot && m.alike(prev, src) && prev.offset(a) == pgoff:
		if canNext && compatible(prev.anon, next.anon) {
			b = next.end() // cases 1 and 6
		} // else 2, 5 and 7
		merged = m.grow(prev, prev.start(), b, copied)
	case !canNext:
		return false, false
	case prev != nil && a < prev.end(): // case 4
		merged = m.grow(prev, prev.start(), a, copied)
	default: // cases 3 and 8
		merged = m.grow(area, a, next.end(), copied)
	}
	return merged, !merged
}
