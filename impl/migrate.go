package impl

import (
	"errors"

	"github.com/rootlock/rootlock/spec"
)

// Migrate moves the bytes of a page to another frame while processes use it
// (unmap_and_move): walk 1 turns its entries into migration entries, on which
// writers wait; walk 2 must find every one of them and turn it back. It holds the
// page lock throughout, and a reference on the page's anon_vma from before walk 1 to
// after walk 2, because in between nothing else keeps that object alive.
//
// It returns ErrNotMapped if the page is not mapped, ErrNotMoved if an entry was
// still Present after walk 1.
//
// Source: unmap_and_move, 2.6.36, with the reference taken as from 2.6.38
// (1ce82b69e96c); KERNEL.md 1.12.
func (s *System) Migrate(p *Page) error {
	s.step(spec.Migrate, p.id)
	if !p.Mapped() {
		return ErrNotMapped
	}
	p.users.Add(1)
	defer p.users.Add(-1)

	// LockPage: free -> held.
	p.lock.acquire(s, spec.LockPage, p.id)
	err := s.migrate(p)

	// UnlockPage: held -> free.
	if err == nil || !errors.Is(err, ErrUseAfterFree) {
		p.lock.release(s, spec.UnlockPage, p.id)
	} else {
		p.lock.drop(s)
	}
	return err
}

func (s *System) migrate(p *Page) error {
	anon, err := s.hold(p)
	if err != nil {
		return err
	}
	if err := s.turn(p, Present, Migration); err != nil {
		return s.forsake(anon, err)
	}
	moved := !p.Mapped()
	if moved {
		p.move(s)
	}
	if err := s.turn(p, Migration, Present); err != nil {
		return s.forsake(anon, err)
	}
	if err := s.drop(anon); err != nil {
		return err
	}
	if !moved {
		return ErrNotMoved
	}
	return nil
}

// hold takes a reference on the anon_vma of a mapped page, under the lock.
func (s *System) hold(p *Page) (*anonVMA, error) {
	l, err := s.rules.lockPage(s, p, false)
	if err != nil {
		return nil, err
	}
	if l.held == nil {
		return nil, ErrNotMapped
	}
	// GetAnon: refs -> refs + 1. A plain increment: it is right only if the lock
	// keeps the object from being freed. First the reference, then the look whether it
	// is on what was looked up: the other way round it could be freed in between.
	s.step(spec.GetAnon, l.leaf.anon.id)
	l.leaf.anon.get()
	if l.leaf.stale() {
		l.leaf.anon.put()
		return nil, s.abandon(l.held, recycled)
	}

	// UnlockRoot: held -> free.
	l.held.lock.release(s, spec.UnlockRoot, l.held.id)
	return l.leaf.anon, nil
}

// turn is one walk of a migration: every entry of p that it finds goes from one
// kind to the other. An attempt to lock that finds nothing ends it.
func (s *System) turn(p *Page, from, to Kind) error {
	l, err := s.rules.lockPage(s, p, from == Migration)
	if err != nil || l.held == nil {
		return err
	}
	return s.walk(l, p, func(v *vma, slot uint32) bool {
		t := &v.mm.table
		t.lock.Lock()
		if e := t.load(slot); e != nil && e.page == p && e.kind == from {
			t.set(slot, p.entry(to, e.writable))
		}
		t.lock.Unlock()
		return true
	})
}
