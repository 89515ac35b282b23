package proof

import (
	"slices"

	"github.com/rootlock/rootlock/spec"
)

// What follows from the invariant: tla/Claims.tla, with its names.

// Refinement is the claim that the protocol implements tla/FamilyMutex, or tla/FamilyRwlock
// where walkers share the lock.
const Refinement = "Refinement"

// refines: the step changes what no thread but the actor is inside of; and the actor's way
// is none, or into a family that nobody is inside of, other than walkers if a walker comes
// and they share the lock, or out of its family.
func (b *Branch) refines() F {
	s, n, t := b.S, b.N, b.Actor
	free := All(Thread, func(u F) F {
		apart := Ne(s.inside(u), n.inside(t))
		if s.trees {
			return Or(apart, And(Not(isMM.Of(t)), Not(isMM.Of(u))))
		}
		return apart
	})
	return And(All(Thread, func(u F) F { return Imp(Ne(u, t), Eq(n.inside(u), s.inside(u))) }),
		Or(Eq(n.inside(t), s.inside(t)), And(Eq(s.inside(t), "None"), free), And(Ne(s.inside(t), "None"), Eq(n.inside(t), "None"))))
}

// apart: no two threads are inside one family, one of them of a kind.
func (s *State) apart(kind *Symbol) F {
	return All2(Thread, Thread, func(t, u F) F {
		return Imp(kind.Of(t), Ne(t, u), Ne(s.inside(t), "None"), Ne(s.inside(t), s.inside(u)))
	})
}

// resting: a mapped area of a process between operations.
func (s *State) resting(v F) F { return And(Eq(s.V.Life(v), "Mapped"), s.quiet(s.V.MM(v))) }

// touched says that an object which the next step of some thread touches outside of a lookup
// is live: tla/RootPointer.tla's Touched.
func (s *State) touchedLive() F {
	live := func(a F) F { return Imp(Ne(a, "None"), s.A.Live(a)) }
	return All(Thread, func(t F) F {
		a, root := s.T.Anon(t), s.A.Root(s.T.Anon(t))
		outside, asleep := Or(isMM.Of(t), s.refers(t)), value(Bool, s.countsList) // who has slept has left RCU
		return And(
			Imp(s.at(t, "LockAnon", "PinRoot"), And(live(a), live(root))),
			Imp(s.at(t, "LockAdjust"), live(root)),
			Imp(s.at(t, "LinkList", "UnlinkList"), live(a)), s.countedLive(t),
			Imp(s.at(t, "PutAnon", "PutLast"), live(s.dropped(s, t))),
			Imp(s.at(t, "CheckUnlocked"), live(s.A.Root(s.freed(s, t)))),
			Imp(s.at(t, "DropRef"), live(a)),
			Imp(s.at(t, "UnlockAnon", "UnlockAdjust"), live(s.T.Held(t))),
			Imp(Or(outside, And(asleep, Ne(s.T.Root(t), "None"))), s.at(t, "ReadRoot"), live(a)),
			Imp(Or(outside, asleep), s.at(t, "LockRoot"), live(s.T.Root(t))),
			Imp(Or(outside, asleep), s.at(t, "NextEntry"), And(live(a), live(s.T.Held(t)))),
			Imp(outside, s.at(t, "UnlockRoot"), live(s.T.Held(t))))
	})
}

// countedLive: and so is the parent whose children are counted.
func (s *State) countedLive(t F) F {
	if !s.trees {
		return True
	}
	a, v := s.T.Anon(t), s.T.VMA(t)
	counts := Or(And(s.at(t, "UnlinkList"), All(VMA, func(u F) F { return Imp(s.A.List(a, u), Eq(u, v)) })),
		And(s.at(t, "LinkList"), s.isOp(t, "Fork"), Not(s.T.Cloning(t))))
	return Imp(counts, Ne(s.A.Parent(a), "None"), s.A.Live(s.A.Parent(a)))
}

// hasLock: thread t has the lock of object a, alone or with others.
func (s *State) hasLock(t, a F) F {
	return Or(Eq(s.A.Lock(a), t), And(value(Bool, s.trees), s.A.Readers(a, t)))
}

// forked is a conjunct about the copy of a fork that has cloned its chain, and has the lock still.
func (s *State) forked(says func(n F) F) F {
	return eachMM(func(m F) F {
		return Imp(s.at(m, "UnlockAnon"), s.isOp(m, "Fork"), Ne(s.T.Root(m), "None"), says(s.T.New(m)))
	})
}

// freeToTake: no area but n has its new pages in a, and at most one child is in use.
func (s *State) freeToTake(a, n F) F {
	inUse := func(c F) F { return And(Eq(s.A.Parent(c), a), Some(VMA, func(v F) F { return s.A.List(c, v) })) }
	return And(All(VMA, func(v F) F { return Imp(Eq(s.V.Anon(v), a), Eq(v, n)) }), All2(Object, Object, func(c, d F) F { return Imp(inUse(c), inUse(d), Eq(c, d)) }))
}

// freeing is a conjunct about the object that a thread frees next.
func (s *State) freeing(says func(t, a F) F) F {
	return All(Thread, func(t F) F {
		return Imp(s.at(t, "FreeAnon"), says(t, s.freed(s, t)))
	})
}

func (s *State) walking(w F) F { return s.at(w, walkSteps...) }

// Claims are the claims that are asked, each part by the name that spec.AllConjuncts has for it.
func (p *Protocol) Claims() []Conjunct {
	return slices.DeleteFunc(allClaims(), func(c Conjunct) bool {
		known, err := spec.ClaimByName(claimOf(c.Name))
		return err != nil || !p.Of.Asks(known) || p.trees && c.Name == "MutualExclusion.HolderAlone"
	})
}

// allClaims are those of all protocols. TypeOK is what it says beyond the sorts of the formulas.
func allClaims() []Conjunct {
	return []Conjunct{
		{"TypeOK.TypeOK", "No area is twice on a list, no object twice on a chain, and what is empty is empty.", func(s *State) F {
			return And(eachMM(func(m F) F {
				return And(Imp(s.at(m, "LinkList"), Not(s.A.List(s.T.Anon(m), s.linked(m)))), Imp(s.at(m, "LinkChain"), Not(s.V.Chain(s.linked(m), s.T.Anon(m)))))
			}), All2(Thread, Slot, func(m, i F) F { return Iff(Eq(s.E.Kind(m, i), "Empty"), Eq(s.E.Page(m, i), "None")) }),
				All(Object, func(a F) F { return Imp(s.A.Live(a), Ne(s.A.Root(a), "None")) }))
		}},
		{"NoMissedMapping.WalkComplete", "A completed walk has looked at every entry that mapped the page ever since the walk took its lock.", func(s *State) F { return eachWalker(func(w F) F { return Not(s.H.Missed(w)) }) }},
		{"NoMissedMapping.NoMigrationLeft", "No migration entry outlives its migration.", func(s *State) F {
			return All2(Thread, Slot, func(m, i F) F {
				return Imp(Eq(s.E.Kind(m, i), "Migration"), Some(Thread, func(w F) F { return And(isWalker.Of(w), s.isOp(w, "Migrate"), Eq(s.T.Page(w), s.E.Page(m, i))) }))
			})
		}},
		{"NoUseAfterFree.NoFreedArea", "No thread touches a freed area.", func(s *State) F { return All(Thread, func(w F) F { return Ne(s.T.Oops(w), "FreedVMA") }) }},
		{"NoUseAfterFree.NoFreedEntry", "Nor a freed chain entry.", func(s *State) F {
			return All(Thread, func(w F) F { return Not(Is(s.T.Oops(w), "EmptyChain", "UnlinkedEntry")) })
		}},
		{"NoUseAfterFree.NoDeadTouched", "Nor, outside of a lookup, an anon_vma that is not live.", (*State).touchedLive},
		{"NoBadFree.FreesLive", "What is freed is live.", func(s *State) F {
			return s.freeing(func(_, a F) F { return And(Ne(a, "None"), s.A.Live(a)) })
		}},
		{"NoBadFree.FreesUnlisted", "Its list is empty.", func(s *State) F { return s.freeing(func(_, a F) F { return s.noList(a) }) }},
		{"NoBadFree.FreesUnreferred", "Nobody refers to it.", func(s *State) F { return s.freeing(func(_, a F) F { return s.unreferred(a) }) }},
		{"NoBadFree.FreesUnlocked", "Nobody but a lookup holds its lock.", func(s *State) F {
			return s.freeing(func(_, a F) F {
				late := func(u F) F { return And(isWalker.Of(u), Not(s.refers(u))) }
				u := s.A.Lock(a)
				alone := Or(Eq(u, "None"), late(u))
				if s.trees {
					return And(alone, All(Thread, func(w F) F { return Imp(s.A.Readers(a, w), late(w)) }))
				}
				return alone
			})
		}},
		{"NoRecycledTrusted.NoStrangerPinned", "No thread takes a reference on an anon_vma that was freed since the page named it.", func(s *State) F {
			return eachWalker(func(w F) F {
				return Imp(s.H.Stale(w), Not(Or(s.at(w, "GetAnon"), And(s.at(w, "RecheckMapped"), s.phase(w, "Get"), Eq(s.T.Held(w), "None"), s.mapped(s.T.Page(w))))))
			})
		}},
		{"NoRecycledTrusted.NoStrangerWalked", "Nor walks its list for a page that was mapped all the time.", func(s *State) F {
			return eachWalker(func(w F) F { return Not(And(s.H.Stale(w), s.H.Steady(w), s.walking(w))) })
		}},
		{"MappedReachable.LeafLive", "The anon_vma that a mapped page names is live.", func(s *State) F {
			return All2(Thread, Slot, func(m, i F) F {
				a := s.P.Mapping(s.E.Page(m, i))
				return Imp(s.filled(m, i), And(Ne(a, "None"), s.A.Live(a)))
			})
		}},
		{"MappedReachable.LeafReaches", "Its list leads to every entry that maps the page.", func(s *State) F {
			return All2(Thread, Slot, func(m, i F) F {
				p := s.E.Page(m, i)
				return Imp(s.filled(m, i), Not(s.past(m, storeSteps...)), And(Ne(s.P.Mapping(p), "None"), Some(VMA, func(v F) F {
					return And(Eq(s.V.MM(v), m), s.V.Has(v, i), s.A.List(s.P.Mapping(p), v), Eq(address.Of(s.V.Start(v), s.V.Pgoff(v), s.P.Index(p)), i))
				})))
			})
		}},
		{"WritersIsolated.WritersIsolated", "A writable entry is the only entry of its page.", func(s *State) F {
			return All4(Thread, Slot, Thread, Slot, func(m, i, n, j F) F {
				return Imp(s.E.Writable(m, i), Or(Ne(m, n), Ne(i, j)), Ne(s.E.Page(m, i), s.E.Page(n, j)))
			})
		}},
		{"ListStable.NoEditUnderRead", "Nobody edits a list while another thread reads or edits it.", func(s *State) F {
			edits := func(t F) F { return s.at(t, "LinkList", "UnlinkList") }
			if s.trees {
				edited := func(t, a F) F {
					return Or(And(edits(t), Eq(s.T.Anon(t), a)), And(s.at(t, "TakeOut", "PutBack"), s.V.Chain(s.T.VMA(t), a)))
				}
				return All3(Thread, Thread, Object, func(m, t, a F) F {
					return Imp(isMM.Of(m), Ne(m, t), edited(m, a), Not(Or(And(s.walking(t), Eq(s.T.Anon(t), a)), And(isMM.Of(t), edited(t, a)))))
				})
			}
			return All2(Thread, Thread, func(m, t F) F {
				return Imp(isMM.Of(m), edits(m), Ne(m, t), Or(s.walking(t), edits(t)), Ne(s.T.Anon(m), s.T.Anon(t)))
			})
		}},
		{"LockSucceeds.LockSucceeds", "If the page stays mapped, the attempt to lock its family does not fail.", func(s *State) F { return eachWalker(func(w F) F { return Not(s.H.Failed(w)) }) }},
		{"UnlockMatchesLock.UnlockMatchesLock", "A thread unlocks only what it holds.", func(s *State) F {
			return All(Thread, func(t F) F {
				return And(Imp(s.at(t, "UnlockAnon", "UnlockAdjust", "UnlockRoot"), s.hasLock(t, s.T.Held(t))), Imp(s.at(t, "UnlockPage"), Eq(s.P.Lock(s.T.Page(t)), t)))
			})
		}},
		{"NothingHeldAtRest.NothingHeldAtRest", "A thread between operations holds no lock.", func(s *State) F {
			real := func(t F) F { return Or(isMM.Of(t), isWalker.Of(t)) }
			return And(All2(Thread, Object, func(t, a F) F { return Imp(real(t), s.at(t, "Idle"), Ne(s.A.Lock(a), t)) }),
				Or(value(Bool, !s.trees), All2(Thread, Object, func(t, a F) F { return Imp(s.at(t, "Idle"), Not(s.A.Readers(a, t))) })),
				All2(Thread, Page, func(t, p F) F { return Imp(real(t), s.at(t, "Idle"), Ne(s.P.Lock(p), t)) }))
		}},
		{"NothingLeaked.NothingLeaked", "When all processes are gone and nothing is pinned, every anon_vma is free.", func(s *State) F {
			gone := And(All(VMA, func(v F) F { return Eq(s.V.Life(v), "Unborn") }), All(Thread, func(t F) F { return And(s.at(t, "Idle"), Eq(s.T.Pin(t), "None")) }))
			return Imp(gone, All(Object, func(a F) F { return Not(s.A.Live(a)) }))
		}},
		{"ChainsMatchLists.AnonInChain", "Between operations an area's own anon_vma is on its chain; without one it has no chain.", func(s *State) F {
			return All(VMA, func(v F) F {
				return Imp(s.resting(v), If(Eq(s.V.Anon(v), "None"), s.noChain(v), s.V.Chain(v, s.V.Anon(v))))
			})
		}},
		{"ChainsMatchLists.ChainListed", "It is on the lists of the live anon_vmas of its chain.", func(s *State) F {
			return All2(VMA, Object, func(v, a F) F { return Imp(s.resting(v), s.V.Chain(v, a), And(s.A.Live(a), s.A.List(a, v))) })
		}},
		{"ChainsMatchLists.ListChained", "And on no other.", func(s *State) F {
			return All2(Object, VMA, func(a, v F) F {
				return Imp(s.A.List(a, v), And(Ne(s.V.Life(v), "Unborn"), Imp(s.resting(v), s.V.Chain(v, a))))
			})
		}},
		{"ChainsMatchLists.OneChain", "Areas of one process with one anon_vma have one chain.", func(s *State) F {
			return All4(VMA, VMA, Object, Object, func(u, v, a, b F) F {
				return Imp(s.resting(u), s.resting(v), Eq(s.V.MM(u), s.V.MM(v)), Eq(s.V.Anon(u), s.V.Anon(v)), And(Iff(s.V.Chain(u, a), s.V.Chain(v, a)), Or(value(Bool, s.trees), Iff(s.V.Newer(u, a, b), s.V.Newer(v, a, b)))))
			})
		}},
		{"AncestorsReused.NoneLeft", "A fork that has cloned a chain, and has the lock still, has taken an ancestor if one was free: without an area of its own, and with at most one child in use.", func(s *State) F {
			return s.forked(func(n F) F {
				return Imp(Eq(s.V.Anon(n), "None"), All(Object, func(a F) F { return Imp(s.V.Chain(n, a), Not(s.freeToTake(a, n))) }))
			})
		}},
		{"AncestorsReused.TakenFree", "And only then.", func(s *State) F {
			return s.forked(func(n F) F { return Imp(Ne(s.V.Anon(n), "None"), s.freeToTake(s.V.Anon(n), n)) })
		}},
		{"AncestorsReused.ParentNamed", "What a fork makes instead is a child of the forked area's anon_vma.", func(s *State) F {
			return eachMM(func(m F) F {
				return Imp(s.at(m, "LinkList"), s.isOp(m, "Fork"), Not(s.T.Cloning(m)), Eq(s.A.Parent(s.T.Anon(m)), s.V.Anon(s.T.VMA(m))))
			})
		}},
		{"AncestorsReused.CountsExact", "Between operations a parent counts those of its children that are in use, and no others. The areas are counted here, not stored.", func(s *State) F {
			return Imp(eachMM(func(m F) F { return s.at(m, "Idle") }), All(Object, func(a F) F {
				p := s.A.Parent(a)
				return Imp(Some(VMA, func(v F) F { return s.A.List(p, v) }), Iff(s.A.Counted(a), Some(VMA, func(v F) F { return s.A.List(a, v) })))
			}))
		}},
		{"TreesSorted.InOrder", "A tree is in the order of page offsets.", func(s *State) F {
			return All3(Object, VMA, VMA, func(a, u, v F) F {
				return Imp(s.A.List(a, u), s.A.List(a, v), s.A.Before(a, u, v), notBehind.Of(s.V.Pgoff(u), s.V.Pgoff(v)))
			})
		}},
		{"TreesSorted.OutWhileStored", "An area whose extent is stored to is in no tree.", func(s *State) F {
			return All2(Thread, Object, func(m, a F) F {
				return Imp(isMM.Of(m), s.at(m, storeSteps...), Not(s.A.List(a, s.T.VMA(m))))
			})
		}},
		{NoDeadlock + ".SomebodyRuns", "Of the threads in operations one waits for no lock: who holds an anon_vma's lock waits for none, who holds a page's for no page's.", (*State).somebodyRuns},
		{"OneRoot.SameTail", "All areas on a list have the same root at the end of their chains.", func(s *State) F {
			return All3(Object, VMA, VMA, func(a, u, v F) F {
				return Imp(s.A.Live(a), s.A.List(a, u), s.A.List(a, v), And(s.V.Chain(u, s.V.Tail(u)), Eq(s.V.Tail(u), s.V.Tail(v))))
			})
		}},
		{"OneRoot.TailIsRoot", "It is the root of the list's anon_vma.", func(s *State) F {
			return All2(Object, VMA, func(a, v F) F {
				return Imp(s.A.Live(a), s.A.List(a, v), And(s.V.Chain(v, s.V.Tail(v)), Eq(s.V.Tail(v), s.A.Root(a))))
			})
		}},
		{"MutualExclusion.WriterAlone", "While a process is inside a family nobody else is.", func(s *State) F { return s.apart(isMM) }},
		{"MutualExclusion.HolderAlone", "Nor is anybody else while a walker is.", func(s *State) F { return s.apart(isWalker) }},
		{"LockedIsRoot.HeldIsLive", "What a walker holds while it walks is live.", func(s *State) F { return eachWalker(func(w F) F { return Imp(s.walking(w), s.A.Live(s.T.Held(w))) }) }},
		{"LockedIsRoot.HeldIsOwnRoot", "It is a root.", func(s *State) F {
			return eachWalker(func(w F) F { return Imp(s.walking(w), Eq(s.A.Root(s.T.Held(w)), s.T.Held(w))) })
		}},
		{"LockedIsRoot.HeldIsRootOfLeaf", "It is the root of what the walker walks.", func(s *State) F {
			return eachWalker(func(w F) F { return Imp(s.walking(w), Eq(s.A.Root(s.T.Anon(w)), s.T.Held(w))) })
		}},
		{"RootFreedLast.RootFreedLast", "No anon_vma outlives its root.", func(s *State) F {
			return All(Object, func(a F) F { return Imp(s.A.Live(a), s.A.Live(s.A.Root(a))) })
		}},
	}
}

// initial: nothing is mapped, and nobody does anything. Every initial state of tla/ can be
// reached from there, by Map, Fault and Fork, if budgets are left out of account; that the
// invariant is true in those, too, is a test.
func initial(s *State) F {
	parts := []F{
		All(VMA, func(v F) F {
			return And(Eq(s.V.Life(v), "Unborn"), Eq(s.V.MM(v), "None"), Eq(s.V.Anon(v), "None"), Eq(s.V.Tail(v), "None"), Eq(s.V.By(v), "None"), Eq(s.V.Copy(v), "None"), s.noChain(v), All(Slot, func(i F) F { return Not(s.V.Has(v, i)) }))
		}),
		All(Object, func(a F) F {
			return And(Not(s.A.Live(a)), Eq(s.A.Lock(a), "None"), s.noList(a), Not(s.A.Pins(a)), Not(s.A.Listed(a)))
		}),
		All3(Object, VMA, VMA, func(a, u, v F) F { return Not(s.A.Before(a, u, v)) }),
		All3(VMA, Object, Object, func(v, a, b F) F { return Not(s.V.Newer(v, a, b)) }),
		All(Page, func(p F) F { return And(Eq(s.P.Mapping(p), "None"), Eq(s.P.Lock(p), "None"), Not(s.P.Stale(p))) }),
		All2(Thread, Slot, func(m, i F) F {
			return And(Eq(s.E.Kind(m, i), "Empty"), Eq(s.E.Page(m, i), "None"), Not(s.E.Writable(m, i)), Not(s.T.Extent(m, i)))
		}),
		All(Thread, func(t F) F {
			return And(s.at(t, "Idle"), s.isOp(t, "None"), s.phase(t, "None"), Eq(s.T.VMA(t), "None"), Eq(s.T.New(t), "None"), Eq(s.T.Anon(t), "None"), Eq(s.T.Root(t), "None"),
				Eq(s.T.Held(t), "None"), Eq(s.T.Pin(t), "None"), Eq(s.T.Ref(t), "None"), Eq(s.T.Page(t), "None"), Eq(s.T.Child(t), "None"), Eq(s.T.Near(t), "None"), Eq(s.T.Slot(t), "0"), Eq(s.T.Start(t), "0"), Eq(s.T.Gone(t), "None"), Eq(s.T.Oops(t), "None"),
				Not(s.T.Cloning(t)), Not(s.T.Empty(t)), Not(s.T.Last(t)), Not(s.H.Stale(t)), Not(s.H.Steady(t)), Not(s.H.Missed(t)), Not(s.H.Failed(t)))
		}),
		All2(Thread, VMA, func(t, v F) F { return Not(s.T.Done(t, v)) }),
		All3(Thread, Thread, Slot, func(w, m, i F) F { return Not(s.H.Owed(w, m, i)) }),
	}
	if s.trees {
		parts = append(parts, All(Object, func(a F) F { return And(Not(s.A.Counted(a)), Eq(s.A.Parent(a), "None")) }),
			All2(Object, Thread, func(a, w F) F { return Not(s.A.Readers(a, w)) }),
			All(Thread, func(t F) F { return Eq(s.T.Kept(t), "None") }))
	}
	return And(parts...)
}
