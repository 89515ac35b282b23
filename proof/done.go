package proof

// That an operation which ends has done its work: a claim about the step that ends it, as in
// tla/Claims.tla's DidItsWork.

// OperationDone is its name.
const OperationDone = "OperationDone"

// didItsWork: if the branch ends an operation, that has done its work. What a walk owes is
// NoMissedMapping's.
func (b *Branch) didItsWork() (goals []Goal) {
	s, n, t := b.S, b.N, b.Actor
	add := func(op string, f F) { goals = append(goals, Goal{OperationDone + "." + op, f}) }
	switch {
	case b.Step() == "Map":
		add("Map", All(Slot, func(i F) F {
			return Imp(atMost.Of(b.Picks[1], i), Not(atMost.Of(b.Picks[2], i)), And(n.isArea(b.Picks[0], t), n.V.Has(b.Picks[0], i)))
		}))
	case b.Step() == "Pin":
		add("Pin", Ne(n.T.Pin(t), "None"))
	case n.T.Op(t) != Named(Op, "None"): // it ends none
	case b.Guard[0] == isWalker.Of(t):
		add("Migrate", Imp(s.isOp(t, "Migrate", "Unpin"), Eq(n.T.Pin(t), "None")))
	default:
		add("Fault", Imp(s.isOp(t, "Fault"), b.faultDone()))
		for _, part := range b.forkDone() {
			add(part.Name, Imp(s.isOp(t, "Fork"), part.F))
		}
		add("Unmap", Imp(s.dooming(t), b.unmapDone()))
		add("Exit", Imp(s.isOp(t, "Exit"), b.exitDone()))
		add("Split", And(Imp(s.isOp(t, "SplitBelow"), b.cut(s.T.New(t), s.T.VMA(t))), Imp(s.isOp(t, "SplitAbove"), b.cut(s.T.VMA(t), s.T.New(t)))))
	}
	return goals
}

// faultDone: the entry is not as the fault found it, or there is no page.
func (b *Branch) faultDone() F {
	s, n, m := b.S, b.N, b.Actor
	i, p := s.T.Slot(m), s.T.Page(m)
	return Or(All(Page, func(p F) F { return Not(n.freePage(p)) }),
		And(n.filled(m, i), Or(n.E.Writable(m, i), Eq(p, "None"), Not(n.maps(m, i, p)))))
}

// forkDone: every area has a copy, with the same chain below an anon_vma of its own, and with
// the same pages, which nobody may write.
func (b *Branch) forkDone() []Goal {
	s, n, m := b.S, b.N, b.Actor
	c := s.T.Child(m)
	copyOf := s.V.Copy
	if b.Step() == "CopyVMA" {
		copyOf.Set(s.T.VMA(m), b.Picks[0])
	}
	return []Goal{
		{"ForkAreas", All(VMA, func(v F) F {
			u := copyOf(v)
			return Imp(n.isArea(v, m), And(n.isArea(u, c), Eq(n.V.Start(u), n.V.Start(v)), Eq(n.V.Pgoff(u), n.V.Pgoff(v)),
				Iff(Eq(n.V.Anon(v), "None"), Eq(n.V.Anon(u), "None"))))
		})},
		{"ForkPages", All2(VMA, Slot, func(v, i F) F {
			return Imp(n.isArea(v, m), And(Iff(n.V.Has(copyOf(v), i), n.V.Has(v, i)),
				Imp(n.V.Has(v, i), And(Eq(n.E.Page(c, i), n.E.Page(m, i)), Not(n.E.Writable(c, i)), Not(n.E.Writable(m, i))))))
		})},
		{"ForkChains", All3(VMA, Object, Object, func(v, a, o F) F {
			return Imp(n.isArea(v, m), Ne(n.V.Anon(v), "None"), n.copiedChain(v, copyOf(v), a, o))
		})},
	}
}

// copiedChain: the chain of u is that of v, below its own anon_vma. Of anon_vmas a and o.
func (s *State) copiedChain(v, u, a, o F) F {
	own := s.V.Anon(u)
	if s.trees { // or an ancestor is taken; and the order is another
		return And(Ne(own, s.V.Anon(v)), Iff(s.V.Chain(u, a), Or(s.V.Chain(v, a), Eq(a, own))))
	}
	return And(Not(s.V.Chain(v, own)), Iff(s.V.Chain(u, a), Or(s.V.Chain(v, a), Eq(a, own))), Imp(s.V.Chain(v, a), s.V.Newer(u, own, a)),
		Imp(s.V.Chain(v, a), s.V.Chain(v, o), Iff(s.V.Newer(u, a, o), s.V.Newer(v, a, o))))
}

// unmapDone: no area is on the way out, and nothing is where the last one was.
func (b *Branch) unmapDone() F {
	s, n, m := b.S, b.N, b.Actor
	return And(All(VMA, func(v F) F { return Not(n.isDoomed(v, m)) }),
		All2(VMA, Slot, func(v, i F) F {
			return Imp(s.V.Has(s.T.VMA(m), i), And(Not(n.filled(m, i)), Imp(n.isArea(v, m), Not(n.V.Has(v, i)))))
		}))
}

// exitDone: nothing is left.
func (b *Branch) exitDone() F {
	n, m := b.N, b.Actor
	return And(All(VMA, func(v F) F { return Not(n.isArea(v, m)) }), All(Slot, func(i F) F { return Not(n.filled(m, i)) }))
}

// cut: the two areas of a split meet where it was asked, and are alike otherwise.
func (b *Branch) cut(low, high F) F {
	n, m := b.N, b.Actor
	at := b.S.T.Slot(m)
	return And(n.isArea(low, m), n.isArea(high, m), n.V.Has(low, n.V.Start(low)), n.V.Has(high, at), Eq(n.V.Start(high), at),
		Eq(n.V.Pgoff(high), offset.Of(n.V.Start(low), n.V.Pgoff(low), at)), Eq(n.V.Anon(low), n.V.Anon(high)),
		All(Slot, func(i F) F {
			return And(Imp(n.V.Has(low, i), Not(atMost.Of(at, i))), Imp(n.V.Has(high, i), atMost.Of(at, i)), Imp(atMost.Of(n.V.Start(low), i), Not(atMost.Of(at, i)), n.V.Has(low, i)))
		}),
		All2(Object, Object, func(a, o F) F {
			return And(Iff(n.V.Chain(low, a), n.V.Chain(high, a)), Or(value(Bool, n.trees), Iff(n.V.Newer(low, a, o), n.V.Newer(high, a, o))))
		}))
}

// complete: the fork of m has copied area v, and all that v has.
func (s *State) complete(m, v F) F {
	return And(isMM.Of(m), s.isOp(m, "Fork"), s.isArea(v, m), s.T.Done(m, v), Or(Ne(v, s.T.VMA(m)), s.at(m, "CopyEntry")))
}

var workConjuncts = []Conjunct{
	{"StartIsLowest", "An area has the address at which it begins, and none below.", func(s *State) F {
		return And(All(VMA, func(v F) F { return Imp(Ne(s.V.Life(v), "Unborn"), s.V.Has(v, s.V.Start(v))) }),
			All2(VMA, Slot, func(v, i F) F { return Imp(s.V.Has(v, i), atMost.Of(s.V.Start(v), i)) }))
	}},
	{"NoHoles", "And all between that and another of its addresses.", func(s *State) F {
		return All3(VMA, Slot, Slot, func(v, i, j F) F {
			return Imp(s.V.Has(v, i), atMost.Of(s.V.Start(v), j), atMost.Of(j, i), s.V.Has(v, j))
		})
	}},
	{"SplitInside", "A split is at an address of the area, and not the first, until the store.", func(s *State) F {
		return eachMM(func(m F) F {
			return Imp(s.splitting(m), Not(s.past(m, "StorePgoff", "UnlockAdjust")), And(s.V.Has(s.T.VMA(m), s.T.Slot(m)), Ne(s.T.Slot(m), s.V.Start(s.T.VMA(m)))))
		})
	}},
	{"CutWhole", "The lower part of a split has all addresses up to the cut.", func(s *State) F {
		return All2(Thread, Slot, func(m, i F) F {
			low := If(s.isOp(m, "SplitBelow"), s.T.New(m), s.T.VMA(m))
			return Imp(isMM.Of(m), s.splitting(m), Ne(s.T.New(m), "None"), atMost.Of(s.V.Start(low), i), Not(atMost.Of(s.T.Slot(m), i)), s.V.Has(low, i))
		})
	}},
	{"CutPgoff", "The upper part begins at the cut, with the offset that belongs there: the old area from its last store on.", func(s *State) F {
		return eachMM(func(m F) F {
			upper := func(low, high F) F {
				return And(Eq(s.V.Start(high), s.T.Slot(m)), Eq(s.V.Pgoff(high), offset.Of(s.V.Start(low), s.V.Pgoff(low), s.T.Slot(m))))
			}
			return Imp(Ne(s.T.New(m), "None"), And(Imp(s.isOp(m, "SplitAbove"), upper(s.T.VMA(m), s.T.New(m))),
				Imp(s.isOp(m, "SplitBelow"), s.past(m, "UnlockAdjust"), upper(s.T.New(m), s.T.VMA(m)))))
		})
	}},
	{"FaultFilled", "The entry of a write fault is filled.", func(s *State) F {
		return eachMM(func(m F) F { return Imp(s.isOp(m, "Fault"), s.phase(m, "Cow"), s.filled(m, s.T.Slot(m))) })
	}},
	{"ExitBare", "A process that exits has no mapped area.", func(s *State) F {
		return All2(Thread, VMA, func(m, v F) F { return Imp(isMM.Of(m), s.isOp(m, "Exit"), Not(s.isArea(v, m))) })
	}},
	{"GivenBack", "A migration that gives its page back has no reference, nor has one that has put it.", func(s *State) F {
		return eachWalker(func(w F) F {
			return And(Imp(s.at(w, "UnlockPage"), Eq(s.T.Pin(w), "None")), Imp(s.phase(w, "Put"), s.at(w, "UnlockRoot", "FreeAnon"), Eq(s.T.Pin(w), "None")))
		})
	}},
	{"Copied", "Each area that a fork has copied has a copy: the new area, or a complete one of the child.", func(s *State) F {
		return All2(Thread, VMA, func(m, v F) F {
			u := s.V.Copy(v)
			return Imp(isMM.Of(m), s.isOp(m, "Fork"), s.isArea(v, m), s.T.Done(m, v), And(Ne(u, "None"), Eq(s.V.MM(u), s.T.Child(m)), Eq(s.V.Start(u), s.V.Start(v)), Eq(s.V.Pgoff(u), s.V.Pgoff(v)),
				If(Eq(v, s.T.VMA(m)), Eq(u, s.T.New(m)), Eq(s.V.Life(u), "Mapped"))))
		})
	}},
	{"CopiedHas", "It has the same addresses.", func(s *State) F {
		return All3(Thread, VMA, Slot, func(m, v, i F) F {
			return By(Imp(isMM.Of(m), s.isOp(m, "Fork"), s.isArea(v, m), s.T.Done(m, v), Iff(s.V.Has(s.V.Copy(v), i), s.V.Has(v, i))), s.T.Done(m, v), s.V.Has(v, i))
		})
	}},
	{"OwnNewest", "The child's own anon_vma is the newest of the copy's chain.", func(s *State) F {
		return All2(Thread, Object, func(m, o F) F {
			return Imp(isMM.Of(m), s.isOp(m, "Fork"), Not(s.T.Cloning(m)), s.at(m, "LockAnon", "LinkList", "UnlockAnon"), s.V.Chain(s.T.VMA(m), o), s.V.Newer(s.T.New(m), s.T.Anon(m), o))
		})
	}},
	{"CopiedAnon", "It has an anon_vma if the original has.", func(s *State) F {
		return All2(Thread, VMA, func(m, v F) F {
			return Imp(s.complete(m, v), Iff(Eq(s.V.Anon(v), "None"), Eq(s.V.Anon(s.V.Copy(v)), "None")))
		})
	}},
	{"CopiedChain", "Its chain is the original's below its own anon_vma.", func(s *State) F {
		return All4(Thread, VMA, Object, Object, func(m, v, a, o F) F {
			return Imp(s.complete(m, v), Ne(s.V.Anon(v), "None"), s.copiedChain(v, s.V.Copy(v), a, o))
		})
	}},
	{"CopiedEntries", "It has the original's pages, and neither may be written.", func(s *State) F {
		return All3(Thread, VMA, Slot, func(m, v, i F) F {
			c := s.T.Child(m)
			return Imp(s.complete(m, v), s.V.Has(v, i), Or(Ne(v, s.T.VMA(m)), Not(atMost.Of(s.T.Slot(m), i))),
				And(Eq(s.E.Page(c, i), s.E.Page(m, i)), Not(s.E.Writable(c, i)), Not(s.E.Writable(m, i))))
		})
	}},
}
