package proof

import "slices"

// The steps of a walker: tla/Walker.tla, and tla/RootPointer.tla for the lookup and for
// references. In their order there.

func (l *law) walkers() {
	l.beginWalks()
	l.lookup()
	l.walk()
}

// walkSteps are those between the lock and its release.
var walkSteps = []string{"NextEntry", "ReadStart", "ReadPgoff", "Visit"}

func (l *law) beginWalks() {
	operation := func(op, phase, pc string, body func(b *Branch, w F)) {
		l.walker(op, func(b *Branch, w F) {
			n := b.N
			n.put(w, registers{Op: op, Phase: phase, PC: pc})
			n.H.Missed.Set(w, false)
			n.H.Failed.Set(w, false)
			body(b, w)
		})
	}
	page := func(b *Branch, w F) {
		p := b.pick(Page)
		b.when(Ne(p, "None"), b.S.mapped(p))
		b.N.put(w, registers{Page: p})
		b.N.H.Steady.Set(w, true)
	}
	first := "ReadMapping"
	if l.trees {
		first = "LockPage"
	}
	operation("Walk", "Plain", first, page)
	operation("Migrate", "Get", "LockPage", func(b *Branch, w F) {
		b.when(Eq(b.S.T.Pin(w), "None"))
		page(b, w)
	})
	l.walker("Pin", func(b *Branch, w F) {
		s, v := b.S, b.pick(VMA)
		b.when(Eq(s.T.Pin(w), "None"), Eq(s.V.Life(v), "Mapped"), Ne(s.V.Anon(v), "None"), s.quiet(s.V.MM(v)))
		b.N.put(w, registers{Pin: s.V.Anon(v)})
		b.N.H.Missed.Set(w, false)
		b.N.H.Failed.Set(w, false)
	})
	operation("WalkPinned", "Pinned", "ReadRoot", func(b *Branch, w F) {
		b.when(Ne(b.S.T.Pin(w), "None"))
		b.N.put(w, registers{Anon: b.S.T.Pin(w), Slot: b.pick(Slot)})
	})
	operation("Unpin", "Put", "PutAnon", func(b *Branch, w F) {
		b.when(Ne(b.S.T.Pin(w), "None"))
		b.N.put(w, registers{Anon: b.S.T.Pin(w)})
	})
}

// ---------------------------------------------------------------------------- the lookup

// refers: the walker has a reference on its leaf.
func (s *State) refers(w F) F { return s.phase(w, "Two", "Put", "Pinned") }

// walkBegins: the walker has the lock, and goes to the first entry of the list.
func (b *Branch) walkBegins(w F) {
	n := b.N
	n.put(w, registers{VMA: "None", Gone: "None", PC: "NextEntry"})
	n.H.Owed.Each(func(old F, x ...F) F { return If(Eq(x[0], w), b.S.due(w, x[1], x[2]), old) })
}

// An outcome is a phase in which a walk ends, or an attempt that failed, and what follows.
type outcome struct {
	name  string
	is    func(s *State, w F) F
	after func(b *Branch, w F)
}

// outcomes are AfterWalk's cases.
func (p *Protocol) outcomes() []outcome {
	if !p.trees {
		return outcomes
	}
	return slices.Concat([]outcome{
		{"plain", func(s *State, w F) F { return s.phase(w, "Plain") }, outcomes[1].after}, // the page is locked
		{"pinned", func(s *State, w F) F { return s.phase(w, "Pinned") }, outcomes[0].after},
	}, outcomes[1:])
}

// attempts are what follows an attempt that has failed.
func (p *Protocol) attempts() []outcome {
	return slices.DeleteFunc(slices.Clone(p.outcomes()), func(o outcome) bool { return o.name == "got" || o.name == "two" || o.name == "pinned" })
}

var outcomes = []outcome{
	{"plain", func(s *State, w F) F { return s.phase(w, "Plain", "Pinned") }, func(b *Branch, w F) { b.N.endWalker(w) }},
	{"notGot", func(s *State, w F) F { return And(s.phase(w, "Get"), Eq(s.T.Pin(w), "None")) }, func(b *Branch, w F) {
		b.N.leaveLeaf(w)
		b.N.put(w, registers{PC: "UnlockPage"})
	}},
	{"got", func(s *State, w F) F { return And(s.phase(w, "Get"), Ne(s.T.Pin(w), "None")) }, func(b *Branch, w F) {
		b.N.leaveLeaf(w)
		b.N.put(w, registers{Phase: "One", PC: "ReadMapping"})
	}},
	{"one", func(s *State, w F) F { return s.phase(w, "One") }, func(b *Branch, w F) {
		b.N.leaveLeaf(w)
		b.N.put(w, registers{Phase: "Two", PC: "ReadMapping"})
	}},
	{"two", func(s *State, w F) F { return s.phase(w, "Two") }, func(b *Branch, w F) {
		b.N.leaveLeaf(w)
		b.N.put(w, registers{Phase: "Put", Anon: b.S.T.Pin(w), PC: "PutAnon"})
	}},
}

func (n *State) leaveLeaf(w F) {
	n.put(w, registers{Anon: "None", Root: "None"})
	n.H.Stale.Set(w, false)
}

// failed: an attempt to lock returns nothing.
func (b *Branch) failed(w F) {
	s := b.S
	b.N.H.Failed.Set(w, Or(s.H.Failed(w), And(s.H.Steady(w), s.phase(w, "Plain", "Get", "One"), Not(And(s.phase(w, "Get"), Ne(s.T.Pin(w), "None"))))))
}

func (l *law) lookup() {
	l.walker("LockPage.walker", func(b *Branch, w F) {
		p := b.S.T.Page(w)
		b.when(Eq(b.S.P.Lock(p), "None"))
		b.N.P.Lock.Set(p, w)
		b.N.put(w, registers{PC: "ReadMapping"})
	})
	l.walker("ReadMapping", func(b *Branch, w F) {
		p := b.S.T.Page(w)
		b.N.put(w, registers{Anon: b.S.P.Mapping(p)})
		b.N.H.Stale.Set(w, And(Ne(b.S.P.Mapping(p), "None"), b.S.P.Stale(p)))
		b.N.put(w, registers{PC: If(b.S.phase(w, "Two"), Named(PC, "ReadRoot"), Named(PC, "CheckMapped"))})
	})
	l.walker("CheckMapped.yes", func(b *Branch, w F) {
		b.when(b.S.mapped(b.S.T.Page(w)))
		b.N.put(w, registers{PC: l.mappedSeen(b.S, w)})
	})
	for _, o := range l.outcomes() {
		l.walker("CheckMapped."+o.name, func(b *Branch, w F) {
			b.when(Not(b.S.mapped(b.S.T.Page(w))), o.is(b.S, w))
			b.failed(w)
			o.after(b, w)
		})
	}
	for _, o := range l.outcomes() {
		l.walker("UnlockRoot."+o.name, func(b *Branch, w F) {
			owes := Some2(Thread, Slot, func(m, i F) F { return b.S.H.Owed(w, m, i) })
			b.when(o.is(b.S, w), Not(b.S.T.Empty(w)))
			b.drop(w)
			b.N.H.Missed.Set(w, Or(b.S.H.Missed(w), owes))
			b.N.H.Owed.Each(func(old F, x ...F) F { return And(Ne(x[0], w), old) })
			o.after(b, w)
		})
	}
	l.walker("UnlockPage.walker", func(b *Branch, w F) {
		b.N.P.Lock.Set(b.S.T.Page(w), "None")
		b.N.endWalker(w)
	})
}

// ------------------------------------------------------------------------------ the walk

// later: v comes after the cursor of w on the list that w walks.
func (s *State) later(w, v F) F {
	a := s.T.Anon(w)
	holds := True
	if s.trees { // only those that have the page's offset
		holds = Or(s.phase(w, "Pinned"), s.V.Has(v, address.Of(s.V.Start(v), s.V.Pgoff(v), s.P.Index(s.T.Page(w)))))
	}
	return And(s.A.List(a, v), Or(Eq(s.T.VMA(w), "None"), s.A.Before(a, s.T.VMA(w), v)), holds)
}

func (b *Branch) oops(w F, why string) {
	b.N.put(w, registers{PC: "Oopsed", Oops: why})
}

func (l *law) walk() {
	l.walker("NextEntry.oops", func(b *Branch, w F) {
		b.when(Ne(b.S.T.Gone(w), "None"))
		b.oops(w, "UnlinkedEntry")
	})
	l.walker("NextEntry.next", func(b *Branch, w F) {
		s, v := b.S, b.pick(VMA)
		b.when(Eq(s.T.Gone(w), "None"), s.later(w, v),
			All(VMA, func(u F) F { return Imp(s.later(w, u), Ne(u, v), s.A.Before(s.T.Anon(w), v, u)) }))
		b.least(VMA, func(u F) F { return s.later(w, u) }, func(x, y F) F { return s.A.Before(s.T.Anon(w), x, y) })
		b.N.put(w, registers{VMA: v, PC: "ReadStart"})
	})
	l.walker("NextEntry.end", func(b *Branch, w F) {
		b.when(Eq(b.S.T.Gone(w), "None"), All(VMA, func(u F) F { return Not(b.S.later(w, u)) }))
		b.N.put(w, registers{VMA: "None", PC: "UnlockRoot"})
	})
	area := func(name string, body func(b *Branch, w, v F)) {
		l.walker(name, func(b *Branch, w F) {
			b.when(Ne(b.S.T.Gone(w), "Area"))
			body(b, w, b.S.T.VMA(w))
		})
	}
	for _, step := range []string{"ReadStart", "ReadPgoff", "Visit"} {
		l.walker(step+".oops", func(b *Branch, w F) {
			b.when(Eq(b.S.T.Gone(w), "Area"))
			b.oops(w, "FreedVMA")
		})
	}
	area("ReadStart.page", func(b *Branch, w, v F) {
		b.when(Not(b.S.phase(w, "Pinned")))
		b.N.put(w, registers{Start: b.S.V.Start(v)})
		b.N.T.Extent.Each(func(old F, x ...F) F { return If(Eq(x[0], w), b.S.V.Has(v, x[1]), old) })
		b.N.put(w, registers{PC: "ReadPgoff"})
	})
	area("ReadStart.pinned", func(b *Branch, w, v F) {
		b.when(b.S.phase(w, "Pinned"))
		b.N.put(w, registers{PC: If(b.S.V.Has(v, b.S.T.Slot(w)), Named(PC, "Visit"), Named(PC, "NextEntry"))})
	})
	readPgoff := func(name string, in bool, then func(b *Branch, w, i F)) {
		area(name, func(b *Branch, w, v F) {
			s, n := b.S, b.N
			i := address.Of(s.T.Start(w), s.V.Pgoff(v), s.P.Index(s.T.Page(w)))
			b.when(Eq(s.T.Extent(w, i), in))
			n.put(w, registers{Start: "0"})
			n.T.Extent.Each(func(old F, x ...F) F { return And(Ne(x[0], w), old) })
			then(b, w, i)
		})
	}
	readPgoff("ReadPgoff.in", true, func(b *Branch, w, i F) {
		b.N.put(w, registers{Slot: i, PC: "Visit"})
	})
	readPgoff("ReadPgoff.out", false, func(b *Branch, w, _ F) { b.N.T.PC.Set(w, "NextEntry") })
	area("Visit.look", func(b *Branch, w, v F) { // a look is a visit
		m, i := b.S.V.MM(v), b.S.T.Slot(w)
		b.when(b.S.phase(w, "Plain", "Pinned"))
		b.N.H.Owed.Set(w, m, i, false)
		b.N.put(w, registers{Slot: If(b.S.phase(w, "Pinned"), i, None(Slot)), PC: "NextEntry"})
	})
	toChange := func(s *State, w, m F) F {
		i := s.T.Slot(w)
		return And(s.phase(w, "One", "Two"), s.duePage(w, m, i))
	}
	area("Visit.change", func(b *Branch, w, v F) { // what is changed is not due any more
		m, i := b.S.V.MM(v), b.S.T.Slot(w)
		b.when(toChange(b.S, w, m))
		b.N.E.Kind.Set(m, i, If(b.S.phase(w, "One"), Named(Kind, "Migration"), Named(Kind, "Present")))
		b.N.put(w, registers{Slot: "0", PC: "NextEntry"})
	})
	area("Visit.pass", func(b *Branch, w, v F) {
		b.when(Not(b.S.phase(w, "Plain", "Pinned")), Not(toChange(b.S, w, b.S.V.MM(v))))
		b.N.put(w, registers{Slot: "0", PC: "NextEntry"})
	})
}

// ------------------------------------------------------------------------- a reference is dropped

// putDone: a migration gives the page back, an Unpin is at its end. Two branches.
func (l *law) putDone(name string, body func(b *Branch, w F)) {
	l.walker(name+".migrate", func(b *Branch, w F) {
		body(b, w)
		b.when(b.S.isOp(w, "Migrate"))
		b.N.leaveLeaf(w)
		b.N.put(w, registers{Empty: false, PC: "UnlockPage"})
	})
	l.walker(name+".unpin", func(b *Branch, w F) {
		body(b, w)
		b.when(Not(b.S.isOp(w, "Migrate")))
		b.N.endWalker(w)
	})
}
