package spec

// WalkMutex is the idea that the mail of the sketch quotes and answers: a mutex in the manner of
// mm_all_locks_mutex through which all walks go one at a time, so that a walk may
// wait for the area's own lock where TrylockRetry has to try.
//
//	walker: LockWalks ReadMapping CheckMapped LockLeaf | NextEntry ReadAnon LockVMA ReadStart ... UnlockVMA NextEntry ... UnlockRoot UnlockWalks
//	mm:     LockAnon (the object's own) | LinkList, UnlinkList | UnlockAnon
//	adjust: LockAdjust (the area's own) | StoreStart StorePgoff | UnlockAdjust
//
// A lookup that is not for a walk, to take a reference or to drop the last, nests
// nothing and does not queue.
//
// Source: Mel Gorman, 20100505155454.GT20979@csn.ul.ie; docs/kernel.md 2.1. There is
// no code of it.
type walkMutex struct{ trylockRetry }

var walkMutexProtocol = protocol{
	name: "WalkMutex", rules: walkMutex{},
	steps:    []Step{LockAdjust, UnlockAdjust, LockWalks, CheckMapped, LockLeaf, ReadAnon, LockVMA, UnlockVMA, UnlockWalks, GetAnon, PutLast},
	notAsked: manyLocks,
}

func (walkMutex) queues() bool { return true }

func (walkMutex) take(m *Model, s *State, t uint8, th *Thread) {
	switch th.PC {
	case LockWalks:
		th.Mutex, th.PC = true, ReadMapping
		if th.Phase == Pinned {
			th.PC = LockLeaf
		}
	case ReadAnon:
		readAnon(s, th, LockVMA)
	case LockVMA:
		lockVMA(s, t, th)
	case UnlockVMA:
		unlockVMA(s, th)
	case UnlockWalks: // the walk is over, or the attempt failed
		th.Mutex = false
		m.walkDone(th)
	}
}
