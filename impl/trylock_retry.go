package impl

import "github.com/rootlock/rootlock/spec"

// TrylockRetry is the patch that was under discussion when the sketch was written:
// OwnLock, and while a walk looks at an area it holds the area's own lock too.
//
//	object.lock   guards object.first .. last, as in OwnLock, and the extents of the
//	              areas whose own object it is (vma.anon)
//	vma.seen      tells the walk which object that is; not protected, so an area may
//	              get another one between the look and the lock
//
//	walker  ReadMapping -> CheckMapped -> LockLeaf | NextEntry -> ReadAnon -> TryVMA | look ... | UnlockVMA -> NextEntry ... | UnlockRoot
//	                                      |                                   `--- own.lock ----'                            |
//	                                      `-------- leaf.lock ----------------------------------------------------------------'
//	        TryVMA, and another holds it: UnlockLeaf -> LockLeaf, and from the first entry on
//	mm                     LinkChain -> LockAnon   | edit anon.list           | UnlockAnon
//	adjust                              LockAdjust | StoreStart -> StorePgoff | UnlockAdjust
//	                                      `------- own.lock -----------------'
//
// Two locks are held at once, so a walk must not wait for the second: that is what
// its author said. Nothing is asked again when it begins again, not even whether
// the page still names the leaf.
//
// Source: Mel Gorman, 1273065281-13334-2-git-send-email-mel@csn.ul.ie; docs/kernel.md
// 2.1.
type trylockRetry struct{ ownLock }

// adjustLock: the area's own, as in 2.6.33.
func (trylockRetry) adjustLock(v, n *vma) *vma { return adjusted33(v, n) }

func (trylockRetry) nests() bool { return true }

func (trylockRetry) lockArea(s *System, leaf *anonVMA, v *vma) (also *anonVMA, again bool, kind oopsKind) {
	own, kind := readAnon(s, leaf, v)
	if own == nil {
		return nil, false, kind
	}
	// TryVMA: own.lock free -> held; or it is held, and nothing happens.
	if own.lock.try(s, spec.TryVMA, own.id) {
		return own, false, 0
	}
	// UnlockLeaf: leaf.lock held -> free. Who holds the other lock may wait for this one.
	leaf.lock.release(s, spec.UnlockLeaf, leaf.id)

	// LockLeaf: leaf.lock free -> held. It may be another family's by now.
	leaf.lock.acquire(s, spec.LockLeaf, leaf.id)
	return nil, true, 0
}

// readAnon is the object to lock for an area; nil: none beside the leaf.
func readAnon(s *System, leaf *anonVMA, v *vma) (*anonVMA, oopsKind) {
	// ReadAnon: own := vma.anon. One load.
	s.step(spec.ReadAnon, v.id)
	switch own := v.seen.Load(); own {
	case freedAnon:
		return nil, freedVMA
	case leaf:
		return nil, 0
	default:
		return own, 0
	}
}
