package impl

import "github.com/rootlock/rootlock/spec"

// RwsemRoot is the locking of Linux 7.2. The family's lock is the root's, as in
// RefcountedRoot, and who waits for it sleeps with a reference on the leaf; but it is a
// readers-writer lock: walks of one family run beside each other, and the mm side is alone.
// What the mm side does under it is in trees.go.
//
//	page.lock     held by every walk throughout: page.mapping stays in one family
//	root.lock     shared by walkers; whoever edits a tree of the family, or stores to the
//	              extent of one of its areas, has it alone. A writer that waits stops new
//	              readers
//	leaf.root     a new object's own; written once more by a fork, before the object is linked
//	leaf.refs     as in RefcountedRoot: one for the tree
//	page.mapped   as in RefcountedRoot: looked at again with the lock, or with the reference
//
//	walker  LockPage -> ReadMapping -> CheckMapped -> ReadRoot -> TryRoot | RecheckMapped -> walk ... | UnlockRoot -> UnlockPage
//	        TryRoot fails:   GetUnlessZero | RecheckMapped -> ReadRoot -> LockRoot | DropRef -> walk ... | UnlockRoot
//	migrate ReadMapping -> CheckMapped -> GetUnlessZero | RecheckMapped -> walk 1 -> walk 2 | PutAnon
//	put     PutAnon leaf: the last? -> free the leaf -> PutAnon root: the last? -> free the root
//	free    CheckUnlocked: anybody there? -> LockRoot (alone) UnlockRoot -> FreeAnon
//
// Source: folio_lock_anon_vma_read, folio_get_anon_vma, rmap_walk_anon, __put_anon_vma,
// anon_vma_free of Linux 7.2; docs/kernel.md 4.
type rwsemRoot struct{ refcountedRoot }

func (rwsemRoot) trees() bool { return true }

// adjustLock: v's family, or the other's if v has none.
func (rwsemRoot) adjustLock(v, n *vma) *vma { return adjusted33(v, n) }

func (r rwsemRoot) lockPage(s *System, p *Page, unmapped bool) (lookup, error) {
	// ReadMapping: the leaf := page.mapping. One load.
	leaf := s.readMapping(p)
	if leaf == nil {
		return lookup{}, nil
	}

	// CheckMapped: page mapped -> go on. Walk 2 of a migration does not ask; it has a
	// reference on the leaf.
	if unmapped {
		held, err := r.lockAnon(s, leaf.anon)
		return lookup{leaf, held}, err
	}
	if !s.checkMapped(p) {
		return lookup{}, nil
	}

	// ReadRoot: the root := leaf.root, once.
	a := leaf.anon
	s.step(spec.ReadRoot, a.id)
	root := a.root.Load()

	// TryRoot: root.lock shared, or nothing.
	if root.lock.tryShare(s, spec.TryRoot, root.id) {
		// RecheckMapped: page mapped -> the leaf was not freed, and cannot be.
		if s.recheckMapped(p) {
			return lookup{leaf, root}, nil
		}
		// UnlockRoot: the root that was locked (M14).
		root.lock.leave(s, spec.UnlockRoot, root.id)
		return lookup{}, nil
	}

	// GetUnlessZero, RecheckMapped: a reference on the leaf, or nothing.
	if !s.getMapped(a, p) {
		return lookup{}, nil
	}

	// ReadRoot, LockRoot: shared. The root is read again: the leaf may have been recycled
	// since, before the reference was taken.
	held, err := r.lockAnon(s, a)

	// DropRef: refs -> refs - 1. The lock keeps the leaf from here on.
	s.step(spec.DropRef, a.id)
	if !a.putRef() {
		return lookup{leaf, held}, err
	}
	// UnlockRoot: before freeing, which would wait for it.
	held.lock.leave(s, spec.UnlockRoot, held.id)
	s.discard(a)
	return lookup{}, err
}

func (rwsemRoot) lockAnon(s *System, leaf *anonVMA) (*anonVMA, error) {
	// ReadRoot: the root := leaf.root, once.
	s.step(spec.ReadRoot, leaf.id)
	root := leaf.root.Load()

	// LockRoot: root.lock shared.
	root.lock.share(s, spec.LockRoot, root.id)
	return root, nil
}

// discardChildFirst frees an object without references, and then gives its reference on its
// root back, which may be freed for it (__put_anon_vma): an object's root outlives it, so
// that its lock can be looked at.
func (s *System) discardChildFirst(a *anonVMA) {
	for {
		// CheckUnlocked: has anybody root.lock? A walker whose TryRoot succeeded may
		// not know yet that its page is unmapped.
		root := a.root.Load()
		s.step(spec.CheckUnlocked, root.id)
		if root.lock.taken(s) {
			// LockRoot, UnlockRoot: alone, when all are gone.
			root.lock.acquire(s, spec.LockRoot, root.id)
			root.lock.release(s, spec.UnlockRoot, root.id)
		}
		// FreeAnon: live -> free.
		s.freeAnon(a)
		if root == a {
			return
		}
		// PutAnon: refs -> refs - 1, of the root.
		a = root
		s.step(spec.PutAnon, a.id)
		if !a.putRef() {
			return
		}
	}
}
