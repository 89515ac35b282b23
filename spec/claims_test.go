package spec

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func testModel(t *testing.T, p Protocol) *Model {
	t.Helper()
	m, err := NewModel(p, "test", Bounds{MMs: 2, VMAs: 4, Objects: 4, Pages: 2, Walkers: 2, Slots: 2, MMOps: 5, WalkerOps: 5, Ops: AllOps() | WideOps()})
	require.NoError(t, err)
	return m
}

// Every conjunct must be able to be false, and must then say with which values.
func TestEveryConjunctCanBeFalse(t *testing.T) {
	m := testModel(t, DeepestLock)
	const w1, w2 = 3, 4
	for _, test := range []struct {
		claim    Claim
		conjunct string
		reason   string
		breaks   func(s *State)
		values   string
	}{
		{TypeOK, "TypeOK", "a VMA that ends before it starts", func(s *State) { s.VMA[0].Start, s.VMA[0].End = 2, 1 }, "v1 = "},
		{TypeOK, "TypeOK", "the same object twice in a chain", func(s *State) { s.vma(1).pushChain(1) }, "v1 = "},
		{TypeOK, "TypeOK", "a live object without root", func(s *State) { s.Anon[0].Root = 0 }, "a1 = "},
		{TypeOK, "TypeOK", "more references than there are walkers to hold them", func(s *State) { s.Anon[0].Refs = 3 }, "a1 = "},
		{TypeOK, "TypeOK", "a page beyond the bounds", func(s *State) { s.Page[0].Mapping = 5 }, "p1 = "},
		{TypeOK, "TypeOK", "an empty entry that names a page", func(s *State) { s.PTE[0][0].Page = 1 }, "pte[mm1][0] = "},
		{TypeOK, "TypeOK", "an idle thread inside an operation", func(s *State) { s.Thread[2].Op = Walk }, "w1 = "},
		{OneRoot, "SameTail", "two VMAs on one list whose chains end apart", func(s *State) {
			s.VMA[1] = VMA{Life: Mapped, MM: 2, End: 2}
			s.vma(2).pushChain(2)
			s.anon(1).append(2)
		}, "list[a1] = <v1 v2>, tail(v1) = a1, tail(v2) = a2"},
		{OneRoot, "TailIsRoot", "a chain that ends elsewhere than at the root", func(s *State) { s.Anon[0].Root = 2 }, "root[a1] = a2, chain[v1] = <a1>"},
		{MutualExclusion, "WriterAlone", "a walker and a fork in one family with two locks", func(s *State) {
			s.Anon[1] = AnonVMA{Live: true, Root: 1, Lock: 1}
			s.Thread[0] = Thread{PC: LinkList, Op: Fork, Held: 2, Anon: 2}
			s.Thread[w1-1] = Thread{PC: NextEntry, Op: Walk, Held: 1, Anon: 1}
		}, "mm1 at LinkList works on a2 and holds a2; w1 at NextEntry works on a1 and holds a1; both are inside the family of a1"},
		{MutualExclusion, "WriterAlone", "a list edited without a lock", func(s *State) {
			s.Thread[0] = Thread{PC: UnlinkList, Op: Exit, Anon: 1}
			s.Thread[1] = Thread{PC: UnlockAnon, Op: Exit, Held: 1, Anon: 1}
		}, "mm1 at UnlinkList works on a1 and holds none"},
		{MutualExclusion, "WriterAlone", "a chain read under the leaf's lock, while the root's is held", func(s *State) {
			s.Thread[0] = Thread{PC: UnlockAnon, Op: Exit, Held: 1, Anon: 1}
			s.Anon[1] = AnonVMA{Live: true, Root: 1}
			s.Thread[w1-1] = Thread{PC: ReadTail, Op: Walk, Held: 2, Anon: 2, VMA: 1}
			s.History[w1-1].Stale = true
		}, "w1 at ReadTail works on a2 and holds a2"},
		{MutualExclusion, "HolderAlone", "two walkers in one family", func(s *State) {
			s.Thread[w1-1] = Thread{PC: NextEntry, Op: Walk, Held: 1, Anon: 1}
			s.Thread[w2-1] = Thread{PC: GetAnon, Op: Migrate, Held: 1, Anon: 1}
		}, "w2 at GetAnon works on a1 and holds a1; both are inside the family of a1"},
		{LockedIsRoot, "HeldIsLive", "a walker that holds a free object", func(s *State) {
			s.Anon[1] = AnonVMA{Root: 2}
			s.Thread[w1-1] = Thread{PC: Visit, Op: Walk, Held: 2, Anon: 1}
		}, "w1 walks a1 (live true, root a1) and holds a2 (live false, root a2)"},
		{LockedIsRoot, "HeldIsOwnRoot", "a walker that holds an object which is no root", func(s *State) {
			s.Anon[1] = AnonVMA{Live: true, Root: 1}
			s.Thread[w1-1] = Thread{PC: Visit, Op: Walk, Held: 2, Anon: 1}
		}, "holds a2 (live true, root a1)"},
		{LockedIsRoot, "HeldIsRootOfLeaf", "a walker that holds the root of another family", func(s *State) {
			s.Anon[1] = AnonVMA{Live: true, Root: 2}
			s.Thread[w1-1] = Thread{PC: Visit, Op: Walk, Held: 2, Anon: 1}
		}, "walks a1 (live true, root a1) and holds a2 (live true, root a2)"},
		{NoMissedMapping, "WalkComplete", "a walk that ended with an entry owed", func(s *State) { s.History[w1-1].Missed = true }, "w1 finished a walk"},
		{NoMissedMapping, "NoMigrationLeft", "a migration entry without a migration", func(s *State) { s.PTE[0][1].Kind = Migration }, "pte[mm1][1] is a migration entry of p1"},
		{ListStable, "NoEditUnderRead", "an unlink under a walk", func(s *State) {
			s.Thread[0] = Thread{PC: UnlinkList, Op: Exit, Anon: 1, Held: 1}
			s.Thread[w1-1] = Thread{PC: NextEntry, Op: Walk, Anon: 1, Held: 2}
		}, "mm1 is at UnlinkList of list[a1] (holds a1) while w1 is at NextEntry of it (holds a2)"},
		{ListStable, "NoEditUnderRead", "two edits at once", func(s *State) {
			s.Thread[0] = Thread{PC: UnlinkList, Op: Exit, Anon: 1, Held: 1}
			s.Thread[1] = Thread{PC: LinkList, Op: Fork, Anon: 1, Held: 1}
		}, "mm2 is at LinkList of list[a1] (holds a1) while mm1 is at UnlinkList of it"},
		{ListStable, "NoChainEditUnderRead", "a chain cut under its reader", func(s *State) {
			s.Thread[0] = Thread{PC: UnlinkChain, Op: Exit, VMA: 1}
			s.Thread[w1-1] = Thread{PC: ReadTail, Op: Walk, Anon: 2, Held: 2, VMA: 1}
		}, "mm1 is at UnlinkChain of chain[v1] = <a1> while w1 is about to read its tail (holds a2)"},
		{NoUseAfterFree, "NoFreedArea", "a freed VMA read", func(s *State) {
			s.Thread[w1-1] = Thread{PC: Oopsed, Op: Walk, Oops: FreedVMA, VMA: 2, Anon: 1}
		}, "w1 read an area that was freed since it was found on list[a1]"},
		{NoUseAfterFree, "NoFreedEntry", "an empty chain's tail", func(s *State) {
			s.Thread[w1-1] = Thread{PC: Oopsed, Op: Walk, Oops: EmptyChain, VMA: 2}
		}, "w1 took the tail of the chain of v2"},
		{NoUseAfterFree, "NoFreedEntry", "a poisoned list entry", func(s *State) {
			s.Thread[w1-1] = Thread{PC: Oopsed, Op: Walk, Oops: UnlinkedEntry, VMA: 2, Anon: 1}
		}, "w1 followed an entry of list[a1] that was taken off since it was found; list[a1] = <v1>"},
		{NoUseAfterFree, "NoDeadTouched", "a list edited whose object is free", func(s *State) {
			s.Thread[0] = Thread{PC: LinkList, Op: Fork, Anon: 2, Held: 2, New: 1}
		}, "mm1 is about to touch a2 at LinkList, and a2 is free"},
		{NoUseAfterFree, "NoDeadTouched", "the lock of a root that is free", func(s *State) {
			s.Thread[w1-1] = Thread{PC: LockRoot, Op: WalkPinned, Phase: Pinned, Anon: 1, Root: 2}
		}, "w1 is about to touch a2 at LockRoot, and a2 is free"},
		{NoBadFree, "FreesLive", "an object freed twice", func(s *State) {
			s.Thread[0] = Thread{PC: FreeAnon, Op: Exit, VMA: 1, Anon: 2, Empty: true}
		}, "mm1 is about to free a2: live false, list <>, refs 0, lock held by nobody"},
		{NoBadFree, "FreesUnlisted", "an object freed that has a list", func(s *State) {
			s.Thread[0] = Thread{PC: FreeAnon, Op: Exit, VMA: 1, Anon: 1, Empty: true}
		}, "mm1 is about to free a1: live true, list <v1>"},
		{NoBadFree, "FreesUnreferred", "an object freed that is referred to", func(s *State) {
			s.Anon[1] = AnonVMA{Live: true, Root: 2, Refs: 1}
			s.Thread[0] = Thread{PC: FreeAnon, Op: Exit, VMA: 1, Anon: 2, Empty: true}
		}, "a2: live true, list <>, refs 1"},
		{NoBadFree, "FreesUnlocked", "an object freed under a put", func(s *State) {
			s.Anon[1] = AnonVMA{Live: true, Root: 2, Lock: w1}
			s.Thread[0] = Thread{PC: FreeAnon, Op: Exit, VMA: 1, Anon: 2, Empty: true}
			s.Thread[w1-1] = Thread{PC: PutLast, Op: Unpin, Phase: Put, Anon: 2, Held: 2}
		}, "a2: live true, list <>, refs 0, lock held by w1"},
		{NoRecycledTrusted, "NoStrangerPinned", "a reference on a recycled object", func(s *State) {
			s.Thread[w1-1] = Thread{PC: GetAnon, Op: Migrate, Phase: Get, Anon: 1, Page: 1}
			s.History[w1-1].Stale = true
		}, "w1 is about to have a reference on a1, which was freed since p1 named it, and is of the family of a1 now, list <v1>"},
		{NoRecycledTrusted, "NoStrangerWalked", "a walk of a recycled object's list for a mapped page", func(s *State) {
			s.Thread[w1-1] = Thread{PC: Visit, Op: Walk, Anon: 1, VMA: 1, Page: 1}
			s.History[w1-1] = History{Stale: true, Steady: true}
		}, "w1 walks a1 for p1, which was mapped all the time; a1 was freed and is of the family of a1 now"},
		{MappedReachable, "LeafLive", "a page whose object was freed", func(s *State) { s.Page[0].Mapping = 2 }, "pte[mm1][1] is of p1; mapping[p1] = a2 (live false, list <>)"},
		{MappedReachable, "LeafReaches", "a page whose object does not lead to its area", func(s *State) {
			s.Anon[1] = AnonVMA{Live: true, Root: 2}
			s.Page[0].Mapping = 2
		}, "mapping[p1] = a2 (live true, list <>), index 1"},
		{MappedReachable, "LeafReaches", "a page whose offset leads to another slot", func(s *State) { s.Page[0].Index = 0 }, "pte[mm1][1] is of p1; mapping[p1] = a1 (live true, list <v1>), index 0"},
		{WritersIsolated, "WritersIsolated", "a writable entry of a page that is mapped twice", func(s *State) {
			s.PTE[0][0] = PTE{Kind: Present, Page: 1}
		}, "pte[mm1][1] of p1 is writable, and p1 is also at pte[mm1][0]"},
		{OperationDone, "OperationDone", "an operation that was not done", func(s *State) { s.History[0].Undone = true }, "mm1 has ended an operation without an error"},
		{OperationDone, "OperationDone", "an operation that failed half way", func(s *State) {
			s.History[0].Undone, s.Thread[0].Error = true, true
		}, "mm1 has ended an operation for want of memory"},
		{ChainsMatchLists, "AnonInChain", "an area whose anon_vma is not in its chain", func(s *State) { s.VMA[0].Anon = 2 }, "anon[v1] = a2, chain[v1] = <a1>"},
		{ChainsMatchLists, "ChainListed", "a chain entry without list entry", func(s *State) { s.Anon[0].remove(1) }, "chain[v1] = <a1>, list[a1] = <> (live true)"},
		{ChainsMatchLists, "ListChained", "a list entry that an error path left behind", func(s *State) { s.Anon[0].append(2) }, "list[a1] = <v1 v2>, and v2 is freed"},
		{ChainsMatchLists, "ListChained", "a list entry without chain entry", func(s *State) {
			s.VMA[1] = VMA{Life: Mapped, MM: 2, End: 2}
			s.Anon[0].append(2)
		}, "list[a1] = <v1 v2>, and chain[v2] = <>"},
		{ChainsMatchLists, "OneChain", "two areas with one anon_vma and two chains", func(s *State) {
			s.VMA[0].End = 1
			s.PTE[0][1] = PTE{}
			s.VMA[1] = VMA{Life: Mapped, MM: 1, Start: 1, End: 2, Anon: 1}
			s.Anon[1] = AnonVMA{Live: true, Root: 1}
			s.vma(2).pushChain(2)
			s.vma(2).pushChain(1)
			s.Anon[0].append(2)
			s.Anon[1].append(2)
		}, "anon[v1] = anon[v2] = a1, chain[v1] = <a1>, chain[v2] = <a1 a2>"},
		{UnlockMatchesLock, "UnlockMatchesLock", "an unlock of what another thread holds", func(s *State) {
			s.Anon[0].Lock = w2
			s.Thread[w1-1] = Thread{PC: UnlockRoot, Op: Walk, Held: 1, Anon: 1}
		}, "w1 is about to unlock a1, held by w2"},
		{UnlockMatchesLock, "UnlockMatchesLock", "an unlock of a page that nobody holds", func(s *State) {
			s.Thread[w1-1] = Thread{PC: UnlockPage, Op: Migrate, Page: 1}
		}, "w1 is about to unlock p1, held by nobody"},
		{NothingHeldAtRest, "NothingHeldAtRest", "an idle thread with an anon_vma's lock", func(s *State) { s.Anon[0].Lock = w2 }, "w2 is idle and holds the lock of a1"},
		{NothingHeldAtRest, "NothingHeldAtRest", "an idle thread with a page lock", func(s *State) { s.Page[0].Lock = w1 }, "w1 is idle and holds the lock of p1"},
		{NothingLeaked, "NothingLeaked", "all areas gone, an object live", func(s *State) {
			s.VMA[0] = VMA{}
			s.Anon[0].NList, s.Anon[0].List[0] = 0, 0
			s.PTE[0][1] = PTE{}
		}, "a1 is live (refs 0, list <>)"},
		{RootFreedLast, "RootFreedLast", "a child whose root is free", func(s *State) { s.Anon[1] = AnonVMA{Live: true, Root: 3, Refs: 1} }, "a2 is live (refs 1, list <>), its root a3 is free"},
		{LockSucceeds, "LockSucceeds", "an attempt that failed on a mapped page", func(s *State) { s.History[w1-1].Failed = true }, "w1 got no lock"},
	} {
		t.Run(test.claim.String()+"/"+test.conjunct, func(t *testing.T) {
			s := m.Init()
			require.Zero(t, m.Check(&s), "the initial state must satisfy every claim")
			test.breaks(&s)
			assert.True(t, m.Check(&s).Has(test.claim), test.reason)
			conjunct, values := m.Explain(&s, test.claim)
			assert.Equal(t, test.conjunct, conjunct, test.reason)
			assert.Contains(t, values, test.values, test.reason)
		})
	}
}

// A state in which nobody can move, but somebody is in the middle.
func TestDeadlockIsExplained(t *testing.T) {
	m := testModel(t, OwnLock)
	s := m.Init()
	s.Anon[0].Lock, s.Page[0].Lock = 3, 4
	s.Thread[0] = Thread{PC: LockAnon, Op: Exit, Anon: 1, VMA: 1}
	s.Thread[1].Left = 0
	s.Thread[2] = Thread{PC: LockPage, Op: Migrate, Page: 1}
	s.Thread[3] = Thread{PC: LockLeaf, Op: Walk, Anon: 1}
	assert.Empty(t, m.Moves(&s, nil))
	assert.False(t, m.Rest(&s))
	conjunct, values := m.Explain(&s, NoDeadlock)
	assert.Equal(t, "SomethingMoves", conjunct)
	assert.Equal(t, "mm1 waits at LockAnon for a1, held by w1; w1 waits at LockPage for p1, held by w2; w2 waits at LockLeaf for a1, held by w1", values)
}

func TestClaimNames(t *testing.T) {
	for _, c := range Claims() {
		assert.NotEmpty(t, c.Meaning(), c)
		for _, p := range Protocols() {
			if c.Kind() == Central {
				assert.True(t, p.Asks(c), "%s is central: it is asked of %s too", c, p)
			}
			assert.Equal(t, p.Asks(c), p.WhyNotAsked(c) == "")
			assert.Equal(t, p.Asks(c), p.Asked().Has(c))
		}
		got, err := ClaimByName(c.String())
		require.NoError(t, err)
		assert.Equal(t, c, got)
		assert.NotEmpty(t, c.Conjuncts())
	}
	_, err := ClaimByName("NoBugs")
	assert.ErrorContains(t, err, `unknown claim "NoBugs"`)
	assert.ErrorContains(t, err, "NoMissedMapping")
}

// A quick pass never says that all is well where a conjunct is false, and mostly says so
// where none is.
func TestQuickPasses(t *testing.T) {
	for _, p := range Protocols() {
		m := testModel(t, p)
		rng := rand.New(rand.NewPCG(3, 4))
		for _, q := range quicks {
			require.NotZero(t, q.of)
			wrong, passed, all := 0, 0, 0
			for s := range randomStates(m, 4_000) {
				for range rng.IntN(3) { // a field or two that no step has set so
					switch rng.IntN(7) {
					case 0:
						s.VMA[rng.IntN(m.VMAs)].Anon = uint8(rng.IntN(m.Objects + 1))
					case 1:
						s.Anon[rng.IntN(m.Objects)].remove(uint8(1 + rng.IntN(m.VMAs)))
					case 2:
						if o := &s.Anon[rng.IntN(m.Objects)]; int(o.NList) < m.VMAs {
							o.append(uint8(1 + rng.IntN(m.VMAs)))
						}
					case 3:
						s.Anon[rng.IntN(m.Objects)].Live = rng.IntN(2) == 0
					case 4:
						s.Page[rng.IntN(m.Pages)].Mapping = uint8(rng.IntN(m.Objects + 1))
					case 5:
						s.PTE[rng.IntN(m.MMs)][rng.IntN(m.Slots)].Writable = true
					case 6:
						if v := s.vma(uint8(1 + rng.IntN(m.VMAs))); v.NChain > 0 {
							v.popChain()
						}
					}
				}
				if _, ok := findType(m, s); !ok {
					continue
				}
				all++
				var claims ClaimSet
				for i := range conjuncts {
					if q.of.Has(i) {
						claims |= conjuncts[i].claim.Set()
					}
				}
				broken := m.Broken(s, claims, ^q.of)
				if q.pass(m, s) {
					passed++
					require.Zero(t, broken, "%v", broken.Names())
				}
				if broken != 0 {
					wrong++
				}
			}
			assert.Greater(t, wrong, 100, "floor")
			assert.Greater(t, passed, all/4, "worth its while")
		}
	}
}
