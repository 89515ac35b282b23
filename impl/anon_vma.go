package impl

import "sync/atomic"

// An anonVMA is one node of a family of related areas (struct anon_vma). The
// memory of one is recycled at once for any other family while late walkers
// still point to it: type-stable, never identity-stable (SLAB_DESTROY_BY_RCU).
// Nothing here is reset when an object is allocated again: the list is empty
// and the count zero because that is what freeing required; the lock may be held.
//
//	lock        whose use is the protocol's decision
//	live        allocated; set by AllocAnon, cleared by FreeAnon
//	root        the family's root, written once after allocation; outlives it
//	count       entries on the list, and references beside them, in one word: so
//	            that "the list is empty and nobody refers to it" becomes true for
//	            exactly one thread, whatever the two threads had locked. Where the
//	            protocol counts lists one of the references is the list's
//	first next  the same_anon_vma list. Written under the lock that the mm side
//	            takes; walkers of a broken protocol read them without: atomics
//	last  prev  its other direction: for the mm side only, under that lock.
//	            Always written before first and count, which publish them
//	tenure      the object in its present life; replaced when it is freed
//	kin         where areas are in trees: parent, children, areas
type anonVMA struct {
	id     int
	lock   familyLock
	live   atomic.Bool
	root   atomic.Pointer[anonVMA]
	count  counter
	first  atomic.Pointer[chainEntry]
	last   *chainEntry
	tenure atomic.Pointer[tenure]
	kin
}

// A tenure is an anonVMA from one free to the next. page.mapping holds a
// tenure, so what was looked up can be told from what the object is now. No
// protocol may look (the kernel could not): only a test of crowds does.
type tenure struct{ anon *anonVMA }

// stale reports whether the object was freed since t was read from it.
func (t *tenure) stale() bool { return t.anon.tenure.Load() != t }

// now is a in its present life. An area that has no anon_vma has none to name; it
// gets pages all the same if mremap merges them into it.
func (a *anonVMA) now() *tenure {
	if a == nil {
		return nil
	}
	return a.tenure.Load()
}

// A chainEntry says that an anon_vma is in the chain of a VMA and, once it is
// linked there, the VMA on the anon_vma's list (struct anon_vma_chain).
type chainEntry struct {
	vma  *vma
	anon *anonVMA

	newer, older *chainEntry // same_vma: for the mm side only, under its mmap lock

	next atomic.Pointer[chainEntry] // same_anon_vma
	prev *chainEntry
}

// poison is the next of an entry that was taken off its list (LIST_POISON1).
var poison = new(chainEntry)

const (
	oneEntry     = 1
	oneReference = 1 << 32
)

// A counter is an atomic word at whose reading a thread may be kept waiting.
type counter struct{ atomic.Uint64 }

func (c *counter) Load() uint64 {
	gap()
	n := c.Uint64.Load()
	gap()
	return n
}

func (a *anonVMA) refs() int { return int(a.count.Load() >> 32) }

// listed reports whether any entry is on the list.
func (a *anonVMA) listed() bool { return uint32(a.count.Load()) != 0 }

// linkHead: list -> [e] ++ list.
func (a *anonVMA) linkHead(e *chainEntry) {
	first := a.first.Load()
	gap()
	e.next.Store(first)
	if first != nil {
		first.prev = e
	} else {
		a.last = e
	}
	a.first.Store(e)
	a.count.Add(oneEntry)
}

// linkTail: list -> list ++ [e].
func (a *anonVMA) linkTail(e *chainEntry) {
	last := a.last
	gap()
	e.prev, a.last = last, e
	if last != nil {
		last.next.Store(e)
	} else {
		a.first.Store(e)
	}
	a.count.Add(oneEntry)
}

// unlink takes e off the list and reports whether the list is now empty and the
// object not referred to.
func (a *anonVMA) unlink(e *chainEntry) (empty bool) {
	next, prev := e.next.Load(), e.prev
	gap()
	if next != nil {
		next.prev = prev
	} else {
		a.last = prev
	}
	if prev != nil {
		prev.next.Store(next)
	} else {
		a.first.Store(next)
	}
	e.next.Store(poison)
	return a.count.Add(^uint64(oneEntry-1)) == 0
}

// get: refs -> refs + 1.
func (a *anonVMA) get() { a.count.Add(oneReference) }

// putUnlessLast: refs -> refs - 1, except from 1 (atomic_add_unless).
func (a *anonVMA) putUnlessLast() bool {
	for {
		old := a.count.Load()
		if old>>32 <= 1 {
			return false
		}
		if a.count.CompareAndSwap(old, old-oneReference) {
			return true
		}
	}
}

// getUnlessZero: refs -> refs + 1, except from 0 (atomic_inc_not_zero).
func (a *anonVMA) getUnlessZero() bool {
	for {
		old := a.count.Load()
		if old>>32 == 0 {
			return false
		}
		if a.count.CompareAndSwap(old, old+oneReference) {
			return true
		}
	}
}

// putRef: refs -> refs - 1, reporting whether that was the last (atomic_dec_and_test).
func (a *anonVMA) putRef() (last bool) {
	return a.count.Add(^uint64(oneReference-1))>>32 == 0
}

// put: refs -> refs - 1, reporting what unlink reports.
func (a *anonVMA) put() (empty bool) {
	return a.count.Add(^uint64(oneReference-1)) == 0
}
