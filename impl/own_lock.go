package impl

import "github.com/rootlock/rootlock/spec"

// OwnLock is the locking of Linux 2.6.34: every anon_vma has its own lock, and
// it guards nothing but that object's list.
//
//	object.lock   guards object.first .. last, and makes "empty, and count 0" final
//	page.mapping  tells the object to lock; not protected, so it may be recycled
//	page.mapped   > 0 before the lock: taken as proof that the object is live.
//	              It is no proof after the lock: nothing is asked again
//	vma.extent    no lock at all since 287d97ac0321 (2.6.34): the bug that the sketch answers
//
//	walker  ReadMapping -> CheckMapped -> LockLeaf | walk leaf.list ... | UnlockRoot
//	                                      `-------- leaf.lock ---------'
//	mm                     LinkChain -> LockAnon   | edit anon.list     | UnlockAnon
//	                                      `-------- anon.lock ---------'
//	adjust                 StoreStart -> StorePgoff, nothing held
//
// Source: page_lock_anon_vma, anon_vma_chain_link, vma_adjust; docs/kernel.md 1.7,
// 1.10.
type ownLock struct{ alone }

// mmLock: the object whose list is edited.
func (ownLock) mmLock(_ *vma, a *anonVMA) *anonVMA { return a }

// adjustLock: 2.6.34 lost it.
func (ownLock) adjustLock(_, _ *vma) *vma { return nil }

func (ownLock) preparesAtHead() bool { return true }

func (ownLock) pinsRoot() bool { return false }

func (ownLock) countsList() bool { return false }

// swapped: the oldest (M04), whatever the page had and whoever else has it.
func (ownLock) swapped(v *vma, _ *tenure, _ bool) *tenure { return v.tail().now() }

func (r ownLock) lockPage(s *System, p *Page, unmapped bool) (lookup, error) {
	// ReadMapping: the leaf := page.mapping. One load: nothing can make it
	// valid but what is checked afterwards.
	leaf := s.readMapping(p)
	if leaf == nil {
		return lookup{}, nil
	}

	// CheckMapped: page mapped -> go on. After the read: a page that is still
	// mapped keeps the object that was read from dying, up to this moment. Walk 2
	// of a migration cannot ask: it has unmapped the page itself.
	if !unmapped && !s.checkMapped(p) {
		return lookup{}, nil
	}
	held, err := r.lockAnon(s, leaf.anon)
	return lookup{leaf, held}, err
}

func (ownLock) lockAnon(s *System, a *anonVMA) (*anonVMA, error) {
	// LockLeaf: leaf.lock free -> held. The lock is valid even if the object
	// was recycled, but then it is another family's.
	a.lock.acquire(s, spec.LockLeaf, a.id)
	return a, nil
}
