package spec

// vma_adjust (docs/kernel.md 1.10): how the extent of an area changes: a split, an
// area that grows over its neighbours, a boundary that moves. One pass concerns v
// (Thread.VMA), whose extent is to be [Thread.Start, Thread.End), and n
// (Thread.New): the new part of a split, the next neighbour that gives up pages,
// gets pages or disappears, or none. Areas are the mm's own, so what is left to do
// can always be read off them.

// extent is what the area in hand is to have. The splits that are operations of
// their own remember where in Slot.
func (th *Thread) extent(s *State) (start, end uint8) {
	switch v := s.vma(th.VMA); th.Op {
	case SplitBelow:
		return th.Slot, v.End
	case SplitAbove:
		return v.Start, th.Slot
	}
	return th.Start, th.End
}

// adjusts reports whether the thread is in an adjustment of the wide world.
func (th *Thread) adjusts() bool { return th.End != 0 }

// remaps reports whether the operation is mremap's.
func (th *Thread) remaps() bool { return th.Op == MoveArea || th.Op == MoveKeep }

// copies reports whether the new area is mremap's copy and not part of a split.
func (th *Thread) copies(*State) bool { return th.remaps() && !th.adjusts() }

// imports reports whether v gets the links of n: v grows, and n is no new part; in an
// mremap n may be the source.
func (th *Thread) imports(s *State) bool {
	return th.adjusts() && s.vma(th.New).Life == Mapped && (th.End > s.vma(th.VMA).End || th.remaps())
}

// growNext is the next pass towards the extent: which neighbour it concerns, and
// whether one of the two must first be linked like the other.
func (m *Model) growNext(s *State, t uint8, th *Thread) {
	v := s.vma(th.VMA)
	if v.Start == th.Start && v.End == th.End {
		m.resume(s, t, th)
		return
	}
	th.New, th.Anon = 0, 0
	if m.awaits(s, th, th.VMA) {
		return
	}
	if n := m.after(&s.World, th.VMA); n != 0 && th.End != v.End && (th.End < v.End || th.End > s.vma(n).Start) {
		if m.awaits(s, th, n) {
			return
		}
		th.New = n
		to, from := th.linked(s)
		if s.vma(to).Anon == 0 && s.vma(from).Anon != 0 {
			m.cloneFirst(s, th)
			return
		}
	}
	if from := m.copied(s, t, th); from != 0 {
		th.New = from
		m.cloneFirst(s, th)
		return
	}
	m.adjust(s, t, th)
}

// adjust: the areas are linked, now the stores: under a lock if the protocol
// takes one. 2.6.36 takes none where only the end of v moves and nothing else.
func (m *Model) adjust(s *State, t uint8, th *Thread) {
	th.Anon = 0
	start, _ := th.extent(s)
	if th.New != 0 || start != s.vma(th.VMA).Start || m.trees {
		if a := m.rules.adjustLock(s, th.VMA, th.New); a != 0 {
			th.Anon, th.PC = a, LockAdjust
			return
		}
	}
	m.storeNext(s, t, th)
}

// adjusted33 is vma_adjust's rule in 2.6.33, which the sketches of May 2010 presume: the
// family of the area that is adjusted first, or of the other where that has none. All
// three have the same rule, so that what tells them apart is the lock.
func adjusted33(s *State, v, n uint8) uint8 {
	if a := s.vma(v).Anon; a != 0 || n == 0 {
		return a
	}
	return s.vma(n).Anon
}

func (m *Model) lockAdjust(s *State, t uint8, th *Thread) {
	th.Held = m.lockTarget(s, th)
	s.anon(th.Held).Lock = t
	if m.trees {
		th.PC = TakeOut
		return
	}
	m.storeNext(s, t, th)
}

// storeNext: first v's start or end, then the start of a neighbour that stays.
func (m *Model) storeNext(s *State, t uint8, th *Thread) {
	v := s.vma(th.VMA)
	start, end := th.extent(s)
	if th.adjusts() {
		end = th.passEnd(s)
	}
	switch {
	case start != v.Start:
		th.PC = StoreStart
		return
	case end != v.End:
		th.PC = StoreEnd
		return
	}
	if th.New != 0 {
		n := s.vma(th.New)
		switch {
		case n.Life == Detached: // the new part joins its mm
			n.Life = Mapped
		case n.End <= v.End: // v has swallowed it
			n.Life = Detached
		case n.Start != v.End:
			th.PC = StoreStart
			return
		}
	}
	if th.Held != 0 {
		th.PC = UnlockAdjust
		if m.trees {
			th.PC = PutBack
		}
		return
	}
	m.adjusted(s, t, th)
}

// passEnd is where v ends after this pass: neighbours are swallowed one by one.
func (th *Thread) passEnd(s *State) uint8 {
	if th.New != 0 {
		if n := s.vma(th.New); n.Life == Mapped && n.End < th.End {
			return n.End
		}
	}
	return th.End
}

// stored is the area whose start or pgoff is stored next: n once v has its start.
func (th *Thread) stored(s *State) uint8 {
	if th.adjusts() && s.vma(th.VMA).Start == th.Start {
		return th.New
	}
	return th.VMA
}

// storeStart: start -> where it is to be. Until pgoff follows, whoever reads both
// computes a wrong address. What start was is kept for the difference.
func (m *Model) storeStart(s *State, th *Thread) {
	th.PC = StorePgoff
	v := s.vma(th.VMA)
	switch {
	case !th.adjusts():
		v.Start = th.Slot
	case th.stored(s) == th.VMA:
		v.Start, th.Start = th.Start, v.Start
	default:
		n := s.vma(th.New)
		th.Slot, n.Start = n.Start, v.End
	}
}

// storePgoff: pgoff goes as far as start went.
func (m *Model) storePgoff(s *State, t uint8, th *Thread) {
	v := s.vma(th.VMA)
	switch {
	case !th.adjusts():
		v.Pgoff = s.vma(th.New).slotIndex(th.Slot)
	case th.stored(s) == th.VMA:
		v.Pgoff += v.Start - th.Start
		th.Start = v.Start
	default:
		n := s.vma(th.New)
		n.Pgoff += n.Start - th.Slot
		th.Slot = 0
	}
	m.storeNext(s, t, th)
}

func (m *Model) storeEnd(s *State, t uint8, th *Thread) {
	_, end := th.extent(s)
	if th.adjusts() {
		end = th.passEnd(s)
	}
	s.vma(th.VMA).End = end
	m.storeNext(s, t, th)
}

// adjusted: a neighbour that was swallowed is unlinked and freed.
func (m *Model) adjusted(s *State, t uint8, th *Thread) {
	if n := th.New; n != 0 && s.vma(n).Life == Detached {
		th.VMA, th.New = n, 0
		m.unlinkNext(s, t, th)
		return
	}
	m.resume(s, t, th)
}

// A merge is vma_merge's answer: the area that will have the extent.
type merge struct{ vma, start, end uint8 }

// merge tells whether a range [a,b) of a protection, a page offset and the anon_vma of
// area src (0: none yet) can be part of a neighbour: of prev, the area before it, or
// of the one behind it. The eight cases of the kernel's comment at vma_merge.
func (m *Model) merge(w *World, mm, prev, a, b, prot, src, pgoff uint8) (merge, bool) {
	compatible := func(x, y uint8) bool { return x == 0 || y == 0 || x == y }
	low := uint8(0)
	if prev != 0 {
		low = w.vma(prev).Start + 1
	}
	area := m.area(w, mm, Mapped, low)
	next := area
	if area != 0 && w.vma(area).End == b {
		next = m.after(w, area)
	}
	canNext := false
	var n *VMA
	if next != 0 {
		n = w.vma(next)
		canNext = n.Start == b && n.Prot == prot && m.alike(w, next, src) && n.Pgoff == pgoff+(b-a)
	}
	if prev != 0 {
		p := w.vma(prev)
		if p.End == a && p.Prot == prot && m.alike(w, prev, src) && p.Pgoff+(p.End-p.Start) == pgoff {
			if canNext && compatible(p.Anon, n.Anon) {
				return merge{prev, p.Start, n.End}, true // cases 1 and 6
			}
			return merge{prev, p.Start, b}, true // cases 2, 5 and 7
		}
		if canNext && a < p.End {
			return merge{prev, p.Start, a}, true // case 4
		}
	}
	if canNext {
		return merge{area, a, n.End}, true // cases 3 and 8
	}
	return merge{}, false
}
