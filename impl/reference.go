package impl

import (
	"sync/atomic"

	"github.com/rootlock/rootlock/spec"
)

// drop gives a reference back and frees the object if nothing is left of it
// (drop_anon_vma).
func (s *System) drop(a *anonVMA) error {
	// PutAnon: refs -> refs - 1, unless it is the last (atomic_dec_and_lock).
	// The last goes under the lock: else a dying VMA could see no reference and
	// free the object before we lock it (M12a).
	s.step(spec.PutAnon, a.id)
	if a.putUnlessLast() {
		return nil
	}
	held, err := s.rules.lockAnon(s, a)
	if err != nil {
		return s.forsake(a, err)
	}
	// PutLast: refs -> refs - 1; is the list empty too?
	s.step(spec.PutLast, a.id)
	empty := a.put()

	// UnlockRoot: held -> free. (Nothing is held if the list was found empty:
	// then nobody else can link to the object.)
	if held != nil {
		held.lock.release(s, spec.UnlockRoot, held.id)
	}
	// FreeAnon: live -> free.
	if empty {
		s.freeAnon(a)
	}
	return nil
}

// forsake gives a reference back after a fault, without the lock.
func (s *System) forsake(a *anonVMA, err error) error {
	if a.put() {
		s.freeAnon(a)
	}
	return err
}

// A Pin keeps an anon_vma alive beyond its processes, as KSM does.
type Pin struct {
	sys      *System
	anon     *anonVMA
	released atomic.Bool
}

// pin takes a reference on the anon_vma of v; the caller holds the mmap lock.
func (m *AddressSpace) pin(v *vma) (*Pin, error) {
	if !v.is(Mapped) {
		return nil, ErrNotMapped
	}
	if v.anon == nil {
		return nil, ErrNoAnon
	}
	v.anon.get()
	return &Pin{sys: m.sys, anon: v.anon}, nil
}

// Release gives the reference back. It returns ErrReleased if that was done
// before. Any goroutine may call it. Source: drop_anon_vma; KERNEL.md 1.11.
func (p *Pin) Release() error {
	p.sys.step(spec.Unpin, p.anon.id)
	if p.released.Swap(true) {
		return ErrReleased
	}
	return p.sys.drop(p.anon)
}
