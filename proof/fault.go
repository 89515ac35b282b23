package proof

// Steps of a process that map a page, or make it writable.

// freePage: no entry has page p, and no thread has it in hand.
func (s *State) freePage(p F) F {
	return And(isPage.Of(p), All2(Thread, Slot, func(m, i F) F { return Ne(s.E.Page(m, i), p) }), All(Thread, func(t F) F { return Ne(s.T.Page(t), p) }))
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
		b.when(Not(same(b.S, m)))
		b.N.endMM(m)
	})
	l.mm("MapPage.none", func(b *Branch, m F) {
		b.when(same(b.S, m), All(Page, func(p F) F { return Not(b.S.freePage(p)) }))
		b.N.endMM(m)
	})
	l.mm("LockPage.mm", func(b *Branch, m F) {
		b.when(Eq(b.S.P.Lock(b.S.T.Page(m)), "None"))
		b.N.P.Lock.Set(b.S.T.Page(m), m)
		b.N.put(m, registers{PC: "CheckOwn"})
	})
	alone := func(s *State, m F) F {
		return All2(Thread, Slot, func(n, i F) F {
			return Iff(s.maps(n, i, s.T.Page(m)), And(Eq(n, m), Eq(i, s.T.Slot(m))))
		})
	}
	l.mm("CheckOwn.alone", func(b *Branch, m F) {
		b.when(alone(b.S, m))
		b.N.put(m, registers{PC: "MovePage"})
	})
	l.mm("CheckOwn.shared", func(b *Branch, m F) {
		b.when(Not(alone(b.S, m)))
		b.N.put(m, registers{PC: "UnlockPage"})
	})
	l.mm("MovePage", func(b *Branch, m F) {
		p := b.S.T.Page(m)
		b.N.P.Mapping.Set(p, b.S.V.Anon(b.S.T.VMA(m)))
		b.N.P.Stale.Set(p, false)
		b.N.put(m, registers{PC: "AllowWrite"})
	})
	l.mm("AllowWrite", func(b *Branch, m F) {
		b.N.E.Writable.Set(m, b.S.T.Slot(m), true)
		b.N.put(m, registers{PC: "UnlockPage"})
	})
	l.mm("UnlockPage.copy", func(b *Branch, m F) {
		b.when(b.S.asRead(m))
		b.N.P.Lock.Set(b.S.T.Page(m), "None")
		b.N.put(m, registers{PC: "MapPage"})
	})
	l.mm("UnlockPage.end", func(b *Branch, m F) {
		b.when(Not(b.S.asRead(m)))
		b.N.P.Lock.Set(b.S.T.Page(m), "None")
		b.N.endMM(m)
	})
}
