package impl

import "github.com/rootlock/rootlock/spec"

// fault is a write fault (handle_mm_fault): an empty entry gets a new page, a
// read-only one its page back or a copy of it, a swapped one first of all its page.
// The caller holds what faults run under: see sharing.
func (m *AddressSpace) fault(v *vma, slot uint32) error {
	if !v.is(Mapped) || !v.covers(slot) {
		return ErrNotMapped
	}
	e := m.table.load(slot)
	switch {
	case e == nil:
	case e.kind == Migration:
		return ErrMigrating
	case e.kind == Present && e.writable:
		return ErrWritable
	}
	var b budget
	defer b.giveBack(m.sys)
	if v.seen.Load() == nil && m.mergeable(v) == nil {
		if err := b.reserve(m.sys, 1, 0); err != nil {
			return err
		}
	}
	switch {
	case e == nil:
		return m.mapNew(v, slot, nil, &b)
	case e.kind == Swapped:
		return m.swapIn(v, slot, e.page, true, &b)
	}
	return m.unshare(v, slot, e.page, &b)
}

// mapNew maps a new page, in an area that may have no anon_vma yet.
func (m *AddressSpace) mapNew(v *vma, slot uint32, from *Page, b *budget) error {
	if err := m.prepare(v, b); err != nil {
		return err
	}
	return m.mapPage(v, slot, from)
}

// prepare gives v an anon_vma (anon_vma_prepare): a neighbour's if that may be
// shared, so that the two areas could be merged, or else a new one. Under RwsemRoot another
// thread may do the same at the same time.
func (m *AddressSpace) prepare(v *vma, b *budget) error {
	if v.seen.Load() != nil {
		return nil
	}
	s := m.sys
	a := m.mergeable(v)
	allocated := a == nil
	if allocated {
		// AllocAnon: free -> live, its own root.
		if a = s.allocAnon(b, nil); a == nil {
			return ErrNoMemory
		}
		if s.rules.trees() {
			a.children = 1 // a root counts itself
		}
	} else if s.fails(0, 1) {
		return ErrNoMemory
	}
	// LockAnon: free -> held, also for a new object: a late walker may be in it
	// with its former family's page (d9d332e0874f).
	held := s.lockAnon(spec.LockAnon, v, a)
	if held == nil {
		return ErrNoMemory
	}

	// LinkChain: chain -> [a] ++ chain, and v has an anon_vma; unless another thread came
	// first. Then what was allocated goes back.
	e := &chainEntry{vma: v, anon: a}
	s.step(spec.LinkChain, v.id)
	if !m.adopt(v, e) {
		// UnlockAnon: held -> free.
		held.lock.release(s, spec.UnlockAnon, held.id)
		if allocated {
			s.putAnon(a)
		}
		return nil
	}

	// LinkList: list -> [v] ++ list, or list ++ [v].
	s.step(spec.LinkList, a.id)
	if s.rules.trees() {
		a.plant(e)
	} else if s.rules.preparesAtHead() {
		a.linkHead(e)
	} else {
		a.linkTail(e)
	}

	// UnlockAnon: held -> free.
	held.lock.release(s, spec.UnlockAnon, held.id)
	return nil
}

// adopt gives v its first chain entry and anon_vma, if it has none.
func (m *AddressSpace) adopt(v *vma, e *chainEntry) bool {
	m.prepares.Lock()
	defer m.prepares.Unlock()
	if v.anon != nil {
		return false
	}
	v.push(e)
	v.own(e.anon)
	if m.sys.rules.trees() {
		e.anon.active++
	}
	return true
}

// mergeable is the anon_vma of a neighbour that v may share: the next area
// first. Not one that was ever forked: its chain would be longer than v's
// (docs/kernel.md M01).
func (m *AddressSpace) mergeable(v *vma) *anonVMA {
	m.prepares.Lock()
	defer m.prepares.Unlock()
	i := m.at(v.start())
	if i+1 < len(m.areas) {
		if next := m.areas[i+1]; next.start() == v.end() && next.pgoff.Load() == v.offset(v.end()) && next.singular() {
			return next.anon
		}
	}
	if i > 0 {
		if prev := m.areas[i-1]; prev.end() == v.start() && prev.offset(prev.end()) == v.pgoff.Load() && prev.singular() {
			return prev.anon
		}
	}
	return nil
}

// mapPage puts a new page at slot, with the bytes of from if the fault saw from
// there (page_add_new_anon_rmap, set_pte_at). Does nothing if the entry is no
// longer what the fault saw.
func (m *AddressSpace) mapPage(v *vma, slot uint32, from *Page) error {
	s := m.sys
	// MapPage: entry -> Present, writable, a new page of the newest anon_vma.
	// Under the table's lock: a walker may turn the old entry into a migration entry.
	choice := m.lockTable(spec.MapPage, 0)
	defer m.table.lock.Unlock()
	e := m.table.load(slot)
	if from == nil && e != nil || from != nil && (!e.maps(from) || e.writable) {
		return nil
	}
	p := s.pool.takePage(choice)
	if p == nil {
		return ErrNoMemory
	}
	p.fill(s, from)
	p.index.Store(v.offset(slot))
	p.mapping.Store(v.seen.Load().now())
	m.table.set(slot, p.entry(Present, true))
	if from != nil {
		from.uncache()
	}
	return nil
}

// unshare makes a read-only entry writable (do_wp_page): the page itself if
// nobody else maps it, else a copy.
func (m *AddressSpace) unshare(v *vma, slot uint32, p *Page, b *budget) error {
	s := m.sys
	p.hands.Add(1)
	defer p.hands.Add(-1)

	// LockPage: free -> held. Keeps migration away, so that the count of
	// mappings says who can reach the page.
	p.lock.acquire(s, spec.LockPage, p.id)

	// CheckOwn: are we the only mapping, and can nobody else bring the page back
	// from the swap cache? Then nobody else can make another: fork of this address space
	// needs our mmap lock. The page leaves the cache.
	s.step(spec.CheckOwn, p.id)
	if m.table.load(slot).maps(p) && p.mapped.Load() == 1 && !(p.cached.Load() && p.swapped.Load() > 0) {
		p.cached.Store(false)

		// MovePage: mapping -> the newest anon_vma, where no other process looks
		// (page_move_anon_rmap). A walker that read the old one finds v there too.
		s.step(spec.MovePage, p.id)
		p.mapping.Store(v.seen.Load().now())

		// AllowWrite: entry -> writable; if it is still of the page.
		m.lockTable(spec.AllowWrite, 0)
		if e := m.table.load(slot); e != nil && e.page == p {
			m.table.set(slot, e.page.entry(e.kind, true))
		}
		m.table.lock.Unlock()
	}

	return m.copyShared(v, slot, p, b)
}

// copyShared ends a fault that holds the page lock: an entry that is still
// read-only gets a copy of the page.
func (m *AddressSpace) copyShared(v *vma, slot uint32, p *Page, b *budget) error {
	s := m.sys
	// UnlockPage: held -> free; and is a copy needed?
	s.step(spec.UnlockPage, p.id)
	e := m.table.load(slot)
	p.lock.drop(s)
	if !e.maps(p) || e.writable {
		return nil
	}
	return m.mapNew(v, slot, p, b)
}
