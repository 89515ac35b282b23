package spec

// The history: what the claims remember of how a state came to be. No guard and no step
// reads it (docs/kernel.md has nothing like it: the kernel does not remember). Apply takes
// a step of the law, and then record watches what the step did. Without record the law has
// the same graph; a test compares the two.

// History is what happened to one thread. Of an mm thread only Undone is used.
type History struct {
	Stale  bool // the leaf was freed since the page named it, or since it was read
	Steady bool // the page was mapped at every moment since the operation began
	Missed bool // the last walk ended with entries owed; until the next operation
	Failed bool // a lock attempt returned nothing although Steady; until then, too
	Undone bool // the last operation ended without an error, and its work is not done; or it failed, and left it half done
	_      bool
	Owed   Slots // entries that the walk in progress has still to visit
}

// Slots is a set of page-table positions (mm, slot): a bit for each slot, a word
// for each mm.
type Slots [MaxMMs]uint16

// Has reports whether (mm, slot) is in the set.
func (s *Slots) Has(mm, slot uint8) bool { return s[mm-1]>>slot&1 != 0 }

// Add puts (mm, slot) into the set.
func (s *Slots) Add(mm, slot uint8) { s[mm-1] |= 1 << slot }

func (s *Slots) remove(mm, slot uint8) { s[mm-1] &^= 1 << slot }

// intersect leaves what is in o, too.
func (s *Slots) intersect(o *Slots) {
	for i := range s {
		s[i] &= o[i]
	}
}

// WithoutHistory is the same law, which remembers nothing: its states have no history, and
// the claims that need one hold. It has the same graph otherwise.
func (m *Model) WithoutHistory() *Model {
	bare := *m
	bare.forgets = true
	return &bare
}

// earlier is what record has to know of the state before the step.
type earlier struct {
	thread  Thread
	freed   uint8 // the live object that the step frees
	mapping uint8 // of the page in hand
	entry   uint8 // the page of the entry in hand
	low     uint8 // the extent of the area that the step frees ...
	high    uint8
}

// earlier is taken before a step.
func (m *Model) earlier(s *State, mv Move) earlier {
	th := s.thread(mv.Thread)
	b := earlier{thread: *th}
	switch mv.Step {
	case FreeAnon:
		if a := m.freed(mv.Thread, th); a != 0 && s.anon(a).Live {
			b.freed = a
		}
	case FreeVMA:
		b.low, b.high = s.vma(th.VMA).Start, s.vma(th.VMA).End
	case MapPage:
		b.entry = s.pte(m.MM(mv.Thread), th.Slot).Page
	case SwapIn:
		b.mapping = s.page(th.Page).Mapping
	}
	return b
}

// record watches the step mv, which led from b to s.
func (m *Model) record(s *State, mv Move, b *earlier) {
	t := mv.Thread
	th := s.thread(t)
	switch mv.Step {
	case FreeAnon:
		m.recordFree(s, t, b.freed)
	case MapPage:
		if p := s.pte(m.MM(t), b.thread.Slot).Page; p != 0 && p != b.entry {
			s.Stale[p-1] = false
		}
	case MovePage:
		s.Stale[b.thread.Page-1] = false
	case SwapIn:
		if p := b.thread.Page; s.page(p).Mapping != b.mapping {
			s.Stale[p-1] = false
		}
	case SwapDrop:
		s.Stale[mv.Args[0]-1] = false
	case MoveEntry: // a walk that has still to visit the entry owes the visit at its new place
		mm, from, to := m.MM(t), b.thread.Slot, b.thread.To+b.thread.Slot-b.thread.Low
		for w := m.MMs; w < int(m.threads); w++ {
			if h := &s.History[w]; s.Thread[w].Phase != Pinned && h.Owed.Has(mm, from) {
				h.Owed.remove(mm, from)
				h.Owed.Add(mm, to)
			}
		}
	}
	if m.IsWalker(t) {
		m.recordWalker(s, th, &s.History[t-1], b)
	}
	for w := m.MMs; w < int(m.threads); w++ {
		o, h := &s.Thread[w], &s.History[w]
		if h.Steady && !m.mapped(&s.World, o.Page) {
			h.Steady = false
		}
		if h.Owed != (Slots{}) {
			due := m.due(s, o)
			h.Owed.intersect(&due)
		}
	}
	if over := th.PC == Idle; over && th.Error {
		s.History[t-1].Undone = !m.leftWhole(&s.World, t, &b.thread)
	} else {
		s.History[t-1].Undone = over && !m.done(s, mv, b)
	}
}

// recordFree: object a is free now, though a page may name it and a walker look at it.
func (m *Model) recordFree(s *State, t, a uint8) {
	if a == 0 {
		return
	}
	for p := range m.Pages {
		if s.Page[p].Mapping == a {
			s.Stale[p] = true
		}
	}
	for w := uint8(m.MMs + 1); m.IsWalker(w); w++ {
		if w != t && s.thread(w).Anon == a {
			s.History[w-1].Stale = true
		}
	}
}

// recordWalker: the walker has taken a step, from the registers b.thread to th.
func (m *Model) recordWalker(s *State, th *Thread, h *History, b *earlier) {
	was := &b.thread
	if was.PC == Idle {
		*h = History{}
	}
	h.Missed = h.Missed || was.PC == UnlockRoot && h.Owed != Slots{}
	h.Failed = h.Failed || h.Steady && m.gaveUp(was, th)
	switch {
	case th.Anon == 0 || th.Phase != was.Phase:
		h.Stale = false
	case was.Anon == 0:
		h.Stale = was.Page != 0 && s.Stale[was.Page-1]
	}
	h.Steady = th.Page != 0 && (was.Page == 0 || h.Steady)
	switch {
	case !walkingAt.has(th.PC) && th.PC != UnlockRoot:
		h.Owed = Slots{}
	case th.PC == NextEntry && !walkingAt.has(was.PC):
		h.Owed = m.due(s, th)
	case was.PC == Visit && (was.Phase == Plain || was.Phase == Pinned): // a look is a visit; but
		h.Owed.remove(s.vma(was.VMA).MM, was.Slot) // a walk that is to change an entry has to change it
	}
}

// gaveUp: the attempt to lock returned nothing. The walker is out of the lookup, and has
// neither the lock nor, where it wanted that, a reference.
func (m *Model) gaveUp(was, th *Thread) bool {
	if !lookingAt.has(was.PC) || was.Phase == Two || was.Phase == Put || was.Phase == Get && th.Pin != 0 {
		return false
	}
	return th.Phase != was.Phase || !lookingAt.has(th.PC) && th.PC != NextEntry && th.PC != GetAnon && th.PC != Oopsed
}

// lookingAt are the steps of a lookup.
var lookingAt = at(ReadMapping, CheckMapped, LockLeaf, ReadFirst, ReadTail, UnlockLeaf, ReadRoot, TryRoot, GetUnlessZero, LockRoot, RecheckMapped, DropRef)

// due is what the walk of th owes a visit, if it takes the lock now. A walk of a page: the
// entries that map it; the second walk of a migration: those that the first one left. A
// walk of a pinned object: its address in each process of which an area on the list has
// that address.
func (m *Model) due(s *State, th *Thread) (due Slots) {
	if th.Phase == Pinned {
		for _, v := range s.anon(th.Anon).list() {
			if a := s.vma(v); a.Life == Mapped && a.covers(th.Slot) {
				due.Add(a.MM, th.Slot)
			}
		}
		return due
	}
	kind := Present
	if th.Phase == Two {
		kind = Migration
	}
	for mm := range uint8(m.MMs) {
		for slot := range uint8(m.Slots) {
			if e := &s.PTE[mm][slot]; e.Kind == kind && e.Page == th.Page {
				due.Add(mm+1, slot)
			}
		}
	}
	return due
}
