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

// unkept: thread t has child a in hand, which has no reference on its root: not yet, or not
// any more.
func (s *State) unkept(t, a F) F {
	return And(Eq(s.T.Anon(t), a), If(isMM.Of(t), Or(s.at(t, "PinRoot"), And(s.T.Empty(t), s.at(t, "UnlockRoot", "FreeAnon"))), s.T.Empty(t)))
}

// fresh: the object in the hand of process m is new, and not on a list yet.
func (s *State) fresh(m F) F {
	return And(isMM.Of(m), Or(And(s.isOp(m, "Fork"), Not(s.T.Cloning(m)), s.at(m, "PinRoot", "LinkChain", "LockAnon", "LinkList")),
		And(s.isOp(m, "Fault"), Eq(s.T.Near(m), "None"), s.at(m, "LockAnon", "LinkChain", "LinkList"))))
}

// freshPart is a conjunct about what is fresh: process m has object a.
func (s *State) freshPart(of func(m, a F) F) F {
	return All(Thread, func(m F) F { return Imp(s.fresh(m), of(m, s.T.Anon(m))) })
}

var referenceConjuncts = []Conjunct{
	{"NoObject", "None is no object: not live, not locked.", func(s *State) F { return And(Not(s.A.Live(None(Object))), Eq(s.A.Lock(None(Object)), "None")) }},
	{"ChildKeepsRoot", "An object with a reference on its root is a live child of a live root.", func(s *State) F {
		return All(Object, func(a F) F {
			root := s.A.Root(a)
			return Imp(s.A.Pins(a), And(s.A.Live(a), Ne(root, a), s.A.Live(root), Eq(s.A.Root(root), root)))
		})
	}},
	{"ChildrenKeep", "Every live child has a reference on its root, but for one in the hand of a thread that makes or frees it.", func(s *State) F {
		return All(Object, func(a F) F {
			return Imp(s.A.Live(a), Ne(s.A.Root(a), a), Or(s.A.Pins(a), Some(Thread, func(t F) F { return s.unkept(t, a) })))
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
			return Imp(isWalker.Of(w), s.ofToFree(t, func(a ...F) F { return Ne(s.T.Pin(w), a[0]) }))
		})
	}},
	{"ToFreeNoChild", "No child has one.", func(s *State) F {
		return All2(Thread, Object, func(t, c F) F {
			return Imp(s.A.Pins(c), s.ofToFree(t, func(a ...F) F { return Ne(s.A.Root(c), a[0]) }))
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
	{"ToFreeUnkept", "It has given back its own reference on the root, from PutLast or PutAnon on.", func(s *State) F {
		return All(Thread, func(t F) F {
			return And(Imp(s.T.Last(t), Not(s.A.Pins(s.T.Root(t)))),
				Imp(s.T.Empty(t), Or(isWalker.Of(t), s.at(t, "UnlockRoot", "FreeAnon")), Not(s.A.Pins(s.T.Anon(t)))))
		})
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
	{"PutLive", "While a walker drops a reference under the lock, the object is live, and the root that it read is the object's.", func(s *State) F {
		return eachWalker(func(w F) F {
			return Imp(s.phase(w, "Put"), s.at(w, "PutLast", "UnlockRoot"), And(s.A.Live(s.T.Anon(w)), Eq(s.T.Root(w), s.A.Root(s.T.Anon(w)))))
		})
	}},
	{"PutAlone", "Nobody else will free that object: to find it unused takes the lock.", func(s *State) F {
		return All2(Thread, Thread, func(w, t F) F {
			return Imp(isWalker.Of(w), s.phase(w, "Put"), s.at(w, "PutLast", "UnlockRoot"), Ne(t, w), Not(s.toFree(t, s.T.Anon(w))))
		})
	}},
	{"PutRoot", "A walker with a reference locks the root of what it has a reference on.", func(s *State) F {
		return eachWalker(func(w F) F {
			return Imp(s.phase(w, "Put"), s.at(w, "LockRoot", "PutLast"), Eq(s.T.Root(w), s.A.Root(s.T.Anon(w))))
		})
	}},
	{"PutHas", "It has that reference until PutLast, and no reference before GetAnon.", func(s *State) F {
		return eachWalker(func(w F) F {
			return And(Imp(s.phase(w, "Put"), s.at(w, "PutAnon", "ReadRoot", "LockRoot", "PutLast"), And(Eq(s.T.Pin(w), s.T.Anon(w)), Ne(s.T.Pin(w), "None"))),
				Imp(s.at(w, "GetAnon"), Eq(s.T.Pin(w), "None")),
				Imp(s.at(w, "PutLast"), Ne(s.A.Root(s.T.Anon(w)), s.T.Anon(w)), s.A.Pins(s.T.Anon(w))))
		})
	}},
	{"ChildHas", "A child in the hand of a process has its reference from PinRoot on, and until PutAnon or PutLast. So the set of holders stands for the count.", func(s *State) F {
		return eachMM(func(m F) F {
			return And(Imp(s.at(m, "PinRoot"), Not(s.A.Pins(s.T.Anon(m)))),
				Imp(s.at(m, "PutAnon", "LockRoot", "PutLast"), And(s.A.Pins(s.T.Anon(m)), Eq(s.A.Root(s.T.Anon(m)), s.T.Root(m)))))
		})
	}},
	{"LastIsRoot", "What a walker frees last is a root.", func(s *State) F {
		return eachWalker(func(w F) F { return Imp(s.T.Last(w), Eq(s.A.Root(s.T.Root(w)), s.T.Root(w))) })
	}},
	{"HeldStays", "What a thread has locked to drop a reference is a live root, and stays: nobody else will free it.", func(s *State) F {
		return All(Thread, func(t F) F {
			putting := And(s.at(t, "PutLast", "UnlockRoot"), Or(isMM.Of(t), s.phase(t, "Put")))
			return Imp(putting, And(s.A.Live(s.T.Held(t)), Eq(s.A.Root(s.T.Held(t)), s.T.Held(t)), All(Thread, func(u F) F { return Imp(Ne(u, t), Not(s.toFree(u, s.T.Held(t)))) })))
		})
	}},
	{"Kept", "A live object is on an area's list, or referred to, or new in the hand of its process, or will be freed.", func(s *State) F {
		return All(Object, func(a F) F {
			return Imp(s.A.Live(a), Or(Some(VMA, func(v F) F { return s.A.List(a, v) }), Some(Thread, func(w F) F { return s.walkerHas(w, a) }),
				Some(Object, func(c F) F { return s.childHas(c, a) }),
				Some(Thread, func(t F) F { return Or(s.toFree(t, a), And(s.fresh(t), Eq(s.T.Anon(t), a))) })))
		})
	}},
}
