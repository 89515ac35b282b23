package proof

import "github.com/rootlock/rootlock/spec"

// What RwsemRoot has of its own, as in tla/RwsemRoot.tla: walkers share the lock of the root, and
// have the page's; lists are trees, by page offset; a clone and an unlink are one section each; a fork
// may take an ancestor instead of a new anon_vma; an object is freed before its root.
//
// The places in a chain at which a loop is are not counted here: what is still to do can be told from
// chains and trees. Nor are an anon_vma's children and areas: they are sets.

var rwsemRoot = &Protocol{
	Of: spec.RwsemRoot, trees: true, childFirst: true, countsList: true,
	steps: func(l *law) {
		l.tryRoot()
		l.waitFree()
		l.putTree()
		l.lookAtLock()
	},
	adjustLock: func(s *State, m F) F { return Ne(s.V.Anon(s.T.VMA(m)), "None") },
	mappedSeen: childFirst.mappedSeen,
	dropped:    func(s *State, t F) F { return s.T.Anon(t) },
	freed:      func(s *State, t F) F { return s.T.Anon(t) },

	mmPlaces:     []string{"CheckUnlocked", "TakeOut", "PutBack"},
	walkerPlaces: []string{"TryRoot", "GetUnlessZero", "DropRef", "CheckUnlocked"},
	mmLocked:     []string{"TakeOut", "PutBack"},
	walkerLocked: []string{"DropRef"},
	putSteps:     []string{"PutAnon", "CheckUnlocked", "LockRoot", "UnlockRoot", "FreeAnon"},
	conjuncts:    map[string][]Conjunct{"threads": treeThreads, "chains": treeChains, "references": treeReferences, "locks": treeLocks, "pages": treePages, "walks": treeWalks, "work": treeWork},
	late:         treeLate,
	// The order of chains says little here, and the leaf is what the page names.
	without: []string{"Tail", "NewestInHand", "CloneOrder", "ForkOwnAlone", "SecondLook", "OwnNewest"},
}

// oldest: a is the tail of a part of v's chain. newest: its head.
func (s *State) oldest(v, a F, of func(b F) F) F {
	return And(s.V.Chain(v, a), of(a), All(Object, func(b F) F { return Imp(s.V.Chain(v, b), of(b), Ne(b, a), s.V.Newer(v, b, a)) }))
}
func (s *State) newest(v, a F, of func(b F) F) F {
	return And(s.V.Chain(v, a), of(a), All(Object, func(b F) F { return Imp(s.V.Chain(v, b), of(b), Ne(b, a), s.V.Newer(v, a, b)) }))
}

// noneOf: a part of v's chain is empty.
func (s *State) noneOf(v F, of func(b F) F) F {
	return All(Object, func(b F) F { return Not(And(s.V.Chain(v, b), of(b))) })
}

// pickNewest and pickOldest pick an end of a part of v's chain.
func (b *Branch) pickNewest(s *State, v F, of func(b F) F) (a F) {
	a = b.pick(Object)
	b.when(s.newest(v, a, of))
	b.least(Object, func(x F) F { return And(s.V.Chain(v, x), of(x)) }, func(x, y F) F { return s.V.Newer(v, x, y) })
	return a
}
func (b *Branch) pickOldest(s *State, v F, of func(b F) F) (a F) {
	a = b.pick(Object)
	b.when(s.oldest(v, a, of))
	b.least(Object, func(x F) F { return And(s.V.Chain(v, x), of(x)) }, func(x, y F) F { return s.V.Newer(v, y, x) })
	return a
}

func everyOne(F) F { return True }

// treeClone: the new area belongs to the source's family. A split begins to clone; a fork allocates
// an anon_vma first.
func (l *law) treeClone(b *Branch, m F) {
	s, n, o := b.S, b.N, b.S.T.VMA(m)
	n.V.Tail.Set(n.T.New(m), s.V.Tail(o))
	if b.Name == "CopyVMA.fork" {
		n.put(m, registers{PC: "AllocAnon"})
		return
	}
	n.put(m, registers{Cloning: true, Anon: b.pickNewest(s, o, everyOne), PC: "LinkChain"})
}

// ------------------------------------------------------------------- chains and trees are linked

// insert: area v comes into the trees of some objects, behind those of the same offset.
func (b *Branch) insert(v F, of func(a F) F) {
	s := b.S
	b.N.A.List.Each(func(old F, x ...F) F { return Or(old, And(Eq(x[1], v), of(x[0]))) })
	b.N.A.Before.Each(func(old F, x ...F) F {
		return Or(old, And(of(x[0]), Or(
			And(Eq(x[2], v), Ne(x[1], v), s.A.List(x[0], x[1]), notBehind.Of(s.V.Pgoff(x[1]), s.V.Pgoff(v))),
			And(Eq(x[1], v), Ne(x[2], v), s.A.List(x[0], x[2]), Not(notBehind.Of(s.V.Pgoff(x[2]), s.V.Pgoff(v)))))))
	})
}

// reusable: no area has its new pages in a, and at most one child does not.
func (s *State) reusable(a F) F {
	return And(All(VMA, func(v F) F { return Ne(s.V.Anon(v), a) }), All2(Object, Object, func(c, d F) F {
		return By(Imp(s.childOf(c, a), s.childOf(d, a), Eq(c, d)), s.A.Parent(c), s.A.Parent(d))
	}))
}

func (l *law) plant() {
	l.mm("AllocAnon.fork", func(b *Branch, m F) {
		s, n, a := b.S, b.N, b.pick(Object)
		b.when(Ne(a, "None"), s.isOp(m, "Fork"), Not(s.A.Live(a)))
		n.A.Live.Set(a, true)
		n.A.Root.Set(a, a)
		n.A.Parent.Set(a, a)
		n.A.Listed.Set(a, true)
		n.put(m, registers{Root: a, Cloning: true, Anon: b.pickNewest(s, s.T.VMA(m), everyOne), PC: "LinkChain"})
	})
	l.mm("PinRoot", func(b *Branch, m F) {
		s, n, a := b.S, b.N, b.S.T.Anon(m)
		parent := s.V.Anon(s.T.VMA(m))
		n.A.Root.Set(a, s.A.Root(parent))
		n.A.Parent.Set(a, parent)
		n.A.Pins.Set(a, true)
		n.put(m, registers{PC: "LinkChain"})
	})

	linkChain := func(name string, when func(s *State, m F) F, body func(b *Branch, m, v, a F)) {
		l.mm("LinkChain."+name, func(b *Branch, m F) {
			v, a := b.S.linked(m), b.S.T.Anon(m)
			b.when(when(b.S, m))
			b.N.V.Chain.Set(v, a, true)
			b.N.V.Newer.Each(func(old F, x ...F) F { return Or(old, And(Eq(x[0], v), Eq(x[1], a), b.S.V.Chain(v, x[2]))) })
			body(b, m, v, a)
		})
	}
	linkChain("fault", func(s *State, m F) F { return s.isOp(m, "Fault") }, func(b *Branch, m, v, a F) {
		b.N.put(v, area{Anon: a, Tail: b.S.A.Root(a)})
		b.N.put(m, registers{PC: "LinkList"})
	})
	linkChain("own", func(s *State, m F) F { return And(s.isOp(m, "Fork"), Not(s.T.Cloning(m))) }, func(b *Branch, m, v, a F) {
		b.N.put(v, area{Anon: a})
		b.N.put(m, registers{PC: "LockAnon"})
	})
	rest := func(s *State, m F) func(F) F { // of the source's chain
		return func(o F) F { return And(Not(s.V.Chain(s.T.New(m), o)), Ne(o, s.T.Anon(m))) }
	}
	linkChain("more", func(s *State, m F) F { return s.T.Cloning(m) }, func(b *Branch, m, _, _ F) {
		b.N.put(m, registers{Anon: b.pickNewest(b.S, b.S.T.VMA(m), rest(b.S, m))})
	})
	linkChain("last", func(s *State, m F) F { return s.T.Cloning(m) }, func(b *Branch, m, _, _ F) {
		b.when(b.S.noneOf(b.S.T.VMA(m), rest(b.S, m)))
		b.N.put(m, registers{Anon: b.S.V.Anon(b.S.T.VMA(m)), PC: "LockAnon"})
	})

	lock := func(name string, when func(s *State, m F) F, body func(b *Branch, m F)) {
		l.mm("LockAnon."+name, func(b *Branch, m F) {
			b.when(when(b.S, m))
			b.take(m, b.S.A.Root(b.S.T.Anon(m)))
			body(b, m)
		})
	}
	lock("fault", func(s *State, m F) F { return s.isOp(m, "Fault") }, func(b *Branch, m F) { b.N.put(m, registers{PC: "LinkChain"}) })
	lock("own", func(s *State, m F) F { return And(s.building(m), Not(s.T.Cloning(m))) }, func(b *Branch, m F) { b.N.put(m, registers{PC: "LinkList"}) })
	lock("clone", func(s *State, m F) F { return s.T.Cloning(m) }, func(b *Branch, m F) {
		b.N.put(m, registers{Anon: b.pickOldest(b.S, b.S.T.New(m), everyOne), PC: "LinkList"})
	})
	lock("unlink", (*State).dooming, func(b *Branch, m F) {
		b.N.put(m, registers{Anon: b.pickNewest(b.S, b.S.T.VMA(m), everyOne), PC: "UnlinkList"})
	})

	link := func(name string, when func(s *State, m F) F, body func(b *Branch, m, v, a F)) {
		l.mm("LinkList."+name, func(b *Branch, m F) {
			v, a := b.S.linked(m), b.S.T.Anon(m)
			b.when(when(b.S, m))
			b.insert(v, func(x F) F { return Eq(x, a) })
			body(b, m, v, a)
		})
	}
	link("fault", func(s *State, m F) F { return s.isOp(m, "Fault") }, func(b *Branch, m, _, _ F) { b.N.put(m, registers{PC: "UnlockAnon"}) })
	link("own", func(s *State, m F) F { return And(s.isOp(m, "Fork"), Not(s.T.Cloning(m))) }, func(b *Branch, m, _, a F) {
		b.N.A.Counted.Set(a, true)
		b.N.put(m, registers{PC: "UnlockAnon"})
	})
	for _, taken := range []bool{false, true} { // the child's area takes the ancestor
		clone := func(name string, body func(b *Branch, m, v F)) {
			if taken {
				name += "Taken"
			}
			link(name, func(s *State, m F) F { return s.T.Cloning(m) }, func(b *Branch, m, v, a F) {
				b.when(Eq(And(b.S.isOp(m, "Fork"), Eq(b.S.V.Anon(v), "None"), b.S.reusable(a)), taken))
				if taken {
					b.N.V.Anon.Set(v, a)
				}
				body(b, m, v)
			})
		}
		rest := func(b *Branch, m, v F) func(F) F { // of the new chain
			return func(o F) F { return And(Not(b.S.A.List(o, v)), Ne(o, b.S.T.Anon(m))) }
		}
		clone("more", func(b *Branch, m, v F) { b.N.put(m, registers{Anon: b.pickOldest(b.S, v, rest(b, m, v))}) })
		clone("last", func(b *Branch, m, v F) {
			b.when(b.S.noneOf(v, rest(b, m, v)))
			b.N.put(m, registers{Cloning: false, Anon: b.S.V.Anon(b.S.T.VMA(m)), PC: "UnlockAnon"})
		})
	}

	cloned := func(name string, reused bool, pc string) { // is what was allocated still wanted?
		l.mm("UnlockAnon."+name, func(b *Branch, m F) {
			s := b.S
			b.when(s.isOp(m, "Fork"), Ne(s.T.Root(m), "None"), Eq(Ne(s.V.Anon(s.T.New(m)), "None"), reused))
			b.drop(m)
			b.N.put(m, registers{Anon: s.T.Root(m), Root: "None", PC: pc})
		})
	}
	cloned("forkNew", false, "PinRoot")
	cloned("forkReused", true, "PutAnon")
	l.mm("UnlockAnon.split", func(b *Branch, m F) {
		s, own := b.S, b.S.V.Anon(b.S.T.VMA(m))
		b.when(s.splitting(m))
		b.drop(m)
		b.N.put(m, registers{Anon: own, PC: If(Eq(own, "None"), s.stores(m), Named(PC, "LockAdjust"))})
	})
}

// ------------------------------------------------------------- chains are unlinked, and extents stored

func (l *law) uproot() {
	for _, w := range l.ways() {
		l.mm("UnlockAnon."+w.name, func(b *Branch, m F) {
			b.when(b.S.dooming(m))
			b.drop(m)
			w.next(b, m, b.S.T.VMA(m))
		})
		l.mm("UnlinkChain."+w.name, func(b *Branch, m F) {
			v := b.S.T.VMA(m)
			a := b.pickNewest(b.S, v, everyOne)
			b.N.V.Chain.Set(v, a, false)
			b.N.V.Newer.Each(func(old F, x ...F) F { return And(old, Not(And(Eq(x[0], v), Or(Eq(x[1], a), Eq(x[2], a))))) })
			w.next(b, m, v)
		})
	}
	// An entry leaves its tree. That of a tree which is empty now stays on the chain.
	for _, empty := range []bool{true, false} {
		uproot := func(name string, body func(b *Branch, m, v F, rest func(F) F)) {
			l.mm("UnlinkList."+name+map[bool]string{true: "Empty", false: ""}[empty], func(b *Branch, m F) {
				s, n, v, a := b.S, b.N, b.S.T.VMA(m), b.S.T.Anon(m)
				if b.when(Eq(b.unlist(m), empty)); empty {
					n.A.Counted.Set(a, false)
				} else {
					n.V.Chain.Set(v, a, false)
					n.V.Newer.Each(func(old F, x ...F) F { return And(old, Not(And(Eq(x[0], v), Or(Eq(x[1], a), Eq(x[2], a))))) })
				}
				body(b, m, v, func(o F) F { return And(s.A.List(o, v), Ne(o, a)) })
			})
		}
		uproot("more", func(b *Branch, m, v F, rest func(F) F) { b.N.put(m, registers{Anon: b.pickNewest(b.S, v, rest)}) })
		uproot("last", func(b *Branch, m, v F, rest func(F) F) {
			b.when(b.S.noneOf(v, rest))
			b.N.put(m, registers{Anon: b.S.V.Anon(v), PC: "UnlockAnon"})
			b.N.put(v, area{Anon: "None", Tail: "None"})
		})
	}

	l.mm("TakeOut", func(b *Branch, m F) { // of all its trees
		s, n, v := b.S, b.N, b.S.T.VMA(m)
		n.A.List.Each(func(old F, x ...F) F { return And(old, Not(And(Eq(x[1], v), s.V.Chain(v, x[0])))) })
		n.A.Before.Each(func(old F, x ...F) F { return And(old, Not(And(s.V.Chain(v, x[0]), Or(Eq(x[1], v), Eq(x[2], v))))) })
		n.put(m, registers{PC: s.stores(m)})
	})
	l.mm("PutBack", func(b *Branch, m F) {
		v := b.S.T.VMA(m)
		b.insert(v, func(a F) F { return b.S.V.Chain(v, a) })
		b.N.put(m, registers{PC: "UnlockAdjust"})
	})
}

// ------------------------------------------------------------- references, and the end of objects

// overs adds a step after which a put is over: a process goes on with the chain, or with the
// child's area where a fork needed no new anon_vma; a walker with what follows its reference or the
// attempt that failed.
func (l *law) overs(name string, body func(b *Branch, t F)) {
	l.mm(name+".mm", func(b *Branch, m F) {
		b.when(Eq(b.S.T.New(m), "None"))
		body(b, m)
		b.N.put(m, registers{Root: "None", PC: "UnlinkChain"})
	})
	l.completed(name, func(b *Branch, m F) {
		b.when(Ne(b.S.T.New(m), "None"))
		body(b, m)
		b.N.put(m, registers{Root: "None"})
	})
	l.putDone(name, func(b *Branch, w F) {
		b.when(b.S.phase(w, "Put"))
		body(b, w)
	})
	for _, o := range l.attempts() {
		l.walker(name+"."+o.name, func(b *Branch, w F) {
			b.when(o.is(b.S, w))
			body(b, w)
			o.after(b, w)
		})
	}
}

// putTree: the object in hand loses a reference: its tree's, a walker's, that of a lookup, or that of
// a child which was freed. Who finds that it was the last frees the object, and then puts its root.
func (l *law) putTree() {
	put := func(b *Branch, t F, last bool) {
		s, n, a := b.S, b.N, b.S.T.Anon(t)
		n.A.Listed.Each(func(old F, x ...F) F { return And(old, Not(And(isMM.Of(t), Eq(s.T.Ref(t), "None"), Eq(x[0], a)))) })
		n.put(t, registers{Pin: If(s.phase(t, "Put"), None(Object), s.T.Pin(t)), Ref: "None"})
		b.when(Eq(n.unreferred(a), last))
	}
	l.overs("PutAnon.kept", func(b *Branch, t F) { put(b, t, false) })
	l.both("PutAnon.last", func(b *Branch, t F) {
		put(b, t, true)
		b.N.put(t, registers{Empty: true, PC: "CheckUnlocked"})
	})
	free := func(b *Branch, t F, root bool) {
		a := b.S.T.Anon(t)
		b.when(Eq(Eq(b.S.T.Root(t), a), root))
		b.free(a)
		b.N.A.Pins.Set(a, false)
		b.N.put(t, registers{Empty: false})
	}
	l.overs("FreeAnon.root", func(b *Branch, t F) { free(b, t, true) })
	l.both("FreeAnon.child", func(b *Branch, t F) {
		root := b.S.T.Root(t)
		free(b, t, false)
		b.N.put(t, registers{Ref: root, Anon: root, Root: "None", PC: "PutAnon"})
	})
}
