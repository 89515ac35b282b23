package proof

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/deep"
	"github.com/rootlock/rootlock/internal/museum"
)

// A mistake is a change of one branch of the law. The proof must not go through with it.
type mistake struct {
	name    string // of entries of testdata/museum, or some words
	branch  string
	finds   string // a conjunct that is not proved
	deep    bool   // only with ROOTLOCK_DEEP
	example bool   // a small world shows it
	edit    func(b *Branch)
}

// without drops the parts of a guard that say something of one of the symbols.
func without(b *Branch, symbols ...string) {
	b.Guard = slices.DeleteFunc(b.Guard, func(g F) bool {
		text := Text(g)
		return slices.ContainsFunc(symbols, func(s string) bool { return strings.Contains(text, s) })
	})
}

// lastArea: no other area is on the list of the object in hand.
func lastArea() F {
	return All(VMA, func(u F) F { return Imp(was.A.List(was.T.Anon(actor), u), Eq(u, was.T.VMA(actor))) })
}

// goes is a mistake in where a step leads.
func goes(pc any) func(b *Branch) { return func(b *Branch) { b.N.put(actor, registers{PC: pc}) } }

// was is the state before a step, and today that of RwsemRoot.
var was, today = rootPointer.state(), rwsemRoot.state()

var mistakes = map[*Protocol][]mistake{
	rootPointer: {
		{name: "NoRecheck", branch: "RecheckMapped.get", finds: "Locked", example: true, edit: func(b *Branch) { without(b, "E.Page") }},
		{name: "NoPin", branch: "AllocAnon.fork", finds: "ForkOwn", deep: true, example: true, edit: goes("LinkChain")},
		{name: "WalkersOnly", branch: "LockAnon", finds: "ProcessHolds", deep: true, example: true, edit: func(b *Branch) {
			b.N.A.Lock, b.N.T.Held = was.A.Lock, was.T.Held
			without(b, "A.Lock")
			b.take(actor, was.T.Anon(actor))
		}},
		{name: "UnlinkUnlocked", branch: "LockAnon", finds: "ProcessHolds", deep: true, edit: func(b *Branch) { b.N.A.Lock, b.N.T.Held = was.A.Lock, was.T.Held }},
		{name: "LinkAtHead", branch: "LinkList", finds: "ChildBehind", deep: true, example: true, edit: func(b *Branch) {
			b.N.A.Before = was.A.Before
			b.N.A.Before.Each(func(old F, x ...F) F {
				return Or(old, And(Eq(x[0], was.T.Anon(actor)), Eq(x[1], was.linked(actor)), was.A.List(x[0], x[2])))
			})
		}},
		{name: "ForkedNeighbour", branch: "Fault.next", finds: "Prepare", deep: true, example: true, edit: func(b *Branch) {
			without(b, "V.Chain")
			b.when(was.isArea(b.Picks[2], actor), Ne(was.V.Anon(b.Picks[2]), "None"))
		}},
		{name: "freed with children", branch: "UnlinkList.empty", finds: "ToFreeNoChild", deep: true, example: true, edit: func(b *Branch) {
			without(b, "T.Pin")
			b.when(lastArea(), was.noWalkerHas(was.T.Anon(actor)))
		}},
		{name: "UnlinkFrees", branch: "UnlinkList.empty", finds: "ToFreeNoWalker", deep: true, example: true, edit: func(b *Branch) {
			without(b, "T.Pin")
			b.when(lastArea())
		}},
		{name: "PutFrees", branch: "PutLast.root", finds: "ToFreeNoList", deep: true, example: true, edit: func(b *Branch) {
			without(b, "A.List")
			b.when(was.lastOfWalker(actor, was.T.Anon(actor)))
		}},
		{name: "CloneOrder", branch: "CopyVMA.fork", finds: "CloneInHand", deep: true, example: true, edit: func(b *Branch) { b.N.T.Anon.Set(actor, was.V.Anon(was.T.VMA(actor))) }},
		{name: "AdjustUnlocked", branch: "UnlockAnon.split", finds: "ProcessHolds", deep: true, edit: func(b *Branch) { b.N.T.PC.Set(actor, was.stores(actor)) }},
		{name: "leaf locked", branch: "ReadRoot", finds: "NotFreedSince", deep: true, edit: func(b *Branch) { b.N.T.Root.Set(actor, was.T.Anon(actor)) }},
		{name: "walk unlocked", branch: "LockRoot.walk", finds: "WalkerHolds", deep: true, edit: func(b *Branch) { b.N.A.Lock, b.N.T.Held = was.A.Lock, was.T.Held }},
		{name: "ForkWritable", branch: "CopyEntry.end", finds: "WritableAlone", deep: true, example: true, edit: func(b *Branch) { b.N.E.Writable = was.E.Writable }},
		{name: "page moved unasked", branch: "CheckOwn.alone", finds: "OwnPage", deep: true, edit: func(b *Branch) { without(b, "E.Page") }},
		{name: "pgoff not stored", branch: "StorePgoff.locked", finds: "Offset", deep: true, edit: func(b *Branch) { b.N.V.Pgoff = was.V.Pgoff }},
		{name: "page unlocked", branch: "LockPage.walker", finds: "WalkerPageLock", deep: true, edit: func(b *Branch) { b.N.P.Lock = was.P.Lock }},
		{name: "child its own root", branch: "AllocAnon.fork", finds: "ForkOwn", deep: true, edit: func(b *Branch) { b.N.A.Root.Set(b.Picks[0], b.Picks[0]) }},
		{name: "unlinked before zapped", branch: "Unmap.chain", finds: "WayBack", deep: true, edit: func(b *Branch) { without(b, "E.Kind") }},
		{name: "EndKept", branch: "StoreEnd.locked", finds: "Disjoint", deep: true, example: true, edit: func(b *Branch) { b.N.V.Has, b.N.E.Area = was.V.Has, was.E.Area }},
		{name: "ExitEarly", branch: "FreeVMA.end", finds: "By", deep: true, example: true, edit: func(b *Branch) { without(b, "V.Life") }},
		{name: "ForkEmpty", branch: "UnlockAnon.forkEnd", finds: OperationDone + ".ForkPages", deep: true, example: true, edit: func(b *Branch) { without(b, "E.Kind") }},
		{name: "FreedUnderLock", branch: "PutLast.child", finds: "WalkerHolds", deep: true, example: true, edit: goes("FreeAnon")},
		{name: "NoReference", branch: "UnlockRoot.got", finds: "WalkerSteps", deep: true, edit: func(b *Branch) { b.N.put(actor, registers{Pin: "None"}) }},
		{name: "OwnUnlinked", branch: "LinkChain.more", finds: "EntryInHand", deep: true, example: true, edit: func(b *Branch) { b.N.V.Chain, b.N.V.Newer = was.V.Chain, was.V.Newer }},
		{name: "PinnedBlind", branch: "ReadStart.pinned", finds: "OwedPinned", deep: true, example: true, edit: goes("NextEntry")},
		{name: "PlainGet", branch: "CheckMapped.yes", finds: "Locked", deep: true, example: true, edit: goes(If(was.phase(actor, "Get"), Named(PC, "GetAnon"), Named(PC, "ReadRoot")))},
		{name: "PutBeforeLock DecThenLock", branch: "PutAnon.slow", finds: "PutHas", deep: true, example: true, edit: func(b *Branch) { b.N.put(actor, registers{Pin: "None"}) }},
		{name: "RootReread", branch: "UnlockRoot.plain", finds: "HeldIsLocked", deep: true, example: true, edit: func(b *Branch) {
			b.N.A.Lock = was.A.Lock
			b.N.A.Lock.Set(was.A.Root(was.T.Anon(actor)), "None")
		}},
		{name: "UnmapsNothing", branch: "Visit.change", finds: "Owed", deep: true, example: true, edit: func(b *Branch) {
			changed := b.N.E.Kind
			b.N.E.Kind = func(args ...F) F { return If(was.phase(actor, "One"), was.E.Kind(args...), changed(args...)) }
		}},
		{name: "WriteUnlocked", branch: "Fault.cow", finds: "ProcessPageLock", deep: true, example: true, edit: goes("CheckOwn")},
		{name: "LeafUnlocked", branch: "NextEntry.end", finds: "HeldIsLocked", deep: true, example: true, edit: func(b *Branch) { b.N.put(actor, registers{Held: was.T.Anon(actor)}) }},
		{name: "LockReset", branch: "AllocAnon.fault", finds: "HeldIsLocked", deep: true, example: true, edit: func(b *Branch) { b.N.A.Lock.Set(b.Picks[0], "None") }},
		{name: "ParentLinked", branch: "AllocAnon.fork", finds: "ForkOwn", deep: true, example: true, edit: func(b *Branch) { b.N.put(actor, registers{Anon: was.V.Anon(was.T.VMA(actor))}) }},
		{name: "PutLeaks", branch: "PutLast.root", finds: "Kept", deep: true, example: true, edit: func(b *Branch) { b.N.put(actor, registers{Empty: false}) }},
		{name: "RootFirst", branch: "UnlinkChain.more", finds: "NewestInHand", deep: true, example: true, edit: func(b *Branch) {
			without(b, "V.Newer")
			b.when(b.N.V.Chain(was.T.VMA(actor), b.Picks[0]))
		}},
	},
	childFirst: {
		{name: "FreedUnasked", branch: "CheckUnlocked.mm", finds: "LockedStays", deep: true, example: true, edit: goes("FreeAnon")},
		{name: "GetUnderLock", branch: "CheckMapped.yes", finds: "LookupSteps", deep: true, example: true, edit: goes("ReadRoot")},
		{name: "LastUnseen", branch: "DropRef.walk", finds: "Kept", deep: true, example: true, edit: func(b *Branch) { without(b, "A.Listed") }},
		{name: "TryIgnored", branch: "TryRoot.got", finds: "HeldIsLocked", deep: true, example: true, edit: func(b *Branch) {
			without(b, "A.Lock")
			root := was.T.Root(actor)
			b.N.A.Lock = was.A.Lock
			b.N.A.Lock.Set(root, If(Eq(was.A.Lock(root), "None"), actor, was.A.Lock(root)))
		}},
	},
	rwsemRoot: {
		{name: "TriedUnasked", branch: "RecheckMapped.walk", finds: "Locked", deep: true, example: true, edit: func(b *Branch) { without(b, "E.Page") }},
		{name: "SleptUnasked", branch: "RecheckMapped.sleep", finds: "RefNotFreed", deep: true, example: true, edit: func(b *Branch) { without(b, "E.Page") }},
		{name: "GetUnasked", branch: "RecheckMapped.get", finds: "Migrating", deep: true, example: true, edit: func(b *Branch) { without(b, "E.Page") }},
		{name: "GotFromZero", branch: "GetUnlessZero.got", finds: "ToFreeNoRef", deep: true, example: true, edit: func(b *Branch) { without(b, "A.Listed") }},
		{name: "FreedUnwaited", branch: "CheckUnlocked.mm", finds: "LockedStays", deep: true, example: true, edit: goes("FreeAnon")},
		{name: "WalkUnlockedPage", branch: "Walk", finds: "WalkerPageLock", deep: true, example: true, edit: goes("ReadMapping")},
		{name: "ForkedLender", branch: "Fault.next", finds: "Prepare", deep: true, example: true, edit: func(b *Branch) {
			without(b, "V.Chain")
			b.when(was.isArea(b.Picks[2], actor), Ne(was.V.Anon(b.Picks[2]), "None"))
		}},
		{name: "ReusedInUse", branch: "LinkList.lastTaken", finds: "BuildAlone", deep: true, example: true, edit: func(b *Branch) {
			without(b, "A.Parent")
			b.when(today.isOp(actor, "Fork"), Eq(today.V.Anon(today.T.New(actor)), "None"))
		}},
		{name: "ReusedParent", branch: "LinkList.lastTaken", finds: "TakenFree", deep: true, example: true, edit: func(b *Branch) {
			without(b, "A.Parent")
			b.when(today.isOp(actor, "Fork"), Eq(today.V.Anon(today.T.New(actor)), "None"), All(VMA, func(v F) F { return Ne(today.V.Anon(v), today.T.Anon(actor)) }))
		}},
		{name: "NeverReused", branch: "LinkList.last", finds: "NoneLeft", deep: true, example: true, edit: func(b *Branch) { without(b, "A.Parent") }},
		{name: "a reader beside a writer", branch: "TryRoot.got", finds: "ReadersOnly", deep: true, example: true, edit: func(b *Branch) { without(b, "A.Lock") }},
		{name: "ParentIsRoot", branch: "PinRoot", finds: "ForkOwn", deep: true, example: true, edit: func(b *Branch) {
			b.N.A.Parent.Set(was.T.Anon(actor), today.A.Root(was.V.Anon(was.T.VMA(actor))))
		}},
		{name: "a writer beside readers", branch: "LockAnon.unlink", finds: Refinement, deep: true, edit: func(b *Branch) { without(b, "A.Lock", "A.Readers") }},
		{name: "stored in the trees", branch: "LockAdjust", finds: "UnlinkedNoList", deep: true, example: true, edit: goes(today.stores(actor))},
		{name: "put back anywhere", branch: "PutBack", finds: "Sorted", deep: true, example: true, edit: func(b *Branch) {
			b.N.A.Before = today.A.Before
			b.N.A.Before.Each(func(old F, x ...F) F {
				v := today.T.VMA(actor)
				return Or(old, And(Eq(x[2], v), Ne(x[1], v), today.A.List(x[0], x[1]), today.V.Chain(v, x[0])))
			})
		}},
	},
}

// unsaid are the mistakes of the museum that cannot be said of these formulas, and why.
var unsaid = map[string]string{
	"ForkLeaks":     "no allocation fails here",
	"NewestMapping": "no page is swapped here",
	"ShiftedStack":  "no area is moved here",
	"LinkTried":     "operations go on for ever: whether they end is not asked",
	"LeafTried":     "the same",
	"LeafKept":      "a step of the sketch's own lookup",
	"LockedTwice":   "a step of the sketch's own lookup",
	"Posted":        "a step of the sketch's own lookup",

	"CopiedForgotten":   "no area is moved here",
	"MovesUnlocked":     "no area is moved here",
	"NeighbourUnlocked": "no areas are merged here",
	"MovedTorn":         "no page is given to another area here",
	"MovedUnderLookup":  "no page is given to another area here",
	"MovedForEver":      "no page is given to another area here",
	"BothSidesMerged":   "no areas are merged here",
	"CopiedOrNext":      "no areas are merged here",
	"NextStaysInTree":   "no areas are merged here",
	"CutLate":           "a split's new part has one offset here, from the start",
	"HalfForkKept":      "no allocation fails here",
	"HeadIsOwn":         "areas are counted anew here, not remembered",
	"SwapSharedMoved":   "no page is swapped here",
	"DupBeforeLock":     "two threads in a process",
	"ForkUnlocked":      "two threads in a process",
	"PlainPublish":      "two threads in a process",
	"PreparedAndLost":   "two threads in a process",
	"PreparedBare":      "two threads in a process",
	"LoserCounted":      "two threads in a process",
	"PreparedTwice":     "two threads in a process",
	"UnmapUnlocked":     "two threads in a process",
}

// Every mistake of the museum is among the mistakes, or there is a reason.
func TestMuseumIsSaid(t *testing.T) {
	said := map[string]bool{}
	for _, list := range mistakes {
		for _, m := range list {
			for name := range strings.FieldsSeq(m.name) {
				said[name] = true
			}
		}
	}
	entries, err := museum.Load(os.DirFS(filepath.Join("..", "testdata", "museum")))
	require.NoError(t, err)
	n := 0
	for _, e := range entries {
		if e.Kind != museum.Mistake {
			assert.False(t, unsaid[e.Name] != "", "%s is no mistake", e.Name)
			continue
		}
		assert.NotEqual(t, said[e.Name], unsaid[e.Name] != "", "%s must be in mistakes or in unsaid", e.Name)
		n += truth(said[e.Name])
	}
	t.Logf("%d mistakes of the museum are said", n)
	assert.GreaterOrEqual(t, n, 25)
}

// Every mistake makes the conjunct fail after the step, and without the mistake it does not.
func TestMistakes(t *testing.T) {
	v := solver(t)
	for p, list := range mistakes {
		for _, m := range list {
			if m.deep && !deep.Asked() {
				continue
			}
			t.Run(strings.ReplaceAll(m.name, " ", "-"), func(t *testing.T) {
				t.Parallel()
				branches := p.newBranches()
				i := slices.IndexFunc(branches, func(b *Branch) bool { return b.Name == m.branch })
				require.GreaterOrEqual(t, i, 0)
				ask := func() *Report {
					r, err := Prove(t.Context(), Options{Protocol: p, Solver: v, Branches: branches[i : i+1], Step: m.branch, Conjunct: m.finds, Workers: 1})
					require.NoError(t, err)
					return r
				}
				require.True(t, ask().OK(), "the law has the mistake")
				m.edit(branches[i])
				r := ask()
				require.False(t, r.OK(), "the proof goes through with the mistake")
				u := r.Undecided[0]
				assert.Equal(t, m.finds, u.Conjunct)
				if m.example {
					assert.Contains(t, u.Counterexample, ":"+m.branch+"(", u.Why)
				}
			})
		}
	}
}
