package impl

import (
	"sync"

	"github.com/rootlock/rootlock/spec"
)

// The locks of a process, where faults run beside each other: under RwsemRoot, as in Linux
// 7.2. A fault shares the lock of its area if that has an anon_vma, else the mmap lock. All
// other operations have the mmap lock alone, and lock an area before they change it or its
// entries; so a fault elsewhere runs beside them. Under the other protocols every
// operation has the mmap lock alone, and nobody locks an area.
// Source: lock_vma_under_rcu, vma_start_write, uffd_move_lock.

// A mmapLock is the mmap lock of an address space. alone is kept under control.
type mmapLock struct {
	rw    sync.RWMutex
	alone bool
}

// acquire takes the lock alone, as the given step.
func (l *mmapLock) acquire(s *System, step spec.Step, object int) {
	for {
		s.step(step, object)
		if s.hooks == nil {
			l.rw.Lock()
			return
		}
		if l.try() {
			return
		}
		s.hooks.Refused()
	}
}

// share takes the lock beside others, as the given step.
func (l *mmapLock) share(s *System, step spec.Step, object int) {
	for {
		s.step(step, object)
		if s.hooks == nil {
			l.rw.RLock()
			return
		}
		if l.rw.TryRLock() {
			return
		}
		s.hooks.Refused()
	}
}

// try takes it alone, under control, if nobody has it.
func (l *mmapLock) try() bool {
	if !l.rw.TryLock() {
		return false
	}
	l.alone = true
	return true
}

func (l *mmapLock) drop() {
	l.alone = false
	l.rw.Unlock()
}

// A sharing is what a fault holds of its process: the lock of one area or two, or the mmap lock.
type sharing struct {
	m     *AddressSpace
	areas [2]*vma
	alone bool // the mmap lock, not shared
}

func (l sharing) end() {
	switch {
	case l.alone:
		l.m.end()
	case l.areas[0] == nil:
		l.m.mmap.rw.RUnlock()
	default:
		for _, v := range l.areas {
			if v != nil {
				v.area.RUnlock()
			}
		}
	}
}

// find is the area of a slot, which the fault was for.
func (l sharing) find(slot uint32) *vma {
	if v := l.areas[0]; v != nil {
		return v
	}
	return l.m.find(slot)
}

// share takes what a fault at a slot runs under; UffdMove has a second one. It waits, but
// under control: then it reports false where it would.
func (m *AddressSpace) share(slots ...uint32) (l sharing, ok bool) {
	if !m.guarded() {
		if m.sys.hooks == nil {
			m.mmap.rw.Lock()
			return sharing{m: m, alone: true}, true
		}
		return sharing{m: m, alone: true}, m.mmap.try()
	}
	if areas, ok := m.shareAreas(slots); ok {
		return sharing{m: m, areas: areas}, true
	}
	if m.sys.hooks == nil {
		m.mmap.rw.RLock()
		return sharing{m: m}, true
	}
	return sharing{m: m}, m.mmap.rw.TryRLock()
}

// shareAreas shares the locks of the areas of slots, if nobody has one alone and the first
// has an anon_vma: who gives it one needs the mmap lock. That is asked with the lock
// held: else it may be gone by then (657b5146955e, 2023).
func (m *AddressSpace) shareAreas(slots []uint32) (areas [2]*vma, ok bool) {
	m.index.RLock()
	defer m.index.RUnlock()
	for i, slot := range slots {
		v := m.find(slot)
		if v != nil && v == areas[0] {
			continue
		}
		if v == nil || m.made || !v.area.TryRLock() {
			break
		}
		areas[i] = v
	}
	got := areas[0] != nil && areas[0].seen.Load() != nil
	for i, slot := range slots { // nobody changes extents now
		v := areas[i]
		if v == nil {
			v = areas[0]
		}
		got = got && v.covers(slot)
	}
	if got {
		return areas, true
	}
	for _, v := range areas {
		if v != nil {
			v.area.RUnlock()
		}
	}
	return areas, false
}

// enterFault takes what a fault runs under, without a step; under control nothing may block.
func (m *AddressSpace) enterFault(slots ...uint32) (sharing, error) {
	m.exists()
	l, ok := m.share(slots...)
	if !ok {
		return l, ErrBusy
	}
	if l.areas[0] == nil && m.exited {
		l.end()
		return l, ErrExited
	}
	return l, nil
}

// beginFault is enterFault as the step that begins the operation; ask says before each
// attempt whether there is anything to wait for: it cannot know while a fork makes the
// address space, or another operation has it alone.
func (m *AddressSpace) beginFault(step spec.Step, object int, ask func() error, slots ...uint32) (l sharing, err error) {
	for {
		m.sys.step(step, object)
		if err := ask(); err != nil && !m.made && (m.guarded() || !m.mmap.alone) {
			return l, err
		}
		if l, err = m.enterFault(slots...); err != ErrBusy {
			return l, err
		}
		m.sys.hooks.Refused()
	}
}

// guarded reports whether areas are locked: under bounds, where a second thread is.
func (m *AddressSpace) guarded() bool {
	b := m.sys.pool.bounds
	return m.sys.rules.trees() && (b == nil || m.id <= b.Faulters)
}

// lockArea takes the lock of an area of m alone, to the end of the operation, unless the
// operation has it: LockArea: free -> held alone. The caller has the mmap lock alone.
func (m *AddressSpace) lockArea(v *vma) {
	if v == nil || v.locked || !m.guarded() {
		return
	}
	for s := m.sys; ; s.hooks.Refused() {
		s.step(spec.LockArea, v.id)
		if s.hooks == nil {
			v.area.Lock()
			break
		}
		if v.area.TryLock() {
			break
		}
	}
	v.locked = true
	m.locked = append(m.locked, v)
}

// lockNew is lockArea for an area that nobody knows yet.
func (m *AddressSpace) lockNew(v *vma) {
	if m.guarded() {
		v.area.Lock()
		v.locked = true
		m.locked = append(m.locked, v)
	}
}

// quiet takes the locks of all areas, as part of the step that has taken the mmap lock: no
// fault is under way. It reports false under control where it would wait.
func (m *AddressSpace) quiet() bool {
	if !m.guarded() {
		return true
	}
	for _, v := range m.areas {
		if m.sys.hooks == nil {
			v.area.Lock()
		} else if !v.area.TryLock() {
			return false
		}
		m.locked = append(m.locked, v)
	}
	return true
}

// lockTable takes the page table's lock as part of a step that changes an entry, and gives
// the step's choice.
func (m *AddressSpace) lockTable(step spec.Step, object int) (choice int) {
	for s := m.sys; ; s.hooks.Refused() {
		choice = s.step(step, object)
		if s.hooks == nil {
			m.table.lock.Lock()
			return choice
		}
		if m.table.lock.TryLock() {
			return choice
		}
	}
}

// atEntry is a step that looks at an entry of m. Under control somebody may have the
// table's lock over several steps; natively what the caller does to the entry takes it.
func (m *AddressSpace) atEntry(step spec.Step, object int) {
	for s := m.sys; ; s.hooks.Refused() {
		s.step(step, object)
		if s.hooks == nil {
			return
		}
		if m.table.lock.TryLock() {
			m.table.lock.Unlock()
			return
		}
	}
}
