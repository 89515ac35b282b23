package proof

// An operation of a process begins.

func (l *law) begin() {
	l.mm("Map", func(b *Branch, m F) {
		s, n, v, start, end := b.S, b.N, b.pick(VMA), b.pick(Slot), b.pick(Slot)
		inside := func(i F) F { return And(atMost.Of(start, i), Not(atMost.Of(end, i))) }
		b.when(Not(atMost.Of(end, start)), Ne(v, "None"), Eq(s.V.Life(v), "Unborn"),
			All2(VMA, Slot, func(u, i F) F { return Imp(s.isArea(u, m), s.V.Has(u, i), Not(inside(i))) }))
		n.put(v, area{Life: "Mapped", MM: m, By: m, Start: start, Pgoff: ownOffset.Of(start)})
		n.V.Has.Each(func(old F, x ...F) F { return If(Eq(x[0], v), inside(x[1]), old) })
	})
	fault := func(name string, phase string, body func(b *Branch, m, v, i F)) {
		l.mm(name, func(b *Branch, m F) {
			v, i := b.pick(VMA), b.pick(Slot)
			b.when(b.S.isArea(v, m), b.S.V.Has(v, i))
			b.N.put(m, registers{Op: "Fault", Phase: phase, VMA: v, Slot: i})
			body(b, m, v, i)
		})
	}
	fault("Fault.anon", "New", func(b *Branch, m, v, i F) {
		b.when(Not(b.S.filled(m, i)), Ne(b.S.V.Anon(v), "None"))
		b.N.put(m, registers{PC: "MapPage"})
	})
	share := func(name string, near func(s *State, u, v F) F, not func(s *State, m, v F) F) {
		fault(name, "New", func(b *Branch, m, v, i F) {
			s, u := b.S, b.pick(VMA)
			b.when(Not(s.filled(m, i)), Eq(s.V.Anon(v), "None"), s.sharable(u, m), near(s, u, v), not(s, m, v))
			b.N.put(m, registers{Anon: s.V.Anon(u), Near: u, PC: "LockAnon"})
		})
	}
	next := func(s *State, u, v F) F { return s.adjoins(v, u) }
	noNext := func(s *State, m, v F) F {
		return All(VMA, func(u F) F { return Not(And(s.sharable(u, m), next(s, u, v))) })
	}
	noPrevious := func(s *State, m, v F) F {
		return All(VMA, func(u F) F { return Not(And(s.sharable(u, m), s.adjoins(u, v))) })
	}
	share("Fault.next", next, func(*State, F, F) F { return True })
	share("Fault.previous", (*State).adjoins, noNext)
	fault("Fault.fresh", "New", func(b *Branch, m, v, i F) {
		b.when(Not(b.S.filled(m, i)), Eq(b.S.V.Anon(v), "None"), noNext(b.S, m, v), noPrevious(b.S, m, v))
		b.N.put(m, registers{PC: "AllocAnon"})
	})
	fault("Fault.cow", "Cow", func(b *Branch, m, v, i F) {
		b.when(Eq(b.S.E.Kind(m, i), "Present"), Not(b.S.E.Writable(m, i)))
		b.N.put(m, registers{Page: b.S.E.Page(m, i), PC: "LockPage"})
	})
	l.mm("Fork", func(b *Branch, m F) {
		s, n, c, v := b.S, b.N, b.pick(Thread), b.pick(VMA)
		b.when(isMM.Of(c), Ne(c, m), s.quiet(c), All(VMA, func(u F) F { return Not(Or(s.isArea(u, c), s.isDoomed(u, c))) }),
			s.isArea(v, m), s.lowest(v, func(u F) F { return s.isArea(u, m) }))
		n.put(m, registers{Op: "Fork", Child: c, VMA: v, PC: "CopyVMA"})
	})
	l.doom("Unmap", func(_ *State, u, _, v F) F { return Eq(u, v) })
	l.doom("Exit", func(s *State, u, m, _ F) F { return s.isArea(u, m) })
	for _, op := range []string{"SplitBelow", "SplitAbove"} {
		l.mm(op, func(b *Branch, m F) {
			s, n, v, i := b.S, b.N, b.pick(VMA), b.pick(Slot)
			b.when(s.isArea(v, m), s.V.Has(v, i), Ne(i, s.V.Start(v)))
			n.put(m, registers{Op: op, VMA: v, Slot: i, PC: "CopyVMA"})
		})
	}
}

// sharable: u is an area of m whose anon_vma another may take over: never forked.
func (s *State) sharable(u, m F) F {
	return And(s.isArea(u, m), Ne(s.V.Anon(u), "None"), s.only(u, s.V.Anon(u)))
}

// adjoins: v begins where u ends, and their offsets are contiguous. An area ends where
// another begins if it has all addresses between their starts.
func (s *State) adjoins(u, v F) F {
	x, y := s.V.Start(u), s.V.Start(v)
	return And(Not(atMost.Of(y, x)), Eq(s.V.Pgoff(v), offset.Of(x, s.V.Pgoff(u), y)),
		All(Slot, func(i F) F { return Imp(atMost.Of(x, i), Not(atMost.Of(y, i)), s.V.Has(u, i)) }))
}

// lowest: no area of a set begins below v.
func (s *State) lowest(v F, of func(u F) F) F {
	return All(VMA, func(u F) F { return Imp(of(u), atMost.Of(s.V.Start(v), s.V.Start(u))) })
}

// byStart is the order of areas.
func (s *State) byStart(u, v F) F { return atMost.Of(s.V.Start(u), s.V.Start(v)) }

// below is the order of addresses.
func below(i, j F) F { return atMost.Of(i, j) }

// doom: areas leave the process. `goes`: the areas that leave, if v is chosen.
func (l *law) doom(op string, goes func(s *State, u, m, v F) F) {
	common := func(name string, body func(b *Branch, m, v F, filled F)) {
		l.mm(op+"."+name, func(b *Branch, m F) {
			s, n, v := b.S, b.N, b.pick(VMA)
			b.when(s.isArea(v, m), s.lowest(v, func(u F) F { return goes(s, u, m, v) }))
			n.V.Life.Each(func(old F, x ...F) F { return If(goes(s, x[0], m, v), "Detached", old) })
			n.V.By.Each(func(old F, x ...F) F { return If(goes(s, x[0], m, v), m, old) })
			n.put(m, registers{Op: op, VMA: v})
			body(b, m, v, Some2(VMA, Slot, func(u, i F) F { return And(goes(s, u, m, v), s.V.Has(u, i), s.filled(m, i)) }))
		})
	}
	common("filled", func(b *Branch, m, v, filled F) {
		b.when(filled)
		b.N.put(m, registers{PC: "ZapEntry"})
	})
	for _, w := range l.ways() {
		common(w.name, func(b *Branch, m, v, filled F) {
			b.when(Not(filled))
			w.next(b, m, v)
		})
	}
}

// A way is where a dying area goes next.
type way struct {
	name string
	next func(b *Branch, m, v F)
}

// ways: to the lock of its lists, or to its end. Where the lists are left in one section there is
// one more: to what it was the last to use.
func (l *law) ways() []way {
	list := []way{{"chain", (*Branch).unlinkNext}, {"bare", (*Branch).freeNext}}
	if l.trees {
		list = append(list, way{"put", (*Branch).putNext})
	}
	return list
}

// unlinkNext: the dying area v goes on with the newest entry of its chain.
func (b *Branch) unlinkNext(m, v F) {
	if own := b.N.V.Anon(v); b.S.trees { // which tells the lock
		b.when(Ne(own, "None"))
		b.N.put(m, registers{VMA: v, Anon: own, Kept: "None", PC: "LockAnon"})
		return
	}
	a := b.pick(Object)
	b.when(b.N.first(v, a))
	b.least(Object, func(x F) F { return b.N.V.Chain(v, x) }, func(x, y F) F { return b.N.V.Newer(v, x, y) })
	b.N.put(m, registers{VMA: v, Anon: a, PC: "LockAnon"})
}

// putNext: of the dying area v entries are left whose trees are empty; their anon_vmas are put.
func (b *Branch) putNext(m, v F) {
	b.when(Eq(b.N.V.Anon(v), "None"))
	a := b.pickNewest(b.N, v, everyOne)
	b.N.put(m, registers{VMA: v, Anon: a, Kept: a, PC: "PutAnon"})
}

// freeNext: the dying area v has no chain entry left.
func (b *Branch) freeNext(m, v F) {
	b.when(b.N.noChain(v))
	if b.S.trees {
		b.when(Eq(b.N.V.Anon(v), "None"))
		b.N.put(m, registers{Kept: "None"})
	}
	b.N.put(m, registers{VMA: v, Anon: "None", PC: "FreeVMA"})
}
