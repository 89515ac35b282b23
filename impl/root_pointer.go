package impl

import "github.com/rootlock/rootlock/spec"

// RootPointer is the locking of Linux 2.6.36: every anon_vma knows its root, and
// whoever needs the family locks that.
//
//	root.lock     guards the lists of every object of the family, and the
//	              extents of every VMA of the family that has pages
//	leaf.root     written once after allocation, before the object is linked;
//	              read without a lock. The object may have been recycled: then it
//	              is another family's root, whose lock says nothing
//	root.refs     one for each other object of the family: so the root is freed
//	              last, and leaf.root.lock can be taken as long as leaf lives
//	page.mapping  tells the leaf; not protected, so it may be recycled
//	page.mapped   > 0 before the lock: the leaf that was read was live.
//	              > 0 under it: it still is, so the lock is its family's (M14)
//
//	walker  ReadMapping -> CheckMapped -> ReadRoot -> LockRoot | RecheckMapped -> walk ... | UnlockRoot
//	                                                  `------------ root.lock ------------'
//	mm      LinkChain -> LockAnon   | edit the list of any object of the family | UnlockAnon
//	adjust               LockAdjust | StoreStart -> StorePgoff                  | UnlockAdjust
//	                      `------- root.lock ----------------------------------'
//	fork    AllocAnon (leaf.root := root) -> PinRoot, the parent's area keeps the root meanwhile
//	free    the last entry off leaf: PutAnon, or LockRoot | PutLast | UnlockRoot, on the root
//
// Source: 012f18004da3, 76545066c852, f18194275c39; docs/kernel.md 1.5 to 1.11.
type rootPointer struct{ alone }

// mmLock: the root that the object names. It is linked, or our own: it stays
// what it is.
func (rootPointer) mmLock(_ *vma, a *anonVMA) *anonVMA { return a.root.Load() }

// adjustLock: v's family. If v has none nothing is locked, also if n, which may
// be stored to, has one.
func (rootPointer) adjustLock(v, _ *vma) *vma {
	if v.anon == nil {
		return nil
	}
	return v
}

// preparesAtHead: "always add new vmas at the end" (26ba0cb63cb8).
func (rootPointer) preparesAtHead() bool { return false }

// pinsRoot: extended to the root by 76545066c852.
func (rootPointer) pinsRoot() bool { return true }

func (rootPointer) countsList() bool { return false }

// swapped: what it had, if it kept the mapping in the swap cache; else the
// family's root, or v's own object if nobody else can have the page.
func (rootPointer) swapped(v *vma, old *tenure, exclusive bool) *tenure {
	switch {
	case old != nil:
		return old
	case exclusive || v.anon == nil:
		return v.anon.now()
	}
	return v.anon.root.Load().tenure.Load()
}

func (r rootPointer) lockPage(s *System, p *Page, unmapped bool) (lookup, error) {
	// ReadMapping: the leaf := page.mapping. One load.
	leaf := s.readMapping(p)
	if leaf == nil {
		return lookup{}, nil
	}

	// CheckMapped: page mapped -> go on. After the read, so that the root read
	// next is one that the leaf had while it lived. Walk 2 of a migration has
	// unmapped the page itself, and a reference on the leaf instead.
	if !unmapped && !s.checkMapped(p) {
		return lookup{}, nil
	}
	held, err := r.lockAnon(s, leaf.anon)

	// RecheckMapped: page mapped -> the leaf was not freed, so what is held is
	// its root's lock, and remains so until we let go of it. Not weaker: not before
	// the lock is held, for until then the leaf can be freed and recycled.
	if !unmapped {
		s.step(spec.RecheckMapped, p.id)
		if !p.Mapped() {
			// UnlockRoot: held -> free, the root that was locked: leaf.root may be
			// another by now (M14).
			held.lock.release(s, spec.UnlockRoot, held.id)
			return lookup{}, nil
		}
	}
	return lookup{leaf, held}, err
}

func (rootPointer) lockAnon(s *System, leaf *anonVMA) (*anonVMA, error) {
	// ReadRoot: the root := leaf.root, once: what is locked is what is unlocked.
	s.step(spec.ReadRoot, leaf.id)
	root := leaf.root.Load()

	// LockRoot: root.lock free -> held.
	root.lock.acquire(s, spec.LockRoot, root.id)
	return root, nil
}
