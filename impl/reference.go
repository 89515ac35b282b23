package impl

import (
	"sync/atomic"

	"github.com/rootlock/rootlock/spec"
)

// drop gives a reference back and frees the object if nothing is left of it
// (drop_anon_vma). Where the list is counted that is putAnon.
func (s *System) drop(a *anonVMA) error {
	if s.rules.countsList() {
		s.putAnon(a)
		return nil
	}
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
	// PutLast: refs -> refs - 1; is the list empty too? Then the root loses a user.
	s.step(spec.PutLast, a.id)
	empty := a.put()
	last := s.dropRoot(a, empty)

	// UnlockRoot: held -> free. (Nothing is held if the list was found empty:
	// then nobody else can link to the object.)
	if held != nil {
		held.lock.release(s, spec.UnlockRoot, held.id)
	}
	// FreeAnon: live -> free. Then the root, if this was the last that needed it.
	if empty {
		s.freeAnon(a)
	}
	if last != nil {
		s.freeAnon(last)
	}
	return nil
}

// dropRoot gives up the reference that a holds on its root, if a has no user any more
// and is another object, and returns the root if it has none either. The caller
// holds the root's lock. Once a is freed it may have another root.
func (s *System) dropRoot(a *anonVMA, empty bool) (last *anonVMA) {
	if root := a.root.Load(); empty && s.rules.pinsRoot() && root != a && root.put() {
		return root
	}
	return nil
}

// unpinRoot is dropRoot for an object whose lists were left: it takes the lock
// (drop_anon_vma of the root, in anon_vma_unlink).
func (s *System) unpinRoot(a *anonVMA) (last bool) {
	root := a.root.Load()
	if root == a || !s.rules.pinsRoot() {
		return false
	}
	// PutAnon: refs -> refs - 1, unless it is the last.
	s.step(spec.PutAnon, root.id)
	if root.putUnlessLast() {
		return false
	}
	// LockRoot: free -> held.
	root.lock.acquire(s, spec.LockRoot, root.id)

	// PutLast: refs -> refs - 1; is the list empty too?
	s.step(spec.PutLast, root.id)
	last = root.put()

	// UnlockRoot: held -> free.
	root.lock.release(s, spec.UnlockRoot, root.id)
	return last
}

// forsake gives a reference back after a fault, without the lock.
func (s *System) forsake(a *anonVMA, err error) error {
	if a.put() {
		if last := s.dropRoot(a, true); last != nil {
			s.freeAnon(last)
		}
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

// exists panics if no System made the Pin.
func (p *Pin) exists() {
	if p == nil || p.sys == nil {
		panic("rootlock: a Pin that AddressSpace.Pin did not make")
	}
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

// Walk calls visit for the place at slot in every area on the list of the pinned anon_vma,
// until visit returns false. The place may hold any page, or none: the caller knows which
// entries it looks for. Walk returns ErrReleased after Release, and must not run beside
// Release. visit is as for System.Walk.
//
// Source: rmap_walk_ksm.
func (p *Pin) Walk(slot uint32, visit func(Mapping) bool) error {
	p.exists()
	if visit == nil {
		panic("rootlock: Walk without a visit")
	}
	p.sys.step(spec.WalkPinned, p.anon.id)
	if p.released.Load() {
		return ErrReleased
	}
	return p.sys.walkAnon(p.anon, slot, func(v *vma, slot uint32) bool {
		e := v.mm.table.load(slot)
		return visit(Mapping{v.mm, slot, e != nil && e.writable})
	})
}

// Release gives the reference back. It returns ErrReleased if that was done
// before. Any goroutine may call it. Source: drop_anon_vma; docs/kernel.md 1.11.
func (p *Pin) Release() error {
	p.exists()
	p.sys.step(spec.Unpin, p.anon.id)
	if p.released.Swap(true) {
		return ErrReleased
	}
	return p.sys.drop(p.anon)
}
