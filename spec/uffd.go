package spec

// UFFDIO_MOVE: a page of one slot gets another in the same process, without a copy: its
// mapping and its index become those of the target's area, which may be of another family.
// The locks are the page's and, for the entries, the page table's; not the family's. So that
// a walker must have the page's lock to be sure which family the page belongs to.
//
//	AllocAnon ... UnlockAnon, if the target's area has no anon_vma | LockPage | CheckOwn MovePage StoreIndex MoveEntry | UnlockPage
//
// Source: move_pages, move_pages_pte, move_present_ptes of Linux 7.2; docs/kernel.md 4.
// Swapped pages are moved there too, and here are not.
//
// Registers: VMA is the target's area, Low and Slot the page's slot, To the target. Phase is
// Cow as long as the page is to be moved.

// refusesUffd is refusesBegin for UffdMove.
func (m *Model) refusesUffd(s *State, mv Move) string {
	t, from, to := m.MM(mv.Thread), mv.Args[0], mv.Args[1]
	if int(from) >= m.Slots || int(to) >= m.Slots {
		return "InSlots"
	}
	w := &s.World
	source, target := m.at(w, t, from), m.at(w, t, to)
	if source == 0 || target == 0 {
		return "NoHole"
	}
	if why := m.refusesFaulter(s, mv.Thread, target, source); why != "" {
		return why
	}
	switch {
	case s.vma(source).Prot != s.vma(target).Prot:
		return "SameProtection"
	case s.pte(t, from).Kind != Present:
		return "EntryPresent"
	case s.pte(t, to).Kind != Empty:
		return "EntryEmpty"
	}
	if _, objects := m.spare(s); s.vma(target).Anon == 0 && m.reusable(w, target) == 0 && objects < 1 {
		return "ObjectsSpare"
	}
	return ""
}

func (m *Model) beginUffd(s *State, t uint8, th *Thread, from, to uint8) {
	mm := m.MM(t)
	th.VMA, th.Slot, th.Low, th.To, th.Page, th.Phase = m.at(&s.World, mm, to), from, from, to, s.pte(mm, from).Page, Cow
	m.entersFault(s, t, th)
	if s.vma(th.VMA).Anon == 0 && m.reusable(&s.World, th.VMA) == 0 {
		th.Need = 1
	}
	m.prepare(s, th)
}

// checkMovable: is the page still there, and at no other slot? Else it is busy: nothing is moved.
func (m *Model) checkMovable(s *State, t uint8, th *Thread) {
	if mm := m.MM(t); s.pte(mm, th.Low).maps(th.Page) && s.pte(mm, th.To).Kind == Empty && m.mapCount(&s.World, th.Page)+m.swappedCount(&s.World, th.Page) == 1 {
		s.page(th.Page).Cached = false
		th.PC = MovePage
		return
	}
	th.Phase, th.PC = NoPhase, UnlockPage
}

// storeIndex: the index of a page is a store of its own, after the mapping.
func (m *Model) storeIndex(s *State, th *Thread) {
	s.page(th.Page).Index = s.vma(th.VMA).slotIndex(th.To)
	th.PC = MoveEntry
}

// hasTable reports whether the thread has the lock of the page table over several steps.
func (th *Thread) hasTable() bool { return th.Op == UffdMove && th.PC == MovePage || th.relocating() }

// relocating reports whether the thread is between the stores that give a page another place.
func (th *Thread) relocating() bool {
	return th.Op == UffdMove && (th.PC == StoreIndex || th.PC == MoveEntry)
}

// uffdMoved reports whether the page has left its slot, unless it was busy.
func (m *Model) uffdMoved(w *World, t uint8, was *Thread) bool {
	return was.Phase != Cow || !w.pte(t, was.Low).maps(was.Page)
}
