package spec

import "math/bits"

// RwsemRoot is the locking of Linux 7.2: as in RefcountedRoot the family's lock is the
// root's, and who cannot have it at once sleeps with a reference on the leaf. But it is a
// readers-writer lock: walks of one family run beside each other, and the mm side is alone. Every
// walk has its page's lock throughout. What the mm side does is in trees.go.
//
//	walker: LockPage ReadMapping CheckMapped ReadRoot TryRoot RecheckMapped | NextEntry ... UnlockRoot UnlockPage
//	     or: ... TryRoot GetUnlessZero RecheckMapped ReadRoot LockRoot DropRef | NextEntry ...
//	clone:  LinkChain, for each entry | LockAnon (the root) | LinkList, for each | UnlockAnon
//	fork:   AllocAnon, the clone; an ancestor was reused: PutAnon, else PinRoot LinkChain | LockAnon LinkList UnlockAnon
//	unlink: LockAnon | UnlinkList, for each entry | UnlockAnon; PutAnon UnlinkChain, for each whose tree is empty
//	adjust: LockAdjust | TakeOut StoreStart StorePgoff ... PutBack | UnlockAdjust
//	move:   LockMove | MoveEntry ... | UnlockMove, where the order of the trees is not enough
//	put:    PutAnon (the object), none left: free the object; PutAnon (its root), none left: free that
//	free:   CheckUnlocked, held: LockRoot (alone) UnlockRoot; FreeAnon
//
// A writer that waits for readers stops new ones, as in an rwsem, where it is queued; it waits
// from where it comes to the lock. Without that the mm side starves; all else that is claimed
// does not depend on it (a test asks both).
//
// Source: anon_vma_clone, anon_vma_fork, unlink_anon_vmas, __put_anon_vma, anon_vma_free,
// folio_lock_anon_vma_read, folio_get_anon_vma, rmap_walk_anon, vma_prepare, vma_complete,
// is_mergeable_anon_vma, copy_vma, move_ptes of Linux 7.2; docs/kernel.md 4.
//
// Registers: in a lookup as in RefcountedRoot. In a put Empty says that Anon is to be freed,
// and Root is its root, from when that was read.
type rwsemRoot struct{ refcountedRoot }

var rwsemRootProtocol = protocol{
	name: "RwsemRoot", rules: rwsemRoot{},
	steps: []Step{MoveKeep, UffdMove, StoreIndex, LockArea, PinRoot, LockMove, UnlockMove, LockAdjust, TakeOut, PutBack, UnlockAdjust, CheckUnlocked, CheckMapped, ReadRoot, TryRoot, GetUnlessZero, LockRoot, RecheckMapped, DropRef},
	notAsked: map[Claim]string{
		OneRoot: "a clone turns the order of a chain round: its last entry says nothing, and nothing looks at it; the root is known by its pointer",
	},
}

func (rwsemRoot) trees() bool { return true }

func (rwsemRoot) shares() bool { return true }

func (rwsemRoot) locksPage() bool { return true }

// adjustLock: of the area that is adjusted or, where that has no anon_vma, of the other.
func (rwsemRoot) adjustLock(s *State, v, n uint8) uint8 { return adjusted33(s, v, n) }

// reuses: no area has its new pages there, and at most one child does not (maybe_reuse_anon_vma).
func (rwsemRoot) reuses(s *State, a, _ uint8) bool {
	return s.anon(a).Active == 0 && s.anon(a).Children <= 1
}

func (r rwsemRoot) take(m *Model, s *State, t uint8, th *Thread) {
	switch th.PC {
	case TakeOut:
		m.takeOut(s, t, th)
	case PutBack:
		m.putBack(s, th)
	case LockMove:
		th.Held = m.lockTarget(s, th)
		s.anon(th.Held).Lock = t
		th.PC = MoveEntry
	case LockArea:
		m.lockArea(s, t, th)
	case StoreIndex:
		m.storeIndex(s, th)
	case UnlockMove:
		m.unlock(s, th)
		m.entriesMoved(s, t, th)
	case TryRoot: // down_read_trylock: never refused
		root := s.anon(th.Root)
		if !m.mayRead(s, th.Root) {
			th.PC = GetUnlessZero
			return
		}
		th.Held, th.PC = th.Root, RecheckMapped
		root.Readers |= m.reader(t)
	case LockRoot:
		th.Held = th.Root
		switch {
		case th.Empty: // only to wait for whoever held it
			s.anon(th.Held).Lock, th.PC = t, UnlockRoot
			return
		case th.refers():
			m.locked(s, th)
		default:
			th.PC = DropRef
		}
		s.anon(th.Held).Readers |= m.reader(t)
	case CheckUnlocked: // rwsem_is_locked
		th.Root = s.anon(th.Anon).Root
		th.PC = FreeAnon
		if root := s.anon(th.Root); root.Lock != 0 || root.Readers != 0 {
			th.PC = LockRoot
		}
	default:
		r.refcountedRoot.take(m, s, t, th)
	}
}

// mayRead reports whether a walker may share the lock of an object.
func (m *Model) mayRead(s *State, a uint8) bool {
	o := s.anon(a)
	return o.Lock == 0 && (o.Readers == 0 || m.overtaken || !m.writerWaits(s, a))
}

// writerWaits reports whether a thread stands before the lock that wants it alone.
func (m *Model) writerWaits(s *State, a uint8) bool {
	for t := range m.threads {
		if th := &s.Thread[t]; th.wantsAlone() && m.lockTarget(s, th) == a {
			return true
		}
	}
	return false
}

// leave gives back the lock that the thread has, alone or with others.
func (m *Model) leave(s *State, th *Thread) {
	o := s.anon(th.Held)
	for w := uint8(m.MMs + 1); m.IsWalker(w); w++ {
		if s.thread(w) == th && o.Lock != w {
			o.Readers &^= m.reader(w)
			return
		}
	}
	o.Lock = 0
}

// wantsAlone reports whether the thread's next step takes a family's lock for itself.
func (th *Thread) wantsAlone() bool {
	switch th.PC {
	case LockAnon, LockAdjust, LockMove:
		return true
	case LockRoot:
		return th.Empty
	}
	return false
}

// putChildFirst: the step PutAnon: refs - 1; the object itself goes before its root.
func (m *Model) putChildFirst(s *State, t uint8, th *Thread) {
	a := s.anon(th.Anon)
	a.Refs--
	if th.Phase == Put {
		th.Pin = 0
	}
	if a.Refs == 0 {
		th.Empty, th.PC = true, CheckUnlocked
		return
	}
	m.putOver(s, t, th)
}

// freedChildFirst goes on after FreeAnon: with the object's reference on its root.
func (m *Model) freedChildFirst(s *State, t uint8, th *Thread) {
	o := s.anon(th.Anon) // which nobody asks any more who may reuse it
	o.Parent, o.Children, o.Active = 0, 0, 0
	th.Empty = false
	if th.Root != th.Anon {
		th.Anon, th.Root, th.PC = th.Root, 0, PutAnon
		return
	}
	m.putOver(s, t, th)
}

// putOver goes on after a put: with the chain of a dying area, with a fork that needs no new
// anon_vma or has no memory, with what follows the operation's reference, or a lookup that failed.
func (m *Model) putOver(s *State, t uint8, th *Thread) {
	th.Root = 0
	switch {
	case m.IsWalker(t) && th.Phase == Put:
		m.putDone(th)
	case m.IsWalker(t):
		m.walkDone(th)
	case th.prepares():
		th.Anon = 0
		m.prepared(th)
	case th.New != 0:
		m.childLinked(s, t, th)
	case s.vma(th.VMA).NChain == 0:
		m.unlinkNext(s, t, th)
	default:
		th.PC = UnlinkChain
	}
}

// readers are the threads that share a lock.
func (m *Model) readers(o *AnonVMA) (list []uint8) {
	for set := o.Readers; set != 0; set &= set - 1 {
		list = append(list, uint8(m.MMs+1+bits.TrailingZeros8(set)))
	}
	return list
}

// reader is the bit of a walker.
func (m *Model) reader(t uint8) uint8 { return 1 << (int(t) - m.MMs - 1) }

// HasLock reports whether thread t has the lock of object a, alone or with others.
func (m *Model) HasLock(s *State, t, a uint8) bool { return m.hasLock(s.anon(a), t) }

// Holders names the threads that have the lock of object a, alone or with others; "" if none has.
func (m *Model) Holders(s *State, a uint8) string {
	if o := s.anon(a); o.Lock != 0 || o.Readers != 0 {
		return m.holders(o)
	}
	return ""
}

// hasLock reports whether a thread has the lock of an object, alone or with others.
func (m *Model) hasLock(o *AnonVMA, t uint8) bool {
	return o.Lock == t || m.shared && m.IsWalker(t) && o.Readers&m.reader(t) != 0
}
