package impl

import "fmt"

// A Protocol says how walkers and the mm side lock a family of anon_vmas. The zero value is
// the one to use.
type Protocol uint8

const (
	// Linux 7.2: walkers share the lock of the family's root, and areas are in trees.
	RwsemRoot Protocol = iota

	RootPointer  // Linux 2.6.36: each anon_vma knows its root, whose lock is taken
	OwnLock      // Linux 2.6.34: each anon_vma its own lock. Unsafe
	DeepestLock  // the sketch of 2010-05-05: the tail of a chain. Unsafe
	TrylockRetry // the patch of May 2010: OwnLock, and a walk tries each area's own. Unsafe
	WalkMutex    // one mutex for all walks, which wait for each area's own. Unsafe

	// Linux 3.0: that lock can be slept on, and references alone decide what is freed.
	RefcountedRoot

	numProtocols
)

var protocols = [numProtocols]struct {
	name string
	rules
}{
	RwsemRoot:    {"RwsemRoot", rwsemRoot{}},
	RootPointer:  {"RootPointer", rootPointer{}},
	OwnLock:      {"OwnLock", ownLock{}},
	DeepestLock:  {"DeepestLock", deepestLock{}},
	TrylockRetry: {"TrylockRetry", trylockRetry{}},
	WalkMutex:    {"WalkMutex", walkMutex{}},

	RefcountedRoot: {"RefcountedRoot", refcountedRoot{}},
}

func (p Protocol) String() string {
	if p < numProtocols {
		return protocols[p].name
	}
	return fmt.Sprintf("Protocol(%d)", uint8(p))
}

// ProtocolByName finds a protocol by its name.
func ProtocolByName(name string) (Protocol, error) {
	for p := range numProtocols {
		if protocols[p].name == name {
			return p, nil
		}
	}
	return 0, fmt.Errorf("rootlock: unknown protocol %q", name)
}

// rules is what a protocol decides; all else is common.
type rules interface {
	// mmLock is the object whose lock the mm side takes to link or unlink the
	// chain entry (v, a), or to adjust v, whose anon_vma is a.
	mmLock(v *vma, a *anonVMA) *anonVMA

	// adjustLock is the area whose family is locked around the stores to the
	// extents of v and n (nil: there is no other). nil: none is.
	adjustLock(v, n *vma) *vma

	// preparesAtHead reports whether an area that gets its first anon_vma goes to
	// the head of that list. All other areas go to the tail.
	preparesAtHead() bool

	// pinsRoot reports whether an object that is not its own root holds a
	// reference on it.
	pinsRoot() bool

	// countsList reports whether a list in use is one of the references of its
	// object, which is then freed when there is none, whoever drops the last.
	countsList() bool

	// trees reports whether areas are in trees, and the family's lock is one that walkers
	// share, each with the lock of its page: see trees.go.
	trees() bool

	// swapped is the mapping that a page gets with its first entry after it was
	// swapped out, in v. It had mapping old, maybe nil.
	swapped(v *vma, old *tenure, exclusive bool) *tenure

	// lockPage locks the family of a page for a walk: from ReadMapping on.
	// unmapped: the page need not be mapped (walk 2 of a migration).
	// A lookup without held is an attempt that failed.
	lockPage(s *System, p *Page, unmapped bool) (lookup, error)

	// lockAnon locks the family of an object that the caller has a reference
	// on. nil: the attempt failed.
	lockAnon(s *System, a *anonVMA) (held *anonVMA, err error)

	// nests reports whether a walk locks each area's own anon_vma beside what the
	// lookup locked: lockArea.
	nests() bool

	// lockArea locks the own anon_vma of an area on the list of leaf, whose lock is
	// held. also, nil: it is the leaf, or there is none. again: another held it, the
	// leaf's lock was given back and taken again, and the walk must begin again.
	lockArea(s *System, leaf *anonVMA, v *vma) (also *anonVMA, again bool, kind oopsKind)

	// queues reports whether walks go one at a time, through one mutex.
	queues() bool
}

// alone is a walk that takes no lock but that of the lookup.
type alone struct{}

func (alone) nests() bool { return false }

func (alone) lockArea(*System, *anonVMA, *vma) (*anonVMA, bool, oopsKind) { return nil, false, 0 }

func (alone) queues() bool { return false }

func (alone) trees() bool { return false }

// A lookup is what a walker found: the leaf that it walks, as page.mapping
// named it, and the object whose lock it holds for it.
type lookup struct {
	leaf *tenure
	held *anonVMA
}
