package impl

import "github.com/rootlock/rootlock/spec"

// The operations that give areas other extents and protections: mmap, munmap,
// mprotect, mremap. The callers hold the mmap lock and have checked the range.

// mapRange makes slots [start, end) accessible (mmap_region).
func (m *AddressSpace) mapRange(start, end uint32, prot Prot) error {
	s := m.sys
	if s.merges() {
		if merged, _ := m.merge(m.before(start), start, end, prot, nil, nil, uint64(start)); merged {
			return nil
		}
		// CopyVMA: Unborn -> Mapped. Like no other: without an anon_vma.
		if s.fails(s.step(spec.CopyVMA, 0), 1) {
			return ErrNoMemory
		}
	}
	m.attach(m.takeVMA(m, start, end, uint64(start), prot))
	return nil
}

// unmapRange cuts the areas at the edges, above the lower one and below the upper
// one, and takes what lies between away (do_munmap). What was cut stays cut if
// memory runs out.
func (m *AddressSpace) unmapRange(low, high uint32) error {
	if v := m.find(low); v != nil && v.start() < low {
		if err := m.split(v, v.start(), low); err != nil {
			return err
		}
	}
	if v := m.find(high - 1); v != nil && v.end() > high {
		if err := m.split(v, high, v.end()); err != nil {
			return err
		}
	}
	i := m.at(low)
	j := i
	for j < len(m.areas) && m.areas[j].start() < high {
		m.lockArea(m.areas[j])
		j++
	}
	m.destroy(m.detach(i, j))
	return nil
}

// protectRange gives slots [low, high), which have no hole, a protection, area by
// area (mprotect_fixup). If memory runs out the rounds before remain.
func (m *AddressSpace) protectRange(low, high uint32, prot Prot) error {
	for low < high {
		v := m.find(low)
		if v.prot != prot {
			upTo := min(high, v.end())
			if err := m.protectRound(low, upTo, prot); err != nil {
				return err
			}
			v = m.find(low)
			m.lockArea(v)
			m.denyWrites(low, upTo)
		}
		low = v.end()
	}
	return nil
}

// protectRound makes [low, high), which is all or a part of one area, part of an
// area of that protection.
func (m *AddressSpace) protectRound(low, high uint32, prot Prot) error {
	apart := false
	for {
		v := m.find(low)
		if v.prot == prot { // an import failed after a neighbour was swallowed
			return nil
		}
		prev := v
		if low == v.start() {
			prev = m.before(low)
		}
		if !apart {
			var merged bool
			merged, apart = m.merge(prev, low, high, prot, v, nil, v.offset(low))
			if merged {
				m.find(low).prot = prot
				return nil
			}
			if apart { // once more, without
				continue
			}
		}
		var err error
		switch {
		case low > v.start():
			err = m.split(v, low, v.end())
		case high < v.end():
			err = m.split(v, v.start(), high)
		default:
			m.lockArea(v)
			v.prot = prot
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// denyWrites makes the entries of [low, high) read-only (change_pte_range).
func (m *AddressSpace) denyWrites(low, high uint32) {
	for slot, ok := m.table.next(low, high); ok; slot, ok = m.table.next(slot+1, high) {
		if !m.table.load(slot).writable {
			continue
		}
		// DenyWrite: entry -> read-only.
		m.lockTable(spec.DenyWrite, 0)
		e := m.table.load(slot)
		m.table.set(slot, e.page.entry(e.kind, false))
		m.table.lock.Unlock()
	}
}

// moveRange moves the pages of [low, high), which lies in one area, to the slots
// from to on, which are free (move_vma). If memory runs out, nothing has changed.
func (m *AddressSpace) moveRange(low, high, to uint32) error {
	s := m.sys
	v := m.find(low)
	m.lockArea(v)
	pgoff := v.offset(low)
	if v.anon == nil {
		pgoff = uint64(to)
	}
	merged, _ := m.merge(m.before(to), to, to+(high-low), v.prot, v, v, pgoff)
	if !merged {
		// CopyVMA: Unborn -> Detached, the same anon_vma.
		v = m.find(low)
		if s.fails(s.step(spec.CopyVMA, v.id), 1) {
			return ErrNoMemory
		}
		n := m.takeVMA(m, to, to+(high-low), pgoff, v.prot)
		m.lockNew(n)
		n.own(v.anon)
		if !s.cloneChain(n, v) {
			return m.abandon(n)
		}
		m.attach(n) // part of the last UnlockAnon, if there is one
	}
	var held *anonVMA
	var locked *vma
	if s.rules.trees() {
		locked = m.movesLocked(m.find(low), to, to+(high-low))
	}
	for slot, ok := m.table.next(low, high); ok; slot, ok = m.table.next(slot+1, high) {
		// LockMove: free -> held alone.
		if locked != nil && held == nil {
			held = s.lockAnon(spec.LockMove, locked, locked.anon)
		}
		// MoveEntry: entry -> the same entry at the target. With the table locked no
		// walker that changes entries sees it at both places or at none.
		m.lockTable(spec.MoveEntry, 0)
		m.table.set(to+slot-low, m.table.load(slot))
		m.table.set(slot, nil)
		m.table.lock.Unlock()
	}
	// UnlockMove: held -> free.
	if held != nil {
		held.lock.release(s, spec.UnlockMove, held.id)
	}
	return nil
}
