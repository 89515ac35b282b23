package impl

import (
	"slices"

	"github.com/rootlock/rootlock/spec"
)

// detach takes areas i to j from the address space: Mapped -> Detached.
func (m *AddressSpace) detach(i, j int) []*vma {
	doomed := slices.Clone(m.areas[i:j])
	m.index.Lock()
	m.areas = slices.Delete(m.areas, i, j)
	for _, v := range doomed {
		v.set(Detached)
	}
	m.index.Unlock()
	return doomed
}

// destroy empties the entries of detached areas, then unlinks and frees them,
// each in address order (unmap_region, exit_mmap). In this order: the lists must
// lead to every entry as long as there is one.
func (m *AddressSpace) destroy(doomed []*vma) {
	for _, v := range doomed {
		m.zap(v)
	}
	for _, v := range doomed {
		m.bury(v)
	}
}

// bury unlinks and frees a detached area.
func (m *AddressSpace) bury(v *vma) {
	m.unlink(v)
	// FreeVMA: Detached -> freed. Its id may be given out again at once.
	m.sys.step(spec.FreeVMA, v.id)
	v.free()
	m.sys.pool.giveVMA(v)
}

// zap empties the entries of v (zap_pte_range).
func (m *AddressSpace) zap(v *vma) {
	start, end := v.span()
	for slot, ok := m.table.next(start, end); ok; slot, ok = m.table.next(slot+1, end) {
		// ZapEntry: entry -> empty.
		m.lockTable(spec.ZapEntry, 0)
		e := m.table.load(slot)
		m.table.set(slot, nil)
		m.table.lock.Unlock()
		e.page.uncache()
	}
}

// unlink takes v off all its lists (unlink_anon_vmas), newest first: the root,
// where all others are looked up from, last.
func (m *AddressSpace) unlink(v *vma) {
	s := m.sys
	if s.rules.trees() {
		s.uproot(v)
		return
	}
	for v.newest != nil {
		e := v.newest
		a := e.anon

		// LockAnon: free -> held.
		held := s.lockAnon(spec.LockAnon, v, a)

		// UnlinkList: list -> list without v; is it empty, and unreferenced?
		s.step(spec.UnlinkList, a.id)
		empty := a.unlink(e)
		if s.rules.countsList() {
			empty = !a.listed()
		}

		// UnlockAnon: held -> free.
		held.lock.release(s, spec.UnlockAnon, held.id)

		// PutAnon and what follows: the reference that was the list's.
		if empty && s.rules.countsList() {
			s.putAnon(a)
			empty = false
		}

		// FreeAnon: live -> free. Nobody can link to it any more. First the root, if
		// this was the last that needed it.
		if empty && s.unpinRoot(a) {
			s.freeAnon(a.root.Load())
		}
		if empty {
			s.freeAnon(a)
		}

		// UnlinkChain: [a] ++ chain -> chain; the entry is freed.
		s.step(spec.UnlinkChain, v.id)
		v.pop()
	}
}
