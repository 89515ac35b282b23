package spec

// Two passes that tell at once that several conjuncts hold, which is what they almost always
// do: the explorer asks every new state. A conjunct's own find decides it; a pass that finds
// something amiss only makes Check ask. A test compares them on states that are right and wrong.

// A quick pass reports whether all conjuncts of a set hold. It may say no where they do.
type quick struct {
	of   ConjunctSet
	pass func(m *Model, s *State) bool
}

var quicks []quick

func init() { // here, for conjuncts refer to what refers to them
	quicks = []quick{
		{setOf("AnonInChain", "ChainListed", "ListChained", "OneChain"), chainsAgree},
		{setOf("LeafLive", "LeafReaches", "WritersIsolated", "NoMigrationLeft"), entriesAgree},
	}
}

func setOf(names ...string) (set ConjunctSet) {
	for i := range conjuncts {
		for _, name := range names {
			if conjuncts[i].name == name {
				set |= 1 << i
			}
		}
	}
	return set
}

// chainsAgree: every chain entry of an area at rest is on a list, and there are no more list
// entries of such areas than that.
func chainsAgree(m *Model, s *State) bool {
	set := m.resting(s)
	balance := 0
	for v := range m.VMAs {
		a := &s.VMA[v]
		if !a.in(set) {
			continue
		}
		own := a.Anon == 0 && a.NChain == 0
		for _, o := range a.chain() {
			anon := s.anon(o)
			if !anon.Live || anon.position(uint8(v+1)) < 0 {
				return false
			}
			own = own || o == a.Anon
		}
		if !own {
			return false
		}
		balance += int(a.NChain)
		for u := range v {
			if b := &s.VMA[u]; b.Anon == a.Anon && b.in(set) && b.MM == a.MM && a.Anon != 0 && !m.sameChain(a, b) {
				return false
			}
		}
	}
	for a := range m.Objects {
		for _, v := range s.Anon[a].list() {
			area := s.vma(v)
			if area.in(set) {
				balance--
			} else if area.Life == Unborn {
				return false
			}
		}
	}
	return balance == 0
}

// entriesAgree: every present entry leads to its page's anon_vma and back, is writable only if it is
// the only entry of its page, and there is no other that is in use.
func entriesAgree(m *Model, s *State) bool {
	var used, twice, writable uint64
	for mm := range uint8(m.MMs) {
		storing := m.storing(s, mm+1)
		for slot := range uint8(m.Slots) {
			e := &s.PTE[mm][slot]
			if e.Kind == Empty {
				continue
			}
			bit := uint64(1) << e.Page
			twice |= used & bit
			used |= bit
			if e.Writable {
				writable |= bit
			}
			switch e.Kind {
			case Migration:
				return false // ask who migrates it
			case Present:
				p := s.page(e.Page)
				if p.Mapping == 0 || !s.anon(p.Mapping).Live || !storing && !s.reached(p, mm+1, slot) {
					return false
				}
			}
		}
	}
	return twice&writable == 0
}
