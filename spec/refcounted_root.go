package spec

// RefcountedRoot is the locking of Linux 2.6.39 and 3.0: the family's lock is the
// root's, as in RootPointer, but it is a mutex. A walker who cannot have it at once
// takes a reference on the leaf and sleeps. The count decides alone when an object
// is freed: one reference is the list's.
//
//	walker: ReadMapping CheckMapped ReadRoot TryRoot RecheckMapped | NextEntry ... UnlockRoot
//	     or: ... TryRoot GetUnlessZero RecheckMapped ReadRoot LockRoot DropRef | NextEntry ...
//	mm:     LockAnon (the root) | LinkList, UnlinkList | UnlockAnon, and PutAnon if the list is empty
//	adjust: LockAdjust (the root) | StoreStart StorePgoff ... | UnlockAdjust
//	get:    ReadMapping CheckMapped GetUnlessZero RecheckMapped: migration takes its reference without the lock
//	put:    PutAnon (the object), none left: PutAnon (its root), none left: free that; free the object
//	free:   CheckUnlocked, held: LockRoot UnlockRoot; FreeAnon
//
// Source: 746b18d421da, 88c22088bf23, eee0f252c653, 83813267c699, 01d8b20dec5f;
// 5f70b962ccc2 for vma_adjust. The mm side takes its lock entry by entry, as before
// 3.0-rc4. docs/kernel.md 1.7, 1.10, 1.11.
//
// Registers: in a lookup Root is 0 until it was read first, so that the second
// reading is known by it, and Held is 0 where the reference stands for the lock. In a
// put Root is 0 while the reference is the object's own; Empty says that the object is
// to be freed, Last that its root is, before it.
type refcountedRoot struct{ rootPointer }

var refcountedRootProtocol = protocol{
	name: "RefcountedRoot", rules: refcountedRoot{},
	steps: []Step{PinRoot, LockAdjust, UnlockAdjust, CheckUnlocked, CheckMapped, ReadRoot, TryRoot, GetUnlessZero, LockRoot, RecheckMapped, DropRef},
}

func (refcountedRoot) countsList() bool { return true }

// adjustLock: not where a split only lowers the end of v (5f70b962ccc2).
func (r refcountedRoot) adjustLock(s *State, v, n uint8) uint8 {
	if n != 0 && s.vma(n).Life == Detached && s.vma(n).Start > s.vma(v).Start {
		return 0
	}
	return r.rootPointer.adjustLock(s, v, n)
}

// mappedSeen: migration wants a reference and no lock (page_get_anon_vma).
func (refcountedRoot) mappedSeen(th *Thread) {
	th.PC = ReadRoot
	if th.Phase == Get {
		th.PC = GetUnlessZero
	}
}

func (refcountedRoot) take(m *Model, s *State, t uint8, th *Thread) {
	switch th.PC {
	case ReadRoot: // who has a reference on the leaf sleeps on the lock
		first := th.Root == 0 && !th.refers()
		th.Root, th.PC = s.anon(th.Anon).Root, LockRoot
		if first {
			th.PC = TryRoot
		}
	case TryRoot: // mutex_trylock: never refused
		root := s.anon(th.Root)
		if root.Lock != 0 {
			th.PC = GetUnlessZero
			return
		}
		th.Held, root.Lock, th.PC = th.Root, t, RecheckMapped
	case GetUnlessZero: // atomic_inc_not_zero, on the leaf, whatever it is by now
		leaf := s.anon(th.Anon)
		if leaf.Refs == 0 {
			m.attemptFailed(th)
			return
		}
		leaf.Refs++
		th.PC = RecheckMapped
	case RecheckMapped: // page_mapped, with the lock or a reference: then the leaf was not freed
		m.recheckMapped(s, th)
	case LockRoot:
		th.Held = th.Root
		s.anon(th.Held).Lock = t
		switch {
		case th.Empty: // only to wait for whoever held it
			th.PC = UnlockRoot
		case th.refers():
			m.locked(s, th)
		default:
			th.PC = DropRef
		}
	case DropRef: // with the lock the reference is not needed; but it may be all that is left
		leaf := s.anon(th.Anon)
		leaf.Refs--
		if leaf.Refs > 0 {
			m.locked(s, th)
			return
		}
		th.Empty, th.Root, th.PC = true, 0, UnlockRoot
	case CheckUnlocked: // mutex_is_locked: a walker that tries locks may hold it, and not know yet
		root := s.anon(m.freed(t, th)).Root
		th.PC = FreeAnon
		if s.anon(root).Lock != 0 {
			th.Root, th.PC = root, LockRoot
		}
	}
}

// recheckMapped: does any entry still map the page?
func (m *Model) recheckMapped(s *State, th *Thread) {
	mapped := m.mapped(&s.World, th.Page)
	switch {
	case mapped && th.Held != 0:
		m.locked(s, th)
	case mapped && th.Phase == Get:
		th.Pin = th.Anon
		m.walkDone(th)
	case mapped:
		th.PC = ReadRoot
	case th.Held != 0: // nothing is owed to a page that is not mapped
		th.PC = UnlockRoot
	default:
		th.Root, th.PC = 0, PutAnon
	}
}

// putCounted: refs - 1. Who drops the last frees: the object, or its root for it.
func (m *Model) putCounted(s *State, t uint8, th *Thread) {
	a := s.anon(m.dropped(t, th))
	a.Refs--
	if th.Root != 0 {
		th.Last, th.PC = a.Refs == 0, CheckUnlocked
		return
	}
	if th.Phase == Put {
		th.Pin = 0
	}
	if th.Empty = a.Refs == 0; th.Empty {
		m.freeCounted(s, th)
		return
	}
	m.putEnds(t, th)
}

// freeCounted: __put_anon_vma of the object in hand: first its root loses a user.
// With Root known that was done, and the root's lock was waited for.
func (m *Model) freeCounted(s *State, th *Thread) {
	root := s.anon(th.Anon).Root
	switch {
	case th.Root != 0:
		th.PC = FreeAnon
	case root != th.Anon:
		th.Root, th.PC = root, PutAnon
	default:
		th.PC = CheckUnlocked
	}
}

// freedCounted goes on after FreeAnon: with the object, if that was its root.
func (m *Model) freedCounted(t uint8, th *Thread) {
	if th.Empty {
		th.PC = CheckUnlocked
		return
	}
	m.putEnds(t, th)
}

// putEnds goes on after a put: with the chain of a dying area, with what follows
// the operation's reference, or with what follows a lookup that failed.
func (m *Model) putEnds(t uint8, th *Thread) {
	th.Root = 0
	switch {
	case !m.IsWalker(t):
		th.PC = UnlinkChain
	case th.Phase == Put:
		m.putDone(th)
	default:
		m.walkDone(th)
	}
}
