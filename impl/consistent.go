package impl

import (
	"errors"
	"fmt"
)

// Consistent compares the two copies of what is kept twice; a Snapshot shows one of them. These
// are the two directions and the ends of chains and lists, the length of a list, and what
// walkers see as an area's anon_vma; the areas of an address space, and how many entries a page
// has. It returns what does not agree. No thread may be running; under bounds only.
func (s *System) Consistent() error {
	p := &s.pool
	mapped := map[*AddressSpace]int{}
	for _, v := range p.vmas {
		if v == nil {
			continue
		}
		if v.is(Mapped) {
			mapped[v.mm]++
		}
		if err := v.consistent(); err != nil {
			return fmt.Errorf("rootlock: v%d: %w", v.id, err)
		}
	}
	for _, a := range p.anons {
		if err := a.consistent(); err != nil {
			return fmt.Errorf("rootlock: a%d: %w", a.id, err)
		}
	}
	type users struct{ present, swapped, all int64 }
	of := map[*Page]users{}
	for id := 1; id <= p.bounds.MMs; id++ {
		m := s.spaces[id]
		if len(m.areas) != mapped[m] {
			return fmt.Errorf("rootlock: mm%d has %d areas, and %d are mapped", m.id, len(m.areas), mapped[m])
		}
		end := uint32(0)
		for _, v := range m.areas {
			if v.mm != m || !v.is(Mapped) || !m.mmap.alone && (v.start() < end || v.end() <= v.start()) { // between two stores areas overlap
				return fmt.Errorf("rootlock: mm%d: v%d is not where its areas are in order", m.id, v.id)
			}
			end = v.end()
		}
		for slot := range p.bounds.Slots {
			if e := m.table.load(slot); e != nil {
				n := of[e.page]
				n.all++
				switch e.kind {
				case Present:
					n.present++
				case Swapped:
					n.swapped++
				}
				of[e.page] = n
			}
		}
	}
	for _, page := range p.pages {
		if got := (users{page.mapped.Load(), page.swapped.Load(), page.entries.Load()}); got != of[page] {
			return fmt.Errorf("rootlock: p%d counts %+v entries, and has %+v", page.id, got, of[page])
		}
	}
	return nil
}

func (v *vma) consistent() error {
	if v.seen.Load() != v.anon {
		return errors.New("walkers see another anon_vma than it has")
	}
	var last *chainEntry
	for e := v.newest; e != nil; e = e.older {
		if e.newer != last || e.vma != v {
			return errors.New("its chain is another from its tail than from its head")
		}
		last = e
	}
	if v.oldest.Load() != last {
		return errors.New("its chain does not end where it should")
	}
	return nil
}

func (a *anonVMA) consistent() error {
	var last *chainEntry
	n := 0
	for e := a.first.Load(); e != nil; e = e.next.Load() {
		if e == poison || e.anon != a || e.prev != last {
			return errors.New("its list is another from its tail than from its head")
		}
		last = e
		n++
	}
	if a.last != last || int(uint32(a.count.Load())) != n {
		return fmt.Errorf("its list has %d entries, its count is %d", n, uint32(a.count.Load()))
	}
	return nil
}
