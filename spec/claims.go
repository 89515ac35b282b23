package spec

import (
	"fmt"
	"math/bits"
	"strings"
)

// A Claim is a property that a protocol is asked to have. The names are shared
// with tla/ and properties/. Meaning says each in one sentence.
type Claim uint8

const (
	TypeOK Claim = iota // first: the others presume it

	// Central claims: their breach is harm.
	NoMissedMapping
	NoUseAfterFree
	NoBadFree
	NoRecycledTrusted
	MappedReachable
	WritersIsolated
	ListStable
	LockSucceeds
	UnlockMatchesLock
	NothingHeldAtRest
	NothingLeaked
	OperationDone

	// Structural claims: they say how a protocol works.
	ChainsMatchLists
	OneRoot
	MutualExclusion
	LockedIsRoot
	RootFreedLast
	AncestorsReused
	TreesSorted

	// Central claims that no single state shows.
	NoDeadlock          // decided by the explorer
	WalkTerminates      // decided by the fair-cycle search
	OperationTerminates // the same

	NumClaims
)

// A Kind of claim.
type ClaimKind uint8

const (
	// Central: its breach is harm. Asked of every protocol.
	Central ClaimKind = iota
	// Structural: it says how a protocol works. Asked of the protocols that work so.
	Structural
)

func (k ClaimKind) String() string { return [...]string{"central", "structural"}[k] }

var claimTable = [NumClaims]struct {
	name    string
	kind    ClaimKind
	meaning string
}{
	TypeOK:              {"TypeOK", Structural, "Every field is in its range."},
	NoMissedMapping:     {"NoMissedMapping", Central, "A completed walk has looked at every entry that mapped the page ever since the walk took its lock; no migration entry outlives its migration."},
	NoUseAfterFree:      {"NoUseAfterFree", Central, "No thread touches a freed area, a freed chain entry, or, other than in a lookup under RCU, an anon_vma that is not live."},
	NoBadFree:           {"NoBadFree", Central, "An anon_vma is freed only while it is live, its list is empty, nobody refers to it, and nobody but a lookup holds its lock."},
	NoRecycledTrusted:   {"NoRecycledTrusted", Central, "No thread takes a reference on an anon_vma that was freed since the page named it, or walks its list for a page that was mapped all the time."},
	MappedReachable:     {"MappedReachable", Central, "The anon_vma that a mapped page names is live, and its list leads to every entry that maps the page."},
	WritersIsolated:     {"WritersIsolated", Central, "A writable entry is the only entry of its page, migration and swap entries included."},
	ListStable:          {"ListStable", Central, "Nobody edits a list while another thread reads the list, or a chain that the thread found through it."},
	LockSucceeds:        {"LockSucceeds", Central, "If the page stays mapped, the attempt to lock its family does not fail."},
	UnlockMatchesLock:   {"UnlockMatchesLock", Central, "A thread unlocks only what it holds."},
	NothingHeldAtRest:   {"NothingHeldAtRest", Central, "A thread between operations holds no lock."},
	NothingLeaked:       {"NothingLeaked", Central, "When all processes are gone and nothing is pinned, every anon_vma is free."},
	ChainsMatchLists:    {"ChainsMatchLists", Structural, "Between operations an area is on the list of exactly the anon_vmas of its chain, its own among them, and areas of one process with one anon_vma have one chain."},
	OneRoot:             {"OneRoot", Structural, "All areas on a list have the same root at the end of their chains."},
	MutualExclusion:     {"MutualExclusion", Structural, "At most one thread at a time holds a family, or is about to read or edit a list of it, or what it found through one; where walkers share the lock, a process is alone."},
	LockedIsRoot:        {"LockedIsRoot", Structural, "What a walker holds is the live root of the anon_vma whose list it walks, for as long as it walks."},
	RootFreedLast:       {"RootFreedLast", Structural, "No anon_vma outlives its root."},
	AncestorsReused:     {"AncestorsReused", Structural, "A fork takes the anon_vma of an ancestor exactly if one has no area of its own and at most one child: so a chain of forks whose parents exit does not grow. What it makes instead is a child of the forked area's anon_vma. Between operations the two counts that decide are exact."},
	TreesSorted:         {"TreesSorted", Structural, "A tree has its areas in the order of their page offsets, and an area is in no tree while its extent is stored to."},
	OperationDone:       {"OperationDone", Central, "An operation that ends without an error has done its work; one that fails for want of memory has left nothing half done."},
	NoDeadlock:          {"NoDeadlock", Central, "As long as an operation is under way, some thread can step."},
	WalkTerminates:      {"WalkTerminates", Central, "Every operation of a walker ends."},
	OperationTerminates: {"OperationTerminates", Central, "Every operation of a process ends."},
}

func (c Claim) String() string { return claimTable[c].name }

// Kind tells whether a breach of the claim is harm, or the claim says how a protocol works.
func (c Claim) Kind() ClaimKind { return claimTable[c].kind }

// Meaning is the claim in one sentence.
func (c Claim) Meaning() string { return claimTable[c].meaning }

// manyLocks are the claims that presume one lock for a family.
var manyLocks = map[Claim]string{
	MutualExclusion: "each anon_vma has its own lock: a family has many holders",
	LockedIsRoot:    "a walker holds the lock of the leaf, not of the root",
	RootFreedLast:   "nothing needs the root",
}

// Asks reports whether the protocol is asked to have the claim.
func (p Protocol) Asks(c Claim) bool { return p.WhyNotAsked(c) == "" }

// WhyNotAsked says why the protocol is not asked to have the claim; "" if it is.
func (p Protocol) WhyNotAsked(c Claim) string {
	if !p.Trees() {
		switch c {
		case AncestorsReused:
			return "every fork makes an anon_vma"
		case TreesSorted:
			return "an anon_vma has its areas in a list, whose order says nothing"
		}
	}
	return protocols[p].notAsked[c]
}

// Asked lists the claims that the protocol is asked to have.
func (p Protocol) Asked() ClaimSet {
	var set ClaimSet
	for c := range NumClaims {
		if p.Asks(c) {
			set |= c.Set()
		}
	}
	return set
}

// Temporal reports whether a claim is about whole behaviours: no finite schedule breaks it.
func (c Claim) Temporal() bool { return c == WalkTerminates || c == OperationTerminates }

// IsTemporal is Temporal for the name of a claim.
func IsTemporal(name string) bool {
	return name == WalkTerminates.String() || name == OperationTerminates.String()
}

// Claims lists all claims.
func Claims() []Claim {
	list := make([]Claim, NumClaims)
	for c := range list {
		list[c] = Claim(c)
	}
	return list
}

// ClaimsOf lists the claims of a kind.
func ClaimsOf(k ClaimKind) (list []Claim) {
	for _, c := range Claims() {
		if c.Kind() == k {
			list = append(list, c)
		}
	}
	return list
}

// ClaimByName finds a claim; the error lists the names.
func ClaimByName(name string) (Claim, error) {
	var names []string
	for c := range NumClaims {
		if c.String() == name {
			return c, nil
		}
		names = append(names, c.String())
	}
	return 0, fmt.Errorf("rootlock: unknown claim %q; the claims are %s", name, strings.Join(names, ", "))
}

// AskedClaim finds a claim that the protocol is asked to have; the error says why it is not.
func (p Protocol) AskedClaim(name string) (Claim, error) {
	c, err := ClaimByName(name)
	if err == nil && !p.Asks(c) {
		err = fmt.Errorf("rootlock: %s is not asked of %s: %s", c, p, p.WhyNotAsked(c))
	}
	return c, err
}

// A ClaimSet is a set of claims.
type ClaimSet uint32

// Set is the set of one claim.
func (c Claim) Set() ClaimSet { return 1 << c }

// Has reports whether c is in the set.
func (s ClaimSet) Has(c Claim) bool { return s&c.Set() != 0 }

// StateClaims are the claims that Check decides: those that a single state shows.
const StateClaims ClaimSet = 1<<NoDeadlock - 1

// A conjunct is one named part of a claim. witness looks for values that make it
// false; it is the only place where the part is decided, so that a verdict and
// its explanation cannot differ.
type conjunct struct {
	claim Claim
	name  string
	at    pcs // it can be false only where some thread is at one of these; none: anywhere
	// has something to say: s has what it is about; true wherever find says false
	asks func(m *Model, s *State) bool
	// false at: the first witness in canonical order, ok = true if there is none
	find func(m *Model, s *State) (w witness, ok bool)
	tell func(m *Model, s *State, w witness) string
}

// questions are the conjuncts that Check asks of a protocol, beside TypeOK: those that can
// be false anywhere, and by kind of thread (0: mm) and PC those that can be false where such
// a thread is there.
type questions struct {
	anywhere ConjunctSet
	at       [2][NumSteps]ConjunctSet
}

func newQuestions(p Protocol) (q questions) {
	for i := range conjuncts {
		c := &conjuncts[i]
		switch {
		case c.claim == TypeOK || !p.Asks(c.claim):
			continue
		case c.at == anywhere:
			q.anywhere |= 1 << i
			continue
		}
		for s := range NumSteps {
			if c.at.has(s) {
				q.at[0][s] |= 1 << i
				if c.claim != ChainsMatchLists { // which is about processes at rest
					q.at[1][s] |= 1 << i
				}
			}
		}
	}
	return q
}

// pcs is a set of PCs.
type pcs [NumSteps/64 + 1]uint64

func at(steps ...Step) (set pcs) {
	for _, s := range steps {
		set.add(s)
	}
	return set
}

func (p *pcs) add(s Step) { p[s/64] |= 1 << (s % 64) }

// has reports whether a step is in the set.
func (p *pcs) has(s Step) bool { return p[s/64]&(1<<(s%64)) != 0 }

// or is the union of two sets.
func (p pcs) or(q pcs) pcs {
	for i := range p {
		p[i] |= q[i]
	}
	return p
}

// anywhere is the place of a conjunct that can be false at any PC.
var anywhere pcs

var (
	walkingAt   = at(NextEntry, ReadAnon, TryVMA, LockVMA, ReadStart, ReadPgoff, Visit, UnlockVMA)
	unlockingAt = at(UnlockAnon, UnlockAdjust, UnlockMove, UnlockLeaf, UnlockVMA, UnlockRoot, UnlockWalks, UnlockPage)
	// a walker reads a list, or what it found through one
	readingAt = walkingAt.or(at(ReadFirst, ReadTail))
	// a walker works on its leaf, by the lock that it has taken
	workingAt = at(GetAnon, PutLast, DropRef)
	// an mm thread edits a list
	editingAt = at(LinkList, UnlinkList, TakeOut, PutBack)
	// an mm thread stores to the extent of its area
	storingAt = at(StoreStart, StorePgoff, StoreEnd)
)

// A witness is up to three ids whose meaning is the conjunct's own.
type witness [3]uint8

var holds = witness{}

var conjuncts = []conjunct{
	{TypeOK, "TypeOK", anywhere, always, findType, tellType},
	{NoMissedMapping, "WalkComplete", anywhere, asksOwed, findMissed, tellMissed},
	{NoMissedMapping, "NoMigrationLeft", anywhere, asksMigrating, findMigrationLeft, tellMigrationLeft},
	{NoUseAfterFree, "NoFreedArea", at(Oopsed), asksDetached, findOops(FreedVMA), tellOops},
	{NoUseAfterFree, "NoFreedEntry", at(Oopsed), asksDetached, findOops(EmptyChain, UnlinkedEntry), tellOops},
	{NoUseAfterFree, "NoDeadTouched", touchingAt, asksTouch, findDeadTouched, tellDeadTouched},
	{NoBadFree, "FreesLive", at(FreeAnon), asksFree, findFree(freesLive), tellFree},
	{NoBadFree, "FreesUnlisted", at(FreeAnon), asksFree, findFree(freesUnlisted), tellFree},
	{NoBadFree, "FreesUnreferred", at(FreeAnon), asksFree, findFree(freesUnreferred), tellFree},
	{NoBadFree, "FreesUnlocked", at(FreeAnon), asksFree, findFree(freesUnlocked), tellFree},
	{NoRecycledTrusted, "NoStrangerPinned", at(GetAnon, RecheckMapped), asksGet, findStrangerPinned, tellStranger},
	{NoRecycledTrusted, "NoStrangerWalked", walkingAt, asksWalk, findStrangerWalked, tellStranger},
	{MappedReachable, "LeafLive", anywhere, asksEntry, findLeafLive, tellReach},
	{MappedReachable, "LeafReaches", anywhere, asksEntry, findLeafReaches, tellReach},
	{WritersIsolated, "WritersIsolated", anywhere, asksEntry, findWritableShared, tellWritableShared},
	{ListStable, "NoEditUnderRead", editingAt, asksEdit, findEdit, tellEdit},
	{ListStable, "NoChainEditUnderRead", at(ReadTail), asksTail, findChainEdit, tellChainEdit},
	{LockSucceeds, "LockSucceeds", anywhere, asksSteady, findFailed, tellFailed},
	{UnlockMatchesLock, "UnlockMatchesLock", unlockingAt, asksUnlock, findUnlock, tellUnlock},
	{NothingHeldAtRest, "NothingHeldAtRest", at(Idle), asksLocked, findHeldAtRest, tellHeldAtRest},
	{NothingLeaked, "NothingLeaked", at(Idle), asksGone, findLeak, tellLeak},
	{OperationDone, "OperationDone", at(Idle), asksEnded, findUndone, tellUndone},
	{ChainsMatchLists, "AnonInChain", at(Idle), asksResting, findAnonOffChain, tellChain},
	{ChainsMatchLists, "ChainListed", at(Idle), asksResting, findChainUnlisted, tellChain},
	{ChainsMatchLists, "ListChained", at(Idle), asksListed, findListUnchained, tellList},
	{ChainsMatchLists, "OneChain", at(Idle), asksTwins, findTwoChains, tellTwoChains},
	{OneRoot, "SameTail", anywhere, asksShared, findSameTail, tellSameTail},
	{OneRoot, "TailIsRoot", anywhere, asksListed, findTailIsRoot, tellTailIsRoot},
	{MutualExclusion, "WriterAlone", anywhere, asksContended, findWriter, tellTogether},
	{MutualExclusion, "HolderAlone", anywhere, asksHolders, findHolders, tellTogether},
	{LockedIsRoot, "HeldIsLive", walkingAt, asksHeld, findHeld(heldLive), tellHeld},
	{LockedIsRoot, "HeldIsOwnRoot", walkingAt, asksHeld, findHeld(heldOwnRoot), tellHeld},
	{LockedIsRoot, "HeldIsRootOfLeaf", walkingAt, asksHeld, findHeld(heldRootOfLeaf), tellHeld},
	{RootFreedLast, "RootFreedLast", anywhere, asksRelated, findRootLive, tellRootLive},
	{AncestorsReused, "NoneLeft", at(UnlockAnon), asksForking, findLeft, tellLeft},
	{AncestorsReused, "TakenFree", at(UnlockAnon), asksForking, findTaken, tellTaken},
	{AncestorsReused, "ParentNamed", at(LinkList), asksChild, findMisnamed, tellMisnamed},
	{AncestorsReused, "CountsExact", at(Idle), asksCounts, findMiscounted, tellMiscounted},
	{TreesSorted, "InOrder", anywhere, asksTree, findUnsorted, tellUnsorted},
	{TreesSorted, "OutWhileStored", storingAt, asksStored, findStored, tellStored},
}

// Check returns the state claims that s violates, of those that the protocol is asked.
// The others presume TypeOK, so that a state which violates it violates nothing else.
func (m *Model) Check(s *State) ClaimSet {
	if _, ok := findType(m, s); !ok {
		return TypeOK.Set()
	}
	ask := m.questions.anywhere
	for t := range m.MMs {
		ask |= m.questions.at[0][s.Thread[t].PC]
	}
	for t := m.MMs; t < m.MMs+m.Walkers; t++ {
		ask |= m.questions.at[1][s.Thread[t].PC]
	}
	for t := m.MMs + m.Walkers; t < int(m.threads); t++ {
		ask |= m.questions.at[0][s.Thread[t].PC]
	}
	for i := range quicks {
		if q := &quicks[i]; ask&q.of != 0 && q.pass(m, s) {
			ask &^= q.of
		}
	}
	var violated ClaimSet
	for ; ask != 0; ask &= ask - 1 {
		c := &conjuncts[bits.TrailingZeros64(uint64(ask))]
		if _, ok := c.find(m, s); !ok {
			violated |= c.claim.Set()
		}
	}
	return violated
}

// Explain names the first false conjunct of claim c in s and the values that
// make it false; empty if c holds in s.
func (m *Model) Explain(s *State, c Claim) (conjunct, values string) {
	if c == NoDeadlock {
		return m.explainDeadlock(s)
	}
	for i := range conjuncts {
		if k := &conjuncts[i]; k.claim == c {
			if w, ok := k.find(m, s); !ok {
				return k.name, k.tell(m, s, w)
			}
		}
	}
	if c == TypeOK {
		return m.explainUndefined(s)
	}
	return "", ""
}

// Conjuncts lists the names of the parts of a claim.
func (c Claim) Conjuncts() []string {
	var names []string
	for _, k := range conjuncts {
		if k.claim == c {
			names = append(names, k.name)
		}
	}
	switch c {
	case NoDeadlock:
		names = []string{"SomethingMoves"}
	case WalkTerminates, OperationTerminates:
		names = []string{"NoFairCycle"}
	}
	return names
}
