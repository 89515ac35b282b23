package proof

// Part 4: who keeps an anon_vma, and who frees it. A child keeps its root; whoever finds an
// object unused, under the root's lock, alone has it.

// toFree: thread t has found object a without a user, and will free it.
func (s *State) toFree(t, a F) F {
	return And(Ne(a, "None"), Or(And(s.T.Empty(t), Eq(s.T.Anon(t), a)), And(s.T.Last(t), Eq(s.T.Root(t), a))))
}

// ofToFree says something of what thread t will free.
func (s *State) ofToFree(t F, says Fn) F {
	part := func(flag, a F) F { return Imp(flag, says(a)) }
	return And(part(s.T.Empty(t), s.T.Anon(t)), part(s.T.Last(t), s.T.Root(t)))
}

// emptied: process t has emptied the list of the object in hand, and has still to drop the list's
// reference: whether that was the last is decided later.
func (s *State) emptied(t F) F {
	if !s.countsList || s.trees {
		return False
	}
	return And(isMM.Of(t), s.T.Empty(t), Or(s.at(t, "UnlockAnon"), And(s.at(t, "PutAnon"), Eq(s.T.Root(t), "None"))))
}

// fresh: the object in the hand of process m is new, and not on a list yet.
func (s *State) fresh(m F) F {
	if s.trees {
		own := And(Eq(s.T.Root(m), "None"), Not(s.T.Cloning(m)), s.at(m, "PinRoot", "LinkChain", "LockAnon", "LinkList", "PutAnon"))
		return And(isMM.Of(m), Or(And(s.isOp(m, "Fork"), own), And(s.isOp(m, "Fault"), Eq(s.T.Near(m), "None"), s.at(m, "LockAnon", "LinkChain", "LinkList"))))
	}
	return And(isMM.Of(m), Or(And(s.isOp(m, "Fork"), Not(s.T.Cloning(m)), s.at(m, "PinRoot", "LinkChain", "LockAnon", "LinkList")),
		And(s.isOp(m, "Fault"), Eq(s.T.Near(m), "None"), s.at(m, "LockAnon", "LinkChain", "LinkList"))))
}

// aside: where trees are, a fork keeps a new object aside while it clones.
func (s *State) aside(m F) F {
	return And(isMM.Of(m), s.isOp(m, "Fork"), Ne(s.T.Root(m), "None"), s.at(m, "LinkChain", "LockAnon", "LinkList", "UnlockAnon"))
}

// freshPart is a conjunct about what is fresh: process m has object a.
func (s *State) freshPart(of func(m, a F) F) F {
	own := All(Thread, func(m F) F { return Imp(s.fresh(m), of(m, s.T.Anon(m))) })
	if s.trees {
		return And(own, All(Thread, func(m F) F { return Imp(s.aside(m), of(m, s.T.Root(m))) }))
	}
	return own
}

var referenceConjuncts = []Conjunct{
	{"NoObject", "None is no object: not live, not locked.", func(s *State) F { return And(Not(s.A.Live(None(Object))), Eq(s.A.Lock(None(Object)), "None")) }},
	{"ChildKeepsRoot", "An object with a reference on its root is a live child of a live root.", func(s *State) F {
		return All(Object, func(a F) F {
			root := s.A.Root(a)
			return Imp(s.A.Pins(a), And(s.A.Live(a), Ne(root, a), s.A.Live(root), Eq(s.A.Root(root), root)))
		})
	}},
	{"PinnedLive", "What a walker has a reference on is live.", func(s *State) F {
		return eachWalker(func(w F) F { return Imp(Ne(s.T.Pin(w), "None"), s.A.Live(s.T.Pin(w))) })
	}},
	{"ToFreeLive", "What a thread will free is live.", func(s *State) F {
		return All(Thread, func(t F) F { return s.ofToFree(t, s.A.Live) })
	}},
	{"ToFreeNoWalker", "No walker has a reference on it.", func(s *State) F {
		return All2(Thread, Thread, func(t, w F) F {
			return Imp(isWalker.Of(w), Not(s.emptied(t)), s.ofToFree(t, func(a ...F) F { return Ne(s.T.Pin(w), a[0]) }))
		})
	}},
	{"ToFreeNoChild", "No child has one.", func(s *State) F {
		return All2(Thread, Object, func(t, c F) F {
			return Imp(s.A.Pins(c), Not(s.emptied(t)), s.ofToFree(t, func(a ...F) F { return Ne(s.A.Root(c), a[0]) }))
		})
	}},
	{"ToFreeNoList", "No area is on its list.", func(s *State) F {
		return All2(Thread, VMA, func(t, v F) F { return s.ofToFree(t, func(a ...F) F { return Not(s.A.List(a[0], v)) }) })
	}},
	{"ToFreeAlone", "No other thread will free it, too.", func(s *State) F {
		return And(All2(Thread, Thread, func(t, u F) F { return Imp(s.T.Empty(t), s.T.Empty(u), Ne(t, u), Ne(s.T.Anon(t), s.T.Anon(u))) }),
			All2(Thread, Thread, func(t, u F) F { return Imp(s.T.Empty(t), s.T.Last(u), Ne(s.T.Anon(t), s.T.Root(u))) }),
			All2(Thread, Thread, func(t, u F) F { return Imp(s.T.Last(t), s.T.Last(u), Ne(t, u), Ne(s.T.Root(t), s.T.Root(u))) }))
	}},
	{"ToFreeChain", "It is on no chain but the one that it is just leaving.", func(s *State) F {
		return All2(Thread, VMA, func(t, v F) F {
			return s.ofToFree(t, func(a ...F) F {
				return Imp(s.V.Chain(v, a[0]), Or(And(isMM.Of(t), Eq(v, s.T.VMA(t)), Eq(s.V.By(v), t)), s.leaving(v, a[0])))
			})
		})
	}},
	{"FreshLive", "A new object is live before it is linked.", func(s *State) F {
		return s.freshPart(func(_, a F) F { return And(s.A.Live(a), Ne(a, "None")) })
	}},
	{"FreshNoList", "Its list is empty.", func(s *State) F { return s.freshPart(func(_, a F) F { return s.noList(a) }) }},
	{"FreshNoWalker", "No walker has a reference on it.", func(s *State) F { return s.freshPart(func(_, a F) F { return s.noWalkerHas(a) }) }},
	{"FreshNoChild", "No child has one.", func(s *State) F { return s.freshPart(func(_, a F) F { return s.noChildHas(a) }) }},
	{"FreshNotFreed", "Nobody will free it.", func(s *State) F {
		return s.freshPart(func(_, a F) F { return All(Thread, func(t F) F { return Not(s.toFree(t, a)) }) })
	}},
	{"FreshAlone", "No two processes have one new object.", func(s *State) F {
		return All2(Thread, Thread, func(m, n F) F { return Imp(s.fresh(m), s.fresh(n), Eq(s.T.Anon(m), s.T.Anon(n)), Eq(m, n)) })
	}},
	{"FreshChain", "It is on no chain but its area's, or one that it left before it was free.", func(s *State) F {
		return All2(Thread, VMA, func(m, v F) F {
			return Imp(s.fresh(m), s.V.Chain(v, s.T.Anon(m)), Or(Eq(v, s.linked(m)), s.leaving(v, s.T.Anon(m))))
		})
	}},
}
