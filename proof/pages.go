package proof

import (
	"maps"
	"slices"
)

// Part 6: pages. From every entry that maps a page a way leads back: the page names an
// anon_vma whose list has the entry's area, at the page's offset.

var pageConjuncts = []Conjunct{
	{"Entry", "An entry is empty or has a page, and only processes have entries. An empty one is not writable.", func(s *State) F {
		return All2(Thread, Slot, func(m, i F) F {
			return And(Is(s.E.Kind(m, i), "Empty", "Present", "Migration"), Iff(s.filled(m, i), Ne(s.E.Page(m, i), "None")),
				Imp(s.filled(m, i), isMM.Of(m)), Imp(s.E.Writable(m, i), s.filled(m, i)))
		})
	}},
	{"WayBack", "A filled entry is in an area of its process that is on the list of what the page names; and that was not freed since.", func(s *State) F {
		return All2(Thread, Slot, func(m, i F) F {
			v, p := s.E.Area(m, i), s.E.Page(m, i)
			return Imp(s.filled(m, i), And(Eq(s.V.MM(v), m), s.V.Has(v, i), s.A.List(s.P.Mapping(p), v), Not(s.P.Stale(p)), Ne(s.V.Anon(v), "None"),
				Or(Eq(s.V.Life(v), "Mapped"), And(Eq(s.V.Life(v), "Detached"),
					Or(And(s.dooming(m), s.at(m, "ZapEntry")), And(s.splitting(m), s.at(m, "StorePgoff"), Eq(s.T.New(m), v)))))))
		})
	}},
	{"Offset", "It is at the page's offset in that area; between the stores to start and pgoff, at its offset in the new area.", func(s *State) F {
		return All2(Thread, Slot, func(m, i F) F {
			v, x := s.E.Area(m, i), s.P.Index(s.E.Page(m, i))
			n := If(And(s.at(m, "StorePgoff"), Eq(s.T.VMA(m), v)), s.T.New(m), v)
			return Imp(s.filled(m, i), Eq(address.Of(s.V.Start(n), s.V.Pgoff(n), x), i))
		})
	}},
	{"DoomedEmpty", "Past ZapEntry a dying area has no filled entry.", func(s *State) F {
		return All2(Thread, Slot, func(m, i F) F {
			return Imp(s.filled(m, i), s.dooming(m), Not(s.at(m, "ZapEntry")), Eq(s.V.Life(s.E.Area(m, i)), "Mapped"))
		})
	}},
	{"FaultInside", "A fault is at an address of its area.", func(s *State) F {
		return eachMM(func(m F) F { return Imp(s.isOp(m, "Fault"), s.V.Has(s.T.VMA(m), s.T.Slot(m))) })
	}},
	{"Copying", "A fork copies a filled entry of its area, and the child has none from there on.", func(s *State) F {
		return And(eachMM(func(m F) F { return Imp(s.at(m, "CopyEntry"), s.toCopy(m, s.T.Slot(m))) }),
			All2(Thread, Slot, func(m, i F) F {
				return Imp(isMM.Of(m), s.at(m, "CopyEntry"), s.V.Has(s.T.VMA(m), i), atMost.Of(s.T.Slot(m), i), Not(s.filled(s.T.Child(m), i)))
			}))
	}},
	{"OwnPage", "The page that a fault moves to its area's anon_vma, and makes writable, has that fault's entry and no other.", func(s *State) F {
		return All3(Thread, Thread, Slot, func(m, n, i F) F {
			return Imp(isMM.Of(m), s.at(m, "MovePage", "AllowWrite"), And(
				Imp(s.filled(n, i), Eq(s.E.Page(n, i), s.T.Page(m)), And(Eq(n, m), Eq(i, s.T.Slot(m)), Eq(s.E.Kind(n, i), "Present"))),
				s.maps(m, s.T.Slot(m), s.T.Page(m))))
		})
	}},
	{"WritableAlone", "A writable entry is the only one of its page.", func(s *State) F {
		return All4(Thread, Slot, Thread, Slot, func(m, i, n, j F) F {
			return Imp(s.E.Writable(m, i), s.filled(n, j), Eq(s.E.Page(m, i), s.E.Page(n, j)), And(Eq(m, n), Eq(i, j)))
		})
	}},
	{"NotStaleLive", "What a page names is live if it was not freed since.", func(s *State) F {
		return All(Page, func(p F) F { return Imp(Ne(s.P.Mapping(p), "None"), Not(s.P.Stale(p)), s.A.Live(s.P.Mapping(p))) })
	}},
}

// lates are lateConjuncts, and those of the protocol.
func (p *Protocol) lates() []Conjunct {
	list := slices.Clone(lateConjuncts)
	for _, claim := range slices.Sorted(maps.Keys(p.late)) {
		list = append(list, p.late[claim]...)
	}
	return list
}

// lateConjuncts are inductive, too, but only Progress needs them. The others are proved without:
// that something exists for every process leads a solver astray.
var lateConjuncts = []Conjunct{
	{"Zapping", "At ZapEntry some entry of a dying area is filled.", func(s *State) F {
		return eachMM(func(m F) F { return Imp(s.at(m, "ZapEntry"), Some(Slot, func(i F) F { return s.toZap(m, i) })) })
	}},
}
