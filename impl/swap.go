package impl

import (
	"errors"

	"github.com/rootlock/rootlock/spec"
)

// Swapping: a walk takes the page away from all that map it, who find it again in
// the swap cache or, when it has left that, on the swap device.

// SwapOut puts a page into the swap cache and turns its entries into swap entries
// (shrink_page_list, try_to_unmap). A read or write brings it back for the address
// space that makes it.
//
// Errors: ErrNotMapped if the page is not mapped (which errors.Is tells apart as for
// LockRoot); ErrNotMoved if an entry is still Present after the walk; ErrForeign for a page
// of another System.
func (s *System) SwapOut(p *Page) error {
	if err := s.own(p); err != nil {
		return err
	}
	s.step(spec.SwapOut, p.id)
	if !p.Mapped() {
		return p.away()
	}
	p.hands.Add(1)
	defer p.hands.Add(-1)

	// LockPage: free -> held.
	p.lock.acquire(s, spec.LockPage, p.id)

	// AddToSwap: in the cache, if anything still maps the page.
	s.step(spec.AddToSwap, p.id)
	var err error
	if p.Mapped() {
		p.cached.Store(true)
		err = s.turn(p, Present, Swapped)
	}
	if err == nil && p.Mapped() {
		err = ErrNotMoved
	}
	return s.unlockPage(p, err)
}

// unlockPage ends an operation of a walker that holds the page lock: held -> free.
// After a fault there is no step any more. A page that nothing refers to leaves
// the swap cache.
func (s *System) unlockPage(p *Page, err error) error {
	if !errors.Is(err, ErrUseAfterFree) {
		s.step(spec.UnlockPage, p.id)
	}
	p.lock.drop(s)
	p.uncache()
	return err
}

// SwapDrop lets a page that is mapped nowhere leave the swap cache (remove_mapping):
// its frame is free, and its bytes are on the swap device only. It returns
// ErrNotCached if the page is mapped or not in the cache, ErrForeign for a page of another
// System.
func (s *System) SwapDrop(p *Page) error {
	if err := s.own(p); err != nil {
		return err
	}
	s.step(spec.SwapDrop, p.id)
	if s.hooks == nil {
		p.lock.mu.Lock()
	} else if !p.lock.mu.TryLock() {
		return ErrBusy
	}
	defer p.lock.mu.Unlock()
	if !p.cached.Load() || p.Mapped() {
		return ErrNotCached
	}
	gap()
	p.cached.Store(false)
	p.mapping.Store(nil)
	p.index.Store(0)
	return nil
}

// swapIn makes the swap entry at slot Present again (do_swap_page). Who writes and
// is the only one to have the page gets it writable, and it leaves the cache; who
// writes and is not gets a copy. The caller holds what faults run under.
func (m *AddressSpace) swapIn(v *vma, slot uint32, p *Page, write bool, b *budget) error {
	s := m.sys
	p.hands.Add(1)
	defer p.hands.Add(-1)

	// LockPage: free -> held. Keeps all others away that could make it Present.
	p.lock.acquire(s, spec.LockPage, p.id)

	// SwapIn: Swapped -> Present.
	m.lockTable(spec.SwapIn, p.id)
	if m.present(v, slot, p, write) && write {
		return m.copyShared(v, slot, p, b)
	}
	// UnlockPage: held -> free.
	s.step(spec.UnlockPage, p.id)
	p.lock.drop(s)
	return nil
}

// present is the step SwapIn; false: the entry is another by now. The caller has locked the table.
func (m *AddressSpace) present(v *vma, slot uint32, p *Page, write bool) bool {
	defer m.table.lock.Unlock()
	if !m.table.load(slot).is(Swapped, p) {
		return false
	}
	exclusive := false
	if !p.Mapped() {
		exclusive = write && p.swapped.Load() == 1
		p.mapping.Store(m.sys.rules.swapped(v, p.mapping.Load(), exclusive))
		p.index.Store(v.offset(slot))
		if !p.cached.Load() {
			p.move(m.sys) // from the swap device
		}
	}
	p.cached.Store(!exclusive)
	m.table.set(slot, p.entry(Present, exclusive))
	return true
}
