package proof

// The steps of a process: tla/MM.tla, and tla/RootPointer.tla for those that lock, edit a
// list, or free. In their order there.

func (l *law) processes() {
	l.begin()
	l.link()
	l.mapPages()
	l.unlink()
	l.dropRoot()
	l.store()
}

// ----------------------------------------------------------------- an operation begins

func (l *law) begin() {
	l.mm("Map", func(b *Branch, m F) {
		s, n, v, start, end := b.S, b.N, b.pick(VMA), b.pick(Slot), b.pick(Slot)
		inside := func(i F) F { return And(atMost.Of(start, i), Not(atMost.Of(end, i))) }
		b.when(Not(atMost.Of(end, start)), Ne(v, "None"), Eq(s.V.Life(v), "Unborn"),
			All2(VMA, Slot, func(u, i F) F { return Imp(s.isArea(u, m), s.V.Has(u, i), Not(inside(i))) }))
		n.V.Life.Set(v, "Mapped")
		n.V.MM.Set(v, m)
		n.V.By.Set(v, m)
		n.V.Start.Set(v, start)
		n.V.Pgoff.Set(v, ownOffset.Of(start))
		n.V.Has.Each(func(old F, x ...F) F { return If(Eq(x[0], v), inside(x[1]), old) })
	})
	fault := func(name string, phase string, body func(b *Branch, m, v, i F)) {
		l.mm(name, func(b *Branch, m F) {
			v, i := b.pick(VMA), b.pick(Slot)
			b.when(b.S.isArea(v, m), b.S.V.Has(v, i))
			b.N.T.Op.Set(m, "Fault")
			b.N.T.Phase.Set(m, phase)
			b.N.T.VMA.Set(m, v)
			b.N.T.Slot.Set(m, i)
			body(b, m, v, i)
		})
	}
	fault("Fault.anon", "New", func(b *Branch, m, v, i F) {
		b.when(Not(b.S.filled(m, i)), Ne(b.S.V.Anon(v), "None"))
		b.N.T.PC.Set(m, "MapPage")
	})
	share := func(name string, near func(s *State, u, v F) F, not func(s *State, m, v F) F) {
		fault(name, "New", func(b *Branch, m, v, i F) {
			s, u := b.S, b.pick(VMA)
			b.when(Not(s.filled(m, i)), Eq(s.V.Anon(v), "None"), s.sharable(u, m), near(s, u, v), not(s, m, v))
			b.N.T.Anon.Set(m, s.V.Anon(u))
			b.N.T.Near.Set(m, u)
			b.N.T.PC.Set(m, "LockAnon")
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
		b.N.T.PC.Set(m, "AllocAnon")
	})
	fault("Fault.cow", "Cow", func(b *Branch, m, v, i F) {
		b.when(Eq(b.S.E.Kind(m, i), "Present"), Not(b.S.E.Writable(m, i)))
		b.N.T.Page.Set(m, b.S.E.Page(m, i))
		b.N.T.PC.Set(m, "LockPage")
	})
	l.mm("Fork", func(b *Branch, m F) {
		s, n, c, v := b.S, b.N, b.pick(Thread), b.pick(VMA)
		b.when(isMM.Of(c), Ne(c, m), s.quiet(c), All(VMA, func(u F) F { return Not(Or(s.isArea(u, c), s.isDoomed(u, c))) }),
			s.isArea(v, m), s.lowest(v, func(u F) F { return s.isArea(u, m) }))
		n.T.Op.Set(m, "Fork")
		n.T.Child.Set(m, c)
		n.T.VMA.Set(m, v)
		n.T.PC.Set(m, "CopyVMA")
	})
	l.doom("Unmap", func(_ *State, u, _, v F) F { return Eq(u, v) })
	l.doom("Exit", func(s *State, u, m, _ F) F { return s.isArea(u, m) })
	for _, op := range []string{"SplitBelow", "SplitAbove"} {
		l.mm(op, func(b *Branch, m F) {
			s, n, v, i := b.S, b.N, b.pick(VMA), b.pick(Slot)
			b.when(s.isArea(v, m), s.V.Has(v, i), Ne(i, s.V.Start(v)))
			n.T.Op.Set(m, op)
			n.T.VMA.Set(m, v)
			n.T.Slot.Set(m, i)
			n.T.PC.Set(m, "CopyVMA")
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

// doom: areas leave the process. `goes`: the areas that leave, if v is chosen.
func (l *law) doom(op string, goes func(s *State, u, m, v F) F) {
	common := func(name string, body func(b *Branch, m, v F, filled F)) {
		l.mm(op+"."+name, func(b *Branch, m F) {
			s, n, v := b.S, b.N, b.pick(VMA)
			b.when(s.isArea(v, m), s.lowest(v, func(u F) F { return goes(s, u, m, v) }))
			n.V.Life.Each(func(old F, x ...F) F { return If(goes(s, x[0], m, v), "Detached", old) })
			n.V.By.Each(func(old F, x ...F) F { return If(goes(s, x[0], m, v), m, old) })
			n.T.Op.Set(m, op)
			n.T.VMA.Set(m, v)
			body(b, m, v, Some2(VMA, Slot, func(u, i F) F { return And(goes(s, u, m, v), s.V.Has(u, i), s.filled(m, i)) }))
		})
	}
	common("filled", func(b *Branch, m, v, filled F) {
		b.when(filled)
		b.N.T.PC.Set(m, "ZapEntry")
	})
	common("chain", func(b *Branch, m, v, filled F) {
		b.when(Not(filled))
		b.unlinkNext(m, v)
	})
	common("bare", func(b *Branch, m, v, filled F) {
		b.when(Not(filled))
		b.freeNext(m, v)
	})
}

// unlinkNext: the dying area v goes on with the newest entry of its chain.
func (b *Branch) unlinkNext(m, v F) {
	a := b.pick(Object)
	b.when(b.N.first(v, a))
	b.N.T.VMA.Set(m, v)
	b.N.T.Anon.Set(m, a)
	b.N.T.PC.Set(m, "LockAnon")
}

// freeNext: the dying area v has no chain entry left.
func (b *Branch) freeNext(m, v F) {
	b.when(b.N.noChain(v))
	b.N.T.VMA.Set(m, v)
	b.N.T.Anon.Set(m, "None")
	b.N.T.PC.Set(m, "FreeVMA")
}

// ------------------------------------------------------------ an area is built and linked

// after: an area that the fork of m has still to copy.
func (s *State) after(m, u F) F { return And(s.isArea(u, m), Not(s.T.Done(m, u)), Ne(u, s.T.VMA(m))) }

// nextVMA: a fork goes on with the next area, or ends.
func (b *Branch) nextVMA(m F) {
	s, n, u := b.S, b.N, b.pick(VMA)
	b.when(s.after(m, u), s.lowest(u, func(x F) F { return s.after(m, x) }))
	n.T.VMA.Set(m, u)
	n.T.New.Set(m, "None")
	n.T.Anon.Set(m, "None")
	n.T.Slot.Set(m, "0")
	n.T.PC.Set(m, "CopyVMA")
}

func (b *Branch) lastVMA(m F) {
	b.when(All(VMA, func(u F) F { return Not(b.S.after(m, u)) }))
	b.N.endMM(m)
}

// stores: where a split goes that needs no lock, or has it.
func (s *State) stores(m F) F {
	return If(s.isOp(m, "SplitBelow"), Named(PC, "StoreStart"), Named(PC, "StoreEnd"))
}

func (l *law) link() {
	l.copies()
	l.mm("AllocAnon.fault", func(b *Branch, m F) {
		a := b.pick(Object)
		b.when(Ne(a, "None"), b.S.isOp(m, "Fault"), Not(b.S.A.Live(a)))
		b.N.A.Live.Set(a, true)
		b.N.A.Root.Set(a, a)
		b.N.T.Anon.Set(m, a)
		b.N.T.PC.Set(m, "LockAnon")
	})
	l.mm("AllocAnon.fork", func(b *Branch, m F) {
		a := b.pick(Object)
		b.when(Ne(a, "None"), b.S.isOp(m, "Fork"), Not(b.S.A.Live(a)))
		b.N.A.Live.Set(a, true)
		b.N.A.Root.Set(a, b.S.A.Root(b.S.V.Anon(b.S.T.VMA(m))))
		b.N.V.Anon.Set(b.S.T.New(m), a)
		b.N.T.Anon.Set(m, a)
		b.N.T.PC.Set(m, "PinRoot")
	})
	l.mm("PinRoot", func(b *Branch, m F) {
		b.N.A.Pins.Set(b.S.T.Anon(m), true)
		b.N.T.PC.Set(m, "LinkChain")
	})
	l.mm("LockAnon", func(b *Branch, m F) {
		b.take(m, b.S.A.Root(b.S.T.Anon(m)))
		b.N.T.PC.Set(m, If(b.S.isOp(m, "Fault"), Named(PC, "LinkChain"), If(b.S.building(m), Named(PC, "LinkList"), Named(PC, "UnlinkList"))))
	})
	linkChain := func(b *Branch, m F) {
		v, a, fault := b.S.linked(m), b.S.T.Anon(m), b.S.isOp(m, "Fault")
		b.N.V.Chain.Set(v, a, true)
		b.N.V.Anon.Each(func(old F, x ...F) F { return If(And(fault, Eq(x[0], v)), a, old) })
		b.N.T.PC.Set(m, If(fault, Named(PC, "LinkList"), Named(PC, "LockAnon")))
	}
	l.mm("LinkChain.first", func(b *Branch, m F) {
		b.when(b.S.noChain(b.S.linked(m)))
		linkChain(b, m)
		b.N.V.Tail.Set(b.S.linked(m), b.S.T.Anon(m))
	})
	l.mm("LinkChain.more", func(b *Branch, m F) {
		b.when(Not(b.S.noChain(b.S.linked(m))))
		linkChain(b, m)
	})
	l.mm("LinkList", func(b *Branch, m F) { // at the tail
		s, v, a := b.S, b.S.linked(m), b.S.T.Anon(m)
		b.N.A.List.Set(a, v, true)
		b.N.A.Before.Each(func(old F, x ...F) F { return Or(old, And(Eq(x[0], a), Eq(x[2], v), s.A.List(a, x[1]))) })
		b.N.T.PC.Set(m, "UnlockAnon")
	})
	l.unlocks()
	copyEntry := func(b *Branch, m F) {
		s, n, i, c := b.S, b.N, b.S.T.Slot(m), b.S.T.Child(m)
		n.E.Kind.Set(c, i, s.E.Kind(m, i))
		n.E.Page.Set(c, i, s.E.Page(m, i))
		n.E.Area.Set(c, i, s.T.New(m))
		n.E.Writable.Set(m, i, false)
		n.E.Writable.Set(c, i, false)
	}
	toCopy := func(s *State, m, i F) F { return And(s.toCopy(m, i), Not(atMost.Of(i, s.T.Slot(m)))) }
	none := func(s *State, m F) F { return All(Slot, func(i F) F { return Not(toCopy(s, m, i)) }) }
	l.mm("CopyEntry.more", func(b *Branch, m F) {
		s, i := b.S, b.pick(Slot)
		b.when(toCopy(s, m, i), All(Slot, func(j F) F { return Imp(toCopy(s, m, j), atMost.Of(i, j)) }))
		copyEntry(b, m)
		b.N.T.Slot.Set(m, i)
	})
	l.mm("CopyEntry.next", func(b *Branch, m F) {
		b.when(none(b.S, m))
		copyEntry(b, m)
		b.nextVMA(m)
	})
	l.mm("CopyEntry.end", func(b *Branch, m F) {
		b.when(none(b.S, m))
		copyEntry(b, m)
		b.lastVMA(m)
	})
}

// toCopy: a filled entry of the area in hand.
func (s *State) toCopy(m, i F) F { return And(s.V.Has(s.T.VMA(m), i), s.filled(m, i)) }

func (l *law) copies() {
	fork := func(b *Branch, m F) {
		s, n, v, o := b.S, b.N, b.pick(VMA), b.S.T.VMA(m)
		b.when(s.isOp(m, "Fork"), Ne(v, "None"), Eq(s.V.Life(v), "Unborn"))
		n.V.MM.Set(v, s.T.Child(m))
		n.V.Start.Set(v, s.V.Start(o))
		n.V.Pgoff.Set(v, s.V.Pgoff(o))
		n.V.Has.Each(func(old F, x ...F) F { return If(Eq(x[0], v), s.V.Has(o, x[1]), old) })
		n.T.Done.Set(m, o, true)
	}
	clone := func(b *Branch, m F) { // from the root to the newest
		v, o := b.Picks[0], b.S.T.VMA(m)
		b.when(Ne(b.S.V.Anon(o), "None"))
		b.N.V.Life.Set(v, "Detached")
		b.N.V.By.Set(v, m)
		b.N.T.New.Set(m, v)
		b.N.T.Cloning.Set(m, true)
		b.N.T.Anon.Set(m, b.S.V.Tail(o))
		b.N.T.PC.Set(m, "LinkChain")
	}
	bare := func(b *Branch, m F) {
		v := b.Picks[0]
		b.when(Eq(b.S.V.Anon(b.S.T.VMA(m)), "None"))
		b.N.V.Life.Set(v, "Mapped")
		b.N.V.By.Set(v, b.S.T.Child(m))
	}
	l.mm("CopyVMA.fork", func(b *Branch, m F) {
		fork(b, m)
		clone(b, m)
	})
	l.mm("CopyVMA.bareNext", func(b *Branch, m F) {
		fork(b, m)
		bare(b, m)
		b.nextVMA(m)
	})
	l.mm("CopyVMA.bareEnd", func(b *Branch, m F) {
		fork(b, m)
		bare(b, m)
		b.lastVMA(m)
	})
	split := func(b *Branch, m F) {
		s, n, v, o, i := b.S, b.N, b.pick(VMA), b.S.T.VMA(m), b.S.T.Slot(m)
		below := s.isOp(m, "SplitBelow")
		b.when(s.splitting(m), Ne(v, "None"), Eq(s.V.Life(v), "Unborn"))
		n.V.MM.Set(v, s.V.MM(o))
		n.V.Anon.Set(v, s.V.Anon(o))
		n.V.Has.Each(func(old F, x ...F) F {
			return If(Eq(x[0], v), And(s.V.Has(o, x[1]), Ne(below, atMost.Of(i, x[1]))), old)
		})
		n.V.Start.Set(v, If(below, s.V.Start(o), i))
		n.V.Pgoff.Set(v, If(below, s.V.Pgoff(o), offset.Of(s.V.Start(o), s.V.Pgoff(o), i)))
	}
	l.mm("CopyVMA.split", func(b *Branch, m F) {
		split(b, m)
		clone(b, m)
	})
	l.mm("CopyVMA.splitBare", func(b *Branch, m F) {
		split(b, m)
		v := b.Picks[0]
		b.when(Eq(b.S.V.Anon(b.S.T.VMA(m)), "None"))
		b.N.V.Life.Set(v, "Detached")
		b.N.V.By.Set(v, m)
		b.N.T.New.Set(m, v)
		b.N.T.Anon.Set(m, "None")
		b.N.T.PC.Set(m, b.S.stores(m))
	})
}

func (l *law) unlocks() {
	l.mm("UnlockAnon.fault", func(b *Branch, m F) {
		b.when(b.S.isOp(m, "Fault"))
		b.drop(m)
		b.N.T.Anon.Set(m, "None")
		b.N.T.Near.Set(m, "None")
		b.N.T.PC.Set(m, "MapPage")
	})
	uncloned := func(s *State, m, a F) F { return And(s.V.Chain(s.T.VMA(m), a), Not(s.V.Chain(s.T.New(m), a))) }
	cloned := func(s *State, m F) F { return All(Object, func(a F) F { return Not(uncloned(s, m, a)) }) }
	l.mm("UnlockAnon.clone", func(b *Branch, m F) { // the next newer entry: of the chain's order only the ends are known
		a := b.pick(Object)
		b.when(b.S.building(m), b.S.T.Cloning(m), uncloned(b.S, m, a))
		b.drop(m)
		b.N.T.Anon.Set(m, a)
		b.N.T.PC.Set(m, "LinkChain")
	})
	l.mm("UnlockAnon.split", func(b *Branch, m F) {
		s, a := b.S, b.S.V.Anon(b.S.T.VMA(m))
		b.when(s.splitting(m), s.T.Cloning(m), cloned(s, m))
		b.drop(m)
		b.N.T.Cloning.Set(m, false)
		b.N.T.Anon.Set(m, a)
		b.N.T.PC.Set(m, If(Eq(a, "None"), s.stores(m), Named(PC, "LockAdjust")))
	})
	l.mm("UnlockAnon.forkCloned", func(b *Branch, m F) {
		b.when(b.S.isOp(m, "Fork"), b.S.T.Cloning(m), cloned(b.S, m))
		b.drop(m)
		b.N.T.Cloning.Set(m, false)
		b.N.T.PC.Set(m, "AllocAnon")
	})
	complete := func(b *Branch, m F) {
		v := b.S.T.New(m)
		b.when(b.S.isOp(m, "Fork"), Not(b.S.T.Cloning(m)))
		b.drop(m)
		b.N.T.Anon.Set(m, "None")
		b.N.V.Life.Set(v, "Mapped")
		b.N.V.By.Set(v, b.S.T.Child(m))
	}
	none := func(s *State, m F) F { return All(Slot, func(i F) F { return Not(s.toCopy(m, i)) }) }
	l.mm("UnlockAnon.forkFilled", func(b *Branch, m F) {
		s, i := b.S, b.pick(Slot)
		b.when(s.toCopy(m, i), All(Slot, func(j F) F { return Imp(s.toCopy(m, j), atMost.Of(i, j)) }))
		complete(b, m)
		b.N.T.Slot.Set(m, i)
		b.N.T.PC.Set(m, "CopyEntry")
	})
	l.mm("UnlockAnon.forkNext", func(b *Branch, m F) {
		b.when(none(b.S, m))
		complete(b, m)
		b.nextVMA(m)
	})
	l.mm("UnlockAnon.forkEnd", func(b *Branch, m F) {
		b.when(none(b.S, m))
		complete(b, m)
		b.lastVMA(m)
	})
	l.mm("UnlockAnon.unlinked", func(b *Branch, m F) {
		b.when(b.S.dooming(m), Not(b.S.T.Empty(m)))
		b.drop(m)
		b.N.T.PC.Set(m, "UnlinkChain")
	})
	l.mm("UnlockAnon.unusedChild", func(b *Branch, m F) {
		root := b.S.A.Root(b.S.T.Anon(m))
		b.when(b.S.dooming(m), b.S.T.Empty(m), Ne(root, b.S.T.Anon(m)))
		b.drop(m)
		b.N.T.Root.Set(m, root)
		b.N.T.PC.Set(m, "PutAnon")
	})
	l.mm("UnlockAnon.unusedRoot", func(b *Branch, m F) {
		b.when(b.S.dooming(m), b.S.T.Empty(m), Eq(b.S.A.Root(b.S.T.Anon(m)), b.S.T.Anon(m)))
		b.drop(m)
		b.N.T.PC.Set(m, "FreeAnon")
	})
}

// --------------------------------------------------- a page is mapped, or made writable

// freePage: no entry has page p, and no thread has it in hand.
func (s *State) freePage(p F) F {
	return And(Ne(p, "None"), All2(Thread, Slot, func(m, i F) F { return Ne(s.E.Page(m, i), p) }), All(Thread, func(t F) F { return Ne(s.T.Page(t), p) }))
}

// asRead: the entry is still present, read-only and of the page in hand.
func (s *State) asRead(m F) F {
	i := s.T.Slot(m)
	return And(s.maps(m, i, s.T.Page(m)), Not(s.E.Writable(m, i)))
}

func (l *law) mapPages() {
	same := func(s *State, m F) F {
		return If(s.phase(m, "New"), Not(s.filled(m, s.T.Slot(m))), s.asRead(m))
	}
	l.mm("MapPage.new", func(b *Branch, m F) {
		s, n, p, v, i := b.S, b.N, b.pick(Page), b.S.T.VMA(m), b.S.T.Slot(m)
		b.when(same(s, m), s.freePage(p))
		n.P.Mapping.Set(p, s.V.Anon(v))
		n.P.Index.Set(p, indexAt.Of(s.V.Start(v), s.V.Pgoff(v), i))
		n.P.Stale.Set(p, false)
		n.E.Kind.Set(m, i, "Present")
		n.E.Page.Set(m, i, p)
		n.E.Writable.Set(m, i, true)
		n.E.Area.Set(m, i, v)
		n.endMM(m)
	})
	l.mm("MapPage.again", func(b *Branch, m F) {
		b.when(Or(Not(same(b.S, m)), All(Page, func(p F) F { return Not(b.S.freePage(p)) })))
		b.N.endMM(m)
	})
	l.mm("LockPage.mm", func(b *Branch, m F) {
		b.when(Eq(b.S.P.Lock(b.S.T.Page(m)), "None"))
		b.N.P.Lock.Set(b.S.T.Page(m), m)
		b.N.T.PC.Set(m, "CheckOwn")
	})
	alone := func(s *State, m F) F {
		return All2(Thread, Slot, func(n, i F) F {
			return Iff(s.maps(n, i, s.T.Page(m)), And(Eq(n, m), Eq(i, s.T.Slot(m))))
		})
	}
	l.mm("CheckOwn.alone", func(b *Branch, m F) {
		b.when(alone(b.S, m))
		b.N.T.PC.Set(m, "MovePage")
	})
	l.mm("CheckOwn.shared", func(b *Branch, m F) {
		b.when(Not(alone(b.S, m)))
		b.N.T.PC.Set(m, "UnlockPage")
	})
	l.mm("MovePage", func(b *Branch, m F) {
		p := b.S.T.Page(m)
		b.N.P.Mapping.Set(p, b.S.V.Anon(b.S.T.VMA(m)))
		b.N.P.Stale.Set(p, false)
		b.N.T.PC.Set(m, "AllowWrite")
	})
	l.mm("AllowWrite", func(b *Branch, m F) {
		b.N.E.Writable.Set(m, b.S.T.Slot(m), true)
		b.N.T.PC.Set(m, "UnlockPage")
	})
	l.mm("UnlockPage.copy", func(b *Branch, m F) {
		b.when(b.S.asRead(m))
		b.N.P.Lock.Set(b.S.T.Page(m), "None")
		b.N.T.PC.Set(m, "MapPage")
	})
	l.mm("UnlockPage.end", func(b *Branch, m F) {
		b.when(Not(b.S.asRead(m)))
		b.N.P.Lock.Set(b.S.T.Page(m), "None")
		b.N.endMM(m)
	})
}

// ------------------------------------------------------------------- unlinked and freed

// toZap: a filled entry of a dying area.
func (s *State) toZap(m, i F) F {
	return And(s.filled(m, i), Some(VMA, func(v F) F { return And(s.isDoomed(v, m), s.V.Has(v, i)) }))
}

func (l *law) unlink() {
	zap := func(b *Branch, m F) (i F) { // the lowest
		s, n := b.S, b.N
		i = b.pick(Slot)
		b.when(s.toZap(m, i), All(Slot, func(j F) F { return Imp(s.toZap(m, j), atMost.Of(i, j)) }))
		n.E.Kind.Set(m, i, "Empty")
		n.E.Page.Set(m, i, "None")
		n.E.Writable.Set(m, i, false)
		n.E.Area.Set(m, i, "None")
		return i
	}
	last := func(b *Branch, m, i F) F {
		return All(Slot, func(j F) F { return Imp(b.S.toZap(m, j), Eq(j, i)) })
	}
	doomed := func(b *Branch, m F) (v F) { // the lowest
		v = b.pick(VMA)
		b.when(b.S.isDoomed(v, m), b.S.lowest(v, func(u F) F { return b.S.isDoomed(u, m) }))
		return v
	}
	l.mm("ZapEntry.more", func(b *Branch, m F) {
		b.when(Not(last(b, m, zap(b, m))))
	})
	l.mm("ZapEntry.chain", func(b *Branch, m F) {
		b.when(last(b, m, zap(b, m)))
		b.unlinkNext(m, doomed(b, m))
	})
	l.mm("ZapEntry.bare", func(b *Branch, m F) {
		b.when(last(b, m, zap(b, m)))
		b.freeNext(m, doomed(b, m))
	})
	unlinkList := func(b *Branch, m F) (empty F) {
		s, n, a, v := b.S, b.N, b.S.T.Anon(m), b.S.T.VMA(m)
		n.A.List.Set(a, v, false)
		n.A.Before.Each(func(old F, x ...F) F { return And(old, Not(And(Eq(x[0], a), Or(Eq(x[1], v), Eq(x[2], v))))) })
		n.T.Gone.Each(func(old F, x ...F) F { // a cursor that is there is poison
			return If(And(isWalker.Of(x[0]), Eq(s.T.VMA(x[0]), v), Eq(s.T.Anon(x[0]), a)), "Entry", old)
		})
		n.T.PC.Set(m, "UnlockAnon")
		return And(All(VMA, func(u F) F { return Imp(s.A.List(a, u), Eq(u, v)) }), s.unreferred(a))
	}
	l.mm("UnlinkList.empty", func(b *Branch, m F) {
		b.when(unlinkList(b, m))
		b.N.T.Empty.Set(m, true)
	})
	l.mm("UnlinkList.used", func(b *Branch, m F) {
		b.when(Not(unlinkList(b, m)))
		b.N.T.Empty.Set(m, false)
	})
	l.mm("UnlinkChain.more", func(b *Branch, m F) {
		b.N.V.Chain.Set(b.S.T.VMA(m), b.S.T.Anon(m), false)
		b.unlinkNext(m, b.S.T.VMA(m))
	})
	l.mm("UnlinkChain.end", func(b *Branch, m F) {
		v := b.S.T.VMA(m)
		b.N.V.Chain.Set(v, b.S.T.Anon(m), false)
		b.freeNext(m, v)
		b.N.V.Tail.Set(v, "None")
	})
	freeVMA := func(b *Branch, m F) {
		n, v := b.N, b.S.T.VMA(m)
		n.V.Life.Set(v, "Unborn")
		n.V.MM.Set(v, "None")
		n.V.By.Set(v, "None")
		n.V.Anon.Set(v, "None")
		n.V.Tail.Set(v, "None")
		n.V.Start.Set(v, "0")
		n.V.Pgoff.Set(v, "0")
		n.V.Has.Each(func(old F, x ...F) F { return And(Ne(x[0], v), old) })
		n.V.Chain.Each(func(old F, x ...F) F { return And(Ne(x[0], v), old) })
		there := func(w F) F { return And(isWalker.Of(w), Eq(b.S.T.VMA(w), v)) } // a cursor that is there dangles
		n.T.Gone.Each(func(old F, x ...F) F { return If(there(x[0]), "Area", old) })
		n.T.VMA.Each(func(old F, x ...F) F { return If(there(x[0]), "None", old) })
	}
	next := func(b *Branch, m F) (v F) {
		s := b.S
		rest := func(u F) F { return And(s.isDoomed(u, m), Ne(u, s.T.VMA(m))) }
		v = b.pick(VMA)
		b.when(rest(v), s.lowest(v, rest))
		return v
	}
	l.mm("FreeVMA.end", func(b *Branch, m F) {
		b.when(All(VMA, func(u F) F { return Imp(b.S.isDoomed(u, m), Eq(u, b.S.T.VMA(m))) }))
		freeVMA(b, m)
		b.N.endMM(m)
	})
	l.mm("FreeVMA.chain", func(b *Branch, m F) {
		freeVMA(b, m)
		b.unlinkNext(m, next(b, m))
	})
	l.mm("FreeVMA.bare", func(b *Branch, m F) {
		freeVMA(b, m)
		b.freeNext(m, next(b, m))
	})
}

// dropRoot: an object without a user gives back the reference that it has on its root, and
// is freed.
func (l *law) dropRoot() {
	last := func(s *State, m F) F { return s.lastOfChild(s.T.Anon(m), s.T.Root(m)) }
	l.mm("PutAnon.mmFast", func(b *Branch, m F) {
		b.when(Not(last(b.S, m)))
		b.N.A.Pins.Set(b.S.T.Anon(m), false)
		b.N.T.PC.Set(m, "FreeAnon")
	})
	l.mm("PutAnon.mmSlow", func(b *Branch, m F) {
		b.when(last(b.S, m))
		b.N.T.PC.Set(m, "LockRoot")
	})
	l.mm("LockRoot.mm", func(b *Branch, m F) {
		b.take(m, b.S.T.Root(m))
		b.N.T.PC.Set(m, "PutLast")
	})
	for _, unused := range []bool{true, false} {
		name := map[bool]string{true: "PutLast.mmLast", false: "PutLast.mm"}[unused]
		l.mm(name, func(b *Branch, m F) {
			b.when(Eq(And(last(b.S, m), b.S.noList(b.S.T.Root(m))), unused))
			b.N.A.Pins.Set(b.S.T.Anon(m), false)
			b.N.T.Last.Set(m, unused)
			b.N.T.PC.Set(m, "UnlockRoot")
		})
	}
	l.mm("UnlockRoot.mm", func(b *Branch, m F) {
		b.drop(m)
		b.N.T.PC.Set(m, "FreeAnon")
	})
	l.mm("FreeAnon.mmRoot", func(b *Branch, m F) {
		s, n, same := b.S, b.N, Eq(b.S.T.Root(m), b.S.T.Anon(m))
		b.when(s.T.Last(m))
		b.free(s.T.Root(m))
		n.T.Empty.Set(m, And(s.T.Empty(m), Not(same)))
		n.T.Last.Set(m, same)
		n.T.Root.Set(m, If(Or(s.T.Empty(m), same), s.T.Root(m), None(Object)))
		n.T.PC.Set(m, If(Or(s.T.Empty(m), same), Named(PC, "FreeAnon"), Named(PC, "UnlinkChain")))
	})
	l.mm("FreeAnon.mm", func(b *Branch, m F) {
		b.when(Not(b.S.T.Last(m)))
		b.free(b.S.T.Anon(m))
		b.N.T.Empty.Set(m, false)
		b.N.T.Root.Set(m, "None")
		b.N.T.PC.Set(m, "UnlinkChain")
	})
}

// -------------------------------------------------------------------- extents are stored

func (l *law) store() {
	l.mm("LockAdjust", func(b *Branch, m F) {
		b.take(m, b.S.A.Root(b.S.T.Anon(m)))
		b.N.T.PC.Set(m, b.S.stores(m))
	})
	// shrink: the area in hand loses the addresses on one side of the cut.
	shrink := func(b *Branch, m F) {
		s, v := b.S, b.S.T.VMA(m)
		stays := func(i F) F { return Eq(s.at(m, "StoreStart"), atMost.Of(s.T.Slot(m), i)) }
		b.N.V.Has.Each(func(old F, x ...F) F { return And(old, Imp(Eq(x[0], v), stays(x[1]))) })
		b.N.E.Area.Each(func(old F, x ...F) F { return If(And(Eq(old, v), Not(stays(x[1]))), s.T.New(m), old) })
	}
	finish := func(name string, stored func(b *Branch, m F)) {
		l.mm(name+".locked", func(b *Branch, m F) {
			b.when(Ne(b.S.T.Held(m), "None"))
			stored(b, m)
			b.N.V.Life.Set(b.S.T.New(m), "Mapped")
			b.N.T.PC.Set(m, "UnlockAdjust")
		})
		l.mm(name+".end", func(b *Branch, m F) {
			b.when(Eq(b.S.T.Held(m), "None"))
			stored(b, m)
			b.N.V.Life.Set(b.S.T.New(m), "Mapped")
			b.N.endMM(m)
		})
	}
	l.mm("StoreStart", func(b *Branch, m F) {
		shrink(b, m)
		b.N.V.Start.Set(b.S.T.VMA(m), b.S.T.Slot(m))
		b.N.T.PC.Set(m, "StorePgoff")
	})
	finish("StorePgoff", func(b *Branch, m F) {
		s, v := b.S, b.S.T.New(m)
		b.N.V.Pgoff.Set(s.T.VMA(m), offset.Of(s.V.Start(v), s.V.Pgoff(v), s.T.Slot(m)))
	})
	finish("StoreEnd", shrink)
	l.mm("UnlockAdjust", func(b *Branch, m F) {
		b.drop(m)
		b.N.endMM(m)
	})
}
