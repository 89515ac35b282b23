package spec

import "fmt"

// The parts of the claims about memory and identity: what is touched after it was freed,
// freed too early, or taken for what it was before.

func findOops(kinds ...OopsKind) func(*Model, *State) (witness, bool) {
	return func(m *Model, s *State) (witness, bool) {
		for t := range m.threads {
			for _, k := range kinds {
				if s.Thread[t].Oops == k {
					return witness{t + 1}, false
				}
			}
		}
		return holds, true
	}
}

func tellOops(m *Model, s *State, w witness) string {
	t, th := m.ThreadName(w[0]), s.thread(w[0])
	switch th.Oops {
	case FreedVMA:
		return fmt.Sprintf("%s read an area that was freed since it was found on list[a%d]", t, th.Anon)
	case EmptyChain:
		return fmt.Sprintf("%s took the tail of the chain of v%d, which has no entry any more", t, th.VMA)
	}
	return fmt.Sprintf("%s followed an entry of list[a%d] that was taken off since it was found; list[a%d] = %s", t, th.Anon, th.Anon, ids("v", s.anon(th.Anon).list()))
}

// touchingAt are the steps that touch an anon_vma which must be live.
var touchingAt = at(LockAnon, LockAdjust, LockMove, LinkList, UnlinkList, UnlockAnon, UnlockAdjust, UnlockMove, PinRoot, PutAnon, PutLast, CheckUnlocked,
	LockLeaf, ReadFirst, UnlockLeaf, ReadRoot, LockRoot, DropRef, NextEntry, TryVMA, LockVMA, UnlockVMA, UnlockRoot)

// touched are the objects that the next step of t touches outside a lookup under RCU; 0:
// none. RCU keeps the shape of an object that was freed, so a lookup may touch one, and a
// plain walk, which keeps RCU until it unlocks. Outside RCU are all steps of the mm side,
// whoever has a reference instead (th.refers), and in RefcountedRoot a walker that has the
// lock, or a reference, and knows that its page is mapped.
func (m *Model) touched(s *State, t uint8) (one, two uint8) {
	th := s.thread(t)
	outside, asleep := !m.IsWalker(t) || th.refers(), m.counts
	switch th.PC {
	case LockAnon:
		return th.Anon, m.lockTarget(s, th)
	case LockAdjust, LockMove:
		return m.lockTarget(s, th), 0
	case LinkList, UnlinkList:
		return th.Anon, m.parentCounted(s, th)
	case UnlockAnon, UnlockAdjust, UnlockMove:
		return th.Held, 0
	case PinRoot:
		if m.trees { // it has no root yet but itself
			return th.Anon, s.anon(s.vma(th.VMA).Anon).Root
		}
		return th.Anon, s.anon(th.Anon).Root
	case PutAnon, PutLast:
		return m.dropped(t, th), 0
	case CheckUnlocked:
		return s.anon(m.freed(t, th)).Root, 0
	case DropRef:
		return th.Anon, 0
	case NextEntry:
		if outside || asleep {
			return th.Anon, th.Held
		}
	case ReadRoot:
		if outside || asleep && th.Root != 0 {
			return th.Anon, 0
		}
	case LockRoot:
		if outside || asleep {
			return th.Root, 0
		}
	case LockLeaf, ReadFirst:
		if outside {
			return th.Anon, 0
		}
	case TryVMA, LockVMA:
		if outside {
			return th.Root, 0
		}
	case UnlockVMA:
		if outside {
			return th.Also, 0
		}
	case UnlockLeaf, UnlockRoot:
		if outside {
			return th.Held, 0
		}
	}
	return 0, 0
}

func findDeadTouched(m *Model, s *State) (witness, bool) {
	for t := uint8(1); t <= m.threads; t++ {
		if !touchingAt.has(s.thread(t).PC) {
			continue
		}
		one, two := m.touched(s, t)
		if one != 0 && !s.anon(one).Live {
			return witness{t, one}, false
		}
		if two != 0 && !s.anon(two).Live {
			return witness{t, two}, false
		}
	}
	return holds, true
}

func tellDeadTouched(m *Model, s *State, w witness) string {
	th := s.thread(w[0])
	return fmt.Sprintf("%s is about to touch a%d at %s, and a%d is free", m.ThreadName(w[0]), w[1], th.PC, w[1])
}

func freesLive(_ *Model, _ *State, o *AnonVMA) bool       { return o.Live }
func freesUnlisted(_ *Model, _ *State, o *AnonVMA) bool   { return o.NList == 0 }
func freesUnreferred(_ *Model, _ *State, o *AnonVMA) bool { return o.Refs == 0 }

// freesUnlocked: a lookup under RCU may hold the lock; it will find out.
func freesUnlocked(m *Model, s *State, o *AnonVMA) bool {
	late := func(t uint8) bool { return m.IsWalker(t) && !s.thread(t).refers() }
	for _, t := range m.readers(o) {
		if !late(t) {
			return false
		}
	}
	return o.Lock == 0 || late(o.Lock)
}

func findFree(part func(*Model, *State, *AnonVMA) bool) func(*Model, *State) (witness, bool) {
	return func(m *Model, s *State) (witness, bool) {
		for t := uint8(1); t <= m.threads; t++ {
			if th := s.thread(t); th.PC == FreeAnon {
				if a := m.freed(t, th); a == 0 || !part(m, s, s.anon(a)) {
					return witness{t, a}, false
				}
			}
		}
		return holds, true
	}
}

func tellFree(m *Model, s *State, w witness) string {
	if w[1] == 0 {
		return fmt.Sprintf("%s is about to free nothing", m.ThreadName(w[0]))
	}
	o := s.anon(w[1])
	return fmt.Sprintf("%s is about to free a%d: live %t, list %s, refs %d, lock held by %s", m.ThreadName(w[0]), w[1], o.Live, ids("v", o.list()), o.Refs, m.holders(o))
}

// findStrangerPinned: the next step leaves the thread with a reference on an object that
// was freed since the page named it.
func findStrangerPinned(m *Model, s *State) (witness, bool) {
	for t := range m.threads {
		if th := &s.Thread[t]; s.History[t].Stale && (th.PC == GetAnon || m.pins(s, th)) {
			return witness{t + 1}, false
		}
	}
	return holds, true
}

// pins reports whether the look at page_mapped comes next that makes a reference
// migration's own.
func (m *Model) pins(s *State, th *Thread) bool {
	return th.PC == RecheckMapped && th.Phase == Get && th.Held == 0 && m.mapped(&s.World, th.Page)
}

func findStrangerWalked(m *Model, s *State) (witness, bool) {
	for t := range m.threads {
		if h := &s.History[t]; h.Stale && h.Steady && s.Thread[t].walking() {
			return witness{t + 1}, false
		}
	}
	return holds, true
}

func tellStranger(m *Model, s *State, w witness) string {
	t, th := m.ThreadName(w[0]), s.thread(w[0])
	now := "is free"
	if o := s.anon(th.Anon); o.Live {
		now = fmt.Sprintf("is of the family of a%d now, list %s", o.Root, ids("v", o.list()))
	}
	if th.walking() {
		return fmt.Sprintf("%s walks a%d for p%d, which was mapped all the time; a%d was freed and %s", t, th.Anon, th.Page, th.Anon, now)
	}
	return fmt.Sprintf("%s is about to have a reference on a%d, which was freed since p%d named it, and %s", t, th.Anon, th.Page, now)
}
