package proof

import "slices"

// What the invariant has for RwsemRoot alone, or says otherwise.

// also are conjuncts of a list, by name.
func also(list []Conjunct, names ...string) (some []Conjunct) {
	for _, c := range list {
		if slices.Contains(names, c.Name) {
			some = append(some, c)
		}
	}
	return some
}

// section: a process takes a dying area out of its trees, or has just done that.
func (s *State) section(m F) F {
	return And(s.dooming(m), s.at(m, "UnlinkList", "UnlockAnon"))
}

// second: it is past that, and puts what the area was the last to use.
func (s *State) second(m F) F {
	return And(s.dooming(m), s.at(m, slices.Concat(s.putSteps, []string{"UnlinkChain"})...))
}

// out: a process has taken the area in hand out of its trees, to store its extent.
func (s *State) out(m F) F {
	return And(s.splitting(m), s.at(m, slices.Concat(storeSteps, []string{"PutBack"})...))
}

// left: the tree of a is empty, and the chain entry of v and a, the last that it had, stands until
// a is put.
func (s *State) left(v, a F) F {
	m := s.V.By(v)
	return And(s.V.Chain(v, a), Eq(s.T.VMA(m), v), Not(s.leaving(v, a)), Or(s.second(m), And(s.section(m), Not(s.A.List(a, v)))))
}

// linking: a fork links a clone, with the lock.
func (s *State) linking(m F) F {
	return And(s.isOp(m, "Fork"), Ne(s.T.Root(m), "None"), s.at(m, "LinkList", "UnlockAnon"))
}

// childOf: a counts child c.
func (s *State) childOf(c, a F) F { return And(s.A.Counted(c), Eq(s.A.Parent(c), a)) }

// unlinking: the process of v takes it out of its trees, with the lock.
func (s *State) unlinking(v F) F {
	m := s.V.By(v)
	return And(s.dooming(m), s.at(m, "UnlinkList"), Eq(s.T.VMA(m), v))
}

// unplanted: v is linked to a, and not in its tree.
func (s *State) unplanted(v, a F) F {
	m := s.V.By(v)
	return Or(And(s.building(m), Eq(s.T.New(m), v), s.at(m, "LinkChain", "LockAnon", "LinkList")),
		And(s.isOp(m, "Fault"), Eq(s.T.VMA(m), v), Eq(s.T.Anon(m), a), s.at(m, "LinkList")),
		And(s.out(m), Eq(s.T.VMA(m), v)), And(Or(s.section(m), s.second(m)), Eq(s.T.VMA(m), v)))
}

var treeThreads = slices.Concat(also(countedThreads, "LookupSteps"), []Conjunct{
	{"TreeSteps", "A split alone takes an area out of its trees. Its anon_vma tells the lock.", func(s *State) F {
		return eachMM(func(m F) F {
			return Imp(s.at(m, "TakeOut", "PutBack"), And(s.splitting(m), Ne(s.T.New(m), "None"), Eq(s.T.Anon(m), s.V.Anon(s.T.VMA(m))), Ne(s.T.Anon(m), "None")))
		})
	}},
	{"Cloning", "A process clones a chain between CopyVMA or AllocAnon and the last LinkList of the clone, and has a new area from CopyVMA on. A fork keeps an anon_vma aside meanwhile.", func(s *State) F {
		return eachMM(func(m F) F {
			linking := s.at(m, "LinkChain", "LockAnon", "LinkList")
			return And(Imp(s.T.Cloning(m), And(s.building(m), linking)), Imp(s.splitting(m), linking, s.T.Cloning(m)),
				Iff(Ne(s.T.New(m), "None"), And(s.building(m), Not(s.at(m, "CopyVMA")))),
				Imp(s.isOp(m, "Fork"), s.T.Cloning(m), Ne(s.T.Root(m), "None")),
				Imp(s.isOp(m, "Fork"), Ne(s.T.Root(m), "None"), Or(s.T.Cloning(m), s.at(m, "UnlockAnon", "LockRoot", "UnlockRoot", "FreeAnon"))))
		})
	}},
	{"ProcessFlags", "A process will free the object in hand from the put that found it the last until it has. It has noted the root, and put its own reference before.", func(s *State) F {
		return eachMM(func(m F) F {
			freeing := s.at(m, "CheckUnlocked", "LockRoot", "UnlockRoot", "FreeAnon")
			return And(Not(s.T.Last(m)), Iff(s.T.Empty(m), freeing), Imp(s.T.Empty(m), Ne(s.T.Anon(m), "None")),
				Imp(s.at(m, "LockRoot", "UnlockRoot", "FreeAnon"), Ne(s.T.Root(m), "None")), Imp(s.at(m, "PutAnon", "CheckUnlocked"), Eq(s.T.Root(m), "None")),
				Imp(s.dooming(m), Ne(s.T.Root(m), "None"), freeing), Imp(Or(s.isOp(m, "Fault"), s.splitting(m)), Eq(s.T.Root(m), "None")))
		})
	}},
	{"KeptPlace", "Of a chain that has left its trees a process has the entry in hand whose anon_vma it puts: the first.", func(s *State) F {
		return eachMM(func(m F) F {
			return And(Iff(Ne(s.T.Kept(m), "None"), s.second(m)), Imp(s.second(m), And(s.V.Chain(s.T.VMA(m), s.T.Kept(m)), Eq(s.V.Anon(s.T.VMA(m)), "None"))),
				Imp(s.dooming(m), s.at(m, "PutAnon"), Eq(s.T.Ref(m), "None"), Eq(s.T.Anon(m), s.T.Kept(m))))
		})
	}},
	{"WalkerSteps", "A walker takes each step only in the operations and phases that have it, with a page where the operation is about one.", func(s *State) F {
		return eachWalker(func(w F) F {
			return And(s.at(w, s.walkerSteps()...), s.isOp(w, "None", "Walk", "Migrate", "WalkPinned", "Unpin"),
				Imp(s.isOp(w, "Walk"), s.phase(w, "Plain")), Imp(s.isOp(w, "Unpin"), s.phase(w, "Put")), Imp(s.isOp(w, "WalkPinned"), s.phase(w, "Pinned")),
				Imp(s.isOp(w, "Migrate"), s.phase(w, "Get", "One", "Two", "Put")),
				Eq(s.T.New(w), "None"), Eq(s.T.Child(w), "None"), Not(s.T.Cloning(w)), Eq(s.T.Near(w), "None"), Eq(s.T.Kept(w), "None"), Not(s.T.Last(w)),
				Imp(s.at(w, "LockPage"), s.phase(w, "Get", "Plain")), Imp(s.at(w, "UnlockPage"), s.phase(w, "Get", "Put", "Plain")), Imp(s.at(w, "LockPage", "UnlockPage"), s.isOp(w, "Walk", "Migrate")),
				Imp(s.at(w, "ReadMapping"), s.phase(w, "Plain", "Get", "One", "Two")),
				Imp(s.at(w, "CheckMapped", "RecheckMapped"), s.phase(w, "Plain", "Get", "One")), Imp(s.at(w, "ReadPgoff"), Not(s.phase(w, "Pinned"))),
				Imp(s.at(w, walkSteps...), s.phase(w, "Plain", "One", "Two", "Pinned")),
				Imp(s.phase(w, "One", "Two", "Pinned"), Ne(s.T.Pin(w), "None")),
				Iff(s.isOp(w, "Walk", "Migrate"), Ne(s.T.Page(w), "None")))
		})
	}},
	{"WalkerFlags", "A walker will free an object from the put that found it the last until it has.", func(s *State) F {
		return eachWalker(func(w F) F {
			root := s.T.Root(w)
			return And(Imp(s.T.Empty(w), And(Ne(s.T.Anon(w), "None"), s.at(w, "CheckUnlocked", "LockRoot", "UnlockRoot", "FreeAnon"))),
				Imp(s.at(w, "CheckUnlocked", "FreeAnon"), s.T.Empty(w)), Imp(s.at(w, "LockRoot", "TryRoot", "FreeAnon"), Ne(root, "None")), Imp(s.at(w, "PutAnon", "CheckUnlocked"), Eq(root, "None")),
				Imp(s.phase(w, "Put"), s.at(w, "LockRoot", "UnlockRoot"), And(s.T.Empty(w), Ne(root, "None"))),
				Imp(s.at(w, "GetUnlessZero", "RecheckMapped"), Ne(s.phase(w, "Get"), Ne(root, "None"))))
		})
	}},
})

var treeChains = []Conjunct{
	{"Family", "What is linked, or being linked, belongs to a family: V.Tail names its root. A copy belongs to the original's.", func(s *State) F {
		return And(All(VMA, func(v F) F {
			return And(Imp(Ne(s.V.Anon(v), "None"), Ne(s.V.Tail(v), "None")), Imp(Eq(s.V.Life(v), "Unborn"), Eq(s.V.Tail(v), "None")),
				Or(Iff(Eq(s.V.Anon(v), "None"), Eq(s.V.Tail(v), "None")), And(s.building(s.V.By(v)), Eq(s.T.New(s.V.By(v)), v), Eq(s.V.Life(v), "Detached"))))
		}),
			eachMM(func(m F) F { return Imp(Ne(s.T.New(m), "None"), Eq(s.V.Tail(s.T.New(m)), s.V.Tail(s.T.VMA(m)))) }))
	}},
	{"ChainOrder", "The order of a chain is one.", func(s *State) F {
		return All3(VMA, Object, Object, func(v, a, b F) F {
			return Imp(s.V.Newer(v, a, b), And(s.V.Chain(v, a), s.V.Chain(v, b), Ne(a, b), Not(s.V.Newer(v, b, a))))
		})
	}},
	{"KeptNewest", "The entry in hand of a chain that has left its trees is the newest.", func(s *State) F {
		return All2(Thread, Object, func(m, b F) F {
			v, a := s.T.VMA(m), s.T.Kept(m)
			return Imp(isMM.Of(m), s.second(m), s.V.Chain(v, b), Ne(b, a), s.V.Newer(v, a, b))
		})
	}},
	{"ChainNotNone", "None is on no chain.", func(s *State) F { return All(VMA, func(v F) F { return Not(s.V.Chain(v, None(Object))) }) }},
	{"ChainOnList", "What an area is linked to has it in its tree; but for what is just being linked or unlinked, or out for a store.", func(s *State) F {
		return All2(VMA, Object, func(v, a F) F { return Imp(s.V.Chain(v, a), Or(s.A.List(a, v), s.unplanted(v, a))) })
	}},
	{"OneRootOnChain", "All anon_vmas of a chain are live and of one family, until they have left their trees.", func(s *State) F {
		return All2(VMA, Object, func(v, a F) F {
			return Imp(s.V.Chain(v, a), Ne(s.V.Tail(v), "None"), And(s.A.Live(a), Eq(s.A.Root(a), s.V.Tail(v))))
		})
	}},
	{"DoomedLinked", "A dying area has its anon_vma until it has left its trees, and until then it is in all of them.", func(s *State) F {
		return And(eachMM(func(m F) F {
			v := s.T.VMA(m)
			return Imp(s.dooming(m), And(Imp(s.at(m, "LockAnon", "UnlinkList"), And(Ne(s.V.Anon(v), "None"), Eq(s.V.By(v), m))), Imp(s.at(m, "UnlockAnon", "FreeVMA"), Eq(s.V.Anon(v), "None")),
				Imp(s.at(m, "UnlinkList"), And(s.V.Chain(v, s.T.Anon(m)), s.A.List(s.T.Anon(m), v))), Imp(s.at(m, "LockAnon"), Eq(s.T.Anon(m), s.V.Anon(v))),
				Imp(s.at(m, "FreeVMA"), s.noChain(v)), Imp(Or(s.section(m), s.second(m)), Eq(s.V.By(v), m))))
		}), All(VMA, func(v F) F {
			m := s.V.By(v)
			return Imp(Eq(s.V.Life(v), "Detached"), s.dooming(m), Or(Ne(v, s.T.VMA(m)), s.at(m, "LockAnon", "ZapEntry")), If(Eq(s.V.Anon(v), "None"), s.noChain(v), s.V.Chain(v, s.V.Anon(v))))
		}))
	}},
	{"UnlinkedNoList", "Past that it is in no tree; nor is one that is out for a store.", func(s *State) F {
		return All2(Thread, Object, func(m, a F) F {
			return Imp(isMM.Of(m), Or(And(s.dooming(m), Or(s.at(m, "UnlockAnon", "FreeVMA"), s.second(m))), s.out(m)), Not(s.A.List(a, s.T.VMA(m))))
		})
	}},
	{"OwnLinked", "An area's own anon_vma is of its family. The area is linked to it, or a split is about to; or it leaves its trees, and others are in that one's.", func(s *State) F {
		return All(VMA, func(v F) F {
			a := s.V.Anon(v)
			cloned := And(s.splitting(s.V.By(v)), Eq(s.T.New(s.V.By(v)), v))
			return Imp(Ne(a, "None"), And(Eq(s.A.Root(a), s.V.Tail(v)), Or(cloned, s.V.Chain(v, a), And(s.unlinking(v), Some(VMA, func(u F) F { return s.A.List(a, u) })))))
		})
	}},
	{"SectionOwn", "So it is when the area has left its trees, until the lock is free.", func(s *State) F {
		return eachMM(func(m F) F {
			a := s.T.Anon(m)
			return Imp(s.dooming(m), s.at(m, "UnlockAnon"), Or(s.V.Chain(s.T.VMA(m), a), Some(VMA, func(u F) F { return s.A.List(a, u) })))
		})
	}},
	{"EmptyNoList", "What it was the last to use has an empty tree.", func(s *State) F {
		return All3(VMA, VMA, Object, func(v, u, a F) F { return Imp(s.left(v, a), Not(s.A.List(a, u))) })
	}},
	{"EmptyUncounted", "Its parent does not count it.", func(s *State) F {
		return All2(VMA, Object, func(v, a F) F { return Imp(s.left(v, a), Not(s.A.Counted(a))) })
	}},
	{"EmptyAlone", "Nor is another area linked to it, but for one that has put it long ago.", func(s *State) F {
		return All3(VMA, VMA, Object, func(v, u, a F) F { return Imp(s.left(v, a), s.V.Chain(u, a), Ne(u, v), s.leaving(u, a)) })
	}},
	{"EntryInHand", "The chain entry in the hand of a process is where its step says: on the chain, in the tree, or in neither.", func(s *State) F {
		return eachMM(func(m F) F {
			v, a, fault := s.T.VMA(m), s.T.Anon(m), s.isOp(m, "Fault")
			early := s.at(m, "AllocAnon", "LockAnon", "LinkChain")
			return And(Imp(s.at(m, "LinkList"), And(s.V.Chain(s.linked(m), a), Not(s.A.List(a, s.linked(m))), Eq(s.V.By(s.linked(m)), m))),
				Imp(fault, Iff(early, Eq(s.V.Anon(v), "None"))),
				Imp(fault, s.at(m, "LinkList", "UnlockAnon"), And(Eq(s.V.Anon(v), a), s.only(v, a))))
		})
	}},
	{"CloneInHand", "The clone loop has an entry of the source in hand, and the copy's chain has that not yet.", func(s *State) F {
		return eachMM(func(m F) F {
			v, n, a := s.T.VMA(m), s.T.New(m), s.T.Anon(m)
			return Imp(s.building(m), Ne(n, "None"), And(
				Imp(s.T.Cloning(m), And(s.V.Chain(v, a), Ne(s.V.Anon(v), "None"))),
				Imp(s.T.Cloning(m), s.at(m, "LinkChain"), Not(s.V.Chain(n, a))), Imp(s.T.Cloning(m), s.at(m, "LockAnon"), Eq(a, s.V.Anon(v))),
				Imp(s.at(m, "AllocAnon"), s.noChain(n)), Imp(s.isOp(m, "Fork"), Ne(s.V.Anon(v), "None"))))
		})
	}},
	{"CloneNoList", "The copy is in no tree before LinkList.", func(s *State) F {
		return All2(Thread, Object, func(m, a F) F {
			return Imp(isMM.Of(m), s.building(m), Ne(s.T.New(m), "None"), Or(s.at(m, "AllocAnon"), And(s.T.Cloning(m), s.at(m, "LinkChain", "LockAnon"))), Not(s.A.List(a, s.T.New(m))))
		})
	}},
	{"CloneListed", "And in all past it.", func(s *State) F {
		return All2(Thread, Object, func(m, a F) F {
			n := s.T.New(m)
			return Imp(isMM.Of(m), s.building(m), Ne(n, "None"), Not(s.T.Cloning(m)), s.V.Chain(n, a), Or(s.A.List(a, n), And(Eq(a, s.T.Anon(m)), s.at(m, "LockAnon", "LinkList"))))
		})
	}},
	{"CloneLikeSource", "The copy's chain is a part of the source's, and all of it when the loop is over. A fork's copy has its own anon_vma, too, if that is no ancestor.", func(s *State) F {
		return All2(Thread, Object, func(m, a F) F {
			v, n := s.T.VMA(m), s.T.New(m)
			return Imp(isMM.Of(m), s.building(m), Ne(n, "None"), And(
				Imp(s.V.Chain(n, a), Or(s.V.Chain(v, a), And(s.isOp(m, "Fork"), Not(s.T.Cloning(m)), Eq(a, s.V.Anon(n))))),
				Imp(Not(And(s.T.Cloning(m), s.at(m, "LinkChain"))), Not(s.at(m, "AllocAnon")), s.V.Chain(v, a), s.V.Chain(n, a))))
		})
	}},
	{"SplitAnon", "The new area of a split has the old one's anon_vma, whose lock is taken for the stores.", func(s *State) F {
		return eachMM(func(m F) F {
			own := s.V.Anon(s.T.VMA(m))
			stores := Or(s.at(m, storeSteps...), s.at(m, "UnlockAdjust"))
			return Imp(s.splitting(m), And(Imp(Ne(s.T.New(m), "None"), Eq(s.V.Anon(s.T.New(m)), own)),
				Imp(Or(stores, s.at(m, "LockAdjust", "UnlockAnon")), Eq(s.T.Anon(m), own)), Imp(s.at(m, "LockAdjust", "UnlockAdjust", "UnlockAnon"), Ne(own, "None"))))
		})
	}},
	{"ForkOwn", "The child's own anon_vma is a live child of the family's root, on no chain but the copy's. The copy has none, or an ancestor, before the clone is over.", func(s *State) F {
		return eachMM(func(m F) F {
			v, n, a := s.T.VMA(m), s.T.New(m), s.T.Anon(m)
			own := And(Not(s.T.Cloning(m)), s.at(m, "LinkChain", "LockAnon", "LinkList"))
			return Imp(s.isOp(m, "Fork"), And(
				Imp(Or(s.at(m, "AllocAnon", "PinRoot"), And(s.T.Cloning(m), s.at(m, "LinkChain", "LockAnon"))), Eq(s.V.Anon(n), "None")),
				Imp(Or(own, s.at(m, "PinRoot")), And(Ne(a, "None"), s.A.Live(a), Not(s.V.Chain(v, a)))),
				Imp(s.at(m, "PinRoot"), Not(s.V.Chain(n, a))), Imp(s.at(m, s.putSteps...), And(s.A.Live(a), Eq(s.A.Root(a), a), Eq(s.T.Ref(m), "None"))),
				Imp(own, s.at(m, "LinkChain"), And(Eq(s.V.Anon(n), "None"), Not(s.V.Chain(n, a)))),
				Imp(own, And(s.A.Pins(a), Eq(s.A.Root(a), s.V.Tail(v)), Eq(s.A.Parent(a), s.V.Anon(v)))), Imp(own, s.at(m, "LockAnon", "LinkList"), And(Eq(s.V.Anon(n), a), s.V.Chain(n, a))),
				Imp(s.at(m, "UnlockAnon"), Eq(s.T.Root(m), "None"), And(Eq(s.V.Anon(n), a), Ne(a, "None"), s.V.Chain(n, a))),
				Imp(Ne(s.V.Anon(n), "None"), And(s.V.Chain(n, s.V.Anon(n)), Ne(s.V.Anon(n), s.V.Anon(v)))),
				Imp(Or(s.at(m, "CopyEntry"), s.at(m, s.putSteps...)), Ne(s.V.Anon(n), "None")),
				Imp(Ne(s.T.Root(m), "None"), s.at(m, "UnlockAnon"), Eq(a, s.V.Anon(v)))))
		})
	}},
	{"Prepare", "A fault links its area to a new root, or to a neighbour's own, which keeps it.", func(s *State) F {
		return eachMM(func(m F) F {
			u, a := s.T.Near(m), s.T.Anon(m)
			return And(Imp(s.isOp(m, "Fault"), s.at(m, "LockAnon", "LinkChain", "LinkList"), And(s.A.Live(a), Ne(a, "None"),
				Imp(Ne(u, "None"), And(s.isArea(u, m), Ne(u, s.T.VMA(m)), Eq(s.V.Anon(u), a), s.only(u, a))))),
				Imp(Ne(u, "None"), And(s.isOp(m, "Fault"), s.at(m, "LockAnon", "LinkChain", "LinkList", "UnlockAnon"))))
		})
	}},
	{"BuildAlone", "No other area has the copy's anon_vma as its own before the copy of a fork is complete; and none has a new object.", func(s *State) F {
		return All2(Thread, VMA, func(m, u F) F {
			n := s.T.New(m)
			return Imp(isMM.Of(m), s.isOp(m, "Fork"), Ne(n, "None"), Not(s.at(m, "CopyEntry")), Ne(s.V.Anon(n), "None"), Eq(s.V.Anon(u), s.V.Anon(n)), Eq(u, n))
		})
	}},
	{"TakenFree", "An ancestor that a fork has taken has at most one child that is counted, while the lock is held.", func(s *State) F {
		return All3(Thread, Object, Object, func(m, c, d F) F {
			a := s.V.Anon(s.T.New(m))
			return By(Imp(isMM.Of(m), s.linking(m), Ne(a, "None"), s.childOf(c, a), s.childOf(d, a), Eq(c, d)), s.T.New(m), s.A.Parent(c), s.A.Parent(d))
		})
	}},
	{"FreshNotOwn", "Nor has an area a new object, but for the one that it is made for.", func(s *State) F {
		return s.freshPart(func(m, a F) F { return All(VMA, func(u F) F { return Imp(Eq(s.V.Anon(u), a), Eq(u, s.linked(m))) }) })
	}},
	{"OneChain", "Areas of one process with one anon_vma are linked to the same.", func(s *State) F {
		return All3(VMA, VMA, Object, func(u, v, a F) F {
			return By(Imp(Eq(s.V.Life(u), "Mapped"), Eq(s.V.Life(v), "Mapped"), Eq(s.V.MM(u), s.V.MM(v)), Ne(s.V.Anon(u), "None"), Eq(s.V.Anon(u), s.V.Anon(v)), s.V.Chain(u, a), s.V.Chain(v, a)),
				s.V.Chain(u, a), s.V.Anon(v))
		})
	}},
	{"Sorted", "A tree is in the order of page offsets.", func(s *State) F {
		return All3(Object, VMA, VMA, func(a, u, v F) F { return Imp(s.A.Before(a, u, v), notBehind.Of(s.V.Pgoff(u), s.V.Pgoff(v))) })
	}},
	{"ChildBehind", "In a tree the copy of a fork comes behind the original: a walk that comes to the copy first would miss an entry that is copied behind its back.", func(s *State) F {
		return All2(Thread, Object, func(m, a F) F {
			v, n := s.T.VMA(m), s.T.New(m)
			return Imp(isMM.Of(m), s.isOp(m, "Fork"), Ne(n, "None"), s.A.List(a, n), s.A.List(a, v), s.A.Before(a, v, n))
		})
	}},
}

var treeReferences = slices.Concat(also(countedReferences, "ListedLive", "ListCounted", "ToFreeNoRef", "FreshCounted", "RefLive", "RefRoot"), []Conjunct{
	{"ChildrenKeep", "Every live child has a reference on its root.", func(s *State) F {
		return All(Object, func(a F) F { return Imp(s.A.Live(a), Ne(s.A.Root(a), a), s.A.Pins(a)) })
	}},
	{"ChainCounted", "The reference of the tree stands while an area is linked, until that has put it.", func(s *State) F {
		return All2(VMA, Object, func(v, a F) F { return Imp(s.V.Chain(v, a), Or(s.A.Listed(a), s.leaving(v, a))) })
	}},
	{"ToFreeChain", "It is on no chain but one that it is just leaving.", func(s *State) F {
		return All2(Thread, VMA, func(t, v F) F { return Imp(s.T.Empty(t), s.V.Chain(v, s.T.Anon(t)), s.leaving(v, s.T.Anon(t))) })
	}},
	{"FreshAlone", "No two processes have one new object.", func(s *State) F {
		pair := func(one, other func(m F) F, a, b Fn) F {
			return All2(Thread, Thread, func(m, n F) F { return Imp(one(m), other(n), Eq(a(m), b(n)), Eq(m, n)) })
		}
		return And(pair(s.fresh, s.fresh, s.T.Anon, s.T.Anon), pair(s.aside, s.aside, s.T.Root, s.T.Root), pair(s.fresh, s.aside, s.T.Anon, s.T.Root))
	}},
	{"FreshChain", "It is on no chain but its area's, or one that it left before it was free.", func(s *State) F {
		return s.freshPart(func(m, a F) F {
			return All(VMA, func(v F) F { return Imp(s.V.Chain(v, a), Or(Eq(v, s.linked(m)), s.leaving(v, a))) })
		})
	}},
	{"FreshRoot", "It is its own root and parent, until it joins the family of a fork.", func(s *State) F {
		return s.freshPart(func(m, a F) F {
			return Or(And(Eq(s.A.Root(a), a), Eq(s.A.Parent(a), a)), And(s.isOp(m, "Fork"), Not(s.T.Cloning(m)), s.at(m, "LinkChain", "LockAnon", "LinkList")))
		})
	}},
	{"FreshNotNamed", "A page that names it does so from its former life.", func(s *State) F {
		return s.freshPart(func(_, a F) F { return All(Page, func(p F) F { return Imp(Eq(s.P.Mapping(p), a), s.P.Stale(p)) }) })
	}},
	{"ToFreeUncounted", "What a thread will free has it no more.", func(s *State) F {
		return All(Thread, func(t F) F { return Imp(s.T.Empty(t), Not(s.A.Listed(s.T.Anon(t)))) })
	}},
	{"RefPlace", "A walker has a second reference from GetUnlessZero until it has the lock, or has failed; any thread has one on a root whose child it has freed.", func(s *State) F {
		return All(Thread, func(t F) F {
			a, ref := s.T.Anon(t), s.T.Ref(t)
			return If(s.refTaken(t), And(Eq(ref, a), Ne(a, "None")), Imp(Ne(ref, "None"), And(s.at(t, "PutAnon"), Eq(ref, a))))
		})
	}},
	{"PutHas", "A walker has its reference until PutAnon.", func(s *State) F {
		return eachWalker(func(w F) F {
			return Imp(s.phase(w, "Put"), If(And(s.at(w, "PutAnon"), Eq(s.T.Ref(w), "None")), And(Eq(s.T.Pin(w), s.T.Anon(w)), Ne(s.T.Pin(w), "None")), Eq(s.T.Pin(w), "None")))
		})
	}},
	{"PutNotNone", "What is put is an object.", func(s *State) F {
		return All(Thread, func(t F) F { return Imp(s.at(t, "PutAnon"), And(Ne(s.T.Anon(t), "None"), s.A.Live(s.T.Anon(t)))) })
	}},
	{"FreshUncounted", "No parent counts what a fork has allocated before it is in a tree. A new root counts itself.", func(s *State) F {
		return s.freshPart(func(m, a F) F { return Iff(s.A.Counted(a), s.isOp(m, "Fault")) })
	}},
	{"CountedWhile", "A parent counts its child while that is in use.", func(s *State) F {
		return And(All2(Object, VMA, func(a, v F) F { return Imp(s.A.List(a, v), s.A.Counted(a)) }), All(Object, func(a F) F { return Imp(s.A.Counted(a), s.A.Listed(a)) }))
	}},
	{"ParentOnChain", "An area in the tree of a child is linked to the parent; or it leaves its trees, and others are in the parent's.", func(s *State) F {
		return All2(Object, VMA, func(a, v F) F {
			p := s.A.Parent(a)
			return By(Imp(s.A.List(a, v), And(Eq(s.A.Root(p), s.A.Root(a)), Or(s.V.Chain(v, p), And(s.unlinking(v), Some(VMA, func(u F) F { return s.A.List(p, u) }))))),
				s.A.List(a, v), p)
		})
	}},
	{"ParentOut", "So is one that is out for a store.", func(s *State) F {
		return All2(Thread, Object, func(m, a F) F {
			v, p := s.T.VMA(m), s.A.Parent(a)
			return By(Imp(isMM.Of(m), s.out(m), s.V.Chain(v, a), And(Eq(s.A.Root(p), s.A.Root(a)), s.V.Chain(v, p))), s.V.Chain(v, a), p)
		})
	}},
})

// treeLate are for one claim each, as lateConjuncts for Progress.
var treeLate = map[string][]Conjunct{"NothingLeaked": slices.Concat(also(countedReferences, "Kept"), treeCounted), "AncestorsReused": treeReused}

var treeReused = []Conjunct{
	{"CountedIn", "A child that is counted is in use: an area is in its tree, or out of it for a store, or it is a new root.", func(s *State) F {
		return All(Object, func(a F) F {
			return Imp(s.A.Counted(a), Or(Some(VMA, func(v F) F { return s.A.List(a, v) }),
				Some(Thread, func(m F) F {
					return Or(And(s.out(m), s.V.Chain(s.T.VMA(m), a)), And(s.isOp(m, "Fault"), s.fresh(m), Eq(s.T.Anon(m), a)))
				})))
		})
	}},
	{"NoneLeft", "What a fork has linked and not taken is not free to take: it has areas, or two children.", func(s *State) F {
		return All2(Thread, Object, func(m, a F) F {
			return Imp(isMM.Of(m), s.linking(m), s.A.List(a, s.T.New(m)), Eq(s.V.Anon(s.T.New(m)), "None"), Not(s.reusable(a)))
		})
	}},
}

var treeCounted = []Conjunct{
	{"CountedWhy", "It stands because an area is in the tree or out of it for a store, or has still to put it, or because the object is new.", func(s *State) F {
		return All(Object, func(a F) F {
			return By(Imp(s.A.Listed(a), Or(Some(VMA, func(v F) F { return s.A.List(a, v) }),
				Some(Thread, func(m F) F {
					return And(isMM.Of(m), s.V.Chain(s.T.VMA(m), a), Or(s.out(m), s.section(m), And(s.second(m), Not(And(Eq(s.T.Kept(m), a), s.hasPut(m))))))
				}),
				Some(Thread, func(m F) F { return Or(And(Eq(s.T.Anon(m), a), s.fresh(m)), And(Eq(s.T.Root(m), a), s.aside(m))) }))), s.A.Listed(a))
		})
	}},
}

var treeLocks = slices.Concat(also(countedLocks, "WalkerHolds"), []Conjunct{
	{"HeldIsLocked", "A thread has no lock alone but the one that its register names.", func(s *State) F {
		return All2(Object, Thread, func(a, t F) F { return Imp(Eq(s.A.Lock(a), t), Ne(t, "None"), Eq(s.T.Held(t), a)) })
	}},
	{"HeldIsShared", "Nor does it share another.", func(s *State) F {
		return All2(Object, Thread, func(a, t F) F { return Imp(s.A.Readers(a, t), And(Eq(s.T.Held(t), a), Ne(a, "None"))) })
	}},
	{"HasHeld", "And that one it has, alone or with others.", func(s *State) F {
		return All(Thread, func(t F) F { return Imp(Ne(s.T.Held(t), "None"), s.hasLock(t, s.T.Held(t))) })
	}},
	{"ReadersOnly", "While walkers share it nobody has it alone.", func(s *State) F {
		return All2(Object, Thread, func(a, w F) F { return Imp(s.A.Readers(a, w), And(isWalker.Of(w), Eq(s.A.Lock(a), "None"))) })
	}},
	{"AloneToWait", "A walker has a lock alone only to wait until others are gone.", func(s *State) F {
		return eachWalker(func(w F) F {
			return Imp(Ne(s.T.Held(w), "None"), Iff(Eq(s.A.Lock(s.T.Held(w)), w), And(s.T.Empty(w), Ne(s.T.Root(w), "None"))))
		})
	}},
	{"WalkerPageLock", "A walk of a page has the page locked from its first step to its last.", func(s *State) F {
		return eachWalker(func(w F) F { return Iff(s.hasPage(w), And(s.isOp(w, "Walk", "Migrate"), Not(s.at(w, "LockPage")))) })
	}},
})

var treePages = []Conjunct{
	{"PreparedEmpty", "An area that gets its anon_vma has no page yet.", func(s *State) F {
		return All2(Thread, Slot, func(m, i F) F {
			return Imp(s.filled(m, i), s.isOp(m, "Fault"), s.at(m, "LinkList"), Ne(s.E.Area(m, i), s.T.VMA(m)))
		})
	}},
	{"WayBack", "A filled entry is in an area of its process that is linked to what the page names; and that was not freed since.", func(s *State) F {
		return All2(Thread, Slot, func(m, i F) F {
			v, p := s.E.Area(m, i), s.E.Page(m, i)
			return Imp(s.filled(m, i), And(Eq(s.V.MM(v), m), s.V.Has(v, i), s.V.Chain(v, s.P.Mapping(p)), Not(s.P.Stale(p)), Ne(s.V.Anon(v), "None"),
				Or(Eq(s.V.Life(v), "Mapped"), And(Eq(s.V.Life(v), "Detached"),
					Or(And(s.dooming(m), s.at(m, "ZapEntry")), And(s.splitting(m), s.at(m, "StorePgoff"), Eq(s.T.New(m), v)))))))
		})
	}},
}

var treeWalks = slices.Concat(also(countedWalks, "RefNotFreed", "LockedStays", "GaveUp"), []Conjunct{
	{"LeafIsMapping", "A walk has its page locked, so the leaf is what the page names: nobody moves the page to another anon_vma.", func(s *State) F {
		return eachWalker(func(w F) F {
			p := s.T.Page(w)
			return Imp(s.looking(w), And(Eq(s.P.Mapping(p), s.T.Anon(w)), Iff(s.H.Stale(w), s.P.Stale(p))))
		})
	}},
	{"Holds", "The area in hand has the page's offset: a walk meets no other.", func(s *State) F {
		return eachWalker(func(w F) F {
			v := s.T.VMA(w)
			return Imp(s.at(w, "ReadStart", "ReadPgoff"), Not(s.phase(w, "Pinned")), s.V.Has(v, address.Of(s.V.Start(v), s.V.Pgoff(v), s.P.Index(s.T.Page(w)))))
		})
	}},
	{"OwedListed", "What a walk of a page owes a visit is in the tree.", func(s *State) F {
		return All3(Thread, Thread, Slot, func(w, m, i F) F {
			return Imp(s.H.Owed(w, m, i), Not(s.phase(w, "Pinned")), s.A.List(s.T.Anon(w), s.E.Area(m, i)))
		})
	}},
})

var treeWork = []Conjunct{
	{"GivenBack", "A migration that gives its page back has no reference.", func(s *State) F {
		return eachWalker(func(w F) F { return Imp(s.at(w, "UnlockPage"), s.isOp(w, "Migrate"), Eq(s.T.Pin(w), "None")) })
	}},
}
