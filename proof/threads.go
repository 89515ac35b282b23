package proof

import "slices"

// Part 1 of the invariant: where a thread can be, and what its registers hold there.

// A Conjunct is a part of the invariant, or of a claim.
type Conjunct struct {
	Name string
	Says string // in English
	Of   func(s *State) F
}

func eachMM(f func(m F) F) F { return All(Thread, func(m F) F { return Imp(isMM.Of(m), f(m)) }) }
func eachWalker(f func(w F) F) F {
	return All(Thread, func(w F) F { return Imp(isWalker.Of(w), f(w)) })
}

// Places of a process and of a walker in all protocols; each adds its own.
var (
	mmLocked   = []string{"LinkList", "UnlinkList", "UnlockAnon", "UnlockRoot", "UnlockAdjust"}
	storeSteps = []string{"StoreStart", "StoreEnd", "StorePgoff"}
	mmPlaces   = []string{"Idle", "AllocAnon", "PinRoot", "LockAnon", "LinkChain", "LinkList", "UnlockAnon", "MapPage", "LockPage", "CheckOwn", "MovePage", "AllowWrite",
		"UnlockPage", "CopyVMA", "CopyEntry", "ZapEntry", "UnlinkList", "PutAnon", "LockRoot", "UnlockRoot", "FreeAnon", "UnlinkChain", "FreeVMA", "LockAdjust",
		"StoreStart", "StoreEnd", "StorePgoff", "UnlockAdjust"}
	// Places of a walker: with an area in hand, and with the lock.
	areaSteps    = walkSteps[1:]
	walkerLocked = append([]string{"UnlockRoot"}, walkSteps...)
	walkerPlaces = append([]string{"Idle", "LockPage", "ReadMapping", "CheckMapped", "ReadRoot", "LockRoot", "RecheckMapped", "PutAnon", "FreeAnon", "UnlockPage"}, walkerLocked...)
)

var threadConjuncts = []Conjunct{
	{"Idle", "A thread is idle exactly between operations, and then its registers are empty. What is neither a process nor a walker is idle.", func(s *State) F {
		return All(Thread, func(t F) F {
			return And(Iff(s.at(t, "Idle"), s.isOp(t, "None")),
				Imp(s.at(t, "Idle"), And(s.phase(t, "None"), Eq(s.T.VMA(t), "None"), Eq(s.T.New(t), "None"), Eq(s.T.Anon(t), "None"), Eq(s.T.Root(t), "None"), Eq(s.T.Held(t), "None"),
					Eq(s.T.Page(t), "None"), Not(s.T.Cloning(t)), Not(s.T.Empty(t)), Not(s.T.Last(t)), Eq(s.T.Child(t), "None"), Eq(s.T.Near(t), "None"),
					Not(s.H.Stale(t)), Not(s.H.Steady(t)))),
				Imp(Not(isMM.Of(t)), Not(isWalker.Of(t)), s.at(t, "Idle")))
		})
	}},
	{"NothingWrong", "No thread has touched what is freed, and no cursor is at what was freed.", func(s *State) F {
		return All(Thread, func(t F) F { return And(Eq(s.T.Oops(t), "None"), Eq(s.T.Gone(t), "None"), Not(s.at(t, "Oopsed"))) })
	}},
	{"ProcessSteps", "A process takes each step only in the operations that have it.", func(s *State) F {
		return eachMM(func(m F) F {
			return And(s.at(m, s.mmSteps()...), Eq(s.T.Pin(m), "None"), Not(s.H.Steady(m)), Not(s.H.Stale(m)),
				s.isOp(m, "None", "Fault", "Fork", "Unmap", "Exit", "SplitBelow", "SplitAbove"),
				Imp(s.at(m, "AllocAnon"), s.isOp(m, "Fault", "Fork")),
				Imp(s.at(m, "PinRoot", "CopyEntry"), s.isOp(m, "Fork")),
				Imp(s.at(m, "LinkChain", "LinkList"), Or(s.isOp(m, "Fault"), s.building(m))),
				Imp(s.at(m, "LockAnon", "UnlockAnon"), Or(s.isOp(m, "Fault"), s.building(m), s.dooming(m))),
				Imp(s.at(m, "MapPage", "LockPage", "CheckOwn", "MovePage", "AllowWrite", "UnlockPage"), s.isOp(m, "Fault")),
				Imp(s.at(m, "LockPage", "CheckOwn", "MovePage", "AllowWrite", "UnlockPage"), s.phase(m, "Cow")),
				Imp(s.at(m, "CopyVMA"), s.building(m)),
				Imp(s.at(m, slices.Concat(s.putSteps, []string{"ZapEntry", "UnlinkList", "UnlinkChain", "FreeVMA"})...), s.ending(m)),
				Imp(s.at(m, "LockAdjust", "StoreStart", "StoreEnd", "StorePgoff", "UnlockAdjust"), s.splitting(m)),
				Imp(s.at(m, "StoreStart", "StorePgoff"), s.isOp(m, "SplitBelow")), Imp(s.at(m, "StoreEnd"), s.isOp(m, "SplitAbove")),
				Imp(s.isOp(m, "Fault"), s.phase(m, "New", "Cow")))
		})
	}},
	{"Cloning", "A process clones a chain between CopyVMA and the last UnlockAnon of the clone, and has a new area from CopyVMA on.", func(s *State) F {
		return eachMM(func(m F) F {
			return And(Imp(s.T.Cloning(m), And(s.building(m), s.at(m, "LinkChain", "LockAnon", "LinkList", "UnlockAnon"))),
				Imp(s.splitting(m), s.at(m, "LinkChain", "LockAnon", "LinkList", "UnlockAnon"), s.T.Cloning(m)),
				Iff(Ne(s.T.New(m), "None"), And(s.building(m), Not(s.at(m, "CopyVMA")))))
		})
	}},
	{"WalkerSteps", "A walker takes each step only in the operations and phases that have it, with a page where the operation is about one.", func(s *State) F {
		return eachWalker(func(w F) F {
			return And(s.at(w, s.walkerSteps()...), s.isOp(w, "None", "Walk", "Migrate", "WalkPinned", "Unpin"),
				Imp(s.isOp(w, "Walk"), s.phase(w, "Plain")), Imp(s.isOp(w, "Unpin"), s.phase(w, "Put")), Imp(s.isOp(w, "WalkPinned"), s.phase(w, "Pinned")),
				Imp(s.isOp(w, "Migrate"), s.phase(w, "Get", "One", "Two", "Put")),
				Eq(s.T.New(w), "None"), Eq(s.T.Child(w), "None"), Not(s.T.Cloning(w)), Eq(s.T.Near(w), "None"),
				Imp(s.at(w, "LockPage"), s.phase(w, "Get")), Imp(s.at(w, "UnlockPage"), s.phase(w, "Get", "Put")), Imp(s.at(w, "LockPage", "UnlockPage"), s.isOp(w, "Migrate")),
				Imp(s.at(w, "ReadMapping"), s.phase(w, "Plain", "Get", "One", "Two")),
				Imp(s.at(w, "CheckMapped", "RecheckMapped"), s.phase(w, "Plain", "Get", "One")), Imp(s.at(w, "ReadPgoff"), Not(s.phase(w, "Pinned"))),
				Imp(s.at(w, walkSteps...), s.phase(w, "Plain", "One", "Two", "Pinned")),
				Imp(s.phase(w, "One", "Two", "Pinned"), Ne(s.T.Pin(w), "None")),
				Iff(s.isOp(w, "Walk", "Migrate"), Ne(s.T.Page(w), "None")))
		})
	}},
	{"WalkerLeaf", "A walker has no leaf while it only locks the page or reads its mapping, and no root before it has seen that the page is mapped. It has an area in hand only in the walk.", func(s *State) F {
		return eachWalker(func(w F) F {
			return And(Imp(s.at(w, "LockPage", "ReadMapping", "UnlockPage"), Eq(s.T.Anon(w), "None")),
				Imp(s.at(w, "LockPage", "ReadMapping", "CheckMapped", "UnlockPage"), Eq(s.T.Root(w), "None")),
				Imp(Ne(s.T.VMA(w), "None"), s.at(w, walkSteps...)), Imp(s.at(w, areaSteps...), Ne(s.T.VMA(w), "None")))
		})
	}},
}
