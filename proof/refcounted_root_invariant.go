package proof

import "slices"

// What the invariant has for RefcountedRoot alone. A list in use is a reference, and a child is
// one on its root, until the child is free. So whoever drops the last reference has the object
// alone, under no lock; and then waits for those that have the lock.

// refTaken: the walker has a reference on its leaf instead of the lock, before it has both.
func (s *State) refTaken(w F) F {
	return And(isWalker.Of(w), Not(s.refers(w)), Or(s.at(w, "DropRef"), And(s.at(w, "RecheckMapped"), Eq(s.T.Held(w), "None")),
		And(s.at(w, "ReadRoot"), Ne(s.T.Root(w), "None")), And(s.at(w, "LockRoot"), Not(s.T.Empty(w))), And(s.at(w, "PutAnon"), Eq(s.T.Root(w), "None"))))
}

// toWait: a thread that will free an object has still to look at its lock.
func (s *State) toWait(t F) F {
	before := s.at(t, "PutAnon", "CheckUnlocked", "LockRoot")
	if s.trees { // or it is a walker that walks beside others
		return Or(before, And(s.at(t, "UnlockRoot"), Eq(s.T.Root(t), "None")))
	}
	return before
}

// decided: thread t will free the object in hand.
func (s *State) decided(t F) F { return And(s.T.Empty(t), Not(s.emptied(t))) }

var countedThreads = []Conjunct{
	{"ProcessFlags", "A process has emptied a list from UnlinkList on, and will free the object until it has. It never finds the root unused: its area is still on the root's list.", func(s *State) F {
		return eachMM(func(m F) F {
			root := s.T.Root(m)
			return And(Not(s.T.Last(m)),
				Imp(s.T.Empty(m), And(s.dooming(m), Ne(s.T.Anon(m), "None"), s.at(m, "UnlockAnon", "PutAnon", "CheckUnlocked", "LockRoot", "UnlockRoot", "FreeAnon"))),
				Imp(s.at(m, "CheckUnlocked", "LockRoot", "UnlockRoot", "FreeAnon"), s.T.Empty(m)),
				Imp(Ne(root, "None"), And(s.at(m, s.putSteps...), Eq(root, s.V.Tail(s.T.VMA(m))))), Imp(s.at(m, "LockRoot", "UnlockRoot"), Ne(root, "None")),
				Imp(s.at(m, "PutAnon"), And(Imp(Ne(root, "None"), Ne(root, s.T.Anon(m))), s.putsRoot(m))))
		})
	}},
	{"LookupSteps", "A migration has no reference in phase Get. It never frees what it has a reference on.", func(s *State) F {
		return eachWalker(func(w F) F {
			return And(Imp(s.phase(w, "Get"), Eq(s.T.Pin(w), "None")), Imp(s.at(w, "GetUnlessZero", "TryRoot", "DropRef"), s.phase(w, "Plain", "Get", "One")),
				Imp(s.phase(w, "Get"), And(Not(s.at(w, "TryRoot", "DropRef", "ReadRoot")), Imp(s.at(w, "LockRoot", "UnlockRoot"), s.T.Empty(w)), Imp(s.at(w, "RecheckMapped"), Eq(s.T.Held(w), "None")))),
				Imp(s.phase(w, "Put"), s.at(w, "PutAnon", "CheckUnlocked", "LockRoot", "UnlockRoot", "FreeAnon", "UnlockPage")),
				Imp(s.phase(w, "Two", "Pinned"), Not(s.putting(w))),
				Imp(s.phase(w, "One"), s.putting(w), And(s.at(w, "PutAnon"), Eq(s.T.Root(w), "None"))))
		})
	}},
	{"WalkerFlags", "A walker will free an object from the put that found it the last until it has.", func(s *State) F {
		return eachWalker(func(w F) F {
			root := s.T.Root(w)
			return And(Imp(s.T.Empty(w), And(Ne(s.T.Anon(w), "None"), s.at(w, "PutAnon", "CheckUnlocked", "LockRoot", "UnlockRoot", "FreeAnon"))),
				Imp(s.T.Last(w), And(s.T.Empty(w), Ne(root, "None"), Ne(root, s.T.Anon(w)), s.at(w, "CheckUnlocked", "LockRoot", "UnlockRoot", "FreeAnon"))),
				Imp(s.at(w, "CheckUnlocked", "FreeAnon"), s.T.Empty(w)),
				Imp(s.at(w, "LockRoot", "TryRoot"), Ne(root, "None")), Imp(s.phase(w, "Put"), s.at(w, "LockRoot", "UnlockRoot"), And(s.T.Empty(w), Ne(root, "None"))),
				Imp(s.at(w, "GetUnlessZero", "RecheckMapped"), Ne(s.phase(w, "Get"), Ne(root, "None"))), Imp(s.at(w, "PutAnon"), And(s.putsRoot(w), Imp(s.T.Empty(w), Ne(root, s.T.Anon(w))))))
		})
	}},
}

// rootNoted is for the law with the child freed first.
var rootNoted = Conjunct{"RootNoted", "Who frees a child notes the root when it looks at the lock, and puts it afterwards.", func(s *State) F {
	return All(Thread, func(t F) F {
		return And(Not(s.T.Last(t)), Imp(s.at(t, "CheckUnlocked"), Eq(s.T.Root(t), "None")), Imp(s.at(t, "FreeAnon"), Ne(s.T.Root(t), "None")))
	})
}}

// rootDropped is for the law with the root first.
var rootDropped = Conjunct{"RootDropped", "Who frees a child has dropped its reference on the root when it looks at the lock.", func(s *State) F {
	return All(Thread, func(t F) F {
		return Imp(s.T.Empty(t), Or(s.at(t, "CheckUnlocked", "LockRoot", "FreeAnon"), And(s.at(t, "UnlockRoot"), Ne(s.T.Root(t), "None"))), Not(s.A.Pins(s.T.Anon(t))))
	})
}}

// putsRoot: at PutAnon thread t puts the root of a child that it has freed, or, where the root goes
// first, of one that it will free.
func (s *State) putsRoot(t F) F {
	root := Ne(s.T.Root(t), "None")
	if !s.childFirst {
		return Imp(Or(root, isMM.Of(t)), s.T.Empty(t))
	}
	return If(isMM.Of(t), Ne(root, s.T.Empty(t)), Not(s.T.Empty(t)))
}

var countedReferences = []Conjunct{
	{"ChildrenKeep", "Every live child has a reference on its root, but for one that its process is about to take one for.", func(s *State) F {
		return All(Object, func(a F) F {
			return Imp(s.A.Live(a), Ne(s.A.Root(a), a), Or(s.A.Pins(a), Some(Thread, func(t F) F { return And(s.at(t, "PinRoot"), Eq(s.T.Anon(t), a)) })))
		})
	}},
	{"NotYetKept", "That one has none yet.", func(s *State) F {
		return eachMM(func(m F) F { return Imp(s.at(m, "PinRoot"), Not(s.A.Pins(s.T.Anon(m)))) })
	}},
	{"ListedLive", "An object whose list is counted is live.", func(s *State) F {
		return All(Object, func(a F) F { return Imp(s.A.Listed(a), s.A.Live(a)) })
	}},
	{"ListCounted", "A list in use is counted.", func(s *State) F {
		return All2(Object, VMA, func(a, v F) F { return Imp(s.A.List(a, v), s.A.Listed(a)) })
	}},
	{"ChainCounted", "So is that of an object on a chain, until the chain's process has dropped it.", func(s *State) F {
		return All2(VMA, Object, func(v, a F) F {
			m := s.V.By(v)
			return Imp(s.V.Chain(v, a), Or(s.A.Listed(a), s.leaving(v, a), And(s.decided(m), Eq(s.T.Anon(m), a), Eq(s.T.VMA(m), v))))
		})
	}},
	{"CountedWhy", "A list that is counted is in use, or will be, or its process has still to drop it.", func(s *State) F {
		return All(Object, func(a F) F {
			return Imp(s.A.Listed(a), Or(Some(VMA, func(v F) F { return s.A.List(a, v) }),
				Some(Thread, func(m F) F { return And(Eq(s.T.Anon(m), a), Or(s.fresh(m), s.emptied(m))) })))
		})
	}},
	{"ToFreeUncounted", "The list of an object that a thread will free is not counted any more; one that was emptied is.", func(s *State) F {
		return All(Thread, func(t F) F {
			return And(Imp(s.T.Empty(t), Iff(s.A.Listed(s.T.Anon(t)), s.emptied(t))), Imp(s.T.Last(t), Not(s.A.Listed(s.T.Root(t)))))
		})
	}},
	{"ToFreeNoRef", "No thread has a second reference on what will be freed.", func(s *State) F {
		return All2(Thread, Thread, func(t, u F) F {
			return Imp(Not(s.emptied(t)), s.ofToFree(t, func(a ...F) F { return Ne(s.T.Ref(u), a[0]) }))
		})
	}},
	{"FreshCounted", "The list of a new object is counted.", func(s *State) F {
		return s.freshPart(func(_, a F) F { return s.A.Listed(a) })
	}},
	{"RefPlace", "A walker has a second reference from GetUnlessZero until it has the lock, or has failed; any thread has one on a root whose child it has freed.", func(s *State) F {
		return All(Thread, func(t F) F {
			a, root, ref := s.T.Anon(t), s.T.Root(t), s.T.Ref(t)
			after := And(s.at(t, "PutAnon"), Ne(root, "None"), Not(s.T.Empty(t)))
			return If(s.refTaken(t), And(Eq(ref, a), Ne(a, "None")), If(after, Eq(ref, root), Eq(ref, "None")))
		})
	}},
	{"RefLive", "What it has that on is live.", func(s *State) F {
		return All(Thread, func(t F) F { return Imp(Ne(s.T.Ref(t), "None"), s.A.Live(s.T.Ref(t))) })
	}},
	{"RefRoot", "A walker that sleeps on the lock has read the root of what it has a reference on; who waits to free, that of what it will free.", func(s *State) F {
		return All(Thread, func(t F) F {
			return And(Imp(s.refTaken(t), s.at(t, "LockRoot", "DropRef"), Eq(s.T.Root(t), s.A.Root(s.T.Anon(t)))),
				Imp(s.decided(t), Ne(s.T.Root(t), "None"), Eq(s.T.Root(t), s.A.Root(s.T.Anon(t)))))
		})
	}},
	{"PutHas", "A walker has its reference until PutAnon.", func(s *State) F {
		return eachWalker(func(w F) F {
			return Imp(s.phase(w, "Put"), If(And(s.at(w, "PutAnon"), Eq(s.T.Root(w), "None")), And(Eq(s.T.Pin(w), s.T.Anon(w)), Ne(s.T.Pin(w), "None")), Eq(s.T.Pin(w), "None")))
		})
	}},
	{"Kept", "A live object is referred to, or will be freed.", func(s *State) F {
		return All(Object, func(a F) F {
			return Imp(s.A.Live(a), Or(s.A.Listed(a), Some(Thread, func(w F) F { return s.walkerHas(w, a) }), Some(Thread, func(t F) F { return Eq(s.T.Ref(t), a) }),
				Some(Object, func(c F) F { return s.childHas(c, a) }), Some(Thread, func(t F) F { return s.toFree(t, a) })))
		})
	}},
}

var countedLocks = []Conjunct{
	{"WalkerHolds", "A walker holds a lock from TryRoot or LockRoot to UnlockRoot: that of the root that it has read.", func(s *State) F {
		return eachWalker(func(w F) F {
			held := Ne(s.T.Held(w), "None")
			return And(Imp(s.at(w, slices.Concat(s.walkerLocked, walkerLocked)...), held), Imp(held, s.at(w, slices.Concat(s.walkerLocked, walkerLocked, []string{"RecheckMapped"})...)),
				Imp(held, Or(Eq(s.T.Held(w), s.T.Root(w)), And(s.at(w, "UnlockRoot"), s.T.Empty(w), Eq(s.T.Root(w), "None")))))
		})
	}},
}

var countedWalks = []Conjunct{
	{"RefNotFreed", "What a sleeping walker has a reference on was not freed since it was read: the page was mapped when the walker had that.", func(s *State) F {
		return eachWalker(func(w F) F { return Imp(s.refTaken(w), s.at(w, "ReadRoot", "LockRoot", "DropRef"), Not(s.H.Stale(w))) })
	}},
	{"LockedStays", "As long as a walker walks under the lock, who will free the leaf or the root has still to wait for it.", func(s *State) F {
		return All2(Thread, Thread, func(w, t F) F {
			return Imp(isWalker.Of(w), s.at(w, walkSteps...), Or(s.toFree(t, s.T.Anon(w)), s.toFree(t, s.T.Held(w))), s.toWait(t))
		})
	}},
	{"GaveUp", "A walker that gives a lookup's reference back has seen its page unmapped.", func(s *State) F {
		return eachWalker(func(w F) F { return Imp(s.putting(w), Not(s.phase(w, "Put")), Not(s.H.Steady(w))) })
	}},
}
