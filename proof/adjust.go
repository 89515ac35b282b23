package proof

// Steps of a process that store an extent, of a split.

func (l *law) store() {
	l.mm("LockAdjust", func(b *Branch, m F) {
		b.take(m, b.S.A.Root(b.S.T.Anon(m)))
		b.N.put(m, registers{PC: If(value(Bool, l.trees), Named(PC, "TakeOut"), b.S.stores(m))})
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
			b.N.put(m, registers{PC: If(value(Bool, l.trees), Named(PC, "PutBack"), Named(PC, "UnlockAdjust"))})
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
		b.N.put(m, registers{PC: "StorePgoff"})
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
