package spec

// When a conjunct has something to say: the guard of each. A search that never comes to
// such a state has not asked the claim.

// A ConjunctSet is a set of the named parts of the claims, in the order of AllConjuncts.
type ConjunctSet uint64

// AllConjuncts lists the parts of the state claims as Claim.Conjunct.
func AllConjuncts() []string {
	var names []string
	for i := range conjuncts {
		names = append(names, conjuncts[i].claim.String()+"."+conjuncts[i].name)
	}
	return names
}

// Has reports whether conjunct i of AllConjuncts is in the set.
func (c ConjunctSet) Has(i int) bool { return c&(1<<i) != 0 }

// Asked returns the conjuncts, of those not in known, whose guard s fulfils: it has what
// they are about. A conjunct that is false in s is among them.
func (m *Model) Asked(s *State, known ConjunctSet) (asked ConjunctSet) {
	for i := range conjuncts {
		if !known.Has(i) && conjuncts[i].asks(m, s) {
			asked |= 1 << i
		}
	}
	return asked
}

// Broken returns the conjuncts of the claims, of those not in known, that are false in s.
func (m *Model) Broken(s *State, claims ClaimSet, known ConjunctSet) (broken ConjunctSet) {
	for i := range conjuncts {
		if claims.Has(conjuncts[i].claim) && !known.Has(i) {
			if _, ok := conjuncts[i].find(m, s); !ok {
				broken |= 1 << i
			}
		}
	}
	return broken
}

// Names lists the conjuncts of the set as AllConjuncts does.
func (c ConjunctSet) Names() []string {
	names := []string{}
	for i, name := range AllConjuncts() {
		if c.Has(i) {
			names = append(names, name)
		}
	}
	return names
}

// someThread is the guard that some thread is as it says.
func someThread(is func(m *Model, s *State, th *Thread) bool) func(*Model, *State) bool {
	return func(m *Model, s *State) bool {
		for t := range m.threads {
			if is(m, s, &s.Thread[t]) {
				return true
			}
		}
		return false
	}
}

// someHistory is the guard that some thread and its history are as it says.
func someHistory(is func(th *Thread, h *History) bool) func(*Model, *State) bool {
	return func(m *Model, s *State) bool {
		for t := range m.threads {
			if is(&s.Thread[t], &s.History[t]) {
				return true
			}
		}
		return false
	}
}

// someAnon is the guard that some live object is as it says.
func someAnon(is func(*State, *AnonVMA) bool) func(*Model, *State) bool {
	return func(m *Model, s *State) bool {
		for a := range m.Objects {
			if o := &s.Anon[a]; o.Live && is(s, o) {
				return true
			}
		}
		return false
	}
}

func always(*Model, *State) bool { return true }

var (
	asksShared = someAnon(func(_ *State, o *AnonVMA) bool { return o.NList > 1 })
	asksListed = someAnon(func(_ *State, o *AnonVMA) bool { return o.NList > 0 })
	// Two areas of one process with one anon_vma.
	asksTwins   = someAnon(func(s *State, o *AnonVMA) bool { return o.NList > 1 })
	asksRelated = someAnon(func(s *State, o *AnonVMA) bool { return s.anon(o.Root) != o })

	// A walker in a list, with what it holds.
	asksHeld = someThread(func(_ *Model, _ *State, th *Thread) bool { return th.walking() && th.Held != 0 })
	// Entries that a walk owes.
	asksOwed = someHistory(func(th *Thread, h *History) bool { return h.Missed || th.walking() && h.Owed != Slots{} })
	// An area on the way out, under a walker's eyes.
	asksDetached = someThread(func(_ *Model, s *State, th *Thread) bool {
		return th.PC == Oopsed || th.walking() && (th.Gone != NotGone || th.VMA != 0 && s.vma(th.VMA).Life != Mapped)
	})
	asksTouch = someThread(func(_ *Model, _ *State, th *Thread) bool { return touchingAt.has(th.PC) })
	asksFree  = someThread(func(_ *Model, _ *State, th *Thread) bool { return th.PC == FreeAnon })
	asksGet   = someThread(func(m *Model, s *State, th *Thread) bool { return th.PC == GetAnon || m.pins(s, th) })
	asksTail  = someThread(func(_ *Model, _ *State, th *Thread) bool { return th.PC == ReadTail })
	// A walk, not a thread that walks what it has pinned.
	asksWalk = someHistory(func(th *Thread, h *History) bool { return h.Steady && th.walking() })
	// A thread that has done something.
	asksEnded = someThread(func(m *Model, _ *State, th *Thread) bool {
		return th.PC == Idle && th.Left < uint8(max(m.MMOps, m.WalkerOps))
	})
	asksUnlock = someThread(func(_ *Model, _ *State, th *Thread) bool { return unlockingAt.has(th.PC) })
	// A lock attempt on a page that was mapped all the time.
	asksSteady = someHistory(func(th *Thread, h *History) bool { return h.Failed || h.Steady && th.Held == 0 })
)

// asksHolders: asksContended, where the lock is not shared.
func asksHolders(m *Model, s *State) bool { return !m.shared && asksContended(m, s) }

// asksContended: a thread relies on a family, and another works on it.
func asksContended(m *Model, s *State) bool {
	for t := uint8(1); t <= m.threads; t++ {
		root := m.inside(s, t)
		if root == 0 {
			continue
		}
		for u := uint8(1); u <= m.threads; u++ {
			if o := s.thread(u); u != t && o.PC != Idle && o.Anon != 0 && s.anon(o.Anon).Root == root {
				return true
			}
		}
	}
	return false
}

func asksMigrating(m *Model, s *State) bool {
	for mm := range m.MMs {
		for slot := range m.Slots {
			if s.PTE[mm][slot].Kind == Migration {
				return true
			}
		}
	}
	return false
}

// asksEntry: something is mapped.
func asksEntry(m *Model, s *State) bool {
	for p := range m.Pages {
		if m.mapped(&s.World, uint8(p+1)) {
			return true
		}
	}
	return asksMigrating(m, s)
}

// asksResting: a process that has areas is between operations.
func asksResting(m *Model, s *State) bool {
	for v := uint8(1); int(v) <= m.VMAs; v++ {
		if a := s.vma(v); a.in(m.resting(s)) && a.NChain > 0 {
			return true
		}
	}
	return false
}

// asksEdit: a thread edits a list while another walks one.
func asksEdit(m *Model, s *State) bool {
	for t := range m.threads {
		if !editingAt.has(s.Thread[t].PC) {
			continue
		}
		for u := range m.threads {
			if u != t && readingAt.has(s.Thread[u].PC) {
				return true
			}
		}
	}
	return false
}

// asksLocked: some lock is held.
func asksLocked(m *Model, s *State) bool {
	for a := range m.Objects {
		if s.Anon[a].Lock != 0 || s.Anon[a].Readers != 0 {
			return true
		}
	}
	for p := range m.Pages {
		if s.Page[p].Lock != 0 {
			return true
		}
	}
	return m.Inside(s) != 0
}

// asksGone: no area is left, no operation goes on, nothing is pinned.
func asksGone(m *Model, s *State) bool {
	for t := range m.threads {
		if s.Thread[t].PC != Idle || s.Thread[t].Pin != 0 {
			return false
		}
	}
	for v := range m.VMAs {
		if l := s.VMA[v].Life; l == Mapped || l == Detached {
			return false
		}
	}
	return true
}
