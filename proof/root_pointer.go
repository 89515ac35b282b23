package proof

import "github.com/rootlock/rootlock/spec"

// What RootPointer has of its own, as in tla/RootPointer.tla: how a walker finds and takes the
// lock, and that it takes a reference under it; how references are dropped, and objects freed.

var rootPointer = &Protocol{
	Of: spec.RootPointer,
	steps: func(l *law) {
		l.dropRoot()
		l.lookUnderLock()
		l.put()
	},
	adjustLock: func(*State, F) F { return True },
	mappedSeen: func(*State, F) F { return Named(PC, "ReadRoot") },
	dropped:    func(s *State, t F) F { return If(isMM.Of(t), s.T.Root(t), s.T.Anon(t)) },
	freed: func(s *State, t F) F {
		return If(And(s.T.Last(t), Or(isMM.Of(t), Not(s.T.Empty(t)))), s.T.Root(t), s.T.Anon(t))
	},
	mmPlaces:     []string{"PutLast"},
	walkerPlaces: []string{"GetAnon", "PutLast"},
	mmLocked:     []string{"PutLast"},
	walkerLocked: []string{"RecheckMapped", "GetAnon", "PutLast"},
	putSteps:     []string{"PutAnon", "LockRoot", "PutLast", "UnlockRoot", "FreeAnon"},
	conjuncts: map[string][]Conjunct{
		"threads": rootPointerThreads, "references": rootPointerReferences, "locks": rootPointerLocks, "walks": rootPointerWalks,
	},
}

// lookUnderLock: the second look is under the lock, and so is what a migration does to keep its leaf.
func (l *law) lookUnderLock() {
	l.walker("ReadRoot", func(b *Branch, w F) {
		b.N.put(w, registers{Root: b.S.A.Root(b.S.T.Anon(w)), PC: "LockRoot"})
	})
	lock := func(name string, is func(s *State, w F) F, then func(b *Branch, w F)) {
		l.walker("LockRoot."+name, func(b *Branch, w F) {
			b.when(is(b.S, w))
			b.take(w, b.S.T.Root(w))
			then(b, w)
		})
	}
	lock("put", func(s *State, w F) F { return s.phase(w, "Put") }, func(b *Branch, w F) { b.N.T.PC.Set(w, "PutLast") })
	lock("walk", func(s *State, w F) F { return s.phase(w, "Two", "Pinned") }, (*Branch).walkBegins)
	lock("recheck", func(s *State, w F) F { return Not(s.refers(w)) }, func(b *Branch, w F) { b.N.T.PC.Set(w, "RecheckMapped") })
	l.walker("RecheckMapped.walk", func(b *Branch, w F) {
		b.when(b.S.mapped(b.S.T.Page(w)), Not(b.S.phase(w, "Get", "Put")))
		b.walkBegins(w)
	})
	l.walker("RecheckMapped.get", func(b *Branch, w F) {
		b.when(b.S.mapped(b.S.T.Page(w)), b.S.phase(w, "Get"))
		b.N.put(w, registers{PC: "GetAnon"})
	})
	l.walker("RecheckMapped.no", func(b *Branch, w F) {
		b.when(Not(b.S.mapped(b.S.T.Page(w))))
		b.failed(w)
		b.N.put(w, registers{PC: "UnlockRoot"})
	})
	l.walker("GetAnon", func(b *Branch, w F) {
		b.N.put(w, registers{Pin: b.S.T.Anon(w), PC: "UnlockRoot"})
	})
}

// lastOfChild: nobody but object c has a reference on a.
func (s *State) lastOfChild(c, a F) F {
	return And(s.noWalkerHas(a), All(Object, func(x F) F { return Imp(s.childHas(x, a), Eq(x, c)) }))
}

// lastOfWalker: nobody but walker w has one.
func (s *State) lastOfWalker(w, a F) F {
	return And(All(Thread, func(x F) F { return Imp(s.walkerHas(x, a), Eq(x, w)) }), s.noChildHas(a))
}

// dropRoot: an object without a user gives back the reference that it has on its root, and
// is freed.
func (l *law) dropRoot() {
	last := func(s *State, m F) F { return s.lastOfChild(s.T.Anon(m), s.T.Root(m)) }
	l.mm("UnlockAnon.unusedChild", func(b *Branch, m F) {
		root := b.S.A.Root(b.S.T.Anon(m))
		b.when(b.S.dooming(m), b.S.T.Empty(m), Ne(root, b.S.T.Anon(m)))
		b.drop(m)
		b.N.put(m, registers{Root: root, PC: "PutAnon"})
	})
	l.mm("UnlockAnon.unusedRoot", func(b *Branch, m F) {
		b.when(b.S.dooming(m), b.S.T.Empty(m), Eq(b.S.A.Root(b.S.T.Anon(m)), b.S.T.Anon(m)))
		b.drop(m)
		b.N.put(m, registers{PC: "FreeAnon"})
	})
	l.mm("PutAnon.mmFast", func(b *Branch, m F) {
		b.when(Not(last(b.S, m)))
		b.N.A.Pins.Set(b.S.T.Anon(m), false)
		b.N.put(m, registers{PC: "FreeAnon"})
	})
	l.mm("PutAnon.mmSlow", func(b *Branch, m F) {
		b.when(last(b.S, m))
		b.N.put(m, registers{PC: "LockRoot"})
	})
	l.mm("LockRoot.mm", func(b *Branch, m F) {
		b.take(m, b.S.T.Root(m))
		b.N.put(m, registers{PC: "PutLast"})
	})
	for _, unused := range []bool{true, false} {
		name := map[bool]string{true: "PutLast.mmLast", false: "PutLast.mm"}[unused]
		l.mm(name, func(b *Branch, m F) {
			b.when(Eq(And(last(b.S, m), b.S.noList(b.S.T.Root(m))), unused))
			b.N.A.Pins.Set(b.S.T.Anon(m), false)
			b.N.put(m, registers{Last: unused, PC: "UnlockRoot"})
		})
	}
	l.mm("UnlockRoot.mm", func(b *Branch, m F) {
		b.drop(m)
		b.N.put(m, registers{PC: "FreeAnon"})
	})
	l.mm("FreeAnon.mmRoot", func(b *Branch, m F) {
		s, n, same := b.S, b.N, Eq(b.S.T.Root(m), b.S.T.Anon(m))
		b.when(s.T.Last(m))
		b.free(s.T.Root(m))
		n.put(m, registers{Empty: And(s.T.Empty(m), Not(same)), Last: same, Root: If(Or(s.T.Empty(m), same), s.T.Root(m), None(Object)), PC: If(Or(s.T.Empty(m), same), Named(PC, "FreeAnon"), Named(PC, "UnlinkChain"))})
	})
	l.mm("FreeAnon.mm", func(b *Branch, m F) {
		b.when(Not(b.S.T.Last(m)))
		b.free(b.S.T.Anon(m))
		b.N.put(m, registers{Empty: false, Root: "None", PC: "UnlinkChain"})
	})
}

// put: a walker drops its reference.
func (l *law) put() {
	l.putDone("PutAnon.fast", func(b *Branch, w F) {
		b.when(Not(b.S.lastOfWalker(w, b.S.T.Anon(w))))
		b.N.put(w, registers{Pin: "None"})
	})
	l.walker("PutAnon.slow", func(b *Branch, w F) {
		b.when(b.S.lastOfWalker(w, b.S.T.Anon(w)))
		b.N.put(w, registers{PC: "ReadRoot"})
	})
	lastUse := func(s *State, w F) F { return And(s.lastOfWalker(w, s.T.Anon(w)), s.noList(s.T.Anon(w))) }
	l.walker("PutLast.used", func(b *Branch, w F) {
		b.when(Not(lastUse(b.S, w)))
		b.N.put(w, registers{Pin: "None", Empty: false, Last: false, PC: "UnlockRoot"})
	})
	unused := func(name string, body func(b *Branch, w, a F)) {
		l.walker(name, func(b *Branch, w F) {
			b.when(lastUse(b.S, w))
			b.N.put(w, registers{Pin: "None", Empty: true, PC: "UnlockRoot"})
			body(b, w, b.S.T.Anon(w))
		})
	}
	unused("PutLast.root", func(b *Branch, w, a F) {
		b.when(Eq(b.S.A.Root(a), a))
		b.N.put(w, registers{Last: false})
	})
	for _, both := range []bool{true, false} { // with the object goes its reference on the root
		unused(map[bool]string{true: "PutLast.childAndRoot", false: "PutLast.child"}[both], func(b *Branch, w, a F) {
			root := b.S.A.Root(a)
			b.when(Ne(root, a), Eq(And(b.S.lastOfChild(a, root), b.S.noList(root)), both))
			b.N.A.Pins.Set(a, false)
			b.N.put(w, registers{Last: both})
		})
	}
	l.putDone("UnlockRoot.put", func(b *Branch, w F) {
		b.when(b.S.phase(w, "Put"), Not(b.S.T.Empty(w)))
		b.drop(w)
	})
	l.walker("UnlockRoot.free", func(b *Branch, w F) {
		b.when(b.S.phase(w, "Put"), b.S.T.Empty(w))
		b.drop(w)
		b.N.put(w, registers{PC: "FreeAnon"})
	})
	l.walker("FreeAnon.thenRoot", func(b *Branch, w F) {
		b.when(b.S.T.Empty(w), b.S.T.Last(w))
		b.free(b.S.T.Anon(w))
		b.N.put(w, registers{Empty: false})
	})
	l.putDone("FreeAnon.leaf", func(b *Branch, w F) {
		b.when(Not(b.S.T.Last(w)))
		b.free(b.S.T.Anon(w))
		b.N.put(w, registers{Empty: false})
	})
	l.walker("FreeAnon.again", func(b *Branch, w F) { // never: what is freed last is not the leaf
		b.when(Not(b.S.T.Empty(w)), b.S.T.Last(w), Eq(b.S.T.Root(w), b.S.T.Anon(w)))
		b.free(b.S.T.Root(w))
	})
	l.putDone("FreeAnon.root", func(b *Branch, w F) {
		b.when(Not(b.S.T.Empty(w)), b.S.T.Last(w), Ne(b.S.T.Root(w), b.S.T.Anon(w)))
		b.free(b.S.T.Root(w))
		b.N.put(w, registers{Last: false})
	})
}
