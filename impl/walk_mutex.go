package impl

import "github.com/rootlock/rootlock/spec"

// WalkMutex is the idea that the sketch answers: all walks go one at a time, so
// that a walk may wait for the lock that TrylockRetry tries.
//
//	system.walks  held by the one walk that runs. Lookups that are not for a walk,
//	              to take a reference or drop the last one, do without
//	object.lock   as in TrylockRetry
//
//	walker  LockWalks -> ReadMapping -> CheckMapped -> LockLeaf | NextEntry -> ReadAnon -> LockVMA | look ... | UnlockVMA ... | UnlockRoot -> UnlockWalks
//	        |                                                   |                        `--- own.lock ----'               |                |
//	        |                                                   `-------- leaf.lock ---------------------------------------'                |
//	        `-------- system.walks ----------------------------------------------------------------------------------------------------------'
//	mm, adjust  as in TrylockRetry: one lock at a time, so that nobody who holds one
//	            waits but the walk
//
// Source: Mel Gorman, 20100505155454.GT20979@csn.ul.ie; docs/kernel.md 2.1. There is
// no code of it.
type walkMutex struct{ trylockRetry }

func (walkMutex) queues() bool { return true }

func (walkMutex) lockArea(s *System, leaf *anonVMA, v *vma) (also *anonVMA, again bool, kind oopsKind) {
	own, kind := readAnon(s, leaf, v)
	if own == nil {
		return nil, false, kind
	}
	// LockVMA: own.lock free -> held.
	own.lock.acquire(s, spec.LockVMA, own.id)
	return own, false, 0
}
