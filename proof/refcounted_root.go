package proof

import "github.com/rootlock/rootlock/spec"

// What RefcountedRoot has of its own, as in tla/RefcountedRoot.tla: a walker tries the lock, or
// takes a reference and sleeps; and the count decides alone when an object is freed.
//
// In 3.0 an object that goes gives back the reference on its root, and is freed afterwards. That
// has no proof. With the museum's repair ChildFirst, Linux's since 2014, it is freed first.

var (
	refcountedRoot = newRefcountedRoot("", (*law).freeRootFirst, rootDropped)
	childFirst     = newRefcountedRoot("ChildFirst", (*law).freeChildFirst, rootNoted)
)

func newRefcountedRoot(repair string, free func(l *law), more ...Conjunct) *Protocol {
	return &Protocol{
		Of: spec.RefcountedRoot, Repair: repair, childFirst: repair != "",
		steps: func(l *law) {
			l.tryRoot()
			l.waitFree()
			l.putObject()
			free(l)
		},
		countsList: true,
		adjustLock: func(s *State, m F) F { return s.isOp(m, "SplitBelow") },
		mappedSeen: func(s *State, w F) F { return If(s.phase(w, "Get"), Named(PC, "GetUnlessZero"), Named(PC, "ReadRoot")) },
		dropped:    func(s *State, t F) F { return If(Eq(s.T.Root(t), "None"), s.T.Anon(t), s.T.Root(t)) },
		freed:      func(s *State, t F) F { return If(s.T.Last(t), s.T.Root(t), s.T.Anon(t)) },

		mmPlaces:     []string{"CheckUnlocked"},
		walkerPlaces: []string{"TryRoot", "GetUnlessZero", "DropRef", "CheckUnlocked"},
		walkerLocked: []string{"DropRef"},
		putSteps:     []string{"PutAnon", "CheckUnlocked", "LockRoot", "UnlockRoot", "FreeAnon"},
		conjuncts:    map[string][]Conjunct{"threads": append(countedThreads, more...), "references": countedReferences, "locks": countedLocks, "walks": countedWalks},
	}
}

// -------------------------------------------------------------------------------- the lookup

func (l *law) tryRoot() {
	l.walker("ReadRoot", func(b *Branch, w F) { // who has a reference on the leaf sleeps on the lock
		s := b.S
		first := And(Eq(s.T.Root(w), "None"), Not(s.refers(w)))
		b.N.put(w, registers{Root: s.A.Root(s.T.Anon(w)), PC: If(first, Named(PC, "TryRoot"), Named(PC, "LockRoot"))})
	})
	l.walker("TryRoot.got", func(b *Branch, w F) {
		b.enter(w, b.S.T.Root(w))
		b.N.T.PC.Set(w, "RecheckMapped")
	})
	l.walker("TryRoot.held", func(b *Branch, w F) {
		b.when(Not(b.S.mayEnter(b.S.T.Root(w))))
		b.N.T.PC.Set(w, "GetUnlessZero")
	})

	// A reference on the leaf, whatever that is by now.
	l.walker("GetUnlessZero.got", func(b *Branch, w F) {
		b.when(Not(b.S.unreferred(b.S.T.Anon(w))))
		b.N.put(w, registers{Ref: b.S.T.Anon(w), PC: "RecheckMapped"})
	})
	for _, o := range l.attempts() {
		l.walker("GetUnlessZero."+o.name, func(b *Branch, w F) {
			b.when(b.S.unreferred(b.S.T.Anon(w)), o.is(b.S, w))
			b.failed(w)
			o.after(b, w)
		})
	}

	// The second look: with the lock, or with a reference.
	look := func(name string, mapped, locked bool, then func(b *Branch, w F)) {
		l.walker("RecheckMapped."+name, func(b *Branch, w F) {
			b.when(Eq(b.S.mapped(b.S.T.Page(w)), mapped), Eq(Ne(b.S.T.Held(w), "None"), locked))
			then(b, w)
		})
	}
	look("walk", true, true, (*Branch).walkBegins)
	look("get", true, false, func(b *Branch, w F) {
		b.when(b.S.phase(w, "Get"))
		b.N.leaveLeaf(w)
		b.N.put(w, registers{Pin: b.S.T.Anon(w), Ref: "None", Phase: "One", PC: "ReadMapping"})
	})
	look("sleep", true, false, func(b *Branch, w F) {
		b.when(Not(b.S.phase(w, "Get")))
		b.N.T.PC.Set(w, "ReadRoot")
	})
	look("unlock", false, true, func(b *Branch, w F) {
		b.failed(w)
		b.N.T.PC.Set(w, "UnlockRoot")
	})
	look("put", false, false, func(b *Branch, w F) {
		b.failed(w)
		b.N.put(w, registers{Root: "None", PC: "PutAnon"})
	})

	// The lock: where it was waited for, the reference is not needed any more.
	lock := func(name string, when func(s *State, w F) F, then func(b *Branch, w F)) {
		l.walker("LockRoot."+name, func(b *Branch, w F) {
			b.when(Not(b.S.T.Empty(w)), when(b.S, w))
			b.enter(w, b.S.T.Root(w))
			then(b, w)
		})
	}
	lock("walk", (*State).refers, (*Branch).walkBegins)
	lock("drop", func(s *State, w F) F { return Not(s.refers(w)) }, func(b *Branch, w F) { b.N.T.PC.Set(w, "DropRef") })
	l.walker("DropRef.walk", func(b *Branch, w F) {
		b.N.put(w, registers{Ref: "None"})
		b.when(Not(b.N.unreferred(b.S.T.Anon(w))))
		b.walkBegins(w)
	})
	l.walker("DropRef.last", func(b *Branch, w F) { // the leaf goes: a failed attempt
		b.N.put(w, registers{Ref: "None"})
		b.when(b.N.unreferred(b.S.T.Anon(w)))
		b.failed(w)
		b.N.put(w, registers{Empty: true, Root: "None", PC: "UnlockRoot"})
	})
}

// ------------------------------------------------------------- references, and the end of objects

// both adds a step of a process and of a walker.
func (l *law) both(name string, body func(b *Branch, t F)) {
	l.mm(name+".mm", body)
	l.walker(name, body)
}

// putEnds adds a step after which a put is over: a process goes on with the chain, a walker
// with what follows its reference or the attempt that failed.
func (l *law) putEnds(name string, body func(b *Branch, t F)) {
	l.mm(name+".mm", func(b *Branch, m F) {
		body(b, m)
		b.N.put(m, registers{Empty: false, Root: "None", PC: "UnlinkChain"})
	})
	l.putDone(name, func(b *Branch, w F) {
		b.when(b.S.phase(w, "Put"))
		body(b, w)
	})
	for _, o := range l.attempts() {
		l.walker(name+"."+o.name, func(b *Branch, w F) {
			b.when(o.is(b.S, w))
			body(b, w)
			b.N.put(w, registers{Empty: false})
			o.after(b, w)
		})
	}
}

// putObject: the object in hand loses a reference: its list's, a walker's, or that of a lookup.
// Who finds that it was the last frees the object.
func (l *law) putObject() {
	l.mm("UnlockAnon.emptied", func(b *Branch, m F) {
		b.when(b.S.dooming(m), b.S.T.Empty(m))
		b.drop(m)
		b.N.put(m, registers{PC: "PutAnon"})
	})
	put := func(b *Branch, t F) {
		a := b.S.T.Anon(t)
		b.when(Eq(b.S.T.Root(t), "None"))
		b.N.A.Listed.Each(func(old F, x ...F) F { return And(old, Not(And(isMM.Of(t), Eq(x[0], a)))) })
		b.N.put(t, registers{Pin: If(b.S.phase(t, "Put"), None(Object), b.S.T.Pin(t)), Ref: "None"})
	}
	l.putEnds("PutAnon.kept", func(b *Branch, t F) {
		put(b, t)
		b.when(Not(b.N.unreferred(b.S.T.Anon(t))))
	})
	l.both("PutAnon.last", func(b *Branch, t F) {
		put(b, t)
		b.when(b.N.unreferred(b.S.T.Anon(t)))
		b.N.put(t, registers{Empty: true})
		b.toFreeNext(t)
	})
}

// waitFree: before an object is freed, whoever holds its root's lock is waited for: it may be a
// walker that has not looked yet whether its page is mapped.
func (l *law) waitFree() {
	wait := func(b *Branch, t F) {
		b.when(b.S.T.Empty(t))
		b.take(t, b.S.T.Root(t))
		b.N.T.PC.Set(t, "UnlockRoot")
	}
	l.mm("LockRoot.mm", wait)
	l.walker("LockRoot.wait", func(b *Branch, w F) {
		wait(b, w)
		b.failed(w)
	})
	l.both("UnlockRoot.free", func(b *Branch, t F) {
		b.when(b.S.T.Empty(t), Ne(b.S.T.Root(t), "None"))
		b.drop(t)
		b.N.T.PC.Set(t, "FreeAnon")
	})
	l.walker("UnlockRoot.last", func(b *Branch, w F) { // after DropRef
		b.when(b.S.T.Empty(w), Eq(b.S.T.Root(w), "None"))
		b.drop(w)
		b.toFreeNext(w)
	})
}

// freeChildFirst: the object is freed, and then its root loses the reference that it had.
func (l *law) freeChildFirst() {
	l.lookAtLock()
	free := func(b *Branch, t F) {
		a := b.S.T.Anon(t)
		b.free(a)
		b.N.A.Pins.Set(a, false)
		b.N.put(t, registers{Empty: false})
	}
	l.putEnds("FreeAnon.root", func(b *Branch, t F) {
		b.when(Eq(b.S.T.Root(t), b.S.T.Anon(t)))
		free(b, t)
	})
	l.both("FreeAnon.child", func(b *Branch, t F) {
		b.when(Ne(b.S.T.Root(t), b.S.T.Anon(t)))
		free(b, t)
		b.N.put(t, registers{Ref: b.S.T.Root(t), PC: "PutAnon"})
	})
	put := func(b *Branch, t F) {
		b.when(Ne(b.S.T.Root(t), "None"))
		b.N.put(t, registers{Ref: "None"})
	}
	l.putEnds("PutAnon.rootKept", func(b *Branch, t F) {
		put(b, t)
		b.when(Not(b.N.unreferred(b.S.T.Root(t))))
	})
	l.both("PutAnon.rootLast", func(b *Branch, t F) { // it is the object in hand now
		put(b, t)
		b.when(b.N.unreferred(b.S.T.Root(t)))
		b.N.put(t, registers{Empty: true, Anon: b.S.T.Root(t), Root: "None", PC: "CheckUnlocked"})
	})
}

// lookAtLock: has anybody the lock of the root of what is to be freed?
func (l *law) lookAtLock() {
	l.both("CheckUnlocked", func(b *Branch, t F) {
		root := b.S.A.Root(b.S.T.Anon(t))
		b.N.put(t, registers{Root: root, PC: If(b.S.unlocked(root), Named(PC, "FreeAnon"), Named(PC, "LockRoot"))})
	})
}

// freeRootFirst: the root loses the object's reference, and goes before the object if that was its
// last.
func (l *law) freeRootFirst() {
	l.both("CheckUnlocked", func(b *Branch, t F) {
		root := b.S.A.Root(b.S.freed(b.S, t))
		held := Ne(b.S.A.Lock(root), "None")
		b.N.put(t, registers{Root: If(held, root, b.S.T.Root(t)), PC: If(held, Named(PC, "LockRoot"), Named(PC, "FreeAnon"))})
	})
	l.both("PutAnon.root", func(b *Branch, t F) {
		root := b.S.T.Root(t)
		b.when(Ne(root, "None"))
		b.N.A.Pins.Set(b.S.T.Anon(t), false)
		b.N.put(t, registers{Last: b.N.unreferred(root), PC: "CheckUnlocked"})
	})
	l.both("FreeAnon.root", func(b *Branch, t F) {
		b.when(b.S.T.Last(t), b.S.T.Empty(t))
		b.free(b.S.T.Root(t))
		b.N.put(t, registers{Last: false, PC: "CheckUnlocked"})
	})
	l.putEnds("FreeAnon", func(b *Branch, t F) {
		b.when(Not(b.S.T.Last(t)))
		b.free(b.S.T.Anon(t))
		b.N.put(t, registers{Empty: false})
	})
}

// toFreeNext goes on with an object that nobody refers to.
func (b *Branch) toFreeNext(t F) {
	root := b.S.A.Root(b.S.T.Anon(t))
	if b.S.childFirst {
		b.N.T.PC.Set(t, "CheckUnlocked")
		return
	}
	other := Ne(root, b.S.T.Anon(t))
	b.N.put(t, registers{Root: If(other, root, b.S.T.Root(t)), PC: If(other, Named(PC, "PutAnon"), Named(PC, "CheckUnlocked"))})
}
