package impl

import "github.com/rootlock/rootlock/spec"

// The mm side of Linux 7.2: an anon_vma has its areas in an interval tree, here a list in the
// tree's order, by page offset. A clone and an unlink take the family's lock once, for all
// entries of a chain; a fork may reuse an ancestor; whose extent is stored to is out of its
// trees meanwhile. The caller holds the mmap lock.

// kin is what an object knows of its relatives: guarded by the family's lock.
//
//	parent    what it was forked from; a root's is itself
//	children  objects of which it is the parent; a root counts itself
//	active    areas whose anon it is
type kin struct {
	parent           *anonVMA
	children, active int32
}

// holds reports whether the area has a page offset.
func (v *vma) holds(index uint64) bool {
	start, end := v.span()
	pgoff := v.pgoff.Load()
	return pgoff <= index && index < pgoff+uint64(end-start)
}

// forked reports whether the area's process, or one before it, was forked with it.
func (v *vma) forked() bool { return v.anon != nil && !v.singular() }

// plant puts an entry into the tree: behind those of the same page offset.
func (a *anonVMA) plant(e *chainEntry) {
	pgoff := e.vma.pgoff.Load()
	before := a.last
	for before != nil && before.vma.pgoff.Load() > pgoff {
		before = before.prev
	}
	next := a.first.Load()
	if before != nil {
		next = before.next.Load()
	}
	e.prev = before
	e.next.Store(next)
	if next != nil {
		next.prev = e
	} else {
		a.last = e
	}
	if before != nil {
		before.next.Store(e)
	} else {
		a.first.Store(e)
	}
	a.count.Add(oneEntry)
}

// cloneTrees links dst to all that src is linked to (anon_vma_clone). The entries are made
// first, each at the head of the chain, so that its order is turned round; then one locked
// section puts them into their trees. In a fork dst may get an ancestor's anon_vma; else it
// shares that of src. Without enough memory dst is as before.
func (s *System) cloneTrees(dst, src *vma, fork bool) bool {
	if src.anon == nil {
		return true
	}
	if !fork {
		dst.own(src.anon)
	}
	for e := src.newest; e != nil; e = e.older {
		// LinkChain: chain -> [a] ++ chain. No lock: only the mmap lock's holder looks.
		if s.fails(s.step(spec.LinkChain, dst.id), 1) {
			dst.own(nil)
			dst.newest = nil
			dst.oldest.Store(nil)
			return false
		}
		dst.push(&chainEntry{vma: dst, anon: e.anon})
	}

	// LockAnon: free -> held alone.
	held := s.lockAnon(spec.LockAnon, dst, src.anon)

	for e := dst.oldest.Load(); e != nil; e = e.newer {
		// LinkList: into the tree; is it an ancestor without new pages, and with at most
		// one child?
		s.step(spec.LinkList, e.anon.id)
		e.anon.plant(e)
		if fork && dst.anon == nil && e.anon.active == 0 && e.anon.children <= 1 {
			dst.own(e.anon)
			e.anon.active++
		}
	}
	if !fork {
		dst.anon.active++
	}

	// UnlockAnon: held -> free.
	held.lock.release(s, spec.UnlockAnon, held.id)
	return true
}

// forkTrees makes the child's area c like the parent's v (anon_vma_fork).
func (m *AddressSpace) forkTrees(child *AddressSpace, c, v *vma) error {
	s := m.sys
	// AllocAnon: free -> live, its own root and parent.
	a := s.allocAnon(&m.budget, nil)
	if a == nil {
		return m.abandon(c)
	}
	if !s.cloneTrees(c, v, true) {
		m.budget.giveBack(m.sys)
		s.putAnon(a)
		return m.abandon(c)
	}
	if c.anon != nil { // an ancestor: no new one is needed
		s.putAnon(a)
		child.attach(c)
		m.copyEntries(child, v)
		return nil
	}

	// PinRoot: of the parent's family; root.refs -> root.refs + 1. No lock: the parent's
	// area keeps it.
	root := v.anon.root.Load()
	s.step(spec.PinRoot, root.id)
	a.root.Store(root)
	a.parent = v.anon
	root.get()

	// LinkChain: chain -> [a] ++ chain.
	e := &chainEntry{vma: c, anon: a}
	s.step(spec.LinkChain, c.id)
	c.push(e)
	c.own(a)
	a.active = 1

	// LockAnon: free -> held alone.
	held := s.lockAnon(spec.LockAnon, c, a)

	// LinkList: into the tree; its parent has one child more.
	s.step(spec.LinkList, a.id)
	a.plant(e)
	a.parent.children++

	// UnlockAnon: held -> free, and the child is complete.
	held.lock.release(s, spec.UnlockAnon, held.id)
	child.attach(c)
	m.copyEntries(child, v)
	return nil
}

// uproot takes v out of all its trees (unlink_anon_vmas). What is empty then is put without
// the lock, which the freeing may have to wait for.
func (s *System) uproot(v *vma) {
	a := v.anon
	if a == nil {
		return
	}
	// LockAnon: free -> held alone.
	held := s.lockAnon(spec.LockAnon, v, a)

	for e := v.newest; e != nil; {
		older := e.older
		// UnlinkList: out of the tree; is it empty? Then its parent has one child less,
		// and the entry is kept.
		s.step(spec.UnlinkList, e.anon.id)
		e.anon.unlink(e)
		if e.anon.listed() {
			v.remove(e)
		} else {
			e.anon.parent.children--
		}
		e = older
	}
	a.active--
	v.own(nil)

	// UnlockAnon: held -> free.
	held.lock.release(s, spec.UnlockAnon, held.id)

	for v.newest != nil {
		// PutAnon and what follows: the reference that was the tree's.
		s.putAnon(v.newest.anon)

		// UnlinkChain: [a] ++ chain -> chain; the entry is freed.
		s.step(spec.UnlinkChain, v.id)
		v.pop()
	}
}

// remove takes an entry out of the chain.
func (v *vma) remove(e *chainEntry) {
	if e.newer != nil {
		e.newer.older = e.older
	} else {
		v.newest = e.older
	}
	if e.older != nil {
		e.older.newer = e.newer
	} else {
		v.oldest.Store(e.newer)
	}
}

// takeOut takes areas out of all their trees: nobody finds them by what is being stored.
func (s *System) takeOut(step spec.Step, areas ...*vma) {
	// TakeOut, PutBack: under the lock that keeps walkers away.
	s.step(step, areas[0].id)
	for _, v := range areas {
		for e := v.newest; e != nil; e = e.older {
			if step == spec.TakeOut {
				e.anon.unlink(e)
			} else {
				e.anon.plant(e)
			}
		}
	}
}

// movesLocked is the area whose family is locked while entries move from v to the slots from
// to on: v, where the target was merged and does not come behind v in the trees
// (need_rmap_locks). nil: none.
func (m *AddressSpace) movesLocked(v *vma, to, end uint32) *vma {
	target := m.find(to)
	if v.anon != nil && (target.start() != to || target.end() != end) && target.pgoff.Load() <= v.pgoff.Load() {
		return v
	}
	return nil
}

// alike reports whether area v may have the pages that src has or, if that is nil, new ones
// (is_mergeable_anon_vma).
func (m *AddressSpace) alike(v, src *vma) bool {
	var anon *anonVMA
	if src != nil {
		anon = src.anon
	}
	switch {
	case !m.sys.rules.trees():
		return v.anon == nil || anon == nil || v.anon == anon
	case v.anon == nil && anon != nil:
		return !src.forked()
	case v.anon != nil && anon == nil:
		return !v.forked()
	}
	return v.anon == anon
}
