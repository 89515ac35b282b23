package impl

import "github.com/rootlock/rootlock/spec"

// fork copies all areas and entries into an empty address space (dup_mmap). The
// caller holds both mmap locks and has reserved what is created. If memory runs
// out the child exits; entries that were made read-only remain so.
func (m *AddressSpace) fork(child *AddressSpace) error {
	for _, v := range m.areas {
		m.lockArea(v)
		if err := m.forkArea(child, v); err != nil {
			child.destroy(child.detach(0, len(child.areas)))
			return err
		}
	}
	return nil
}

// forkReserve sets aside what a fork creates.
func (m *AddressSpace) forkReserve() error {
	anons := 0
	for _, v := range m.areas {
		if v.anon != nil {
			anons++
		}
	}
	return m.budget.reserve(m.sys, anons, len(m.areas))
}

// forkArea copies one area: first its chain, then its own anon_vma, and its
// entries last, so that a walker who saw the parent's entry before it was copied
// will still meet the child, which is behind it on every list.
func (m *AddressSpace) forkArea(child *AddressSpace, v *vma) error {
	s := m.sys
	// CopyVMA: Unborn -> Detached; Mapped if there is nothing to find.
	if s.fails(s.step(spec.CopyVMA, v.id), 1) {
		m.budget.giveBack(m.sys)
		return ErrNoMemory
	}
	start, end := v.span()
	c := m.takeVMA(child, start, end, v.pgoff.Load(), v.prot)
	if v.anon == nil {
		child.attach(c)
		return nil
	}
	if s.rules.trees() {
		return m.forkTrees(child, c, v)
	}
	if !s.cloneChain(c, v) {
		return m.abandon(c)
	}

	// AllocAnon: free -> live, of the parent's family. New pages go there.
	root := v.anon.root.Load()
	a := s.allocAnon(&m.budget, root)
	if a == nil {
		return m.abandon(c)
	}
	c.own(a)

	// PinRoot: root.refs -> root.refs + 1. No lock: the parent's area keeps it.
	if s.rules.pinsRoot() {
		s.step(spec.PinRoot, root.id)
		root.get()
	}
	// UnlockAnon of the own link: held -> free, and the child is complete.
	s.link(c, a, func() { child.attach(c) })
	m.copyEntries(child, v)
	return nil
}

// abandon undoes a new area for which there was not enough memory, and gives
// back what the operation had reserved.
func (m *AddressSpace) abandon(n *vma) error {
	m.budget.giveBack(m.sys)
	n.mm.bury(n)
	return ErrNoMemory
}

// cloneChain links dst to all that src is linked to (anon_vma_clone): from the
// tail to the head, root first, because every link goes to the head of dst's
// chain; so the chains are equal, and dst is never on a list without its root. If
// memory runs out it reports false, and dst has the links that were made.
func (s *System) cloneChain(dst, src *vma) bool {
	if s.rules.trees() {
		return s.cloneTrees(dst, src, false)
	}
	for e := src.oldest.Load(); e != nil; e = e.newer {
		if s.injected != nil && s.injected() || !s.link(dst, e.anon, nil) {
			return false
		}
	}
	return true
}

// link makes one chain entry (anon_vma_chain_link); done is part of its last step.
// The scheduler may let it fail; it reports false, and nothing has changed.
func (s *System) link(v *vma, a *anonVMA, done func()) bool {
	e := &chainEntry{vma: v, anon: a}

	// LinkChain: chain -> [a] ++ chain. No lock: v is private to the mmap lock's
	// holder. Before the list: an entry that can be found has its root behind it.
	if s.step(spec.LinkChain, v.id) == FailAlloc {
		return false
	}
	v.push(e)

	// LockAnon: free -> held.
	held := s.lockAnon(spec.LockAnon, v, a)

	// LinkList: list -> list ++ [v]. At the tail: behind the parent.
	s.step(spec.LinkList, a.id)
	a.linkTail(e)

	// UnlockAnon: held -> free.
	held.lock.release(s, spec.UnlockAnon, held.id)
	if done != nil {
		done()
	}
	return true
}

// copyEntries shares the pages of an area (copy_one_pte).
func (m *AddressSpace) copyEntries(child *AddressSpace, v *vma) {
	start, end := v.span()
	for slot, ok := m.table.next(start, end); ok; slot, ok = m.table.next(slot+1, end) {
		// CopyEntry: writable or not -> read-only in both. One step: with both
		// tables locked no walker sees one without the other.
		m.lockTable(spec.CopyEntry, 0)
		child.table.lock.Lock()
		if e := m.table.load(slot); e != nil {
			shared := e.page.entry(e.kind, false)
			child.table.set(slot, shared)
			m.table.set(slot, shared)
		}
		child.table.lock.Unlock()
		m.table.lock.Unlock()
	}
}
