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
	// trees reports whether areas are in interval trees and not on lists: see trees.go.
	trees() bool
	// reuses reports whether a fork of an area whose anon_vma is own takes the ancestor a.
	reuses(s *State, a, own uint8) bool
	// shares reports whether walkers share the lock of a family, which the mm side takes
	// alone.
	shares() bool
	// locksPage reports whether a walk has the lock of its page throughout.
	locksPage() bool
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

// oneLock has the rules that most protocols share: a walk takes the lock of its lookup and
// no other, and nothing but lists says whether an object is in use.
type oneLock struct{}

func (oneLock) pinsRoot() bool { return false }

func (oneLock) nests() bool { return false }

func (oneLock) queues() bool { return false }

func (oneLock) countsList() bool { return false }

func (oneLock) trees() bool { return false }

func (oneLock) reuses(*State, uint8, uint8) bool { return false }

func (oneLock) shares() bool { return false }

func (oneLock) locksPage() bool { return false }

// A protocol is what its own file says of it.
type protocol struct {
	name     string
	rules    rules
	steps    []Step           // of those that not all protocols have
	notAsked map[Claim]string // structural claims that it breaks by design and without harm, and why
}

// protocols registers them: a protocol has a line here and one among the constants.
var protocols = [NumProtocols]*protocol{
	OwnLock:        &ownLockProtocol,
	DeepestLock:    &deepestLockProtocol,
	RootPointer:    &rootPointerProtocol,
	TrylockRetry:   &trylockRetryProtocol,
	WalkMutex:      &walkMutexProtocol,
	RefcountedRoot: &refcountedRootProtocol,
	RwsemRoot:      &rwsemRootProtocol,
}

// special are the steps that not all protocols have: each is listed by one at least.
var special = func() (set pcs) {
	for _, p := range protocols {
		for _, s := range p.steps {
			set.add(s)
		}
	}
	return set
}()

// Trees reports whether areas are in interval trees, and walkers share the lock of a family.
func (p Protocol) Trees() bool { return protocols[p].rules.trees() }

// Has reports whether s is a step of the protocol.
func (p Protocol) Has(s Step) bool { return !special.has(s) || slices.Contains(protocols[p].steps, s) }
