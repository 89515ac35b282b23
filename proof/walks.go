package proof

// Part 7: walks. Why the second look under the lock is enough: an entry that still maps the
// page leads back to its area on the list of the leaf that was read before, so that object
// was not freed, and its root is the one that was read and locked. From then on the lock
// keeps the list, and the walk comes to every area on it.

// ahead: the walk of w has still to come to area v.
func (s *State) ahead(w, v F) F {
	return Or(Eq(s.T.VMA(w), "None"), s.A.Before(s.T.Anon(w), s.T.VMA(w), v), And(Eq(v, s.T.VMA(w)), s.at(w, areaSteps...)))
}

// looking: the walk of w is about a page, and has a leaf; it does not put the leaf back.
func (s *State) looking(w F) F {
	return And(isWalker.Of(w), Ne(s.T.Page(w), "None"), Ne(s.T.Anon(w), "None"), Not(s.phase(w, "Put")), Not(s.putting(w)))
}

// putting: w drops a reference, or frees.
func (s *State) putting(w F) F {
	return Or(s.T.Empty(w), s.at(w, "PutAnon", "CheckUnlocked", "FreeAnon"))
}

var walkConjuncts = []Conjunct{
	{"PageNames", "A page that a walker has in hand names an anon_vma.", func(s *State) F {
		return eachWalker(func(w F) F { return Imp(Ne(s.T.Page(w), "None"), Ne(s.P.Mapping(s.T.Page(w)), "None")) })
	}},
	{"SecondLook", "As long as an entry maps the page, every leaf that was read off the page has that entry's area on its list, and was not freed since.", func(s *State) F {
		return All3(Thread, Thread, Slot, func(w, m, i F) F {
			return By(Imp(s.looking(w), s.filled(m, i), Eq(s.E.Page(m, i), s.T.Page(w)), And(s.A.List(s.T.Anon(w), s.E.Area(m, i)), Not(s.H.Stale(w)))),
				s.T.Page(w), s.E.Page(m, i))
		})
	}},
	{"NotFreedSince", "A leaf that was not freed since it was read is live, and the root that was read off it is its root.", func(s *State) F {
		return All(Thread, func(w F) F {
			return Imp(s.looking(w), Not(s.H.Stale(w)), And(s.A.Live(s.T.Anon(w)),
				Imp(Ne(s.T.Root(w), "None"), Eq(s.T.Root(w), s.A.Root(s.T.Anon(w))))))
		})
	}},
	{"Migrating", "In the two walks of a migration the page names what the migration has a reference on, and so does the leaf.", func(s *State) F {
		return eachWalker(func(w F) F {
			return Imp(s.phase(w, "One", "Two"), And(Eq(s.P.Mapping(s.T.Page(w)), s.T.Pin(w)), Not(s.P.Stale(s.T.Page(w))),
				Imp(Ne(s.T.Anon(w), "None"), And(Eq(s.T.Anon(w), s.T.Pin(w)), Not(s.H.Stale(w))))))
		})
	}},
	{"Getting", "While a migration gets its reference the page is locked, and names the leaf.", func(s *State) F {
		return eachWalker(func(w F) F {
			return Imp(s.phase(w, "Get"), s.looking(w), And(Eq(s.P.Mapping(s.T.Page(w)), s.T.Anon(w)), Iff(s.H.Stale(w), s.P.Stale(s.T.Page(w))),
				Imp(Ne(s.T.Pin(w), "None"), And(Eq(s.T.Pin(w), s.T.Anon(w)), Not(s.H.Stale(w))))))
		})
	}},
	{"PinnedLeaf", "A walk of a pinned object has that as its leaf, and locks its root.", func(s *State) F {
		return eachWalker(func(w F) F {
			return Imp(s.phase(w, "Pinned"), And(Eq(s.T.Anon(w), s.T.Pin(w)), Not(s.H.Stale(w)), s.at(w, append([]string{"ReadRoot", "LockRoot", "UnlockRoot"}, walkSteps...)...),
				Imp(Not(s.at(w, "ReadRoot")), Eq(s.T.Root(w), s.A.Root(s.T.Anon(w))))))
		})
	}},
	{"Locked", "Past the second look the leaf is live, the lock is its root's, and the root is live and its own root.", func(s *State) F {
		return eachWalker(func(w F) F {
			leaf, held := s.T.Anon(w), s.T.Held(w)
			return Imp(s.at(w, append([]string{"GetAnon"}, walkSteps...)...), And(Not(s.H.Stale(w)), s.A.Live(leaf), Eq(held, s.A.Root(leaf)), s.A.Live(held), Eq(s.A.Root(held), held)))
		})
	}},
	{"Cursor", "The area in hand is on the list that is walked.", func(s *State) F {
		return eachWalker(func(w F) F {
			return Imp(s.at(w, walkSteps...), Ne(s.T.VMA(w), "None"), s.A.List(s.T.Anon(w), s.T.VMA(w)))
		})
	}},
	{"Extent", "The extent that a walk has read has all of the area's addresses, and the address that it has computed is still the page's.", func(s *State) F {
		return And(eachWalker(func(w F) F {
			v := s.T.VMA(w)
			return And(Imp(s.at(w, "ReadPgoff"), Eq(s.T.Start(w), s.V.Start(v))),
				Imp(s.at(w, "Visit"), Not(s.phase(w, "Pinned")), Eq(address.Of(s.V.Start(v), s.V.Pgoff(v), s.P.Index(s.T.Page(w))), s.T.Slot(w))))
		}), All2(Thread, Slot, func(w, i F) F {
			return Imp(isWalker.Of(w), s.at(w, "ReadPgoff"), s.V.Has(s.T.VMA(w), i), s.T.Extent(w, i))
		}))
	}},
	{"Owed", "What a walk owes a visit still maps the page, and the walk has its area ahead.", func(s *State) F {
		return All3(Thread, Thread, Slot, func(w, m, i F) F {
			return Imp(s.H.Owed(w, m, i), And(isWalker.Of(w), s.at(w, walkSteps...),
				Imp(Not(s.phase(w, "Pinned")), And(s.filled(m, i), s.duePage(w, m, i), Ne(s.T.Page(w), "None"), s.ahead(w, s.E.Area(m, i))))))
		})
	}},
	{"OwedPinned", "A walk of a pinned object owes a visit where an area on the list has the address, and it has that area ahead.", func(s *State) F {
		return And(All3(Thread, Thread, Slot, func(w, m, i F) F { return Imp(s.H.Owed(w, m, i), s.phase(w, "Pinned"), s.duePinned(w, m, i)) }),
			All3(Thread, Thread, VMA, func(w, m, v F) F {
				return Imp(s.phase(w, "Pinned"), s.H.Owed(w, m, s.T.Slot(w)), s.ledTo(w, m, v), s.ahead(w, v))
			}))
	}},
	{"NothingMissed", "No walk has ended with a visit owed.", func(s *State) F { return eachWalker(func(w F) F { return Not(s.H.Missed(w)) }) }},
	{"Migration", "A migration entry stands while the migration has the page locked, and the second walk has its area ahead.", func(s *State) F {
		return All2(Thread, Slot, func(m, i F) F {
			w := s.P.Lock(s.E.Page(m, i))
			return Imp(Eq(s.E.Kind(m, i), "Migration"), And(isWalker.Of(w), s.isOp(w, "Migrate"), s.phase(w, "One", "Two"), Eq(s.T.Page(w), s.E.Page(m, i)),
				Imp(s.phase(w, "Two"), Or(s.at(w, walkSteps...), s.at(w, "UnlockRoot")), And(s.at(w, walkSteps...), s.ahead(w, s.E.Area(m, i))))))
		})
	}},
	{"Steady", "A page that was mapped at every moment is mapped.", func(s *State) F {
		return eachWalker(func(w F) F { return Imp(s.H.Steady(w), And(Ne(s.T.Page(w), "None"), s.mapped(s.T.Page(w)))) })
	}},
	{"NoAttemptFailed", "No attempt to lock has failed on a page that was mapped at every moment.", func(s *State) F { return eachWalker(func(w F) F { return Not(s.H.Failed(w)) }) }},
}
