package spec

import (
	"fmt"
	"strings"
)

// A Claim is a property that a protocol is asked to have. The names are shared
// with tla/ and properties/.
type Claim uint8

const (
	TypeOK            Claim = iota // every field is in its range
	OneRoot                        // all VMAs related through any anon_vma end in the same root
	MutualExclusion                // no two threads hold the family of one page
	LockedIsRoot                   // what a walker holds is the live root of what it walks
	NoMissedMapping                // a completed walk visited every entry; no migration entry is left
	ListStable                     // no list is edited while another thread walks it
	NoUseAfterFree                 // no freed VMA or chain entry is touched, no recycled object trusted
	UnlockMatchesLock              // a thread unlocks what it holds
	NothingHeldAtRest              // an idle thread holds no lock
	NothingLeaked                  // when all processes are gone and nothing is pinned, every object is free
	RootFreedLast                  // no object outlives its root
	LockSucceeds                   // if the page stays mapped, the lock attempt returns a root
	NoDeadlock                     // something moves, or everything rests (decided by the explorer)
	WalkTerminates                 // every walk that began ends (decided by the fair-cycle search)

	NumClaims
)

var claimNames = [NumClaims]string{
	"TypeOK", "OneRoot", "MutualExclusion", "LockedIsRoot", "NoMissedMapping", "ListStable", "NoUseAfterFree",
	"UnlockMatchesLock", "NothingHeldAtRest", "NothingLeaked", "RootFreedLast", "LockSucceeds", "NoDeadlock", "WalkTerminates",
}

func (c Claim) String() string { return claimNames[c] }

// Claims lists all claims.
func Claims() []Claim {
	list := make([]Claim, NumClaims)
	for c := range list {
		list[c] = Claim(c)
	}
	return list
}

// ClaimByName finds a claim; the error lists the names.
func ClaimByName(name string) (Claim, error) {
	for c, n := range claimNames {
		if n == name {
			return Claim(c), nil
		}
	}
	return 0, fmt.Errorf("rootlock: unknown claim %q; the claims are %s", name, strings.Join(claimNames[:], ", "))
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

// meets reports whether two sets have a step in common.
func (p *pcs) meets(q *pcs) bool {
	for i := range p {
		if p[i]&q[i] != 0 {
			return true
		}
	}
	return false
}

// anywhere is the place of a conjunct that can be false at any PC.
var anywhere pcs

var (
	walkingAt   = at(NextEntry, ReadAnon, TryVMA, LockVMA, ReadStart, ReadPgoff, Visit, UnlockVMA)
	unlockingAt = at(UnlockAnon, UnlockAdjust, UnlockLeaf, UnlockVMA, UnlockRoot, UnlockWalks, UnlockPage)
)

// A witness is up to three ids whose meaning is the conjunct's own.
type witness [3]uint8

var holds = witness{}

var conjuncts = []conjunct{
	{TypeOK, "InRange", anywhere, always, findType, tellType},
	{OneRoot, "SameTail", anywhere, asksShared, findSameTail, tellSameTail},
	{OneRoot, "TailIsRoot", anywhere, asksListed, findTailIsRoot, tellTailIsRoot},
	{MutualExclusion, "OneHolder", anywhere, asksContended, findOneHolder, tellOneHolder},
	{LockedIsRoot, "HeldIsLive", walkingAt, asksHeld, findHeld(heldLive), tellHeld},
	{LockedIsRoot, "HeldIsOwnRoot", walkingAt, asksHeld, findHeld(heldOwnRoot), tellHeld},
	{LockedIsRoot, "HeldIsRootOfLeaf", walkingAt, asksHeld, findHeld(heldRootOfLeaf), tellHeld},
	{NoMissedMapping, "WalkComplete", anywhere, asksOwed, findMissed, tellMissed},
	{NoMissedMapping, "NoMigrationLeft", anywhere, asksMigrating, findMigrationLeft, tellMigrationLeft},
	{ListStable, "NoEditUnderWalk", at(LinkList, UnlinkList), asksEdit, findEdit, tellEdit},
	{NoUseAfterFree, "NoFreedTouched", at(Faulted), asksDetached, findFreedTouched, tellFault},
	{NoUseAfterFree, "NoRecycledTrusted", walkingAt.or(at(Faulted)), asksStale, findRecycledTrusted, tellFault},
	{UnlockMatchesLock, "OwnsWhatItUnlocks", unlockingAt, asksUnlock, findUnlock, tellUnlock},
	{NothingHeldAtRest, "IdleHoldsNothing", at(Idle), asksLocked, findHeldAtRest, tellHeldAtRest},
	{NothingLeaked, "AllFree", at(Idle), asksGone, findLeak, tellLeak},
	{RootFreedLast, "RootLive", anywhere, asksRelated, findRootLive, tellRootLive},
	{LockSucceeds, "MappedMeansLocked", anywhere, asksSteady, findFailed, tellFailed},
}

// Check returns the state claims that s violates. The others presume TypeOK, so
// that a state which violates it violates nothing else.
func (m *Model) Check(s *State) ClaimSet {
	if _, ok := findType(m, s); !ok {
		return TypeOK.Set()
	}
	var violated ClaimSet
	var now pcs
	for t := range m.threads {
		now.add(s.Thread[t].PC)
	}
	for i := range conjuncts[1:] {
		c := &conjuncts[i+1]
		if c.at != anywhere && !c.at.meets(&now) || violated.Has(c.claim) {
			continue
		}
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
	case WalkTerminates:
		names = []string{"NoFairCycle"}
	}
	return names
}
