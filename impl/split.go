package impl

import "github.com/rootlock/rootlock/spec"

// split cuts v at a slot (__split_vma, vma_adjust): a new area takes the part
// below or above, v keeps the other. The new area is the one that goes to the
// tail of the lists. The caller holds the mmap lock.
func (m *AddressSpace) split(v *vma, at uint32, below bool) error {
	start, end := v.span()
	if !v.is(Mapped) || at <= start || end <= at {
		return ErrNotMapped
	}
	s := m.sys
	if err := s.pool.reserve(0, 1); err != nil {
		return err
	}
	// CopyVMA: Unborn -> Detached, the same anon_vma.
	s.step(spec.CopyVMA, v.id)
	var n *vma
	if below {
		n = s.pool.takeVMA(m, start, at, v.pgoff.Load())
	} else {
		n = s.pool.takeVMA(m, at, end, v.offset(at))
	}
	n.anon = v.anon
	s.cloneChain(n, v)

	// LockAdjust: free -> held, if the protocol keeps walkers from seeing half
	// of the adjustment.
	var held *anonVMA
	if s.rules.locksAdjust() && v.anon != nil {
		held = s.lockAnon(spec.LockAdjust, v, v.anon)
	}
	if below {
		// StoreStart: start -> at. Between this and the next store the address
		// that a walker computes for v is wrong.
		pgoff := v.offset(at)
		s.step(spec.StoreStart, v.id)
		v.extent.Store(pack(at, end))

		// StorePgoff: pgoff -> pgoff + (at - start).
		s.step(spec.StorePgoff, v.id)
		v.pgoff.Store(pgoff)
	} else {
		// StoreEnd: end -> at.
		s.step(spec.StoreEnd, v.id)
		v.extent.Store(pack(start, at))
	}
	m.attach(n) // part of the last store's step: only the mmap lock's holder looks there

	// UnlockAdjust: held -> free.
	if held != nil {
		held.lock.release(s, spec.UnlockAdjust, held.id)
	}
	return nil
}
