package impl

import "github.com/rootlock/rootlock/spec"

// Map makes an area of length page slots from start on, as if filled with zero
// bytes. Areas are never merged. It returns ErrOverlap if one of the slots is in
// an area, ErrRange if length is 0 or the end beyond 2^32-1.
// Source: mmap_region.
func (m *AddressSpace) Map(start, length uint32) error {
	if err := m.begin(spec.Map, m.id); err != nil {
		return err
	}
	defer m.end()
	return m.mapArea(start, length)
}

// Fork makes a copy of the address space: the same areas, and all pages shared
// until one side writes. It returns ErrNoArea if there is nothing to copy.
// Source: dup_mmap, anon_vma_fork; KERNEL.md 1.5.
func (m *AddressSpace) Fork() (*AddressSpace, error) {
	child, err := m.beginFork()
	if err != nil {
		return nil, err
	}
	defer m.end()
	defer child.end()
	if err := m.forkReserve(); err != nil {
		return nil, err
	}
	m.fork(child)
	return child, nil
}

// beginFork takes both mmap locks, the parent's first.
func (m *AddressSpace) beginFork() (*AddressSpace, error) {
	s := m.sys
	var child *AddressSpace
	if !s.bounded() {
		if err := m.begin(spec.Fork, m.id); err != nil {
			return nil, err
		}
		if len(m.areas) > 0 {
			child = s.NewAddressSpace()
			child.mmap.mu.Lock()
			return child, nil
		}
		m.end()
		return nil, ErrNoArea
	}
	for {
		child = s.chooseChild(m, s.step(spec.Fork, m.id))
		if child == nil {
			return nil, ErrNotEmpty
		}
		if m.mmap.mu.TryLock() {
			if child.mmap.mu.TryLock() {
				break
			}
			m.end()
		}
		if s.hooks == nil {
			return nil, ErrBusy
		}
		s.hooks.Refused()
	}
	var err error
	if len(m.areas) == 0 {
		err = ErrNoArea
	} else if len(child.areas) > 0 {
		err = ErrNotEmpty
	}
	if err != nil {
		child.end()
		m.end()
		return nil, err
	}
	return child, nil
}

// chooseChild is the address space to fork m into: another one, without areas
// if the choice is free.
func (s *System) chooseChild(m *AddressSpace, choice int) *AddressSpace {
	if choice == m.id {
		return nil
	}
	if choice != 0 {
		return s.spaces[choice]
	}
	for id := 1; id <= len(s.spaces); id++ {
		if c := s.spaces[id]; c != m && len(c.areas) == 0 {
			return c
		}
	}
	return nil
}

// Unmap takes the slots [start, start+length) out of the address space, splitting
// areas at the edges. It returns ErrNotMapped if no area has any of them.
// Source: do_munmap; the upper edge is split below, the lower one above.
func (m *AddressSpace) Unmap(start, length uint32) error {
	if err := m.enter(); err != nil {
		return err
	}
	defer m.end()
	if length == 0 || uint64(start)+uint64(length) > m.sys.slots {
		return ErrRange
	}
	end := start + length
	i := m.at(start)
	if i == len(m.areas) || m.areas[i].start() >= end {
		return ErrNotMapped
	}
	if v := m.areas[i]; v.start() < start {
		m.sys.step(spec.SplitAbove, v.id)
		if err := m.split(v, start, false); err != nil {
			return err
		}
	}
	if v := m.find(end); v != nil && v.start() < end {
		m.sys.step(spec.SplitBelow, v.id)
		if err := m.split(v, end, true); err != nil {
			return err
		}
	}
	i = m.at(start)
	j := i
	for j < len(m.areas) && m.areas[j].start() < end {
		j++
	}
	m.sys.step(spec.Unmap, m.areas[i].id)
	m.destroy(m.detach(i, j))
	return nil
}

// Exit takes all areas away. No operation may follow: they return ErrExited.
// Source: exit_mmap.
func (m *AddressSpace) Exit() error {
	if err := m.begin(spec.Exit, m.id); err != nil {
		return err
	}
	defer m.end()
	s := m.sys
	if s.bounded() && len(m.areas) == 0 {
		return ErrNoArea
	}
	m.destroy(m.detach(0, len(m.areas)))
	if !s.bounded() {
		m.exited = true
		s.mu.Lock()
		delete(s.spaces, m.id)
		s.mu.Unlock()
	}
	return nil
}

// Page is the page at a slot. It returns ErrNotMapped if there is none, because
// nothing was written there.
func (m *AddressSpace) Page(slot uint32) (*Page, error) {
	if err := m.enter(); err != nil {
		return nil, err
	}
	defer m.end()
	if e := m.table.load(slot); e != nil {
		return e.page, nil
	}
	return nil, ErrNotMapped
}

// Pin keeps the anon_vma of the area at slot alive until the Pin is released,
// whatever its processes do. It returns ErrNotMapped if there is no area, ErrNoAnon if
// nothing was ever written to it. Source: hold_anon_vma (ksm); KERNEL.md 1.11.
func (m *AddressSpace) Pin(slot uint32) (*Pin, error) {
	if err := m.enter(); err != nil {
		return nil, err
	}
	defer m.end()
	v := m.find(slot)
	if v == nil {
		return nil, ErrNotMapped
	}
	m.sys.step(spec.Pin, v.id)
	return m.pin(v)
}
