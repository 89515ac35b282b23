package impl

import (
	"errors"
	"iter"

	"github.com/rootlock/rootlock/spec"
)

// readMapping is the leaf that a page names (page_anon_vma). No validity.
//
// It, checkMapped and recheckMapped have the step written out, so that they cost few enough
// of the compiler's nodes to be inlined: a call is 1 ns of the 16 that LockRoot takes.
func (s *System) readMapping(p *Page) *tenure {
	if s.seam != nil {
		s.seam(spec.ReadMapping, p.id)
	}
	return p.mapping.Load()
}

// checkMapped asks whether any entry maps the page (page_mapped).
func (s *System) checkMapped(p *Page) bool {
	if s.seam != nil {
		s.seam(spec.CheckMapped, p.id)
	}
	return p.mapped.Int64.Load() > 0
}

// abandon ends a walk that touched what it must not touch.
func (s *System) abandon(held *anonVMA, kind oopsKind) error {
	err := s.oops(kind)
	held.lock.leaveNow(s)
	return err
}

// abandonArea is abandon for a walk that may have locked an area's own, too.
func (s *System) abandonArea(held, also *anonVMA, kind oopsKind) error {
	err := s.abandon(held, kind)
	if also != nil {
		also.lock.drop(s)
	}
	return err
}

// walkPage looks a page up and walks its list, if the lookup finds one. unmapped:
// as for lockPage.
func (s *System) walkPage(p *Page, unmapped bool, visit func(*vma, uint32) bool) (found bool, err error) {
	err = s.queue(func() error {
		l, err := s.rules.lockPage(s, p, unmapped)
		if found = err == nil && l.held != nil; found {
			err = s.walk(l, p, 0, visit)
		}
		return err
	})
	return found, err
}

// walkLocked is walkPage; where areas are in trees, with the lock of the page.
func (s *System) walkLocked(p *Page, visit func(*vma, uint32) bool) (found bool, err error) {
	if !s.rules.trees() {
		return s.walkPage(p, false, visit)
	}
	// LockPage: free -> held.
	p.lock.acquire(s, spec.LockPage, p.id)
	returned := false
	defer func() {
		if !returned { // the visit has panicked, or ended its goroutine
			p.lock.drop(s)
		}
	}()
	found, err = s.walkPage(p, false, visit)
	returned = true
	// UnlockPage: held -> free.
	return found, s.unlockPage(p, err)
}

// walkAnon walks the list of an object that the caller has a reference on, for a slot.
func (s *System) walkAnon(a *anonVMA, slot uint32, visit func(*vma, uint32) bool) error {
	return s.queue(func() error {
		held, err := s.rules.lockAnon(s, a)
		if err != nil || held == nil { // the list is empty
			return err
		}
		return s.walk(lookup{a.now(), held}, nil, slot, visit)
	})
}

// queue runs a walk; one at a time, if walks queue.
func (s *System) queue(walk func() error) error {
	if !s.rules.queues() {
		return walk()
	}
	// LockWalks: free -> held.
	s.walks.acquire(s, spec.LockWalks, 0)
	returned := false
	defer func() {
		if !returned { // the visit has panicked, or ended its goroutine
			s.walks.drop(s)
		}
	}()
	err := walk()
	returned = true
	// UnlockWalks: held -> free. After a fault there is no step any more.
	if errors.Is(err, ErrUseAfterFree) {
		s.walks.drop(s)
	} else {
		s.walks.release(s, spec.UnlockWalks, 0)
	}
	return err
}

// walk visits each slot where an area on the leaf's list would map page p
// (rmap_walk_anon), in list order, and unlocks; without a page, the same slot in each
// area that has it (rmap_walk_ksm). visit is called within the step Visit and says
// whether to go on.
func (s *System) walk(l lookup, p *Page, slot uint32, visit func(*vma, uint32) bool) error {
	var cursor *chainEntry
	var also *anonVMA // locked for the area in hand
	visiting := false
	defer func() {
		if visiting { // visit has panicked, or ended its goroutine: no step any more
			if also != nil {
				also.lock.drop(s)
			}
			l.held.lock.leaveNow(s)
		}
	}()
	nests, trees := s.rules.nests(), s.rules.trees()
	for {
		// NextEntry: cursor -> the entry behind it. An entry that was taken off
		// the list leads nowhere.
		if cursor == nil {
			s.step(spec.NextEntry, 0)
			cursor = l.leaf.anon.first.Load()
		} else {
			s.step(spec.NextEntry, cursor.vma.id)
			cursor = cursor.next.Load()
		}
		for trees && p != nil && cursor != nil && cursor != poison && !cursor.vma.holds(p.index.Load()) {
			cursor = cursor.next.Load()
		}
		if cursor == poison {
			return s.abandon(l.held, unlinkedEntry)
		}
		if cursor == nil {
			break
		}
		v := cursor.vma

		// ReadAnon and what follows: the area's own lock, beside the leaf's.
		also = nil
		if nests {
			var again bool
			var kind oopsKind
			switch also, again, kind = s.rules.lockArea(s, l.held, v); {
			case kind != 0:
				return s.abandon(l.held, kind)
			case again:
				cursor = nil
				continue
			}
		}

		// ReadStart: start and end, one load. A freed VMA has none.
		s.step(spec.ReadStart, v.id)
		extent := v.extent.Load()
		if extent == 0 {
			return s.abandonArea(l.held, also, freedVMA)
		}
		start, end := unpack(extent)
		address := int64(slot)

		// ReadPgoff: the address, or not here. A second load: if an adjustment
		// runs beside the walk the two need not belong together.
		if p != nil {
			s.step(spec.ReadPgoff, v.id)
			pgoff := v.pgoff.Load()
			if pgoff == freedPgoff {
				return s.abandonArea(l.held, also, freedVMA)
			}
			address = int64(start) + int64(p.index.Load()) - int64(pgoff)
		}
		more := true
		if int64(start) <= address && address < int64(end) {
			// Visit: looks at the entry; what visit does to it is part of the step.
			v.mm.atEntry(spec.Visit, v.id)
			if v.is(freed) {
				return s.abandonArea(l.held, also, freedVMA)
			}
			visiting = true
			more = visit(v, uint32(address))
			visiting = false
		}
		// UnlockVMA: held -> free, the area's own.
		if also != nil {
			also.lock.release(s, spec.UnlockVMA, also.id)
		}
		if !more {
			break
		}
	}
	// UnlockRoot: held -> free.
	l.held.lock.leave(s, spec.UnlockRoot, l.held.id)
	return nil
}

// A Mapping is one place where a page is mapped.
type Mapping struct {
	AddressSpace *AddressSpace
	Slot         uint32
	Writable     bool
}

// Walk calls visit for every place that maps the page (rmap_walk), until it
// returns false. The places are found under the lock that the protocol
// prescribes: a safe protocol misses none that maps the page throughout.
// It returns ErrNotMapped if the page is not mapped (which errors.Is tells apart as for
// LockRoot), ErrForeign for a page of another System. It panics if visit is nil.
//
// visit runs with the family locked: it must not call into the System. If it panics or
// ends its goroutine, the family is unlocked on the way.
//
// Source: page_referenced, rmap_walk_anon; docs/kernel.md 1.12.
func (s *System) Walk(p *Page, visit func(Mapping) bool) error {
	if err := s.own(p); err != nil {
		return err
	}
	if visit == nil {
		panic("rootlock: Walk without a visit")
	}
	s.step(spec.Walk, p.id)
	if !p.Mapped() {
		return p.away()
	}
	p.hands.Add(1)
	defer p.hands.Add(-1)
	found, err := s.walkLocked(p, func(v *vma, slot uint32) bool {
		e := v.mm.table.load(slot)
		return !e.maps(p) || visit(Mapping{v.mm, slot, e.writable})
	})
	if err == nil && !found {
		return p.away()
	}
	return err
}

// Mappings are the places that map the page, as one Walk found them; nothing is locked
// while they are handed out. An error comes last, and alone: those of Walk.
//
//	for mapping, err := range sys.Mappings(page) { ... }
func (s *System) Mappings(p *Page) iter.Seq2[Mapping, error] {
	return func(yield func(Mapping, error) bool) {
		var list []Mapping
		err := s.Walk(p, func(m Mapping) bool {
			list = append(list, m)
			return true
		})
		for _, m := range list {
			if !yield(m, nil) {
				return
			}
		}
		if err != nil {
			yield(Mapping{}, err)
		}
	}
}
