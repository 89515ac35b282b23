package proof

// Steps of a process that unlink and free.

// toZap: a filled entry of a dying area.
func (s *State) toZap(m, i F) F {
	return And(s.filled(m, i), Some(VMA, func(v F) F { return And(s.isDoomed(v, m), s.V.Has(v, i)) }))
}

func (l *law) unlink() {
	zap := func(b *Branch, m F) (i F) { // the lowest
		s, n := b.S, b.N
		i = b.pick(Slot)
		b.when(s.toZap(m, i), All(Slot, func(j F) F { return Imp(s.toZap(m, j), atMost.Of(i, j)) }))
		b.least(Slot, func(j F) F { return s.toZap(m, j) }, below)
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
		b.least(VMA, func(u F) F { return b.S.isDoomed(u, m) }, b.S.byStart)
		return v
	}
	l.mm("ZapEntry.more", func(b *Branch, m F) {
		b.when(Not(last(b, m, zap(b, m))))
	})
	for _, w := range l.ways() {
		l.mm("ZapEntry."+w.name, func(b *Branch, m F) {
			b.when(last(b, m, zap(b, m)))
			w.next(b, m, doomed(b, m))
		})
	}
	l.freeAreas()
}

// unlists: a chain entry leaves its list, and then its chain.
func (l *law) unlists() {
	unlinkList := func(b *Branch, m F) (empty F) {
		a := b.S.T.Anon(m)
		empty = b.unlist(m)
		b.N.put(m, registers{PC: "UnlockAnon"})
		if l.countsList { // the list's own reference goes after the lock
			return empty
		}
		return And(empty, b.S.unreferred(a))
	}
	l.mm("UnlinkList.empty", func(b *Branch, m F) {
		b.when(unlinkList(b, m))
		b.N.put(m, registers{Empty: true})
	})
	l.mm("UnlinkList.used", func(b *Branch, m F) {
		b.when(Not(unlinkList(b, m)))
		b.N.put(m, registers{Empty: false})
	})
	unlinkChain := func(b *Branch, m F) {
		v, a := b.S.T.VMA(m), b.S.T.Anon(m)
		b.N.V.Chain.Set(v, a, false)
		b.N.V.Newer.Each(func(old F, x ...F) F { return And(old, Not(And(Eq(x[0], v), Or(Eq(x[1], a), Eq(x[2], a))))) })
	}
	l.mm("UnlinkChain.more", func(b *Branch, m F) {
		unlinkChain(b, m)
		b.unlinkNext(m, b.S.T.VMA(m))
	})
	l.mm("UnlinkChain.end", func(b *Branch, m F) {
		v := b.S.T.VMA(m)
		unlinkChain(b, m)
		b.freeNext(m, v)
		b.N.put(v, area{Tail: "None"})
	})
}

// unlist: the entry in hand leaves its list. empty: nobody else is on that.
func (b *Branch) unlist(m F) (empty F) {
	s, n, a, v := b.S, b.N, b.S.T.Anon(m), b.S.T.VMA(m)
	n.A.List.Set(a, v, false)
	n.A.Before.Each(func(old F, x ...F) F { return And(old, Not(And(Eq(x[0], a), Or(Eq(x[1], v), Eq(x[2], v))))) })
	n.T.Gone.Each(func(old F, x ...F) F { // a cursor that is there is poison
		return If(And(isWalker.Of(x[0]), Eq(s.T.VMA(x[0]), v), Eq(s.T.Anon(x[0]), a)), "Entry", old)
	})
	return All(VMA, func(u F) F { return Imp(s.A.List(a, u), Eq(u, v)) })
}

// freeAreas: a dying area without a chain is freed; then the next.
func (l *law) freeAreas() {
	freeVMA := func(b *Branch, m F) {
		n, v := b.N, b.S.T.VMA(m)
		n.put(v, area{Life: "Unborn", MM: "None", By: "None", Anon: "None", Tail: "None", Start: "0", Pgoff: "0"})
		n.V.Has.Each(func(old F, x ...F) F { return And(Ne(x[0], v), old) })
		n.V.Chain.Each(func(old F, x ...F) F { return And(Ne(x[0], v), old) })
		n.V.Newer.Each(func(old F, x ...F) F { return And(Ne(x[0], v), old) })
		there := func(w F) F { return And(isWalker.Of(w), Eq(b.S.T.VMA(w), v)) } // a cursor that is there dangles
		n.T.Gone.Each(func(old F, x ...F) F { return If(there(x[0]), "Area", old) })
		n.T.VMA.Each(func(old F, x ...F) F { return If(there(x[0]), "None", old) })
	}
	next := func(b *Branch, m F) (v F) {
		s := b.S
		rest := func(u F) F { return And(s.isDoomed(u, m), Ne(u, s.T.VMA(m))) }
		v = b.pick(VMA)
		b.when(rest(v), s.lowest(v, rest))
		b.least(VMA, rest, s.byStart)
		return v
	}
	l.mm("FreeVMA.end", func(b *Branch, m F) {
		b.when(All(VMA, func(u F) F { return Imp(b.S.isDoomed(u, m), Eq(u, b.S.T.VMA(m))) }))
		freeVMA(b, m)
		b.N.endMM(m)
	})
	for _, w := range l.ways() {
		l.mm("FreeVMA."+w.name, func(b *Branch, m F) {
			freeVMA(b, m)
			w.next(b, m, next(b, m))
		})
	}
}
