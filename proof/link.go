package proof

// Steps of a process that build an area and link it.

// after: an area that the fork of m has still to copy.
func (s *State) after(m, u F) F { return And(s.isArea(u, m), Not(s.T.Done(m, u)), Ne(u, s.T.VMA(m))) }

// nextVMA: a fork goes on with the next area, or ends.
func (b *Branch) nextVMA(m F) {
	s, n, u := b.S, b.N, b.pick(VMA)
	b.when(s.after(m, u), s.lowest(u, func(x F) F { return s.after(m, x) }))
	b.least(VMA, func(x F) F { return s.after(m, x) }, s.byStart)
	n.put(m, registers{VMA: u, New: "None", Anon: "None", Slot: "0", PC: "CopyVMA"})
}

func (b *Branch) lastVMA(m F) {
	b.when(All(VMA, func(u F) F { return Not(b.S.after(m, u)) }))
	b.N.V.Copy.Each(func(old F, x ...F) F { return If(Eq(b.S.V.MM(x[0]), m), "None", old) })
	b.N.endMM(m)
}

// stores: where a split goes that needs no lock, or has it.
func (s *State) stores(m F) F {
	return If(s.isOp(m, "SplitBelow"), Named(PC, "StoreStart"), Named(PC, "StoreEnd"))
}

func (l *law) link() {
	l.copies()
	l.copyEntries()
	l.mm("AllocAnon.fault", func(b *Branch, m F) {
		a := b.pick(Object)
		b.when(Ne(a, "None"), b.S.isOp(m, "Fault"), Not(b.S.A.Live(a)))
		b.N.A.Live.Set(a, true)
		b.N.A.Root.Set(a, a)
		b.N.A.Listed.Set(a, l.countsList)
		if l.trees {
			b.N.A.Parent.Set(a, a)
			b.N.A.Counted.Set(a, true)
		}
		b.N.put(m, registers{Anon: a, PC: "LockAnon"})
	})
	l.mm("UnlockAnon.fault", func(b *Branch, m F) {
		b.when(b.S.isOp(m, "Fault"))
		b.drop(m)
		b.N.put(m, registers{Anon: "None", Near: "None", PC: "MapPage"})
	})
	l.completed("UnlockAnon", func(b *Branch, m F) {
		b.when(b.S.isOp(m, "Fork"), Not(b.S.T.Cloning(m)))
		if l.trees {
			b.when(Eq(b.S.T.Root(m), "None"))
		}
		b.drop(m)
	})
}

// lists: chains and lists are linked, an entry at a time.
func (l *law) lists() {
	l.mm("AllocAnon.fork", func(b *Branch, m F) {
		a := b.pick(Object)
		b.when(Ne(a, "None"), b.S.isOp(m, "Fork"), Not(b.S.A.Live(a)))
		b.N.A.Live.Set(a, true)
		b.N.A.Root.Set(a, b.S.A.Root(b.S.V.Anon(b.S.T.VMA(m))))
		b.N.A.Listed.Set(a, l.countsList)
		b.N.V.Anon.Set(b.S.T.New(m), a)
		b.N.put(m, registers{Anon: a, PC: "PinRoot"})
	})
	l.mm("PinRoot", func(b *Branch, m F) {
		b.N.A.Pins.Set(b.S.T.Anon(m), true)
		b.N.put(m, registers{PC: "LinkChain"})
	})
	l.mm("LockAnon", func(b *Branch, m F) {
		b.take(m, b.S.A.Root(b.S.T.Anon(m)))
		b.N.put(m, registers{PC: If(b.S.isOp(m, "Fault"), Named(PC, "LinkChain"), If(b.S.building(m), Named(PC, "LinkList"), Named(PC, "UnlinkList")))})
	})
	linkChain := func(b *Branch, m F) {
		v, a, fault := b.S.linked(m), b.S.T.Anon(m), b.S.isOp(m, "Fault")
		b.N.V.Chain.Set(v, a, true)
		b.N.V.Newer.Each(func(old F, x ...F) F { return Or(old, And(Eq(x[0], v), Eq(x[1], a), b.S.V.Chain(v, x[2]))) })
		b.N.V.Anon.Each(func(old F, x ...F) F { return If(And(fault, Eq(x[0], v)), a, old) })
		b.N.put(m, registers{PC: If(fault, Named(PC, "LinkList"), Named(PC, "LockAnon"))})
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
		b.N.put(m, registers{PC: "UnlockAnon"})
	})
	l.unlocks()
	l.unlists()
}

// copyEntries: a fork copies the entries of an area.
func (l *law) copyEntries() {
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
		b.least(Slot, func(j F) F { return toCopy(s, m, j) }, below)
		copyEntry(b, m)
		b.N.put(m, registers{Slot: i})
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
		n.put(v, area{MM: s.T.Child(m), Start: s.V.Start(o), Pgoff: s.V.Pgoff(o)})
		n.V.Has.Each(func(old F, x ...F) F { return If(Eq(x[0], v), s.V.Has(o, x[1]), old) })
		n.T.Done.Set(m, o, true)
		n.V.Copy.Set(o, v)
	}
	clone := func(b *Branch, m F) { // from the root to the newest
		v, o := b.Picks[0], b.S.T.VMA(m)
		b.when(Ne(b.S.V.Anon(o), "None"))
		b.N.put(v, area{Life: "Detached", By: m})
		if b.N.put(m, registers{New: v}); l.trees {
			l.treeClone(b, m)
			return
		}
		b.N.put(m, registers{Cloning: true, Anon: b.S.V.Tail(o), PC: "LinkChain"})
	}
	bare := func(b *Branch, m F) {
		v := b.Picks[0]
		b.when(Eq(b.S.V.Anon(b.S.T.VMA(m)), "None"))
		b.N.put(v, area{Life: "Mapped", By: b.S.T.Child(m)})
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
		n.put(v, area{MM: s.V.MM(o), Anon: s.V.Anon(o)})
		n.V.Has.Each(func(old F, x ...F) F {
			return If(Eq(x[0], v), And(s.V.Has(o, x[1]), Ne(below, atMost.Of(i, x[1]))), old)
		})
		n.put(v, area{Start: If(below, s.V.Start(o), i), Pgoff: If(below, s.V.Pgoff(o), offset.Of(s.V.Start(o), s.V.Pgoff(o), i))})
	}
	l.mm("CopyVMA.split", func(b *Branch, m F) {
		split(b, m)
		clone(b, m)
	})
	l.mm("CopyVMA.splitBare", func(b *Branch, m F) {
		split(b, m)
		v := b.Picks[0]
		b.when(Eq(b.S.V.Anon(b.S.T.VMA(m)), "None"))
		b.N.put(v, area{Life: "Detached", By: m})
		b.N.put(m, registers{New: v, Anon: "None", PC: b.S.stores(m)})
	})
}

func (l *law) unlocks() {
	uncloned := func(s *State, m, a F) F { return And(s.V.Chain(s.T.VMA(m), a), Not(s.V.Chain(s.T.New(m), a))) }
	cloned := func(s *State, m F) F { return All(Object, func(a F) F { return Not(uncloned(s, m, a)) }) }
	l.mm("UnlockAnon.clone", func(b *Branch, m F) { // the next newer entry
		s, a := b.S, b.pick(Object)
		b.when(s.building(m), s.T.Cloning(m), uncloned(s, m, a),
			All(Object, func(o F) F { return Imp(uncloned(s, m, o), Ne(o, a), s.V.Newer(s.T.VMA(m), o, a)) }))
		b.least(Object, func(o F) F { return uncloned(s, m, o) }, func(x, y F) F { return s.V.Newer(s.T.VMA(m), y, x) })
		b.drop(m)
		b.N.put(m, registers{Anon: a, PC: "LinkChain"})
	})
	l.mm("UnlockAnon.split", func(b *Branch, m F) {
		s := b.S
		a := If(s.adjustLock(s, m), s.V.Anon(s.T.VMA(m)), "None")
		b.when(s.splitting(m), s.T.Cloning(m), cloned(s, m))
		b.drop(m)
		b.N.put(m, registers{Cloning: false, Anon: a, PC: If(Eq(a, "None"), s.stores(m), Named(PC, "LockAdjust"))})
	})
	l.mm("UnlockAnon.forkCloned", func(b *Branch, m F) {
		b.when(b.S.isOp(m, "Fork"), b.S.T.Cloning(m), cloned(b.S, m))
		b.drop(m)
		b.N.put(m, registers{Cloning: false, PC: "AllocAnon"})
	})
	l.mm("UnlockAnon.unlinked", func(b *Branch, m F) {
		b.when(b.S.dooming(m), Not(b.S.T.Empty(m)))
		b.drop(m)
		b.N.put(m, registers{PC: "UnlinkChain"})
	})
}

// completed adds the ways in which a step goes on with which the child's area is complete: its
// entries follow, or the next area, or nothing.
func (l *law) completed(step string, body func(b *Branch, m F)) {
	complete := func(b *Branch, m F) {
		v := b.S.T.New(m)
		body(b, m)
		b.N.put(m, registers{Anon: "None"})
		b.N.put(v, area{Life: "Mapped", By: b.S.T.Child(m)})
	}
	none := func(s *State, m F) F { return All(Slot, func(i F) F { return Not(s.toCopy(m, i)) }) }
	l.mm(step+".forkFilled", func(b *Branch, m F) {
		s, i := b.S, b.pick(Slot)
		b.when(s.toCopy(m, i), All(Slot, func(j F) F { return Imp(s.toCopy(m, j), atMost.Of(i, j)) }))
		b.least(Slot, func(j F) F { return s.toCopy(m, j) }, below)
		complete(b, m)
		b.N.put(m, registers{Slot: i, PC: "CopyEntry"})
	})
	l.mm(step+".forkNext", func(b *Branch, m F) {
		b.when(none(b.S, m))
		complete(b, m)
		b.nextVMA(m)
	})
	l.mm(step+".forkEnd", func(b *Branch, m F) {
		b.when(none(b.S, m))
		complete(b, m)
		b.lastVMA(m)
	})
}
