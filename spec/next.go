package spec

// Moves appends every enabled move to buf, in canonical order: by thread, then
// step, then arguments. After a crash there is none.
func (m *Model) Moves(s *State, buf []Move) []Move {
	if m.Crashed(s) != 0 {
		return buf
	}
	for t := uint8(1); t <= m.threads; t++ {
		buf = m.movesOf(s, t, buf)
	}
	return buf
}

// MovesOf appends the enabled moves of thread t to buf, as Moves does.
func (m *Model) MovesOf(s *State, t uint8, buf []Move) []Move {
	if m.Crashed(s) != 0 {
		return buf
	}
	return m.movesOf(s, t, buf)
}

// movesOf is MovesOf in a state without a crash.
func (m *Model) movesOf(s *State, t uint8, buf []Move) []Move {
	switch th := s.thread(t); th.PC {
	case Idle:
		return m.begins(s, t, buf)
	case AllocAnon:
		for a := uint8(1); int(a) <= m.Objects; a++ {
			if !s.anon(a).Live {
				buf = append(buf, Move{t, AllocAnon, [3]uint8{a}})
			}
		}
		return m.failures(s, t, buf)
	case CopyVMA:
		buf = m.failures(s, t, buf)
		return append(buf, Move{Thread: t, Step: CopyVMA})
	default:
		if m.refusesStep(s, t, th) == "" {
			buf = append(buf, Move{Thread: t, Step: th.PC})
		}
		return m.failures(s, t, buf)
	}
}

// failures appends the move in which the thread's next allocation fails.
func (m *Model) failures(s *State, t uint8, buf []Move) []Move {
	if m.Failures && m.allocations(s, s.thread(t)) > 0 {
		return append(buf, Move{Thread: t, Step: FailAlloc})
	}
	return buf
}

// refusesStep names the false conjunct of the guard of th's next step; only
// locks can refuse. Of the page table's lock, which is held for one step otherwise, see uffd.go.
func (m *Model) refusesStep(s *State, t uint8, th *Thread) string {
	switch th.PC {
	case LockAnon, LockAdjust, LockLeaf, LockRoot, LockMove:
		a := m.lockTarget(s, th)
		if o := s.anon(a); o.Lock != 0 || m.shared && (th.wantsAlone() && o.Readers != 0 || !th.wantsAlone() && !m.mayRead(s, a)) {
			return "LockFree"
		}
	case LockVMA:
		if s.anon(th.Root).Lock != 0 {
			return "LockFree"
		}
	case LockWalks:
		if m.Inside(s) != 0 {
			return "WalksFree"
		}
	case LockPage:
		if s.page(th.Page).Lock != 0 {
			return "PageLockFree"
		}
	case LockArea:
		if m.inArea(s, th.Area) != 0 {
			return "AreaLockFree"
		}
	case Visit:
		if m.Ops.Has(UffdMove) && th.Gone == NotGone {
			return m.refusesTable(s, t)
		}
	case CheckOwn:
		if th.Op == UffdMove {
			return m.refusesTable(s, t)
		}
	case MapPage, AllowWrite, SwapIn, MoveEntry, ZapEntry, DenyWrite, CopyEntry:
		if m.Faulters > 0 {
			return m.refusesTable(s, t)
		}
	}
	return ""
}

// lockTarget is the object whose lock th's next step takes.
func (m *Model) lockTarget(s *State, th *Thread) uint8 {
	switch th.PC {
	case LockAnon:
		v, _ := th.linked(s)
		return m.rules.mmLock(s, v, th.Anon)
	case LockAdjust:
		v := th.VMA
		if s.vma(v).Anon == 0 {
			v = th.New
		}
		return m.rules.mmLock(s, v, th.Anon)
	case LockMove:
		return m.rules.mmLock(s, th.VMA, th.Anon)
	case LockRoot, TryVMA, LockVMA:
		return th.Root
	}
	return th.Anon
}

// unlock: held -> free. A thread that holds nothing unlocks nothing: UnlockMatchesLock tells.
func (m *Model) unlock(s *State, th *Thread) {
	if th.Held == 0 {
		return
	}
	if m.shared {
		m.leave(s, th)
	} else {
		s.anon(th.Held).Lock = 0
	}
	th.Held = 0
}

// Refusal names the first false conjunct of the guard of mv in s; "" if mv is
// enabled.
func (m *Model) Refusal(s *State, mv Move) string {
	if mv.Thread < 1 || mv.Thread > m.threads {
		return "ThreadExists"
	}
	if m.Crashed(s) != 0 {
		return "NotCrashed"
	}
	th := s.thread(mv.Thread)
	if mv.Step.Begins() {
		if th.PC != Idle {
			return "AtStep"
		}
		return m.refusesBegin(s, mv)
	}
	switch {
	case mv.Step == FailAlloc && m.Failures && m.allocations(s, th) > 0:
		return ""
	case th.PC != mv.Step:
		return "AtStep"
	case mv.Step != AllocAnon:
		return m.refusesStep(s, mv.Thread, th)
	case mv.Args[0] < 1 || int(mv.Args[0]) > m.Objects || s.anon(mv.Args[0]).Live:
		return "ObjectFree"
	}
	return ""
}

// Enabled reports whether mv may be taken in s.
func (m *Model) Enabled(s *State, mv Move) bool { return m.Refusal(s, mv) == "" }

// Next is the law as a pure function: the state after mv, false if mv is
// disabled in s.
func (m *Model) Next(s State, mv Move) (State, bool) {
	if !m.Enabled(&s, mv) {
		return s, false
	}
	m.Apply(&s, mv)
	return s, true
}

// Apply takes an enabled move in place.
func (m *Model) Apply(s *State, mv Move) {
	if m.forgets {
		m.apply(s, mv)
		return
	}
	b := m.earlier(s, mv)
	m.apply(s, mv)
	m.record(s, mv, &b)
}

func (m *Model) apply(s *State, mv Move) {
	m.step(s, mv)
	if t := mv.Thread; m.Faulters > 0 && int(t) <= m.MMs && s.thread(t).PC == Idle {
		m.unlockAreas(s, t)
	}
}

func (m *Model) step(s *State, mv Move) {
	t := mv.Thread
	th := s.thread(t)
	if th.Gone == AreaGone && m.isFaulter(t) {
		th.oops(FreedVMA)
		return
	}
	switch mv.Step {
	case AllocAnon:
		m.allocAnon(s, th, mv.Args[0])
	case LockAnon:
		m.lockAnon(s, t, th)
	case LinkChain:
		m.linkChain(s, th)
	case LinkList:
		m.linkList(s, th)
	case UnlockAnon:
		m.unlockAnon(s, t, th)
	case MapPage:
		m.mapPage(s, t, th)
	case CheckOwn:
		m.checkOwn(s, t, th)
	case MovePage:
		m.movePage(s, th)
	case AllowWrite:
		if e := s.pte(m.MM(t), th.Slot); e.maps(th.Page) || m.Faulters == 0 { // pte_same
			e.Writable = true
		}
		th.PC = UnlockPage
	case CopyVMA:
		m.copyVMA(s, t, th)
	case CopyEntry:
		m.copyEntry(s, t, th)
	case ZapEntry:
		m.zapEntry(s, t)
	case UnlinkList:
		m.unlinkList(s, th)
	case UnlinkChain:
		m.unlinkChain(s, t, th)
	case FreeVMA:
		m.freeVMA(s, t, th)
	case FreeAnon:
		m.freeAnon(s, t, th)
	case LockAdjust:
		m.lockAdjust(s, t, th)
	case StoreStart:
		m.storeStart(s, th)
	case StoreEnd:
		m.storeEnd(s, t, th)
	case StorePgoff:
		m.storePgoff(s, t, th)
	case UnlockAdjust:
		m.unlock(s, th)
		m.adjusted(s, t, th)
	case PinRoot:
		m.pinRoot(s, th)
	case FailAlloc:
		m.failAlloc(s, t, th)
	case MoveEntry:
		m.moveEntry(s, t, th)
	case DenyWrite:
		m.denyWrite(s, t, th)
	case SwapIn:
		m.swapIn(s, t, th)

	case LockPage:
		s.page(th.Page).Lock = t
		switch {
		case th.Phase == Cow:
			th.PC = CheckOwn
		case !m.IsWalker(t):
			th.PC = SwapIn
		case th.Op == SwapOut:
			th.PC = AddToSwap
		default:
			m.lookup(th)
		}
	case UnlockPage:
		if !m.IsWalker(t) {
			m.unlockFaultPage(s, t, th)
			return
		}
		s.page(th.Page).Lock = 0
		m.uncache(s, th.Page)
		th.end()

	case ReadMapping:
		m.readMapping(s, th)
	case CheckMapped:
		m.checkMapped(s, th)
	case LockLeaf:
		m.lockLeaf(s, t, th)
	case NextEntry:
		m.nextEntry(s, th)
	case ReadStart:
		m.readStart(s, th)
	case ReadPgoff:
		m.readPgoff(s, th)
	case Visit:
		m.visit(s, th)
	case UnlockRoot:
		m.unlockRoot(s, t, th)
	case GetAnon:
		m.getAnon(s, th)
	case PutAnon:
		m.putAnon(s, t, th)
	case PutLast:
		m.putLast(s, t, th)
	case AddToSwap:
		m.addToSwap(s, th)
	default:
		if mv.Step.Begins() {
			m.begin(s, mv)
			return
		}
		m.rules.take(m, s, t, th)
	}
}
