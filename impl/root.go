package impl

import (
	"sync/atomic"

	"github.com/rootlock/rootlock/spec"
)

// A Root is the locked family of a page, as the protocol understands it. The
// zero Root is unlocked. It is a value: a copy is the same lock.
//
// It remembers what was locked (docs/kernel.md M14), and the number of Roots
// unlocked there before, so that unlocking twice is noticed.
type Root struct {
	sys    *System
	held   *anonVMA
	page   *Page // where its lock is held with the family's, which others may share
	ticket uint64
}

// LockRoot locks the family of a page (page_lock_anon_vma; lock_anon_vma_root
// in the sketch): from ReadMapping to the lock. It returns ErrNotMapped if the
// page is found unmapped; errors.Is tells by ErrMigrating that another goroutine migrates
// the page, so that it will be mapped again, and by ErrSwappedOut that it is in swap. It
// returns ErrForeign for a page of another System. While the Root is locked, no operation that obeys the
// same lock changes the lists of the family. Under RwsemRoot the lock of the page is held with the
// family's, which Roots of other pages may share.
//
// It takes constant time and allocates nothing. The goroutine that holds a Root must
// not start another operation on the same System.
//
// In the terminology of the Go memory model, Unlock synchronizes before the
// LockRoot that next locks the same family.
func (s *System) LockRoot(p *Page) (Root, error) {
	root, _, err := s.lockRoot(p)
	return root, err
}

// lockRoot is LockRoot, with the leaf that was looked up. Where walkers share the lock, they
// are those of other pages: the page's is held, too.
func (s *System) lockRoot(p *Page) (Root, *tenure, error) {
	if err := s.own(p); err != nil {
		return Root{}, nil, err
	}
	root := Root{sys: s}
	if s.shared {
		if !p.Mapped() { // who migrates it has its lock
			return Root{}, nil, p.away()
		}
		p.lock.mu.Lock()
		root.page = p
	}
	l, err := s.rules.lockPage(s, p, false)
	if err != nil || l.held == nil {
		if err == nil {
			err = p.away()
		}
		if s.shared {
			p.lock.mu.Unlock()
		}
		return Root{}, nil, err
	}
	root.held = l.held
	root.ticket = root.tickets().Load()
	return root, l.leaf, nil
}

// Unlock unlocks the family. It panics if r is not locked.
func (r Root) Unlock() {
	if r.held == nil || !r.tickets().CompareAndSwap(r.ticket, r.ticket+1) {
		panic("rootlock: unlock of unlocked root")
	}
	r.held.lock.leave(r.sys, spec.UnlockRoot, r.held.id)
	if r.page != nil {
		r.page.lock.mu.Unlock()
	}
}

// tickets counts the Roots that were unlocked through the lock that nobody shares.
func (r Root) tickets() *atomic.Uint64 {
	if r.page != nil {
		return &r.page.lock.ticket
	}
	return &r.held.lock.ticket
}
