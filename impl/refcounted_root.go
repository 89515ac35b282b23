package impl

import "github.com/rootlock/rootlock/spec"

// RefcountedRoot is the locking of Linux 2.6.39 and 3.0. The family's lock is the
// root's, as in RootPointer; but it is a mutex, so that who waits for it sleeps, and
// who sleeps must keep the leaf by a reference.
//
//	root.lock     guards what it guards in RootPointer; and as long as it is held
//	              no object of the family is freed: who is to free one waits
//	leaf.root     written once after allocation; read without a lock
//	leaf.refs     one for the list, from allocation until it is found empty; one for
//	              each walker who sleeps on root.lock; one for each pin and
//	              migration; one for each other object of which leaf is the root.
//	              Only from 0 does it never rise: who drops the last frees
//	page.mapping  tells the leaf; not protected, so it may be recycled
//	page.mapped   > 0 before; > 0 with the lock held: then the lock is its family's.
//	              Or > 0 with a reference on the leaf: then the reference is on the
//	              right object, and the root may be read and its lock waited for
//
//	walker  ReadMapping -> CheckMapped -> ReadRoot -> TryRoot | RecheckMapped -> walk ... | UnlockRoot
//	                                                  |  `------------ root.lock ---------'
//	        TryRoot fails:   GetUnlessZero | RecheckMapped -> ReadRoot -> LockRoot | DropRef -> walk ... | UnlockRoot
//	                         `-------- reference ----------------------------------'
//	migrate ReadMapping -> CheckMapped -> GetUnlessZero | RecheckMapped -> walk 1 -> walk 2 | PutAnon
//	mm      LinkChain -> LockAnon   | edit the list of any object of the family | UnlockAnon -> PutAnon if empty
//	adjust               LockAdjust | StoreStart -> StorePgoff                  | UnlockAdjust
//	put     PutAnon leaf: the last? -> PutAnon root: the last? -> free the root -> free the leaf
//	free    CheckUnlocked: held? -> LockRoot UnlockRoot -> FreeAnon
//
// Source: 746b18d421da, 88c22088bf23, eee0f252c653, 83813267c699, 01d8b20dec5f;
// docs/kernel.md 1.7, 1.10, 1.11.
type refcountedRoot struct{ rootPointer }

// adjustLock: not where a split only lowers the end of v (5f70b962ccc2).
func (r refcountedRoot) adjustLock(v, n *vma) *vma {
	if n != nil && n.is(Detached) && n.start() > v.start() {
		return nil
	}
	return r.rootPointer.adjustLock(v, n)
}

// countsList: 83813267c699.
func (refcountedRoot) countsList() bool { return true }

func (r refcountedRoot) lockPage(s *System, p *Page, unmapped bool) (lookup, error) {
	// ReadMapping: the leaf := page.mapping. One load.
	leaf := s.readMapping(p)
	if leaf == nil {
		return lookup{}, nil
	}

	// CheckMapped: page mapped -> go on. Walk 2 of a migration cannot ask; it has
	// a reference on the leaf.
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

	// TryRoot: root.lock free -> held, or nothing.
	if root.lock.try(s, spec.TryRoot, root.id) {
		// RecheckMapped: page mapped -> the leaf was not freed, and cannot be.
		if s.recheckMapped(p) {
			return lookup{leaf, root}, nil
		}
		// UnlockRoot: held -> free, the root that was locked (M14).
		root.lock.release(s, spec.UnlockRoot, root.id)
		return lookup{}, nil
	}

	// GetUnlessZero, RecheckMapped: a reference on the leaf, or nothing.
	if !s.getMapped(a, p) {
		return lookup{}, nil
	}

	// ReadRoot, LockRoot: free -> held. The root is read again: the leaf may have
	// been recycled since, before the reference was taken.
	held, err := r.lockAnon(s, a)

	// DropRef: refs -> refs - 1. The lock keeps the leaf from here on, also if only
	// the list's reference is left and that is about to go. If not even that is left
	// the leaf is ours to free.
	s.step(spec.DropRef, a.id)
	if !a.putRef() {
		return lookup{leaf, held}, err
	}
	// UnlockRoot: held -> free. Before freeing, which would wait for it.
	held.lock.release(s, spec.UnlockRoot, held.id)
	s.discard(a)
	return lookup{}, err
}

// recheckMapped: page_mapped, with the lock held or a reference taken. Not
// earlier: until then the leaf can be freed and recycled.
func (s *System) recheckMapped(p *Page) bool {
	if s.seam != nil {
		s.seam(spec.RecheckMapped, p.id)
	}
	return p.mapped.Int64.Load() > 0
}

// getMapped takes a reference on a leaf whose page is still mapped.
func (s *System) getMapped(a *anonVMA, p *Page) bool {
	// GetUnlessZero: refs -> refs + 1, on whatever the object is by now. Not from
	// 0: it is being freed, or it is free.
	s.step(spec.GetUnlessZero, a.id)
	if !a.getUnlessZero() {
		return false
	}
	// RecheckMapped: page mapped -> it is still the object that was looked up.
	if s.recheckMapped(p) {
		return true
	}
	s.putAnon(a)
	return false
}

// getAnon is the reference of a migration (page_get_anon_vma). Under the lock it
// must not be taken by a plain increment: who slept there looked at page.mapped
// before, and the list may be empty by now.
func (s *System) getAnon(p *Page) (*anonVMA, error) {
	leaf := s.readMapping(p)
	if leaf == nil || !s.checkMapped(p) || !s.getMapped(leaf.anon, p) {
		return nil, p.away()
	}
	return leaf.anon, nil
}

// putAnon gives a reference back, and frees the object if it was the last
// (put_anon_vma).
func (s *System) putAnon(a *anonVMA) {
	// PutAnon: refs -> refs - 1. No lock: from 0 nobody takes another.
	s.step(spec.PutAnon, a.id)
	if a.putRef() {
		s.discard(a)
	}
}

// discard frees an object without references: first its root loses one, and may be
// freed for it (__put_anon_vma, anon_vma_free).
func (s *System) discard(a *anonVMA) {
	if s.rules.trees() {
		s.discardChildFirst(a)
		return
	}
	root := a.root.Load()
	if root != a {
		s.putAnon(root)
	}
	// CheckUnlocked: does anybody hold root.lock? A walker whose TryRoot succeeded
	// may not know yet that its page is unmapped. Nobody who tries after this gets
	// further than RecheckMapped.
	s.step(spec.CheckUnlocked, root.id)
	if root.lock.held() {
		// LockRoot: free -> held.
		root.lock.acquire(s, spec.LockRoot, root.id)
		// UnlockRoot: held -> free.
		root.lock.release(s, spec.UnlockRoot, root.id)
	}
	// FreeAnon: live -> free.
	s.freeAnon(a)
}
