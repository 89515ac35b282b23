package impl

import (
	"fmt"
	"slices"
	"sync"

	"github.com/rootlock/rootlock/spec"
)

// An AddressSpace is a set of areas of page slots, and the page table behind
// them (struct mm_struct). Its operations are serialised by its mmap lock, which
// each of them takes at its beginning and holds to its end; Fork holds the child's too. But
// under RwsemRoot faults run beside each other: see sharing.
// Lock order: parent's mmap, child's mmap, areas of one, page, anon_vma (one at a time),
// prepares, page table (parent's, child's), bytes of a page.
//
//	areas     the Mapped VMAs by address; who changes the list has the mmap lock alone, and index
//	exited    natively, no operation may follow; mmap lock
//	made      under control, a fork is making the address space; mmap lock
//	budget    under bounds, what the operation in progress may still create; mmap lock
//	locked    the areas that the operation in progress has locked, to its end; mmap lock
//	prepares  who gives an area its first anon_vma (page_table_lock)
type AddressSpace struct {
	sys      *System
	id       int
	mmap     mmapLock
	index    sync.RWMutex
	areas    []*vma
	exited   bool
	made     bool
	budget   budget
	locked   []*vma
	prepares sync.Mutex
	table    pageTable
}

// ID numbers the address spaces of a System, from 1.
func (m *AddressSpace) ID() int { return m.id }

// String names the address space: address space 3.
func (m *AddressSpace) String() string {
	if m == nil {
		return "no address space"
	}
	return fmt.Sprintf("address space %d", m.id)
}

// exists panics if no System made the address space.
func (m *AddressSpace) exists() {
	if m == nil || m.sys == nil {
		panic("rootlock: an AddressSpace that neither NewAddressSpace nor Fork made")
	}
}

// begin takes the mmap lock as part of the step that begins an operation.
func (m *AddressSpace) begin(step spec.Step, object int) error {
	m.exists()
	m.mmap.acquire(m.sys, step, object)
	if m.exited {
		m.end()
		return ErrExited
	}
	return nil
}

// enter takes the mmap lock without a step, for operations outside the law or
// composed of several of the law's. Under control nothing may block.
func (m *AddressSpace) enter() error {
	m.exists()
	if m.sys.hooks == nil {
		m.mmap.rw.Lock()
	} else if !m.mmap.try() {
		return ErrBusy
	}
	if m.exited {
		m.end()
		return ErrExited
	}
	return nil
}

func (m *AddressSpace) end() {
	m.budget.giveBack(m.sys)
	for _, v := range m.locked {
		v.locked = false
		v.area.Unlock()
	}
	m.locked = m.locked[:0]
	if m.made {
		m.made = false
	}
	m.mmap.drop()
}

// at is the position of the first area that ends above slot.
func (m *AddressSpace) at(slot uint32) int {
	i, _ := slices.BinarySearchFunc(m.areas, slot, func(v *vma, slot uint32) int {
		if v.end() <= slot {
			return -1
		}
		return 1
	})
	return i
}

// find is the area that covers slot, or nil.
func (m *AddressSpace) find(slot uint32) *vma {
	if i := m.at(slot); i < len(m.areas) && m.areas[i].covers(slot) {
		return m.areas[i]
	}
	return nil
}

// before is the last area below slot, which is free or where an area begins; nil:
// there is none.
func (m *AddressSpace) before(slot uint32) *vma {
	if i := m.at(slot); i > 0 {
		return m.areas[i-1]
	}
	return nil
}

// after is the first area behind v, or with v nil the first of all; nil: there is none.
func (m *AddressSpace) after(v *vma) *vma {
	i := 0
	if v != nil {
		i = m.at(v.start()) + 1
	}
	if i < len(m.areas) {
		return m.areas[i]
	}
	return nil
}

// free reports whether no area has any of the slots [start, end).
func (m *AddressSpace) free(start, end uint32) bool {
	i := m.at(start)
	return i == len(m.areas) || m.areas[i].start() >= end
}

// limits checks a range of slots and gives its end.
func (m *AddressSpace) limits(start, length uint32) (end uint32, err error) {
	if length == 0 || uint64(start)+uint64(length) > m.sys.slots {
		return 0, ErrRange
	}
	return start + length, nil
}

// attach: Detached -> Mapped, among the areas.
func (m *AddressSpace) attach(v *vma) {
	m.index.Lock()
	m.areas = slices.Insert(m.areas, m.at(v.start()), v)
	v.set(Mapped)
	m.index.Unlock()
}

// lockAnon takes the lock that the protocol prescribes for the entry (v, a).
// free -> held. nil: an allocation failed instead.
func (s *System) lockAnon(step spec.Step, v *vma, a *anonVMA) (held *anonVMA) {
	held = s.rules.mmLock(v, a)
	if !held.lock.acquire(s, step, held.id) {
		return nil
	}
	return held
}
