package spec

// Dangles reports whether the thread's cursor points to an area that was freed: it has no
// name any more, whatever an implementation calls it.
func (th *Thread) Dangles() bool { return th.Gone == AreaGone }

// Object is what the next step of thread t acts upon: the id of the anon_vma, VMA
// or page that an implementation must name at this point; 0 if the step acts upon
// nothing that has an id.
func (m *Model) Object(s *State, t uint8) uint8 {
	th := s.thread(t)
	switch th.PC {
	case LockAnon, LockAdjust, LockMove, LockLeaf, LockRoot, TryVMA, LockVMA:
		return m.lockTarget(s, th)
	case UnlockAnon, UnlockAdjust, UnlockMove, UnlockLeaf, UnlockRoot:
		return th.Held
	case UnlockVMA:
		return th.Also
	case LockArea:
		return th.Area
	case LockPage, UnlockPage, ReadMapping, CheckMapped, RecheckMapped, MovePage, CheckOwn, SwapIn, AddToSwap:
		return th.Page
	case LinkList, UnlinkList, ReadFirst, ReadRoot, GetAnon, GetUnlessZero, DropRef:
		return th.Anon
	case PinRoot:
		if m.trees {
			return s.anon(s.vma(th.VMA).Anon).Root
		}
		return s.anon(th.Anon).Root
	case PutAnon, PutLast:
		return m.dropped(t, th)
	case TryRoot:
		return th.Root
	case CheckUnlocked:
		return s.anon(m.freed(t, th)).Root
	case FreeAnon:
		return m.freed(t, th)
	case LinkChain:
		to, _ := th.linked(s)
		return to
	case StoreStart, StorePgoff:
		return th.stored(s)
	case UnlinkChain, FreeVMA, CopyVMA, TakeOut, PutBack, StoreEnd, ReadTail, ReadAnon, ReadStart, ReadPgoff, Visit, NextEntry:
		return th.VMA
	case Oopsed:
		return uint8(th.Oops)
	}
	return 0
}
