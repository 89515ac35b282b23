package proof

import "slices"

// What the invariant has for RootPointer alone. Who drops the last reference finds that out under
// the lock of the root; so whoever finds an object unused has it alone.

var rootPointerThreads = []Conjunct{
	{"ProcessFlags", "A process has found an object unused from UnlinkList until it has freed it. It never finds the root unused: its area is still on the root's list.", func(s *State) F {
		return eachMM(func(m F) F {
			return And(Not(s.T.Last(m)),
				Imp(s.T.Empty(m), And(s.dooming(m), Ne(s.T.Anon(m), "None"), s.at(m, "UnlockAnon", "PutAnon", "LockRoot", "PutLast", "UnlockRoot", "FreeAnon"))),
				Imp(s.at(m, "PutAnon", "LockRoot", "PutLast", "UnlockRoot", "FreeAnon"), s.T.Empty(m)),
				Imp(s.at(m, "PutAnon", "LockRoot", "PutLast", "UnlockRoot"), And(Eq(s.T.Root(m), s.A.Root(s.T.Anon(m))), Ne(s.T.Root(m), s.T.Anon(m)))))
		})
	}},
	{"LookupSteps", "A walker drops references in phase Put, and takes one in phase Get, which ends there.", func(s *State) F {
		return eachWalker(func(w F) F {
			return And(Imp(s.at(w, "PutAnon", "PutLast", "FreeAnon"), s.phase(w, "Put")), Imp(s.at(w, "GetAnon"), s.phase(w, "Get")),
				Imp(s.phase(w, "Get"), Not(s.at(w, "UnlockRoot")), Eq(s.T.Pin(w), "None")))
		})
	}},
	{"WalkerFlags", "A walker has found its object unused, or the root, only after it has dropped its reference; and then these are two objects.", func(s *State) F {
		return eachWalker(func(w F) F {
			return And(Imp(Or(s.T.Empty(w), s.T.Last(w)), And(s.phase(w, "Put"), s.at(w, "UnlockRoot", "FreeAnon"), Eq(s.T.Pin(w), "None"))),
				Imp(s.at(w, "FreeAnon"), Or(s.T.Empty(w), s.T.Last(w))),
				Imp(s.at(w, "UnlockRoot"), s.T.Last(w), s.T.Empty(w)),
				Imp(s.T.Last(w), And(Ne(s.T.Anon(w), s.T.Root(w)), Ne(s.T.Root(w), "None"))), Imp(s.T.Empty(w), Ne(s.T.Anon(w), "None")))
		})
	}},
}

// unkept: thread t has child a in hand, which has no reference on its root: not yet, or not
// any more.
func (s *State) unkept(t, a F) F {
	return And(Eq(s.T.Anon(t), a), If(isMM.Of(t), Or(s.at(t, "PinRoot"), And(s.T.Empty(t), s.at(t, "UnlockRoot", "FreeAnon"))), s.T.Empty(t)))
}

var rootPointerReferences = []Conjunct{
	{"ChildrenKeep", "Every live child has a reference on its root, but for one in the hand of a thread that makes or frees it.", func(s *State) F {
		return All(Object, func(a F) F {
			return Imp(s.A.Live(a), Ne(s.A.Root(a), a), Or(s.A.Pins(a), Some(Thread, func(t F) F { return s.unkept(t, a) })))
		})
	}},
	{"ToFreeUnkept", "It has given back its own reference on the root, from PutLast or PutAnon on.", func(s *State) F {
		return All(Thread, func(t F) F {
			return And(Imp(s.T.Last(t), Not(s.A.Pins(s.T.Root(t)))),
				Imp(s.T.Empty(t), Or(isWalker.Of(t), s.at(t, "UnlockRoot", "FreeAnon")), Not(s.A.Pins(s.T.Anon(t)))))
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

var rootPointerLocks = []Conjunct{
	{"WalkerHolds", "A walker holds a lock exactly from LockRoot to UnlockRoot: that of the root that it has read.", func(s *State) F {
		return eachWalker(func(w F) F {
			return And(Iff(Ne(s.T.Held(w), "None"), s.at(w, slices.Concat(s.walkerLocked, walkerLocked)...)), Imp(Ne(s.T.Held(w), "None"), Eq(s.T.Held(w), s.T.Root(w))))
		})
	}},
}

var rootPointerWalks = []Conjunct{
	{"LockedStays", "And nobody will free the leaf or the root, as long as the lock is held.", func(s *State) F {
		return All2(Thread, Thread, func(w, t F) F {
			return Imp(isWalker.Of(w), s.at(w, append([]string{"GetAnon"}, walkSteps...)...), And(Not(s.toFree(t, s.T.Anon(w))), Not(s.toFree(t, s.T.Held(w)))))
		})
	}},
	{"LockedNotFresh", "Nor is the leaf that a migration takes a reference on new.", func(s *State) F {
		return All2(Thread, Thread, func(w, m F) F {
			return Imp(isWalker.Of(w), s.at(w, "GetAnon"), s.fresh(m), Ne(s.T.Anon(m), s.T.Anon(w)))
		})
	}},
}
