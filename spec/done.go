package spec

import "slices"

// OperationDone: what an operation owes when it ends, without an error or for want of memory.
// The step that ends an operation leaves a mark in the history if that is not so (History.Undone): it knows the
// registers of the operation, which are gone afterwards.

// done reports whether the operation that the move has ended has done its work. b is of
// the state before the move.
func (m *Model) done(s *State, mv Move, b *earlier) bool {
	t, w, was := m.MM(mv.Thread), &s.World, &b.thread
	op, low, high, prot := was.Op, was.Low, was.High, was.Prot
	if op == Idle { // an operation of one step
		op = mv.Step
		low, high, prot = mv.Args[0], mv.Args[0]+mv.Args[1], mv.Args[2]
	}
	switch op {
	case Map, Protect: // of Protect: the last round
		return m.everyArea(w, t, low, high, func(a *VMA) bool { return m.Prots == 0 || a.Prot == prot })
	case Fault, Read:
		return m.faulted(s, t, was)
	case Fork:
		return m.forked(w, t, was.Child)
	case Exit:
		return m.buried(w, t) && m.area(w, t, Mapped, 0) == 0 && m.vacant(w, t, 0, uint8(m.Slots))
	case Unmap:
		return m.buried(w, t) && m.unmapped(w, t, b.low, b.high) && m.vacant(w, t, b.low, b.high)
	case UnmapRange:
		return m.buried(w, t) && m.unmapped(w, t, low, high) && m.vacant(w, t, low, high)
	case MoveKeep:
		mapped := func(*VMA) bool { return true }
		return m.buried(w, t) && m.everyArea(w, t, low, high, mapped) && m.vacant(w, t, low, high) && m.everyArea(w, t, was.To, was.To+high-low, mapped) &&
			m.left(w, t, low, high)
	case UffdMove:
		return m.uffdMoved(w, t, was)
	case MoveArea:
		return m.buried(w, t) && m.unmapped(w, t, low, high) && m.vacant(w, t, low, high) &&
			m.everyArea(w, t, was.To, was.To+high-low, func(*VMA) bool { return true })
	case SplitBelow:
		return m.cut(w, t, was.New, was.VMA, was.Slot)
	case SplitAbove:
		return m.cut(w, t, was.VMA, was.New, was.Slot)
	case Migrate, Unpin: // what a migration owes its entries: see NoMissedMapping
		return s.thread(mv.Thread).Pin == 0
	case Pin:
		return s.thread(mv.Thread).Pin != 0
	}
	return true // a walk: see NoMissedMapping
}

// everyArea reports whether every slot of [low,high) is in an area of mm that is as it says.
func (m *Model) everyArea(w *World, mm, low, high uint8, is func(*VMA) bool) bool {
	for slot := low; slot < high; slot++ {
		if v := m.at(w, mm, slot); v == 0 || !is(w.vma(v)) {
			return false
		}
	}
	return true
}

// unmapped reports whether no slot of [low,high) is in an area of mm.
func (m *Model) unmapped(w *World, mm, low, high uint8) bool {
	for slot := low; slot < high; slot++ {
		if m.at(w, mm, slot) != 0 {
			return false
		}
	}
	return true
}

// buried reports whether no area of mm is on the way out: such a one is in no process any
// more, and nobody would ever free it.
func (m *Model) buried(w *World, mm uint8) bool { return m.area(w, mm, Detached, 0) == 0 }

// vacant reports whether mm has no entry in [low,high).
func (m *Model) vacant(w *World, mm, low, high uint8) bool {
	for slot := low; slot < high; slot++ {
		if w.pte(mm, slot).Kind != Empty {
			return false
		}
	}
	return true
}

// faulted: the entry is not as the fault found it. It may be another's work: then the
// process tries again. Without a free page nothing can happen.
func (m *Model) faulted(s *State, t uint8, was *Thread) bool {
	switch e := s.pte(t, was.Slot); {
	case e.Kind == Swapped: // as a fault for a swapped page found it, or by a swap-out beside it
		return was.Phase != New || e.Page != was.Page
	case was.Op == Read || m.freePage(s) == 0:
		return true
	case m.Faulters > 0 && was.Page != 0 && (was.Phase == New || e.Kind == Empty):
		return true // the other thread has brought the page back, or moved it
	default:
		return e.Kind != Empty && (e.Writable || !e.maps(was.Page) || was.Page == 0)
	}
}

// forked: the child has the parent's areas, each with the parent's chain below an anon_vma
// of its own, and the parent's entries, none of them writable on either side.
func (m *Model) forked(w *World, parent, child uint8) bool {
	for v := uint8(1); int(v) <= m.VMAs; v++ {
		a := w.vma(v)
		if a.Life != Mapped || a.MM != parent {
			continue
		}
		n := m.at(w, child, a.Start)
		if n == 0 {
			return false
		}
		c := w.vma(n)
		if c.Start != a.Start || c.End != a.End || c.Pgoff != a.Pgoff || c.Prot != a.Prot {
			return false
		}
		if a.Anon == 0 {
			if c.Anon != 0 {
				return false
			}
			continue
		}
		if m.trees && !inherited(c, a) || !m.trees && (c.NChain != a.NChain+1 || c.Anon != c.Chain[0] || !slices.Equal(c.chain()[1:], a.chain())) {
			return false
		}
		for slot := a.Start; slot < a.End; slot++ {
			if of, to := w.pte(parent, slot), w.pte(child, slot); of.Page != to.Page || of.Writable || to.Writable {
				return false
			}
		}
	}
	return true
}

// inherited: the child is linked to all that the parent is linked to, and has an anon_vma of
// its own; or one of the parent's where the parent has not its new pages.
func inherited(c, a *VMA) bool {
	for _, o := range a.chain() {
		if !contains(c.chain(), o) {
			return false
		}
	}
	own := uint8(1)
	if contains(a.chain(), c.Anon) {
		own = 0
	}
	return c.NChain == a.NChain+own && contains(c.chain(), c.Anon) && c.Anon != a.Anon
}

// left: an area that was moved as a whole and stays is like one that was never written to.
func (m *Model) left(w *World, mm, low, high uint8) bool {
	a := w.vma(m.at(w, mm, low))
	return a.Start != low || a.End != high || a.Anon == 0 && a.NChain == 0 && a.Pgoff == low
}

// cut: the two areas meet at the slot, and are alike otherwise.
func (m *Model) cut(w *World, mm, low, high, at uint8) bool {
	a, b := w.vma(low), w.vma(high)
	return a.Life == Mapped && b.Life == Mapped && a.MM == mm && b.MM == mm && a.End == at && b.Start == at && a.Start < at && at < b.End &&
		b.Pgoff == a.slotIndex(at) && a.Prot == b.Prot && a.Anon == b.Anon && m.sameChain(a, b)
}

// leftWhole reports whether an operation that has failed for want of memory, with the registers
// was before its last step, has left nothing half done.
func (m *Model) leftWhole(w *World, t uint8, was *Thread) bool {
	if !m.buried(w, t) {
		return false
	}
	low, high := was.Low, was.High
	mapped := func(*VMA) bool { return true }
	switch was.Op {
	case Fault, UffdMove: // for want of an anon_vma, or of an entry for one
		v := w.vma(was.VMA) // the other thread of the process may have had more luck
		return v.Anon == 0 && v.NChain == 0 || m.Faulters > 0 && contains(v.chain(), v.Anon)
	case Fork: // there is no child
		return m.buried(w, was.Child) && m.area(w, was.Child, Mapped, 0) == 0 && m.vacant(w, was.Child, 0, uint8(m.Slots))
	case SplitBelow, SplitAbove:
		return m.at(w, t, was.Slot) != 0 && m.at(w, t, was.Slot) == m.at(w, t, was.Slot-1)
	case Map:
		return m.unmapped(w, t, low, high)
	case Protect: // what is left of the range
		return m.everyArea(w, t, low, high, mapped)
	case MoveArea, MoveKeep: // of the pages all have moved, or none
		return m.everyArea(w, t, low, high, mapped) && (m.vacant(w, t, low, high) || m.vacant(w, t, was.To, was.To+high-low))
	}
	return true
}

func findUndone(m *Model, s *State) (witness, bool) {
	for t := range m.threads {
		if s.History[t].Undone {
			return witness{t + 1}, false
		}
	}
	return holds, true
}

func tellUndone(m *Model, s *State, w witness) string {
	if s.thread(w[0]).Error {
		return m.ThreadName(w[0]) + " has ended an operation for want of memory, and has left it half done"
	}
	return m.ThreadName(w[0]) + " has ended an operation without an error, and the operation has not done its work"
}
