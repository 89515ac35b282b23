package spec

// TrylockRetry is the patch that was under discussion when the sketch was written:
// OwnLock, and while a walk looks at an area it holds that area's own lock too,
// with which vma_adjust locks again.
//
//	walker: ReadMapping CheckMapped LockLeaf | NextEntry ReadAnon TryVMA ReadStart ... UnlockVMA NextEntry ... UnlockRoot
//	        TryVMA finds it held by another: UnlockLeaf, and again from LockLeaf
//	mm:     LockAnon (the object's own) | LinkList, UnlinkList | UnlockAnon
//	adjust: LockAdjust (the area's own) | StoreStart StorePgoff | UnlockAdjust
//
// Source: Mel Gorman, "mm,migration: Prevent rmap_walk_[anon|ksm] seeing the wrong
// VMA information", 1273065281-13334-2-git-send-email-mel@csn.ul.ie, on 2.6.34;
// docs/kernel.md 2.1, M10a. A walk that begins again asks nothing again: neither
// page.mapping nor page_mapped.
type trylockRetry struct{ ownLock }

var trylockRetryProtocol = protocol{
	name: "TrylockRetry", rules: trylockRetry{},
	steps:    []Step{LockAdjust, UnlockAdjust, CheckMapped, LockLeaf, UnlockLeaf, ReadAnon, TryVMA, UnlockVMA, GetAnon, PutLast},
	notAsked: manyLocks,
}

// adjustLock: the area's own, as in 2.6.33.
func (trylockRetry) adjustLock(s *State, v, n uint8) uint8 { return adjusted33(s, v, n) }

func (trylockRetry) nests() bool { return true }

func (trylockRetry) take(_ *Model, s *State, t uint8, th *Thread) {
	switch th.PC {
	case ReadAnon:
		readAnon(s, th, TryVMA)
	case TryVMA:
		tryVMA(s, t, th)
	case UnlockLeaf:
		unlockLeafAgain(s, th)
	case UnlockVMA:
		unlockVMA(s, th)
	}
}

// readAnon: vma->anon_vma, without a lock: a fork or a merge may still give the
// area another. The leaf is locked already.
func readAnon(s *State, th *Thread, lock Step) {
	if th.Gone == AreaGone {
		th.oops(FreedVMA)
		return
	}
	own := s.vma(th.VMA).Anon
	if own == 0 || own == th.Anon {
		th.PC = ReadStart
		return
	}
	th.Root, th.PC = own, lock
}

// tryVMA: free -> held: the area's own lock, beside the leaf's. It waits for nobody.
func tryVMA(s *State, t uint8, th *Thread) {
	if s.anon(th.Root).Lock != 0 {
		th.Root, th.PC = 0, UnlockLeaf
		return
	}
	lockVMA(s, t, th)
}

// lockVMA: free -> held.
func lockVMA(s *State, t uint8, th *Thread) {
	s.anon(th.Root).Lock = t
	th.Also, th.Root, th.PC = th.Root, 0, ReadStart
}

// unlockLeafAgain: held -> free. The walk begins again, with the same leaf.
func unlockLeafAgain(s *State, th *Thread) {
	s.anon(th.Held).Lock = 0
	th.Held, th.VMA, th.Gone, th.PC = 0, 0, NotGone, LockLeaf
}

// unlockVMA: held -> free.
func unlockVMA(s *State, th *Thread) {
	s.anon(th.Also).Lock = 0
	th.Also, th.PC = 0, NextEntry
}
