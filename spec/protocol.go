package spec

import "slices"

// rules is what a protocol decides; the rest of the law is common to all.
type rules interface {
	// mmLock is the object whose lock the mm side takes to link or unlink the
	// entry (v, a), or to adjust v, whose anon_vma is a.
	mmLock(s *State, v, a uint8) uint8
	// adjustLock is the anon_vma whose family vma_adjust locks around its stores
	// to v and n (0: none); 0: it takes no lock.
	adjustLock(s *State, v, n uint8) uint8
	// preparesAtHead reports whether prepare links at the head of the list.
	preparesAtHead() bool
	// pinsRoot reports whether an object that is not its own root holds a
	// reference on it.
	pinsRoot() bool
	// countsList reports whether a list in use is one of the references of its
	// object, which is then freed when there is none, whoever drops the last.
	countsList() bool
	// mappingOfSwapped is the mapping that a swapped page gets with its first
	// entry, in v.
	mappingOfSwapped(s *State, v uint8, p *Page, exclusive bool) uint8
	// nests reports whether a walk locks, beside what its lookup locked, the own
	// anon_vma of each area that it looks at.
	nests() bool
	// queues reports whether walks go one at a time, through one mutex.
	queues() bool
	// mappingRead says where a lookup goes after ReadMapping.
	mappingRead(th *Thread)
	// mappedSeen says where it goes after CheckMapped found the page mapped.
	mappedSeen(th *Thread)
	// lookupPinned says where the lookup of a thread begins that has a reference on its
	// leaf: a put that may be the last, a walk of what is pinned.
	lookupPinned(th *Thread)
	// leafLocked says where it goes after LockLeaf.
	leafLocked(m *Model, s *State, th *Thread)
	// take does the steps that only this protocol's lookup has.
	take(m *Model, s *State, t uint8, th *Thread)
}

var protocolRules = [NumProtocols]rules{
	OwnLock:        ownLock{},
	DeepestLock:    deepestLock{},
	RootPointer:    rootPointer{},
	TrylockRetry:   trylockRetry{},
	WalkMutex:      walkMutex{},
	RefcountedRoot: refcountedRoot{},
}

// foreign lists the steps that a protocol does not have.
var foreign = [NumProtocols][]Step{
	OwnLock: {PinRoot, LockAdjust, UnlockAdjust, ReadFirst, ReadTail, UnlockLeaf, ReadRoot, LockRoot, RecheckMapped,
		LockWalks, ReadAnon, TryVMA, LockVMA, UnlockVMA, UnlockWalks, TryRoot, GetUnlessZero, DropRef, CheckUnlocked},
	DeepestLock:    {PinRoot, CheckMapped, ReadRoot, RecheckMapped, LockWalks, ReadAnon, TryVMA, LockVMA, UnlockVMA, UnlockWalks, TryRoot, GetUnlessZero, DropRef, CheckUnlocked},
	RootPointer:    {LockLeaf, ReadFirst, ReadTail, UnlockLeaf, LockWalks, ReadAnon, TryVMA, LockVMA, UnlockVMA, UnlockWalks, TryRoot, GetUnlessZero, DropRef, CheckUnlocked},
	TrylockRetry:   {PinRoot, ReadFirst, ReadTail, ReadRoot, LockRoot, RecheckMapped, LockWalks, LockVMA, UnlockWalks, TryRoot, GetUnlessZero, DropRef, CheckUnlocked},
	WalkMutex:      {PinRoot, ReadFirst, ReadTail, UnlockLeaf, ReadRoot, LockRoot, RecheckMapped, TryVMA, TryRoot, GetUnlessZero, DropRef, CheckUnlocked},
	RefcountedRoot: {LockLeaf, ReadFirst, ReadTail, UnlockLeaf, GetAnon, PutLast, LockWalks, ReadAnon, TryVMA, LockVMA, UnlockVMA, UnlockWalks},
}

// Has reports whether s is a step of the protocol.
func (p Protocol) Has(s Step) bool { return !slices.Contains(foreign[p], s) }
