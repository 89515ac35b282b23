package impl

import (
	"errors"

	"github.com/rootlock/rootlock/spec"
)

// Write stores bytes in the page at slot, from offset on; the page is made, or
// copied, if need be. It returns ErrNotMapped if no area has the slot and ErrOffset if
// the bytes do not fit into the page. It waits while the page is migrated, and no
// byte is lost to a migration; under control it returns ErrMigrating instead.
// ErrStranded: a walk that missed it has left a migration entry behind. ErrNoMemory:
// FailAlloc says so, and nothing has changed.
//
// Under RwsemRoot writes to one address space run beside each other; under the other
// protocols they are serialised. A Write happens before every Read of its page that follows it.
func (m *AddressSpace) Write(slot uint32, offset int, data []byte) error {
	m.exists()
	if offset < 0 || len(data) > m.sys.pageSize-offset {
		return ErrOffset
	}
	l, err := m.enterFault(slot)
	if err != nil {
		return err
	}
	defer l.end()
	for {
		v := l.find(slot)
		if v == nil {
			return ErrNotMapped
		}
		if m.store(slot, offset, data) {
			return nil
		}
		m.sys.step(spec.Fault, v.id)
		err := m.fault(v, slot)
		if errors.Is(err, ErrMigrating) {
			err = m.wait(slot)
		}
		if err != nil && !errors.Is(err, ErrWritable) {
			return err
		}
	}
}

// store writes through a writable entry. With the table locked, a migration that
// has yet to find this entry cannot copy the bytes before they are there.
func (m *AddressSpace) store(slot uint32, offset int, data []byte) bool {
	m.table.lock.Lock()
	defer m.table.lock.Unlock()
	e := m.table.load(slot)
	if e == nil || e.kind != Present || !e.writable {
		return false
	}
	e.page.store(offset, data)
	return true
}

// wait returns when the migration of the page at slot is over (migration_entry_wait).
func (m *AddressSpace) wait(slot uint32) error {
	if m.sys.hooks != nil {
		return ErrMigrating
	}
	e := m.table.load(slot)
	if e == nil || e.kind != Migration {
		return nil
	}
	e.page.lock.mu.Lock()
	defer e.page.lock.mu.Unlock()
	if m.table.load(slot) == e {
		return ErrStranded // nobody migrates the page: nobody will come back for the entry
	}
	return nil
}

// Read copies bytes of the page at slot, from offset on, to data. What was never written
// is zero. Errors and waiting are as for Write.
func (m *AddressSpace) Read(slot uint32, offset int, data []byte) error {
	m.exists()
	if offset < 0 || len(data) > m.sys.pageSize-offset {
		return ErrOffset
	}
	l, err := m.enterFault(slot)
	if err != nil {
		return err
	}
	defer l.end()
	v := l.find(slot)
	if v == nil {
		return ErrNotMapped
	}
	for {
		e := m.table.load(slot)
		switch {
		case e == nil:
			clear(data)
			return nil
		case e.kind == Present:
			e.page.load(offset, data)
			return nil
		}
		if err := m.await(v, slot, e); err != nil {
			return err
		}
	}
}

// await gets a page that is not there: from swap, or when its migration is over.
func (m *AddressSpace) await(v *vma, slot uint32, e *entry) error {
	if e.kind == Migration {
		return m.wait(slot)
	}
	m.sys.step(spec.Read, v.id)
	return m.swapIn(v, slot, e.page, false, nil)
}
