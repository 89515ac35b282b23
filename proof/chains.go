package proof

// Part 3: chains and lists. Every anon_vma of a chain has one root, which is the chain's
// tail: so whoever has the lock of the root has the lock of all lists that the area is on.

// inTransit: the chain entry of v and a is in the hand of its process, which has put it on
// the chain and not yet on the list, or taken it off the list and not yet off the chain.
func (s *State) inTransit(m, v, a F) F {
	return And(Eq(s.T.Anon(m), a), Or(And(s.building(m), Eq(s.T.New(m), v), s.at(m, "LockAnon", "LinkList")),
		And(s.isOp(m, "Fault"), Eq(s.T.VMA(m), v), s.at(m, "LinkList")), And(s.dooming(m), Eq(s.T.VMA(m), v), s.at(m, s.offList()...))))
}

// leaving: the chain entry is about to go, and its object may be free already.
func (s *State) leaving(v, a F) F {
	m := s.V.By(v)
	if s.trees { // of the entries that are left the first, past its put
		return And(s.dooming(m), Eq(s.T.VMA(m), v), Eq(s.T.Kept(m), a), s.hasPut(m))
	}
	return And(Or(s.at(m, "UnlinkChain"), And(s.at(m, "PutAnon"), Not(s.T.Empty(m)))), Eq(s.T.Anon(m), a), Eq(s.T.VMA(m), v))
}

// hasPut: process m, whose chain has left its trees, has put the anon_vma of the entry in hand.
func (s *State) hasPut(m F) F {
	return Or(s.at(m, "UnlinkChain", "CheckUnlocked", "LockRoot", "UnlockRoot", "FreeAnon"), And(s.at(m, "PutAnon"), Ne(s.T.Ref(m), "None")))
}

var chainConjuncts = []Conjunct{
	{"Tail", "A chain that has an entry has a tail.", func(s *State) F {
		return All2(VMA, Object, func(v, a F) F { return Imp(s.V.Chain(v, a), And(Ne(a, "None"), s.V.Chain(v, s.V.Tail(v)))) })
	}},
	{"ChainOrder", "The order of a chain is one, and its tail is the oldest.", func(s *State) F {
		return And(
			All3(VMA, Object, Object, func(v, a, b F) F {
				return Imp(s.V.Newer(v, a, b), And(s.V.Chain(v, a), s.V.Chain(v, b), Ne(a, b), Not(s.V.Newer(v, b, a))))
			}),
			All3(VMA, Object, Object, func(v, a, b F) F {
				return Imp(s.V.Chain(v, a), s.V.Chain(v, b), Or(Eq(a, b), s.V.Newer(v, a, b), s.V.Newer(v, b, a)))
			}),
			All4(VMA, Object, Object, Object, func(v, a, b, c F) F { return Imp(s.V.Newer(v, a, b), s.V.Newer(v, b, c), s.V.Newer(v, a, c)) }),
			All2(VMA, Object, func(v, a F) F { return Imp(s.V.Chain(v, a), Or(Eq(a, s.V.Tail(v)), s.V.Newer(v, a, s.V.Tail(v)))) }))
	}},
	{"OwnOnChain", "A mapped area's own anon_vma is on its chain; without one it has no chain.", func(s *State) F {
		return All(VMA, func(v F) F {
			return Imp(Eq(s.V.Life(v), "Mapped"), If(Eq(s.V.Anon(v), "None"), s.noChain(v), s.V.Chain(v, s.V.Anon(v))))
		})
	}},
	{"ListedOnChain", "An area that is on the list of an anon_vma has that on its chain, and is mapped, being built or dying.", func(s *State) F {
		return All2(Object, VMA, func(a, v F) F {
			return Imp(s.A.List(a, v), And(s.V.Chain(v, a), Is(s.V.Life(v), "Mapped", "Detached")))
		})
	}},
	{"ChainOnList", "A chain entry is on its list, but for the one that its process has in hand between the two.", func(s *State) F {
		return All2(VMA, Object, func(v, a F) F { return Imp(s.V.Chain(v, a), Iff(Not(s.A.List(a, v)), s.inTransit(s.V.By(v), v, a))) })
	}},
	{"OneRootOnChain", "All anon_vmas of a chain are live and have one root, its tail; but for the one that is leaving.", func(s *State) F {
		return All2(VMA, Object, func(v, a F) F {
			return Imp(s.V.Chain(v, a), Not(s.leaving(v, a)), And(s.A.Live(a), Eq(s.A.Root(a), s.V.Tail(v))))
		})
	}},
	{"EntryInHand", "The chain entry in the hand of a process is where its step says: on the chain, on the list, or on neither.", func(s *State) F {
		return eachMM(func(m F) F {
			v, a, fault, doom := s.T.VMA(m), s.T.Anon(m), s.isOp(m, "Fault"), s.dooming(m)
			early := s.at(m, "AllocAnon", "LockAnon", "LinkChain")
			return And(
				Imp(s.at(m, "LinkList"), And(s.V.Chain(s.linked(m), a), Eq(s.V.By(s.linked(m)), m))),
				Imp(s.at(m, "LockAnon"), s.building(m), s.V.Chain(s.T.New(m), a)),
				Imp(s.at(m, "UnlockAnon"), Not(doom), s.A.List(a, s.linked(m))),
				Imp(doom, Or(s.at(m, s.offList()...), s.at(m, "LockAnon", "UnlinkList")), And(s.V.Chain(v, a), Eq(s.V.By(v), m), Imp(Eq(a, s.V.Tail(v)), s.only(v, a)))),
				Imp(doom, s.at(m, "LockAnon", "UnlinkList"), s.A.List(a, v)),
				Imp(fault, Iff(early, Eq(s.V.Anon(v), "None"))),
				Imp(fault, s.at(m, "LinkList", "UnlockAnon"), And(Eq(s.V.Anon(v), a), Eq(s.V.Tail(v), a), s.only(v, a))),
				Imp(doom, s.at(m, "FreeVMA"), s.noChain(v)))
		})
	}},
	{"NewestInHand", "A dying area has the newest entry of its chain in hand.", func(s *State) F {
		return All2(Thread, Object, func(m, b F) F {
			v, a := s.T.VMA(m), s.T.Anon(m)
			return Imp(isMM.Of(m), s.dooming(m), Or(s.at(m, s.offList()...), s.at(m, "LockAnon", "UnlinkList")), s.V.Chain(v, b), Ne(b, a), s.V.Newer(v, a, b))
		})
	}},
	{"CloneInHand", "The clone loop has an entry of the source in hand, and the copy's chain has that not yet. It begins with the tail.", func(s *State) F {
		return eachMM(func(m F) F {
			v, n, a := s.T.VMA(m), s.T.New(m), s.T.Anon(m)
			return Imp(s.building(m), Ne(n, "None"), And(
				Imp(s.T.Cloning(m), And(s.V.Chain(v, a), Ne(s.V.Anon(v), "None"))),
				Imp(s.T.Cloning(m), s.at(m, "LinkChain"), And(Not(s.V.Chain(n, a)), Iff(Eq(a, s.V.Tail(v)), s.noChain(n)))),
				Imp(s.isOp(m, "Fork"), Ne(s.V.Anon(v), "None"))))
		})
	}},
	{"CloneLikeSource", "The copy's chain is a part of the source's with the same tail, and all of it when the loop is over. A fork's copy has its own anon_vma, too.", func(s *State) F {
		return All2(Thread, Object, func(m, a F) F {
			v, n := s.T.VMA(m), s.T.New(m)
			return Imp(isMM.Of(m), s.building(m), Ne(n, "None"), And(
				Imp(s.V.Chain(n, a), Eq(s.V.Tail(n), s.V.Tail(v))),
				Imp(s.V.Chain(n, a), Or(s.T.Cloning(m), s.splitting(m), Ne(a, s.V.Anon(n))), s.V.Chain(v, a)),
				Imp(Not(s.T.Cloning(m)), s.V.Chain(v, a), s.V.Chain(n, a))))
		})
	}},
	{"CloneOrder", "The copy's chain is in the source's order. What is not cloned yet is newer, and the oldest of that is in hand.", func(s *State) F {
		return All3(Thread, Object, Object, func(m, a, b F) F {
			v, n := s.T.VMA(m), s.T.New(m)
			return Imp(isMM.Of(m), s.building(m), Ne(n, "None"), s.V.Chain(v, a), s.V.Chain(v, b), And(
				Imp(s.V.Chain(n, a), s.V.Chain(n, b), Iff(s.V.Newer(n, a, b), s.V.Newer(v, a, b))),
				Imp(Not(s.V.Chain(n, a)), s.V.Chain(n, b), s.V.Newer(v, a, b)),
				Imp(s.T.Cloning(m), s.at(m, "LinkChain"), Not(s.V.Chain(n, a)), Ne(a, s.T.Anon(m)), s.V.Newer(v, a, s.T.Anon(m)))))
		})
	}},
	{"SplitAnon", "The new area of a split has the old one's anon_vma, whose lock is taken for the stores.", func(s *State) F {
		return eachMM(func(m F) F {
			own := s.V.Anon(s.T.VMA(m))
			stores := Or(s.at(m, storeSteps...), s.at(m, "UnlockAdjust"))
			return Imp(s.splitting(m), And(Imp(Ne(s.T.New(m), "None"), Eq(s.V.Anon(s.T.New(m)), own)),
				Imp(Or(stores, s.at(m, "LockAdjust")), s.adjustLock(s, m), Eq(s.T.Anon(m), own)), Imp(s.at(m, "LockAdjust", "UnlockAdjust"), s.adjustLock(s, m)), Imp(s.at(m, "LockAdjust", "UnlockAdjust"), Ne(own, "None"))))
		})
	}},
	{"ForkOwn", "The child's own anon_vma is allocated after the clone: a live child of the source's root, on no chain but the copy's, and it keeps the root before it is linked.", func(s *State) F {
		return eachMM(func(m F) F {
			v, n, a := s.T.VMA(m), s.T.New(m), s.T.Anon(m)
			own := Not(s.T.Cloning(m))
			return Imp(s.isOp(m, "Fork"), And(
				Imp(Or(s.T.Cloning(m), s.at(m, "AllocAnon")), Eq(s.V.Anon(n), "None")),
				Imp(own, s.at(m, "PinRoot", "LinkChain", "LockAnon", "LinkList", "UnlockAnon"), And(Eq(s.V.Anon(n), a), Ne(a, "None"), s.A.Live(a), Ne(s.A.Root(a), a), Eq(s.A.Root(a), s.V.Tail(v)), Not(s.V.Chain(v, a)))),
				Imp(own, s.at(m, "PinRoot", "LinkChain"), Not(s.V.Chain(n, a))),
				Imp(own, s.at(m, "LinkChain", "LockAnon", "LinkList", "UnlockAnon"), s.A.Pins(a)),
				Imp(s.at(m, "CopyEntry"), s.V.Chain(n, s.V.Anon(n)))))
		})
	}},
	{"Prepare", "A fault links its area to a root: a new one, or a neighbour's own, which keeps it.", func(s *State) F {
		return eachMM(func(m F) F {
			u, a := s.T.Near(m), s.T.Anon(m)
			return And(Imp(s.isOp(m, "Fault"), s.at(m, "LockAnon", "LinkChain", "LinkList"), And(s.A.Live(a), Eq(s.A.Root(a), a), Ne(a, "None"),
				Imp(Ne(u, "None"), And(s.isArea(u, m), Ne(u, s.T.VMA(m)), Eq(s.V.Anon(u), a), s.only(u, a))))),
				Imp(Ne(u, "None"), And(s.isOp(m, "Fault"), s.at(m, "LockAnon", "LinkChain", "LinkList", "UnlockAnon"))))
		})
	}},
	{"ForkOwnAlone", "No mapped area has the child's own anon_vma as its own before the copy is complete.", func(s *State) F {
		return All2(Thread, VMA, func(m, u F) F {
			return Imp(isMM.Of(m), s.isOp(m, "Fork"), Not(s.T.Cloning(m)), s.at(m, "PinRoot", "LinkChain", "LockAnon", "LinkList", "UnlockAnon"), Eq(s.V.Life(u), "Mapped"), Ne(s.V.Anon(u), s.T.Anon(m)))
		})
	}},
	{"OneChain", "Areas of one process with one anon_vma have one chain.", func(s *State) F {
		alike := func(u, v F) F {
			return And(Eq(s.V.Life(u), "Mapped"), Eq(s.V.Life(v), "Mapped"), Eq(s.V.MM(u), s.V.MM(v)), Ne(s.V.Anon(u), "None"), Eq(s.V.Anon(u), s.V.Anon(v)))
		}
		return And(All3(VMA, VMA, Object, func(u, v, a F) F {
			return By(Imp(alike(u, v), s.V.Chain(u, a), s.V.Chain(v, a)), s.V.Chain(u, a), s.V.Anon(v))
		}), All4(VMA, VMA, Object, Object, func(u, v, a, b F) F {
			return By(Imp(alike(u, v), s.V.Newer(u, a, b), s.V.Newer(v, a, b)), s.V.Newer(u, a, b), s.V.Anon(v))
		}))
	}},
	{"Order", "The order of a list is one: of two areas on it one comes before the other.", func(s *State) F {
		return And(
			All3(Object, VMA, VMA, func(a, u, v F) F {
				return Imp(s.A.Before(a, u, v), And(s.A.List(a, u), s.A.List(a, v), Ne(u, v), Not(s.A.Before(a, v, u))))
			}),
			All3(Object, VMA, VMA, func(a, u, v F) F {
				return Imp(s.A.List(a, u), s.A.List(a, v), Or(Eq(u, v), s.A.Before(a, u, v), s.A.Before(a, v, u)))
			}),
			All4(Object, VMA, VMA, VMA, func(a, u, v, w F) F { return Imp(s.A.Before(a, u, v), s.A.Before(a, v, w), s.A.Before(a, u, w)) }))
	}},
	{"ChildBehind", "On a list a copy comes behind the original: a walk that comes to the copy first would miss an entry that a fork copies, or a split hands over, behind its back.", func(s *State) F {
		return All2(Thread, Object, func(m, a F) F {
			v, n := s.T.VMA(m), s.T.New(m)
			return Imp(isMM.Of(m), s.building(m), Ne(n, "None"), s.A.List(a, n), s.A.List(a, v), s.A.Before(a, v, n))
		})
	}},
}
