package proof

// Words of the law that steps, invariant and claims share: tla/AnonVMA.tla, and History.

func (s *State) at(t F, steps ...string) F    { return Is(s.T.PC(t), steps...) }
func (s *State) isOp(t F, ops ...string) F    { return Is(s.T.Op(t), ops...) }
func (s *State) phase(t F, names ...string) F { return Is(s.T.Phase(t), names...) }

func (s *State) splitting(m F) F { return s.isOp(m, "SplitBelow", "SplitAbove") }
func (s *State) building(m F) F  { return s.isOp(m, "Fork", "SplitBelow", "SplitAbove") }
func (s *State) dooming(m F) F   { return s.isOp(m, "Unmap", "Exit") }

// ending: areas leave; or, where a fork allocates an anon_vma before it clones, that is given back.
func (s *State) ending(m F) F {
	if !s.trees {
		return s.dooming(m)
	}
	return Or(s.dooming(m), And(s.isOp(m, "Fork"), s.at(m, s.putSteps...)))
}

// past: a split has stored the extent, and is at one of these steps or, where that is one, about to
// put the area back.
func (s *State) past(m F, steps ...string) F {
	if s.trees {
		steps = append(steps, "PutBack")
	}
	return s.at(m, steps...)
}

func (s *State) isArea(v, m F) F   { return And(Eq(s.V.Life(v), "Mapped"), Eq(s.V.MM(v), m)) }
func (s *State) isDoomed(v, m F) F { return And(Eq(s.V.Life(v), "Detached"), Eq(s.V.MM(v), m)) }

// linked is the area of the chain entry in hand.
func (s *State) linked(m F) F { return If(s.building(m), s.T.New(m), s.T.VMA(m)) }

// busyChild: a fork makes process m.
func (s *State) busyChild(m F) F {
	return Some(Thread, func(n F) F { return And(s.isOp(n, "Fork"), Eq(s.T.Child(n), m)) })
}

func (s *State) quiet(m F) F { return And(s.at(m, "Idle"), Not(s.busyChild(m))) }

func (s *State) filled(m, i F) F { return Ne(s.E.Kind(m, i), "Empty") }

// maps: an entry is present and has page p.
func (s *State) maps(m, i, p F) F { return And(Eq(s.E.Kind(m, i), "Present"), Eq(s.E.Page(m, i), p)) }

func (s *State) mapped(p F) F {
	return Some2(Thread, Slot, func(m, i F) F { return s.maps(m, i, p) })
}

// empty chains and lists.
func (s *State) noChain(v F) F { return All(Object, func(a F) F { return Not(s.V.Chain(v, a)) }) }
func (s *State) noList(a F) F  { return All(VMA, func(v F) F { return Not(s.A.List(a, v)) }) }

// only: the chain of v has no entry but a.
func (s *State) only(v, a F) F {
	return All(Object, func(b F) F { return Imp(s.V.Chain(v, b), Eq(b, a)) })
}

// first: a is the newest entry of v's chain.
func (s *State) first(v, a F) F {
	return And(s.V.Chain(v, a), All(Object, func(b F) F { return Imp(s.V.Chain(v, b), Ne(b, a), s.V.Newer(v, a, b)) }))
}

// References: of walkers, and of objects on their roots; where lists are counted also of
// lists, and of threads that have a second one.
func (s *State) walkerHas(w, a F) F { return And(isWalker.Of(w), Eq(s.T.Pin(w), a)) }
func (s *State) childHas(c, a F) F  { return And(s.A.Pins(c), Eq(s.A.Root(c), a)) }
func (s *State) noWalkerHas(a F) F  { return All(Thread, func(w F) F { return Not(s.walkerHas(w, a)) }) }
func (s *State) noChildHas(a F) F   { return All(Object, func(c F) F { return Not(s.childHas(c, a)) }) }
func (s *State) noRefHas(a F) F     { return All(Thread, func(t F) F { return Ne(s.T.Ref(t), a) }) }

// unreferred: the count of a is 0.
func (s *State) unreferred(a F) F {
	if !s.countsList {
		return And(s.noWalkerHas(a), s.noChildHas(a))
	}
	return And(s.noWalkerHas(a), s.noChildHas(a), s.noRefHas(a), Not(s.A.Listed(a)))
}

// An operation of a process ends.
func (n *State) endMM(m F) {
	n.put(m, registers{PC: "Idle", Op: "None", Phase: "None", VMA: "None", New: "None", Anon: "None", Root: "None", Held: "None", Page: "None", Slot: "0", Cloning: false, Child: "None", Empty: false, Last: false, Near: "None"})
	n.T.Done.Each(func(old F, x ...F) F { return And(Ne(x[0], m), old) })
}

// An operation of a walker ends: it keeps its reference.
func (n *State) endWalker(w F) {
	n.put(w, registers{PC: "Idle", Op: "None", Phase: "None", VMA: "None", Anon: "None", Root: "None", Held: "None", Page: "None", Slot: "0", Empty: false, Last: false, Gone: "None"})
	n.H.Stale.Set(w, false)
	n.H.Steady.Set(w, false)
}

// Locks of objects.
func (b *Branch) take(t, a F) {
	b.when(b.S.unlocked(a))
	b.N.A.Lock.Set(a, t)
	b.N.put(t, registers{Held: a})
}

// enter: a walker takes the lock, with others where walkers share it.
func (b *Branch) enter(w, a F) {
	if !b.S.trees {
		b.take(w, a)
		return
	}
	b.when(b.S.mayEnter(a))
	b.N.A.Readers.Set(a, w, true)
	b.N.put(w, registers{Held: a})
}

func (b *Branch) drop(t F) {
	held := b.S.T.Held(t)
	b.N.A.Lock.Set(held, If(And(value(Bool, b.S.trees), isWalker.Of(t), Ne(b.S.A.Lock(held), t)), b.S.A.Lock(held), None(Thread)))
	if b.S.trees {
		b.N.A.Readers.Set(held, t, false)
	}
	b.N.put(t, registers{Held: "None"})
}

// unlocked: nobody has the lock of object a, alone or with others.
func (s *State) unlocked(a F) F {
	if !s.trees {
		return Eq(s.A.Lock(a), "None")
	}
	return And(Eq(s.A.Lock(a), "None"), s.noReader(a))
}
func (s *State) noReader(a F) F { return All(Thread, func(w F) F { return Not(s.A.Readers(a, w)) }) }

// mayEnter: a walker may take the lock of object a. Who wants it alone, and waits for readers,
// stops others.
func (s *State) mayEnter(a F) F {
	if !s.trees {
		return s.unlocked(a)
	}
	return And(Eq(s.A.Lock(a), "None"), Or(s.noReader(a), All(Thread, func(t F) F { return Not(s.wantsAlone(t, a)) })))
}

// wantsAlone: the next step of t takes the lock of object a for itself.
func (s *State) wantsAlone(t, a F) F {
	return Or(And(s.at(t, "LockAnon", "LockAdjust"), Eq(s.A.Root(s.T.Anon(t)), a)), And(s.at(t, "LockRoot"), s.T.Empty(t), Eq(s.T.Root(t), a)))
}

// free: object a, live -> free.
func (b *Branch) free(a F) {
	b.N.A.Live.Set(a, false)
	if b.S.trees {
		b.N.A.Parent.Set(a, "None")
	}
	b.freed = a
}

// due is what the walk of w owes a visit, if it takes the lock now.
func (s *State) due(w, m, i F) F {
	return If(s.phase(w, "Pinned"), s.duePinned(w, m, i), s.duePage(w, m, i))
}

// duePinned: of a pinned object, the address in each process that has an area there which
// is on the list.
func (s *State) duePinned(w, m, i F) F {
	return And(Eq(i, s.T.Slot(w)), Some(VMA, func(v F) F { return s.ledTo(w, m, v) }))
}

// ledTo: v is on the list that w walks, and has the address that w looks at in process m.
func (s *State) ledTo(w, m, v F) F {
	return And(s.A.List(s.T.Anon(w), v), s.isArea(v, m), s.V.Has(v, s.T.Slot(w)))
}

// duePage: of a page, the entries that map it; for the second walk of a migration those
// that the first one left.
func (s *State) duePage(w, m, i F) F {
	return And(Eq(s.E.Page(m, i), s.T.Page(w)), Eq(s.E.Kind(m, i), If(s.phase(w, "Two"), Named(Kind, "Migration"), Named(Kind, "Present"))))
}

// record ends a step as in tla/History: what it did to the history. Where the step changes
// nothing that a part of the history is about, that part is as it was, by the invariant.
func (b *Branch) record() {
	n := b.N
	entries := b.changes(&n.E.Kind, &n.E.Page)
	areas := b.changes(&n.V.Life, &n.V.MM, &n.V.Has, &n.A.List)
	if entries {
		n.H.Steady.Each(func(old F, x ...F) F { return And(old, n.mapped(n.T.Page(x[0]))) })
	}
	if entries || areas {
		n.H.Owed.Each(func(old F, x ...F) F {
			still := [2]F{True, True}
			if entries {
				still[0] = n.duePage(x[0], x[1], x[2])
			}
			if areas {
				still[1] = n.duePinned(x[0], x[1], x[2])
			}
			return And(old, If(n.phase(x[0], "Pinned"), still[1], still[0]))
		})
	}
	if a := b.freed; a != nil {
		s, t := b.S, b.Actor
		n.P.Stale.Each(func(old F, x ...F) F { return Or(old, And(Ne(a, "None"), Eq(s.P.Mapping(x[0]), a))) })
		n.H.Stale.Each(func(old F, x ...F) F {
			return Or(old, And(Ne(a, "None"), Ne(x[0], t), isWalker.Of(x[0]), Eq(s.T.Anon(x[0]), a)))
		})
	}
}
