package spec

// The operations of the wide world, which tla/ does not model: mmap that merges,
// munmap of a range, mprotect, mremap; and allocations that fail. Each is a
// sequence of splits, adjustments and removals; resume says what is next.

// resume goes on after a clone, an adjustment or the end of an area.
func (m *Model) resume(s *State, t uint8, th *Thread) {
	if th.Phase == Together {
		if v := m.at(&s.World, t, th.Start); th.New == 0 && s.vma(v).End < th.End {
			th.VMA = v // it has swallowed one neighbour
			m.growNext(s, t, th)
			return
		}
		if th.Phase = NoPhase; th.Op == Protect {
			s.vma(m.at(&s.World, t, th.Low)).Prot = th.Prot
		}
	}
	th.VMA, th.New, th.Anon, th.Pos, th.Start, th.End = 0, 0, 0, 0, 0, 0
	if th.Error && th.Op != Fork {
		th.end()
		return
	}
	m.wideNext(s, t, th)
}

// wideNext goes on with an operation of several parts.
func (m *Model) wideNext(s *State, t uint8, th *Thread) {
	switch th.Op {
	case Map:
		m.mapNext(s, t, th)
	case UnmapRange:
		m.unmapNext(s, t, th)
	case Protect:
		m.protectNext(s, t, th)
	case MoveArea, MoveKeep:
		m.moveNext(s, t, th)
	case Fork:
		m.forkAbort(s, t, th)
	default:
		th.end()
	}
}

// try asks vma_merge, and begins what it answers.
func (m *Model) try(s *State, t uint8, th *Thread, prev, a, b, prot, src, pgoff uint8) bool {
	if m.Prots == 0 || th.Phase == Apart {
		return false
	}
	g, ok := m.merge(&s.World, t, prev, a, b, prot, src, pgoff)
	if ok {
		th.Phase = Together
		th.VMA, th.Start, th.End = g.vma, g.start, g.end
		m.growNext(s, t, th)
	}
	return ok
}

// split begins a split: v keeps [start,end), a new area gets the rest.
func (m *Model) split(s *State, th *Thread, v, start, end uint8) {
	if m.awaits(s, th, v) {
		return
	}
	th.VMA, th.Start, th.End, th.PC = v, start, end, CopyVMA
}

// mapNext: mmap_region.
func (m *Model) mapNext(s *State, t uint8, th *Thread) {
	switch {
	case m.at(&s.World, t, th.Low) != 0:
		th.end()
	case !m.try(s, t, th, m.before(&s.World, t, th.Low), th.Low, th.High, th.Prot, 0, th.Low):
		th.PC = CopyVMA
	}
}

// unmapNext: do_munmap. First the edges are cut, then what lies between leaves.
func (m *Model) unmapNext(s *State, t uint8, th *Thread) {
	w := &s.World
	if v := m.at(w, t, th.Low); v != 0 && s.vma(v).Start < th.Low {
		m.split(s, th, v, s.vma(v).Start, th.Low)
		return
	}
	if v := m.at(w, t, th.High-1); v != 0 && s.vma(v).End > th.High {
		m.split(s, th, v, th.High, s.vma(v).End)
		return
	}
	for slot := th.Low; m.Faulters > 0 && slot < th.High; slot++ {
		if m.awaits(s, th, m.at(w, t, slot)) {
			return
		}
	}
	any := false
	for v := range m.VMAs {
		if a := &s.VMA[v]; a.Life == Mapped && a.MM == t && th.Low <= a.Start && a.End <= th.High {
			a.Life = Detached
			any = true
		}
	}
	if !any {
		th.end()
		return
	}
	m.zapNext(s, t)
}

// protectNext: mprotect_fixup, area by area. Low is where the round begins, To
// where it ends, 0 between rounds.
func (m *Model) protectNext(s *State, t uint8, th *Thread) {
	for th.Low < th.High {
		w := &s.World
		v := m.at(w, t, th.Low)
		a := s.vma(v)
		if th.To == 0 {
			if a.Prot == th.Prot {
				th.Low = a.End
				continue
			}
			th.To = min(th.High, a.End)
		}
		if a.Prot != th.Prot {
			prev := v
			if th.Low == a.Start {
				prev = m.before(w, t, a.Start)
			}
			switch {
			case m.try(s, t, th, prev, th.Low, th.To, th.Prot, v, a.slotIndex(th.Low)):
				return
			case th.Low > a.Start:
				m.split(s, th, v, th.Low, a.End)
				return
			case th.To < a.End:
				m.split(s, th, v, a.Start, th.To)
				return
			}
			if m.awaits(s, th, v) {
				return
			}
			a.Prot = th.Prot
		}
		if m.awaits(s, th, v) || m.denyNext(s, t, th, th.Low) {
			return
		}
	}
	th.end()
}

// denyNext finds the next entry of the round to be made read-only, from slot on;
// false: there is none, and the round is over.
func (m *Model) denyNext(s *State, t uint8, th *Thread, slot uint8) bool {
	for ; slot < th.To; slot++ {
		if s.pte(t, slot).Writable {
			th.Slot, th.PC = slot, DenyWrite
			return true
		}
	}
	th.Low = max(th.To, s.vma(m.at(&s.World, t, th.Low)).End)
	th.To, th.Slot, th.Phase = 0, 0, NoPhase
	return false
}

// denyWrite: entry -> read-only, under the pte lock.
func (m *Model) denyWrite(s *State, t uint8, th *Thread) {
	s.pte(t, th.Slot).Writable = false
	if !m.denyNext(s, t, th, th.Slot+1) {
		m.protectNext(s, t, th)
	}
}

// moveNext: move_vma. First there must be an area at the target, then the
// entries go there, then the source is unmapped.
func (m *Model) moveNext(s *State, t uint8, th *Thread) {
	w := &s.World
	if m.at(w, t, th.To) == 0 {
		v := m.at(w, t, th.Low)
		a := s.vma(v)
		if m.awaits(s, th, v) {
			return
		}
		if m.try(s, t, th, m.before(w, t, th.To), th.To, th.To+th.High-th.Low, a.Prot, v, m.movedPgoff(a, th)) {
			return
		}
		th.VMA, th.PC = v, CopyVMA
		return
	}
	m.moveEntryNext(s, t, th, th.Low)
}

// movedPgoff is the page offset of the target: pages keep theirs.
func (m *Model) movedPgoff(v *VMA, th *Thread) uint8 {
	if v.Anon == 0 {
		return th.To
	}
	return v.slotIndex(th.Low)
}

func (m *Model) moveEntryNext(s *State, t uint8, th *Thread, slot uint8) {
	for ; slot < th.High; slot++ {
		if s.pte(t, slot).Kind != Empty {
			th.Slot, th.PC = slot, MoveEntry
			if m.trees && th.Held == 0 && m.movesLocked(s, t, th) {
				th.Anon, th.PC = s.vma(m.at(&s.World, t, th.Low)).Anon, LockMove
			}
			return
		}
	}
	if th.Held != 0 {
		th.PC = UnlockMove
		return
	}
	m.entriesMoved(s, t, th)
}

// entriesMoved: the pages are where they are to be. What becomes of the source: it is
// unmapped. Or, if it is to stay and was moved as a whole, it is like one that was never
// written to (MREMAP_DONTUNMAP).
func (m *Model) entriesMoved(s *State, t uint8, th *Thread) {
	th.Anon, th.Slot = 0, 0
	if th.Op != MoveKeep {
		m.unmapNext(s, t, th)
		return
	}
	v := m.at(&s.World, t, th.Low)
	a := s.vma(v)
	switch {
	case a.Start != th.Low || a.End != th.High:
	case a.Anon != 0 || a.NChain != 0:
		th.VMA = v
		m.unlinkNext(s, t, th)
		return
	default:
		a.Pgoff = a.Start
	}
	th.end()
}

// moveEntry: the entry leaves one slot and is at the other, under the pte locks.
func (m *Model) moveEntry(s *State, t uint8, th *Thread) {
	from, to := th.Slot, th.To+th.Slot-th.Low
	mm := m.MM(t)
	*s.pte(mm, to), *s.pte(mm, from) = *s.pte(mm, from), PTE{}
	if th.Op == UffdMove {
		th.PC = UnlockPage
		return
	}
	m.moveEntryNext(s, t, th, th.Slot+1)
}

// allocations is how many allocations the next step of a thread makes: areas,
// chain entries, anon_vmas.
func (m *Model) allocations(s *State, th *Thread) int {
	switch th.PC {
	case CopyVMA:
		return 1
	case AllocAnon:
		return 2 // prepare: an entry before it; fork: one behind it
	case LinkChain:
		if !th.prepares() && th.Pos > 0 {
			return 1
		}
	case LockAnon:
		if th.prepares() && s.anon(th.Anon).NList > 0 {
			return 1 // prepare with a neighbour's anon_vma
		}
	}
	return 0
}

// Allocations is how many allocations the next step of thread t makes.
func (m *Model) Allocations(s *State, t uint8) int { return m.allocations(s, s.thread(t)) }

// failAlloc: what was half done is undone (docs/kernel.md M05).
func (m *Model) failAlloc(s *State, t uint8, th *Thread) {
	if th.prepares() {
		th.Error = true
		th.end()
		return
	}
	to, _ := th.linked(s)
	if m.trees && th.New != 0 && !m.thrownAway(s, th) {
		return
	}
	if th.New != 0 && s.vma(to).Life == Mapped { // an import: as if there had been nothing to merge with
		th.Phase, th.New, th.Pos, th.VMA = Apart, 0, 0, to
		m.unlinkNext(s, t, th)
		return
	}
	th.Error, th.Need, th.Births = true, 0, 0
	if th.New != 0 {
		th.VMA, th.New, th.Pos = th.New, 0, 0
		m.unlinkNext(s, t, th)
		return
	}
	m.resume(s, t, th)
}

// forkAbort: the child that could not be completed exits.
func (m *Model) forkAbort(s *State, t uint8, th *Thread) {
	any := false
	for v := range m.VMAs {
		if a := &s.VMA[v]; a.Life == Mapped && a.MM == th.Child {
			a.Life = Detached
			any = true
		}
	}
	if !any {
		th.end()
		return
	}
	m.zapNext(s, t)
}
