package impl

import "github.com/rootlock/rootlock/spec"

// readMapping is the leaf that a page names (page_anon_vma). No validity.
func (s *System) readMapping(p *Page) *tenure {
	s.step(spec.ReadMapping, p.id)
	return p.mapping.Load()
}

// checkMapped asks whether any entry maps the page (page_mapped).
func (s *System) checkMapped(p *Page) bool {
	s.step(spec.CheckMapped, p.id)
	return p.Mapped()
}

// abandon ends a walk that touched what it must not touch.
func (s *System) abandon(held *anonVMA, f fault) error {
	err := s.oops(f)
	held.lock.drop(s)
	return err
}

// walk visits each slot where an area on the leaf's list would map page p
// (rmap_walk_anon), in list order, and unlocks. visit is called within the step
// Visit and says whether to go on.
func (s *System) walk(l lookup, p *Page, visit func(*vma, uint32) bool) error {
	var cursor *chainEntry
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
		if cursor == poison {
			return s.abandon(l.held, unlinkedEntry)
		}
		if cursor == nil {
			break
		}
		v := cursor.vma

		// ReadStart: start and end, one load. A freed VMA has none.
		s.step(spec.ReadStart, v.id)
		extent := v.extent.Load()
		if extent == 0 {
			return s.abandon(l.held, freedVMA)
		}

		// ReadPgoff: the address, or not here. A second load: if an adjustment
		// runs beside the walk the two need not belong together.
		s.step(spec.ReadPgoff, v.id)
		pgoff := v.pgoff.Load()
		if pgoff == freedPgoff {
			return s.abandon(l.held, freedVMA)
		}
		start, end := unpack(extent)
		address := int64(start) + int64(p.index.Load()) - int64(pgoff)
		if address < int64(start) || int64(end) <= address {
			continue
		}

		// Visit: looks at the entry; what visit does to it is part of the step.
		s.step(spec.Visit, v.id)
		if v.is(Freed) {
			return s.abandon(l.held, freedVMA)
		}
		if !visit(v, uint32(address)) {
			break
		}
	}
	// UnlockRoot: held -> free.
	l.held.lock.release(s, spec.UnlockRoot, l.held.id)
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
// prescribes: with a safe protocol none is missed that maps the page throughout.
// It returns ErrNotMapped if the page is not mapped.
//
// visit runs with the family locked: it must not call into the System.
//
// Source: page_referenced, rmap_walk_anon; KERNEL.md 1.12.
func (s *System) Walk(p *Page, visit func(Mapping) bool) error {
	s.step(spec.Walk, p.id)
	if !p.Mapped() {
		return ErrNotMapped
	}
	p.hands.Add(1)
	defer p.hands.Add(-1)
	l, err := s.rules.lockPage(s, p, false)
	if err != nil {
		return err
	}
	if l.held == nil {
		return ErrNotMapped
	}
	return s.walk(l, p, func(v *vma, slot uint32) bool {
		e := v.mm.table.load(slot)
		return !e.maps(p) || visit(Mapping{v.mm, slot, e.writable})
	})
}
