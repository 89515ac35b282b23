package proof

import "slices"

// Part 5: locks. Who works on a family has the lock of its root.

// inside is the family, by its root, that a thread is inside of, or none: tla/Claims.tla's
// Family.
func (s *State) inside(t F) F {
	held := Ne(s.T.Held(t), "None")
	in := If(isMM.Of(t), Or(s.at(t, "LinkList", "UnlinkList"), held), Or(s.at(t, walkSteps...), And(s.at(t, "GetAnon", "PutLast", "DropRef"), held)))
	return If(And(Ne(s.T.Anon(t), "None"), in), s.A.Root(s.T.Anon(t)), None(Object))
}

// hasPage: thread t has the page in hand locked.
func (s *State) hasPage(t F) F { return And(Ne(s.T.Page(t), "None"), Eq(s.P.Lock(s.T.Page(t)), t)) }

var lockConjuncts = []Conjunct{
	{"HeldIsLocked", "A thread holds the lock that its register names, and no other.", func(s *State) F {
		return And(All2(Object, Thread, func(a, t F) F { return Imp(Eq(s.A.Lock(a), t), Ne(t, "None"), Eq(s.T.Held(t), a)) }),
			All(Thread, func(t F) F { return Imp(Ne(s.T.Held(t), "None"), Eq(s.A.Lock(s.T.Held(t)), t)) }))
	}},
	{"ProcessHolds", "A process holds a lock exactly from LockAnon, LockAdjust or LockRoot to the unlock. It is that of the root of the live object in hand.", func(s *State) F {
		return eachMM(func(m F) F {
			held := Ne(s.T.Held(m), "None")
			return And(Iff(held, Or(s.at(m, slices.Concat(s.mmLocked, mmLocked)...), And(s.at(m, "LinkChain"), s.isOp(m, "Fault")),
				And(s.at(m, storeSteps...), Ne(s.V.Anon(s.T.VMA(m)), "None"), s.adjustLock(s, m)))),
				Imp(held, And(Eq(s.T.Held(m), s.A.Root(s.T.Anon(m))), s.A.Live(s.T.Anon(m)))))
		})
	}},
	{"WalkerFinds", "A lookup has a leaf and a root to lock: never none.", func(s *State) F {
		return eachWalker(func(w F) F {
			return And(Imp(s.at(w, "LockRoot", "TryRoot"), Ne(s.T.Root(w), "None")),
				Imp(Not(s.at(w, "Idle", "LockPage", "ReadMapping", "UnlockPage")), Ne(s.T.Anon(w), "None")))
		})
	}},
	{"LiveHasRoot", "A live object has a root.", func(s *State) F {
		return All(Object, func(a F) F { return Imp(s.A.Live(a), And(Ne(s.A.Root(a), "None"), Ne(a, "None"))) })
	}},
	{"MappingHasRoot", "So has one that a page names, even if it is free by now: the root outlives the object.", func(s *State) F {
		return All(Page, func(p F) F { return Imp(Ne(s.P.Mapping(p), "None"), Ne(s.A.Root(s.P.Mapping(p)), "None")) })
	}},
	{"LeafHasRoot", "So has one that a thread has in hand.", func(s *State) F {
		return All(Thread, func(t F) F { return Imp(Ne(s.T.Anon(t), "None"), Ne(s.A.Root(s.T.Anon(t)), "None")) })
	}},
	{"InsideHolds", "Who is inside a family holds its lock.", func(s *State) F {
		return All(Thread, func(t F) F { return Imp(Ne(s.inside(t), "None"), Eq(s.T.Held(t), s.inside(t))) })
	}},
	{"LinkStays", "What a process has locked to link an area stays: nobody will free it.", func(s *State) F {
		return All2(Thread, Thread, func(m, t F) F {
			return Imp(isMM.Of(m), s.at(m, "LinkChain", "LinkList"), Ne(s.T.Held(m), "None"), Not(s.toFree(t, s.T.Held(m))))
		})
	}},
	{"PageLock", "Who has the lock of a page has the page in hand.", func(s *State) F {
		return All2(Page, Thread, func(p, t F) F { return Imp(Eq(s.P.Lock(p), t), Ne(t, "None"), And(Eq(s.T.Page(t), p), Ne(p, "None"))) })
	}},
	{"ProcessPageLock", "A write fault has a page, and locks it from LockPage to UnlockPage.", func(s *State) F {
		return eachMM(func(m F) F {
			return And(Iff(s.hasPage(m), s.at(m, "CheckOwn", "MovePage", "AllowWrite", "UnlockPage")), Iff(s.phase(m, "Cow"), Ne(s.T.Page(m), "None")))
		})
	}},
	{"WalkerPageLock", "A migration has its page locked from its first step to its last; no other walker locks a page.", func(s *State) F {
		return eachWalker(func(w F) F { return Iff(s.hasPage(w), And(s.isOp(w, "Migrate"), Not(s.at(w, "LockPage")))) })
	}},
}
