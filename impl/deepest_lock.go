package impl

import "github.com/rootlock/rootlock/spec"

// DeepestLock is the sketch of 2010-05-05: "you always lock the _deepest_
// anon_vma you can find", the one in which every chain of the family ends.
//
//	root.lock     guards the lists of every object of the family, and the
//	              extents of every VMA of the family
//	leaf.lock     taken by lookups only: meant to keep leaf.first stable, but
//	              nobody who edits that list takes it (unless leaf is the root)
//	leaf.first    read under leaf.lock only -> may change under the reader
//	vma.oldest    the chain's tail: read with nothing that protects it
//	page.mapping  tells the leaf; not protected, so it may be recycled
//
//	walker  ReadMapping -> LockLeaf | ReadFirst -> ReadTail | UnlockLeaf -> LockRoot | walk ... | UnlockRoot
//	                        `------- leaf.lock ------------'                 `--- root.lock ---'
//	        the leaf is the root: LockLeaf | ReadFirst -> ReadTail | walk ... | UnlockRoot
//	                               `------------- leaf.lock -----------------'
//	mm      LinkChain -> LockAnon   | edit the list of any object of the chain | UnlockAnon
//	adjust               LockAdjust | StoreStart -> StorePgoff                 | UnlockAdjust
//	                      `------- tail(vma).lock ----------------------------'
//
// The gap between UnlockLeaf and LockRoot, and the reads under the wrong lock, are the sketch's.
// ("It has not been tested, compiled, or anything else.") Its NOTE asks that
// the caller look up the page's anon_vma: lockPage does, lockAnon does not.
//
// Source: Linus Torvalds, alpine.LFD.2.00.1005051007140.27218@i5, 5 May 2010;
// docs/kernel.md 2.1, and F1 to F5 and F11 of 2.2.
type deepestLock struct{ alone }

// mmLock: "from the vma, it's simply" the last entry of its chain. The first
// entry of a new chain is its last: then the object itself.
func (deepestLock) mmLock(v *vma, a *anonVMA) *anonVMA {
	if root := v.tail(); root != nil {
		return root
	}
	return a
}

// adjustLock: the sketch was written to repair just that (F3: "always").
func (deepestLock) adjustLock(v, n *vma) *vma { return adjusted33(v, n) }

func (deepestLock) preparesAtHead() bool { return true }

func (deepestLock) pinsRoot() bool { return false }

func (deepestLock) countsList() bool { return false }

// swapped: the oldest, as in 2.6.34.
func (deepestLock) swapped(v *vma, _ *tenure, _ bool) *tenure { return v.tail().now() }

func (r deepestLock) lockPage(s *System, p *Page, _ bool) (lookup, error) {
	// ReadMapping: the leaf := page.mapping. The sketch does not ask whether
	// the page is mapped.
	leaf := s.readMapping(p)
	if leaf == nil {
		return lookup{}, nil
	}
	held, err := r.lockAnon(s, leaf.anon)
	return lookup{leaf, held}, err
}

func (deepestLock) lockAnon(s *System, leaf *anonVMA) (*anonVMA, error) {
	// LockLeaf: leaf.lock free -> held. "Make sure the same_anon_vma list is stable!"
	leaf.lock.acquire(s, spec.LockLeaf, leaf.id)

	// ReadFirst: the VMA of the first entry, if there is one. Not weaker than
	// an atomic load: the mm side edits the list under another lock.
	s.step(spec.ReadFirst, leaf.id)
	first := leaf.first.Load()
	if first == nil {
		// UnlockLeaf: leaf.lock held -> free; nothing found.
		leaf.lock.release(s, spec.UnlockLeaf, leaf.id)
		return nil, nil
	}

	// ReadTail: the root := the tail of that VMA's chain. The VMA may have been
	// unlinked or freed since ReadFirst.
	s.step(spec.ReadTail, first.vma.id)
	tail := first.vma.oldest.Load()
	switch tail {
	case poison:
		return nil, s.abandon(leaf, freedVMA)
	case nil:
		return nil, s.abandon(leaf, emptyChain)
	}
	root := tail.anon
	if root == leaf {
		return leaf, nil // "We already locked it - anon_vma _was_ the root"
	}

	// UnlockLeaf: leaf.lock held -> free. No two of these locks are ever held at
	// once, so there is no order to obey; and for a moment there is no lock.
	leaf.lock.release(s, spec.UnlockLeaf, leaf.id)

	// LockRoot: root.lock free -> held. It may be any family's root by now.
	root.lock.acquire(s, spec.LockRoot, root.id)
	return root, nil
}
