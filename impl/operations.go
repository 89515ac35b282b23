package impl

import "github.com/rootlock/rootlock/spec"

// Map makes length page slots from start on accessible, as if filled with zero
// bytes, with protection 0. It returns ErrOverlap if one of the slots is in an area,
// ErrRange if length is 0 or the end beyond 2^32-1, ErrNoMemory if FailAlloc says so.
// The areas are one sorted list, so a new one costs a move of those above it: 100,000 from
// the top down took 0.45 s, 400,000 took 26 s; from the bottom up 100,000 took 0.03 s.
// Source: mmap_region.
func (m *AddressSpace) Map(start, length uint32) error { return m.MapProt(start, length, 0) }

// MapProt is Map with a protection. Neighbouring areas of one protection become one
// area where the kernel's rules allow it. It returns ErrProt if there is no such protection.
func (m *AddressSpace) MapProt(start, length uint32, prot Prot) error {
	if err := m.begin(spec.Map, m.id); err != nil {
		return err
	}
	defer m.end()
	end, err := m.limits(start, length)
	switch {
	case err != nil:
		return err
	case !m.sys.hasProt(prot):
		return ErrProt
	case !m.free(start, end):
		return ErrOverlap
	}
	if err := m.budget.reserve(m.sys, 0, 1); err != nil {
		return err
	}
	return m.mapRange(start, end, prot)
}

// Protect gives the slots [start, start+length) a protection; areas are split and
// merged by the kernel's rules, and pages must be written to anew before they are
// writable. It returns ErrNotMapped if one of the slots is in no area, ErrNoMemory if
// memory ran out on the way: then what was done remains, a prefix of the range.
// Source: mprotect_fixup, vma_merge; docs/kernel.md 1.9.
func (m *AddressSpace) Protect(start, length uint32, prot Prot) error {
	if err := m.begin(spec.Protect, m.id); err != nil {
		return err
	}
	defer m.end()
	end, err := m.limits(start, length)
	if err != nil {
		return err
	}
	if !m.sys.hasProt(prot) {
		return ErrProt
	}
	for slot := start; slot < end; {
		v := m.find(slot)
		if v == nil {
			return ErrNotMapped
		}
		slot = v.end()
	}
	if err := m.budget.reserve(m.sys, 0, 2); err != nil {
		return err
	}
	return m.protectRange(start, end, prot)
}

// Move moves the pages of the slots [start, start+length), which must be in one
// area, to the slots from to on, which must be free and others. It returns ErrNotMapped
// or ErrOverlap if they are not. ErrNoMemory: nothing was moved, or everything,
// and the source is still mapped. The package's documentation tells what Move can do to
// walks under RootPointer and RefcountedRoot. Source: move_vma.
func (m *AddressSpace) Move(start, length, to uint32) error {
	return m.remap(spec.MoveArea, start, length, to, 3)
}

// MoveKeep is Move, and the source stays mapped, without pages (MREMAP_DONTUNMAP). An area
// that was moved as a whole is then as if it had never been written to. It returns
// ErrProtocol under all protocols but RwsemRoot. Source: move_vma of Linux 7.2.
func (m *AddressSpace) MoveKeep(start, length, to uint32) error {
	if !m.sys.rules.trees() {
		return ErrProtocol
	}
	return m.remap(spec.MoveKeep, start, length, to, 1)
}

// remap is Move or MoveKeep, which may make some areas.
func (m *AddressSpace) remap(step spec.Step, start, length, to uint32, births int) error {
	if err := m.begin(step, m.id); err != nil {
		return err
	}
	defer m.end()
	end, err := m.limits(start, length)
	if err != nil {
		return err
	}
	target, err := m.limits(to, length)
	if err != nil {
		return err
	}
	if v := m.find(start); v == nil || v.end() < end {
		return ErrNotMapped
	}
	if to < end && start < target || !m.free(to, target) {
		return ErrOverlap
	}
	if err := m.budget.reserve(m.sys, 0, births); err != nil {
		return err
	}
	if err := m.moveRange(start, end, to); err != nil {
		return err
	}
	if step == spec.MoveArea {
		return m.unmapRange(start, end)
	}
	if v := m.find(start); v.start() == start && v.end() == end {
		m.unlink(v)
		v.pgoff.Store(uint64(start)) // in no tree: nobody looks
	}
	return nil
}

// Fork makes a copy of the address space: the same areas, and all pages shared
// until one side writes. It returns ErrNoArea if there is nothing to copy, ErrNoMemory
// if FailAlloc says so: then there is no child, and what changed is that entries may be
// read-only, so that the next write to them costs a fault.
// Under RwsemRoot a fork reuses the anon_vma of an ancestor that exited, as Linux since 3.19
// (7a3ef208e662): a chain of 10,000 generations took 0.01 s. Under the others an area is linked
// to all its ancestors', also to those of address spaces that exited: a fork of generation n costs
// n links, and a chain of n generations n*n/2 (2,000 took 0.15 s, 6,606 took 1.5 s).
// Source: dup_mmap, anon_vma_fork; docs/kernel.md 1.5.
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
	if err := m.fork(child); err != nil {
		child.leave()
		return nil, err
	}
	return child, nil
}

// beginFork takes both mmap locks, the parent's first.
func (m *AddressSpace) beginFork() (*AddressSpace, error) {
	m.exists()
	s := m.sys
	var child *AddressSpace
	if !s.bounded() {
		if err := m.begin(spec.Fork, m.id); err != nil {
			return nil, err
		}
		if len(m.areas) > 0 {
			child = s.NewAddressSpace()
			child.mmap.rw.Lock()
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
		if m.mmap.try() {
			if child.mmap.try() {
				child.made = true
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
// areas at the edges. It returns ErrNotMapped if no area has any of them, ErrNoMemory
// if memory ran out before an area could be split: then all slots are still mapped.
// Source: do_munmap.
func (m *AddressSpace) Unmap(start, length uint32) error {
	if err := m.begin(spec.UnmapRange, m.id); err != nil {
		return err
	}
	defer m.end()
	end, err := m.limits(start, length)
	if err != nil {
		return err
	}
	if m.free(start, end) {
		return ErrNotMapped
	}
	if err := m.budget.reserve(m.sys, 0, 2); err != nil {
		return err
	}
	return m.unmapRange(start, end)
}

// Exit takes all areas away. No operation may follow: they return ErrExited.
// Source: exit_mmap.
func (m *AddressSpace) Exit() error {
	for {
		if err := m.begin(spec.Exit, m.id); err != nil {
			return err
		}
		if m.quiet() {
			break
		}
		m.end()
		m.sys.hooks.Refused()
	}
	defer m.end()
	if m.sys.bounded() && len(m.areas) == 0 {
		return ErrNoArea
	}
	m.destroy(m.detach(0, len(m.areas)))
	m.leave()
	return nil
}

// leave ends an address space that has no areas any more; under bounds it goes on.
func (m *AddressSpace) leave() {
	s := m.sys
	if s.bounded() {
		return
	}
	m.exited = true
	s.mu.Lock()
	delete(s.spaces, m.id)
	s.mu.Unlock()
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
// even if all its processes exit. It returns ErrNotMapped if there is no area, ErrNoAnon if
// nothing was ever written to it. Source: hold_anon_vma (ksm); docs/kernel.md 1.11.
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
