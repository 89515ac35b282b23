package spec

// When an operation must be possible: said a second time, apart from the guards and in
// another way, from the world slot by slot. No claim about states can see a guard that is
// too narrow, since it only takes behaviours away; this can, and a guard that is too wide
// too. See operation.go for the guards.

// Possible reports whether a thread at rest can begin an operation by mv, whose arguments are
// within the bounds. It asks no guard.
func (m *Model) Possible(s *State, mv Move) bool {
	t, th := mv.Thread, s.thread(mv.Thread)
	if !m.Ops.Has(mv.Step) || th.Left == 0 && mv.Step != Unpin {
		return false
	}
	if w := m.ownersOf(s, m.MM(t)); !m.IsWalker(t) {
		return !w.made && m.threadCan(s, &w, mv) && m.mmCan(s, &w, mv)
	}
	return m.walkerCan(s, th, mv)
}

// owners are the areas of a process by slot, 0 where there is none, and what else it may make.
type owners struct {
	of             [MaxSlots]uint8
	areas, anons   int  // how many it has; how many of them have an anon_vma
	names, objects int  // of areas and of anon_vmas: that nobody has, and nobody has set aside
	made           bool // a fork is making the process
}

func (m *Model) ownersOf(s *State, t uint8) (w owners) {
	for v := range m.VMAs {
		a := &s.VMA[v]
		if a.Life == Unborn {
			w.names++
		}
		if a.Life != Mapped || a.MM != t {
			continue
		}
		for slot := a.Start; slot < a.End; slot++ {
			w.of[slot] = uint8(v + 1)
		}
		w.areas++
		if a.Anon != 0 {
			w.anons++
		}
	}
	for a := range m.Objects {
		if !s.Anon[a].Live {
			w.objects++
		}
	}
	for u := range m.threads {
		o := &s.Thread[u]
		w.names, w.objects = w.names-int(o.Births), w.objects-int(o.Need)
		w.made = w.made || o.Op == Fork && o.Child == t
	}
	return w
}

// all reports whether there are slots low to high-1 and each is as it says.
func (m *Model) all(low, high int, is func(slot int) bool) bool {
	for slot := low; slot < high; slot++ {
		if slot >= m.Slots || !is(slot) {
			return false
		}
	}
	return low < high
}

// mmCan is Possible for a process.
func (m *Model) mmCan(s *State, w *owners, mv Move) bool {
	t, arg, at := m.MM(mv.Thread), int(mv.Args[0]), int(mv.Args[1])
	mine := func(slot int) bool { return w.of[slot] != 0 }
	free := func(slot int) bool { return w.of[slot] == 0 }
	one := func(slot int) bool { return slot < m.Slots && int(w.of[slot]) == arg } // in area arg
	low, high := arg, arg+at
	switch mv.Step {
	case Map: // of slots that nobody has
		return m.all(low, high, free) && int(mv.Args[2]) < max(m.Prots, 1) && w.names > 0
	case Protect: // of slots without a hole; the two ends may have to be cut off
		return m.all(low, high, mine) && int(mv.Args[2]) < m.Prots && w.names > 1
	case UnmapRange: // of at least one slot; the same
		return m.all(low, high, func(int) bool { return true }) && !m.all(low, high, free) && w.names > 1
	case MoveArea, MoveKeep: // from one area to slots that nobody has; and a new area there
		to, cuts := int(mv.Args[2]), 2
		if mv.Step == MoveKeep {
			cuts = 0
		}
		return m.all(low, high, func(slot int) bool { return mine(slot) && w.of[slot] == w.of[low] }) && m.all(to, to+at, free) && w.names > cuts
	case UffdMove: // from a slot with a page to one without, in areas of one protection
		if low >= m.Slots || at >= m.Slots || !mine(low) || !mine(at) {
			return false
		}
		target := s.vma(w.of[at])
		return s.vma(w.of[low]).Prot == target.Prot && s.pte(t, uint8(low)).Kind == Present && s.pte(t, uint8(at)).Kind == Empty &&
			(target.Anon != 0 || w.objects > 0 || m.shares(s, w, int(w.of[at])))
	case Exit:
		return w.areas > 0
	case Fork: // into a process that has nothing and does nothing; an area for an area
		child := m.ownersOf(s, uint8(arg))
		dying := false
		for v := range m.VMAs {
			dying = dying || s.VMA[v].Life == Detached && int(s.VMA[v].MM) == arg
		}
		return w.areas > 0 && arg != int(t) && s.thread(uint8(arg)).PC == Idle && child.areas == 0 && !child.made && !dying &&
			w.names >= w.areas && w.objects >= w.anons
	case Unmap:
		return m.mine(s, t, arg)
	case SplitBelow, SplitAbove: // between two slots of the area
		return at > 0 && m.mine(s, t, arg) && one(at) && one(at-1) && w.names > 0
	case Fault: // of what is not there or must not be written
		e := s.pte(t, uint8(min(at, m.Slots-1)))
		return one(at) && e.Kind != Migration && !e.Writable && (s.vma(uint8(arg)).Anon != 0 || w.objects > 0 || m.shares(s, w, arg))
	case Read: // of what is not there
		return one(at) && s.pte(t, uint8(at)).Kind == Swapped
	}
	return false
}

// threadCan is Possible for one of two threads of a process, as far as the other is concerned.
// The mm thread works with the mmap lock alone, but for faults. The other only faults; while
// the mm thread works, only in areas that have an anon_vma and have not been locked.
func (m *Model) threadCan(s *State, w *owners, mv Move) bool {
	fault := mv.Step == Fault || mv.Step == Read || mv.Step == UffdMove
	if !m.isFaulter(mv.Thread) {
		if fault || int(mv.Thread) > m.Faulters {
			return true
		}
		other := &s.Thread[m.MMs+m.Walkers+int(mv.Thread)-1]
		return other.Child == 0 && (mv.Step != Exit || other.PC == Idle)
	}
	first := &s.Thread[m.MM(mv.Thread)-1]
	if alone := first.PC != Idle && first.Op != Fault && first.Op != Read && first.Op != UffdMove; !fault || !alone {
		return fault
	}
	target, source := mv.Args[0], uint8(0)
	if mv.Step == UffdMove {
		if int(mv.Args[0]) >= m.Slots || int(mv.Args[1]) >= m.Slots {
			return false
		}
		target, source = w.of[mv.Args[1]], w.of[mv.Args[0]]
	}
	return target != 0 && s.vma(target).Anon != 0 && !s.vma(target).Locked && (source == 0 || !s.vma(source).Locked)
}

// mine reports whether v is an area of the process.
func (m *Model) mine(s *State, t uint8, v int) bool {
	return s.VMA[v-1].Life == Mapped && s.VMA[v-1].MM == t
}

// shares reports whether an area beside v continues its pages and was never forked: then v
// may have its anon_vma.
func (m *Model) shares(s *State, w *owners, v int) bool {
	a := s.vma(uint8(v))
	beside := func(slot int, pgoff int) bool {
		if slot < 0 || slot >= m.Slots || w.of[slot] == 0 {
			return false
		}
		b := s.vma(w.of[slot])
		return b.NChain == 1 && int(b.Pgoff)+slot-int(b.Start) == pgoff
	}
	return beside(int(a.End), int(a.Pgoff)+int(a.End)-int(a.Start)) || beside(int(a.Start)-1, int(a.Pgoff)-1)
}

// walkerCan is Possible for a walker.
func (m *Model) walkerCan(s *State, th *Thread, mv Move) bool {
	arg := mv.Args[0]
	mapped := false // there is an entry of the page
	for mm := range m.MMs {
		for slot := range m.Slots {
			mapped = mapped || s.PTE[mm][slot].Kind == Present && s.PTE[mm][slot].Page == arg
		}
	}
	switch mv.Step {
	case Walk, SwapOut:
		return mapped
	case Migrate: // which has a reference of its own
		return mapped && th.Pin == 0
	case SwapDrop:
		return !mapped && s.page(arg).Cached && s.page(arg).Lock == 0
	case WalkPinned:
		return th.Pin != 0 && int(arg) < m.Slots
	case Unpin:
		return th.Pin != 0
	case Pin: // what a process at rest has
		a := s.vma(arg)
		if th.Pin != 0 || a.Life != Mapped || a.Anon == 0 || m.ownersOf(s, a.MM).made {
			return false
		}
		op := s.thread(a.MM).Op // beside faults, where a process has two threads
		return op == Idle || int(a.MM) <= m.Faulters && (op == Fault || op == Read || op == UffdMove)
	}
	return false
}

// Unlike finds a move that the law lets a thread take where it is not possible, or does not
// where it is: of a thread at rest an operation, of those that Operations lists; of one that
// allocates an object, which. It is false if there is none.
func (m *Model) Unlike(s *State, operations [][]Move) (Move, bool) {
	if m.Crashed(s) != 0 {
		return Move{}, false
	}
	var buf []Move
	for t := uint8(1); t <= m.threads; t++ {
		var all []Move
		switch s.thread(t).PC {
		case Idle:
			all = operations[t-1]
		case AllocAnon:
			all = m.Choices(t, AllocAnon)
		default:
			continue
		}
		buf = m.MovesOf(s, t, buf[:0])
		for _, mv := range all {
			can := mv.Step == AllocAnon && !s.anon(mv.Args[0]).Live || mv.Step != AllocAnon && m.Possible(s, mv)
			offered := len(buf) > 0 && buf[0] == mv // both are in canonical order
			if offered {
				buf = buf[1:]
			}
			if can != offered || can != m.Enabled(s, mv) {
				return mv, true
			}
		}
		if len(buf) > 0 && buf[0].Step != FailAlloc {
			return buf[0], true
		}
	}
	return Move{}, false
}

// Operations lists, by thread, all that it may ask for, in canonical order.
func (m *Model) Operations() [][]Move {
	list := make([][]Move, m.threads)
	for t := range list {
		for _, step := range m.Ops.List() {
			if m.IsWalker(uint8(t+1)) == (step >= Walk) && (step.Faults() || !m.isFaulter(uint8(t+1))) {
				list[t] = append(list[t], m.Choices(uint8(t+1), step)...)
			}
		}
	}
	return list
}
