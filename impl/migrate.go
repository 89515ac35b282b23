package impl

import (
	"sync/atomic"

	"github.com/rootlock/rootlock/spec"
)

// Migrate moves the bytes of a page to another frame while processes use it
// (unmap_and_move): walk 1 turns its entries into migration entries, on which
// writers wait; walk 2 must find every one of them and turn it back. It holds the
// page lock throughout, and a reference on the page's anon_vma from before walk 1 to
// after walk 2, because in between nothing else keeps that object alive.
//
// Errors: ErrNotMapped if the page is not mapped (which errors.Is tells apart as for
// LockRoot); ErrNotMoved if an entry was still Present after walk 1; ErrForeign for a page of
// another System.
//
// Source: unmap_and_move, 2.6.36, with the reference taken as from 2.6.38
// (1ce82b69e96c); docs/kernel.md 1.12.
func (s *System) Migrate(p *Page) error {
	m := PendingMigration{sys: s, page: p}
	if err := m.begin(); err != nil {
		return err
	}
	return m.Finish()
}

// A PendingMigration is one whose first walk is done and whose second is not.
type PendingMigration struct {
	sys      *System
	page     *Page
	anon     *anonVMA
	moved    bool
	finished atomic.Bool
}

// BeginMigrate is the first half of Migrate: walk 1 and the copy. A goroutine that then
// reads or writes the page waits for Finish, and keeps its address space locked. Errors are
// those of Migrate, except ErrNotMoved, which Finish returns.
func (s *System) BeginMigrate(p *Page) (*PendingMigration, error) {
	m := &PendingMigration{sys: s, page: p}
	if err := m.begin(); err != nil {
		return nil, err
	}
	return m, nil
}

func (m *PendingMigration) begin() error {
	s, p := m.sys, m.page
	if err := s.own(p); err != nil {
		return err
	}
	s.step(spec.Migrate, p.id)
	if !p.Mapped() {
		return p.away()
	}
	p.hands.Add(1)

	// LockPage: free -> held.
	p.lock.acquire(s, spec.LockPage, p.id)
	anon, err := s.hold(p)
	if err != nil {
		return m.end(err)
	}
	m.anon = anon
	if err := s.turn(p, Present, Migration); err != nil {
		return m.end(s.forsake(anon, err))
	}
	if m.moved = !p.Mapped(); m.moved {
		p.move(s)
	}
	return nil
}

// Finish is the second half: walk 2. Any goroutine may call it. It returns
// ErrFinished if that was done before.
func (m *PendingMigration) Finish() error {
	if m == nil || m.sys == nil {
		panic("rootlock: a PendingMigration that BeginMigrate did not make")
	}
	if m.finished.Swap(true) {
		return ErrFinished
	}
	s := m.sys
	if err := s.turn(m.page, Migration, Present); err != nil {
		return m.end(s.forsake(m.anon, err))
	}
	err := s.drop(m.anon)
	if err == nil && !m.moved {
		err = ErrNotMoved
	}
	return m.end(err)
}

// end: UnlockPage.
func (m *PendingMigration) end(err error) error {
	m.finished.Store(true)
	err = m.sys.unlockPage(m.page, err)
	m.page.hands.Add(-1)
	return err
}

// hold takes a reference on the anon_vma of a mapped page, under the lock; where
// the list is counted, without (getAnon).
func (s *System) hold(p *Page) (*anonVMA, error) {
	if s.rules.countsList() {
		return s.getAnon(p)
	}
	l, err := s.rules.lockPage(s, p, false)
	if err != nil {
		return nil, err
	}
	if l.held == nil {
		return nil, p.away()
	}
	// GetAnon: refs -> refs + 1. A plain increment: it is right only if the lock
	// keeps the object from being freed.
	s.step(spec.GetAnon, l.leaf.anon.id)
	l.leaf.anon.get()

	// UnlockRoot: held -> free.
	l.held.lock.release(s, spec.UnlockRoot, l.held.id)
	return l.leaf.anon, nil
}

// turn is one walk of a migration or of a swap-out: every entry of p that it finds
// goes from one kind to the other. An attempt to lock that finds nothing ends it.
func (s *System) turn(p *Page, from, to Kind) error {
	_, err := s.walkPage(p, from == Migration, func(v *vma, slot uint32) bool {
		t := &v.mm.table
		t.lock.Lock()
		if e := t.load(slot); e.is(from, p) {
			t.set(slot, p.entry(to, e.writable && to != Swapped))
		}
		t.lock.Unlock()
		return true
	})
	return err
}
