package spec

// RootPointer is the locking of Linux 2.6.36: every anon_vma names its root,
// whoever needs a family locks that, and looks again whether the page is mapped.
//
//	walker: ReadMapping CheckMapped ReadRoot LockRoot RecheckMapped | NextEntry ... UnlockRoot
//	mm:     LockAnon (the root) | LinkList, UnlinkList | UnlockAnon
//	adjust: LockAdjust (the root) | StoreStart StorePgoff ... | UnlockAdjust
//
// Fork's PinRoot makes every child keep its root; the reference is dropped when
// the child is freed. Source: 012f18004da3, 76545066c852, f18194275c39;
// docs/kernel.md 1.5 to 1.11.
type rootPointer struct{ oneLock }

var rootPointerProtocol = protocol{
	name: "RootPointer", rules: rootPointer{},
	steps: []Step{PinRoot, LockAdjust, UnlockAdjust, CheckMapped, ReadRoot, LockRoot, RecheckMapped, GetAnon, PutLast},
	notAsked: map[Claim]string{
		RootFreedLast: "an unlink frees the root before the last child; nothing looks at the root of a child that is being freed",
	},
}

func (rootPointer) mmLock(s *State, _, a uint8) uint8 { return s.anon(a).Root }

// adjustLock: the root of the area that is adjusted. If that has no anon_vma
// nothing is locked, although the other area, which may have one, is stored to.
func (rootPointer) adjustLock(s *State, v, _ uint8) uint8 { return s.vma(v).Anon }

func (rootPointer) preparesAtHead() bool { return false }

func (rootPointer) pinsRoot() bool { return true }

func (rootPointer) mappingOfSwapped(s *State, v uint8, p *Page, exclusive bool) uint8 {
	area := s.vma(v)
	switch {
	case p.Mapping != 0:
		return p.Mapping
	case exclusive || area.Anon == 0: // none: mremap has merged the page into an area without (Linux: BUG)
		return area.Anon
	}
	return s.anon(area.Anon).Root
}

func (rootPointer) mappingRead(th *Thread) {
	th.PC = CheckMapped
	if th.Phase == Two {
		th.PC = ReadRoot
	}
}

func (rootPointer) mappedSeen(th *Thread) { th.PC = ReadRoot }

func (rootPointer) lookupPinned(th *Thread) { th.PC = ReadRoot }

func (rootPointer) leafLocked(*Model, *State, *Thread) {}

func (rootPointer) take(m *Model, s *State, t uint8, th *Thread) {
	switch th.PC {
	case ReadRoot: // whatever the object is by now; the lock will tell
		th.Root, th.PC = s.anon(th.Anon).Root, LockRoot
	case LockRoot:
		th.Held = th.Root
		s.anon(th.Held).Lock = t
		if th.refers() || !m.IsWalker(t) {
			m.locked(s, th)
			return
		}
		th.PC = RecheckMapped
	case RecheckMapped: // page_mapped under the lock: then the leaf was not freed
		if m.mapped(&s.World, th.Page) {
			m.locked(s, th)
			return
		}
		th.PC = UnlockRoot // nothing is owed to a page that is not mapped
	}
}
