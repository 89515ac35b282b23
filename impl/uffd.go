package impl

import "github.com/rootlock/rootlock/spec"

// UffdMove moves the page at slot from to slot to, which is in an area and has none, without
// a copy (UFFDIO_MOVE). The page may come to another family. That is safe, because every walker
// of a page has the page's lock.
//
// Errors: ErrNotMapped if a slot is in no area or there is no page at from (which errors.Is
// tells apart as for LockRoot); ErrProt if the two areas have different protections;
// ErrOverlap if there is a page at to; ErrShared if the page is mapped or swapped out
// elsewhere too; ErrNoMemory. Nothing has changed then, except that the target's area may
// have an anon_vma. Under all protocols but RwsemRoot UffdMove returns ErrProtocol.
// Source: move_pages of Linux 7.2, for one page that is present.
func (m *AddressSpace) UffdMove(from, to uint32) error {
	if !m.sys.rules.trees() {
		return ErrProtocol
	}
	m.exists()
	l, err := m.beginFault(spec.UffdMove, m.id, func() error {
		if max(uint64(from), uint64(to)) >= m.sys.slots {
			return ErrRange
		}
		return nil
	}, to, from)
	if err != nil {
		return err
	}
	defer l.end()
	source, target := m.find(from), m.find(to)
	if source == nil || target == nil {
		return ErrNotMapped
	}
	if source.prot != target.prot {
		return ErrProt
	}
	switch e := m.table.load(from); {
	case e == nil:
		return ErrNotMapped
	case e.kind != Present:
		return e.page.away()
	case m.table.load(to) != nil:
		return ErrOverlap
	default:
		return m.uffdMove(target, from, to, e.page)
	}
}

// uffdMove moves page p (move_pages_pte). The caller holds what faults run under.
func (m *AddressSpace) uffdMove(v *vma, from, to uint32, p *Page) error {
	s := m.sys
	p.hands.Add(1)
	defer p.hands.Add(-1)
	var b budget
	defer b.giveBack(s)
	if v.seen.Load() == nil && m.mergeable(v) == nil {
		if err := b.reserve(s, 1, 0); err != nil {
			return err
		}
	}
	if err := m.prepare(v, &b); err != nil {
		return err
	}

	// LockPage: free -> held. Keeps all walkers of the page away.
	p.lock.acquire(s, spec.LockPage, p.id)

	// CheckOwn: is the page still there, and nowhere else? Then it leaves the swap cache. The
	// table stays locked over the stores.
	m.lockTable(spec.CheckOwn, p.id)
	if !m.table.load(from).maps(p) || m.table.load(to) != nil || p.mapped.Load()+p.swapped.Load() != 1 {
		m.table.lock.Unlock()
		// UnlockPage: held -> free.
		p.lock.release(s, spec.UnlockPage, p.id)
		return ErrShared
	}
	p.cached.Store(false)

	// MovePage: mapping -> the target's anon_vma, of whatever family.
	s.step(spec.MovePage, p.id)
	p.mapping.Store(v.seen.Load().now())

	// StoreIndex: index -> the target's.
	s.step(spec.StoreIndex, 0)
	p.index.Store(v.offset(to))

	// MoveEntry: entry -> the same entry at the target.
	s.step(spec.MoveEntry, 0)
	m.table.set(to, m.table.load(from))
	m.table.set(from, nil)
	m.table.lock.Unlock()

	// UnlockPage: held -> free.
	p.lock.release(s, spec.UnlockPage, p.id)
	return nil
}
