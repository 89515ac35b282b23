package proof

// Part 2: whose an area is, and which addresses it has.

var areaConjuncts = []Conjunct{
	{"AreaOrNone", "An area is some process's. A name without an area has no anon_vma, no chain and no address.", func(s *State) F {
		return All(VMA, func(v F) F {
			return If(Eq(s.V.Life(v), "Unborn"), And(Eq(s.V.Anon(v), "None"), s.noChain(v), All(Slot, func(i F) F { return Not(s.V.Has(v, i)) })),
				And(Ne(v, "None"), Is(s.V.Life(v), "Mapped", "Detached"), isMM.Of(s.V.MM(v)), isMM.Of(s.V.By(v))))
		})
	}},
	{"Subject", "The area that a process faults in, or copies, is one of its own; one that the process destroys has left it.", func(s *State) F {
		return eachMM(func(m F) F {
			return And(Imp(Or(s.isOp(m, "Fault"), s.building(m)), s.isArea(s.T.VMA(m), m)), Imp(s.dooming(m), s.isDoomed(s.T.VMA(m), m)))
		})
	}},
	{"NewArea", "A new area is the child's in a fork and the process's own in a split. It is not the old one, and nobody else's until it is complete.", func(s *State) F {
		return eachMM(func(m F) F {
			v := s.T.New(m)
			return Imp(Ne(v, "None"), And(s.building(m), Ne(v, s.T.VMA(m)), Imp(s.isOp(m, "Fork"), Eq(s.V.MM(v), s.T.Child(m))), Imp(s.splitting(m), Eq(s.V.MM(v), m)),
				If(s.past(m, "CopyEntry", "UnlockAdjust"), Eq(s.V.Life(v), "Mapped"), And(Eq(s.V.Life(v), "Detached"), Eq(s.V.By(v), m)))))
		})
	}},
	{"Child", "A fork has a child: another process, which is idle. No two forks have one child.", func(s *State) F {
		return And(eachMM(func(m F) F {
			return And(Iff(s.isOp(m, "Fork"), Ne(s.T.Child(m), "None")),
				Imp(s.isOp(m, "Fork"), And(isMM.Of(s.T.Child(m)), s.at(s.T.Child(m), "Idle"), Ne(s.T.Child(m), m))))
		}), All2(Thread, Thread, func(m, n F) F { return Imp(Ne(s.T.Child(m), "None"), Eq(s.T.Child(m), s.T.Child(n)), Eq(m, n)) }))
	}},
	{"By", "Who builds or destroys an area is known: a mapped area is its process's; a detached one is being destroyed by its process, or is the new area of one.", func(s *State) F {
		return All(VMA, func(v F) F {
			by := s.V.By(v)
			return And(Imp(Eq(s.V.Life(v), "Mapped"), Eq(by, s.V.MM(v))),
				Imp(Eq(s.V.Life(v), "Detached"), Or(And(s.dooming(by), Eq(s.V.MM(v), by), Ne(s.T.New(by), v)), And(s.building(by), Eq(s.T.New(by), v)))))
		})
	}},
	{"Done", "A fork has copied the area in hand from CopyVMA on. Who is in no fork has copied nothing.", func(s *State) F {
		return And(eachMM(func(m F) F { return Imp(s.isOp(m, "Fork"), Iff(s.T.Done(m, s.T.VMA(m)), Not(s.at(m, "CopyVMA")))) }),
			All2(Thread, VMA, func(m, v F) F { return Imp(s.T.Done(m, v), s.isOp(m, "Fork")) }))
	}},
	{"Disjoint", "No two areas of one process have an address in common.", func(s *State) F {
		return All3(VMA, VMA, Slot, func(u, v, i F) F {
			return Imp(Eq(s.V.Life(u), "Mapped"), Eq(s.V.Life(v), "Mapped"), Eq(s.V.MM(u), s.V.MM(v)), s.V.Has(u, i), s.V.Has(v, i), Eq(u, v))
		})
	}},
	{"NewDisjoint", "Nor has a new area one in common with another; but in a split it is a part of the old one, until that is cut.", func(s *State) F {
		return All3(Thread, VMA, Slot, func(m, u, i F) F {
			v := s.T.New(m)
			return Imp(isMM.Of(m), Ne(v, "None"), Eq(s.V.Life(u), "Mapped"), Eq(s.V.MM(u), s.V.MM(v)), s.V.Has(u, i), s.V.Has(v, i),
				Or(Eq(u, v), And(s.splitting(m), Eq(u, s.T.VMA(m)), Not(s.at(m, "StorePgoff")))))
		})
	}},
	{"DoomedDisjoint", "Nor has a dying area one in common with one that stays.", func(s *State) F {
		return All4(Thread, VMA, VMA, Slot, func(m, u, v, i F) F {
			return Imp(isMM.Of(m), s.dooming(m), s.isDoomed(u, m), Eq(s.V.Life(v), "Mapped"), Eq(s.V.MM(v), m), s.V.Has(u, i), Not(s.V.Has(v, i)))
		})
	}},
	{"Cut", "In a split the new area has the old one's addresses on its side of the cut; after the first store the old one has none of these.", func(s *State) F {
		return All2(Thread, Slot, func(m, i F) F {
			side := Ne(s.isOp(m, "SplitBelow"), atMost.Of(s.T.Slot(m), i))
			has, old := s.V.Has(s.T.New(m), i), s.V.Has(s.T.VMA(m), i)
			return Imp(isMM.Of(m), s.splitting(m), Ne(s.T.New(m), "None"), And(
				Imp(Not(s.past(m, "StorePgoff", "UnlockAdjust")), Iff(has, And(old, side))),
				Imp(s.past(m, "StorePgoff", "UnlockAdjust"), And(Imp(has, side), Imp(old, Not(side))))))
		})
	}},
	{"CutOffsets", "The offsets of the two parts agree: a page is at the same address by either. Between start and pgoff the old area's do not fit.", func(s *State) F {
		return eachMM(func(m F) F {
			v, n := s.T.VMA(m), s.T.New(m)
			return Imp(s.splitting(m), Ne(n, "None"), And(
				Imp(s.at(m, "StorePgoff"), Eq(s.V.Start(v), s.T.Slot(m))),
				Imp(s.isOp(m, "SplitBelow"), Not(s.past(m, "StorePgoff", "UnlockAdjust")), And(Eq(s.V.Start(v), s.V.Start(n)), Eq(s.V.Pgoff(v), s.V.Pgoff(n)))),
				Imp(s.isOp(m, "SplitAbove"), All(Index, func(x F) F {
					return Eq(address.Of(s.V.Start(n), s.V.Pgoff(n), x), address.Of(s.V.Start(v), s.V.Pgoff(v), x))
				}))))
		})
	}},
	{"ForkedExtent", "A copy in a fork has the original's addresses and offsets.", func(s *State) F {
		return eachMM(func(m F) F {
			v, n := s.T.VMA(m), s.T.New(m)
			return Imp(s.isOp(m, "Fork"), Ne(n, "None"), And(Eq(s.V.Start(n), s.V.Start(v)), Eq(s.V.Pgoff(n), s.V.Pgoff(v)), All(Slot, func(i F) F { return Iff(s.V.Has(n, i), s.V.Has(v, i)) })))
		})
	}},
	{"ForkedRest", "What a fork has not copied, no area of the child has.", func(s *State) F {
		return All4(Thread, VMA, VMA, Slot, func(m, u, v, i F) F {
			return Imp(isMM.Of(m), s.isOp(m, "Fork"), s.isArea(v, m), Not(s.T.Done(m, v)), s.V.Has(v, i), Eq(s.V.MM(u), s.T.Child(m)), Is(s.V.Life(u), "Mapped", "Detached"), Not(s.V.Has(u, i)))
		})
	}},
}
