package spec

// Operations: when one may begin, and what beginning it does. All operations of
// an mm thread run under its mmap lock, which is why the mm's own areas, its
// side of the chains and which of its entries are empty are private to it.

// begins appends the operations that idle thread t may begin.
func (m *Model) begins(s *State, t uint8, buf []Move) []Move {
	th := s.thread(t)
	if m.IsWalker(t) {
		if th.Left > 0 {
			for p := uint8(1); int(p) <= m.Pages; p++ {
				buf = m.offer(s, buf, Move{t, Walk, [2]uint8{p}})
			}
			for p := uint8(1); int(p) <= m.Pages; p++ {
				buf = m.offer(s, buf, Move{t, Migrate, [2]uint8{p}})
			}
			for v := uint8(1); int(v) <= m.VMAs; v++ {
				buf = m.offer(s, buf, Move{t, Pin, [2]uint8{v}})
			}
		}
		return m.offer(s, buf, Move{Thread: t, Step: Unpin})
	}
	if th.Left == 0 || m.busyChild(s, t) {
		return buf
	}
	if m.Ops.Has(Map) {
		for i := range uint8(m.Slots) {
			for n := uint8(1); int(i+n) <= m.Slots; n++ {
				buf = m.offer(s, buf, Move{t, Map, [2]uint8{i, n}})
			}
		}
	}
	for v := uint8(1); int(v) <= m.VMAs; v++ {
		if a := s.vma(v); a.Life == Mapped && a.MM == t {
			for i := a.Start; i < a.End; i++ {
				buf = m.offer(s, buf, Move{t, Fault, [2]uint8{v, i}})
			}
		}
	}
	for c := uint8(1); int(c) <= m.MMs; c++ {
		buf = m.offer(s, buf, Move{t, Fork, [2]uint8{c}})
	}
	for v := uint8(1); int(v) <= m.VMAs; v++ {
		buf = m.offer(s, buf, Move{t, Unmap, [2]uint8{v}})
	}
	buf = m.offer(s, buf, Move{Thread: t, Step: Exit})
	for _, split := range [...]Step{SplitBelow, SplitAbove} {
		for v := uint8(1); int(v) <= m.VMAs; v++ {
			if a := s.vma(v); a.Life == Mapped && a.MM == t {
				for at := a.Start + 1; at < a.End; at++ {
					buf = m.offer(s, buf, Move{t, split, [2]uint8{v, at}})
				}
			}
		}
	}
	return buf
}

func (m *Model) offer(s *State, buf []Move, mv Move) []Move {
	if m.Ops.Has(mv.Step) && m.refusesBegin(s, mv) == "" {
		return append(buf, mv)
	}
	return buf
}

// refusesBegin names the first false conjunct of the guard of a step that
// begins an operation; "" if the operation may begin. The thread is idle and
// the world has not crashed.
func (m *Model) refusesBegin(s *State, mv Move) string {
	t, th := mv.Thread, s.thread(mv.Thread)
	walker := mv.Step == Walk || mv.Step == Migrate || mv.Step == Pin || mv.Step == Unpin
	switch {
	case walker != m.IsWalker(t):
		return "RightKindOfThread"
	case !m.Ops.Has(mv.Step):
		return "InOps"
	case mv.Step == Unpin:
		if th.Pin == 0 {
			return "HasPin"
		}
		return ""
	case th.Left == 0:
		return "OperationLeft"
	case !walker && m.busyChild(s, t):
		return "NotBeingForked"
	}
	arg := mv.Args[0]
	switch mv.Step {
	case Walk, Migrate:
		if arg < 1 || int(arg) > m.Pages || !m.mapped(&s.World, arg) {
			return "PageMapped"
		}
		if mv.Step == Migrate && th.Pin != 0 {
			return "NoPin"
		}
		return ""
	case Map:
		return m.refusesMap(s, t, arg, mv.Args[1])
	case Fork:
		return m.refusesFork(s, t, arg)
	case Exit:
		if m.area(&s.World, t, Mapped, 0) == 0 {
			return "MMExists"
		}
		return ""
	}
	// The rest act on an area.
	if arg < 1 || int(arg) > m.VMAs || s.vma(arg).Life != Mapped {
		return "AreaMapped"
	}
	v := s.vma(arg)
	if mv.Step == Pin {
		switch {
		case v.Anon == 0:
			return "HasAnon"
		case s.thread(v.MM).PC != Idle || m.busyChild(s, v.MM):
			return "MMIdle"
		case th.Pin != 0:
			return "NoPin"
		}
		return ""
	}
	if v.MM != t {
		return "OwnArea"
	}
	vmas, objects := m.spare(s)
	at := mv.Args[1]
	switch mv.Step {
	case Fault:
		if !v.covers(at) {
			return "InArea"
		}
		switch e := s.pte(t, at); {
		case e.Kind == Migration:
			return "NoMigrationEntry"
		case e.Kind == Present && e.Writable:
			return "NotWritable"
		case e.Kind == Empty && v.Anon == 0 && m.reusable(&s.World, arg) == 0 && objects < 1:
			return "ObjectsSpare"
		}
	case SplitBelow, SplitAbove:
		if at <= v.Start || at >= v.End {
			return "InsideArea"
		}
		if vmas < 1 {
			return "VMAsSpare"
		}
	}
	return ""
}

func (m *Model) refusesMap(s *State, mm, start, n uint8) string {
	if n < 1 || int(start)+int(n) > m.Slots {
		return "InSlots"
	}
	for v := uint8(1); int(v) <= m.VMAs; v++ {
		if a := s.vma(v); a.Life == Mapped && a.MM == mm && a.Start < start+n && start < a.End {
			return "RangeFree"
		}
	}
	if vmas, _ := m.spare(s); vmas < 1 {
		return "VMAsSpare"
	}
	return ""
}

func (m *Model) refusesFork(s *State, parent, child uint8) string {
	switch {
	case m.area(&s.World, parent, Mapped, 0) == 0:
		return "MMExists"
	case child < 1 || int(child) > m.MMs || child == parent || m.exists(&s.World, child) || s.thread(child).PC != Idle || m.busyChild(s, child):
		return "ChildFree"
	}
	births, need := m.forkSize(&s.World, parent)
	switch vmas, objects := m.spare(s); {
	case vmas < births:
		return "VMAsSpare"
	case objects < need:
		return "ObjectsSpare"
	}
	return ""
}

// forkSize is how many VMAs and objects a fork of mm makes.
func (m *Model) forkSize(w *World, mm uint8) (births, need int) {
	for v := range m.VMAs {
		if a := &w.VMA[v]; a.Life == Mapped && a.MM == mm {
			births++
			if a.Anon != 0 {
				need++
			}
		}
	}
	return births, need
}

// reusable is the anon_vma that prepare takes over from a neighbour of v: next
// first, then previous; its chain must be singular, that is never forked
// (find_mergeable_anon_vma). 0 if there is none.
func (m *Model) reusable(w *World, v uint8) uint8 {
	area := w.vma(v)
	for _, next := range [...]bool{true, false} {
		for n := range m.VMAs {
			near := &w.VMA[n]
			if near.Life != Mapped || near.MM != area.MM || near.Anon == 0 || near.NChain != 1 {
				continue
			}
			first, second := near, area
			if next {
				first, second = area, near
			}
			if first.End == second.Start && first.Pgoff+first.End-first.Start == second.Pgoff {
				return near.Anon
			}
		}
	}
	return 0
}

// begin takes a step that begins an operation.
func (m *Model) begin(s *State, mv Move) {
	t, arg := mv.Thread, mv.Args[0]
	th := s.thread(t)
	th.Missed, th.Failed = false, false
	if th.Left != Unlimited && mv.Step != Unpin {
		th.Left--
	}
	switch mv.Step { // operations of one step
	case Map:
		*s.vma(m.newborn(&s.World)) = VMA{Life: Mapped, MM: t, Start: arg, End: arg + mv.Args[1], Pgoff: arg}
		return
	case Pin:
		th.Pin = s.vma(arg).Anon
		s.anon(th.Pin).Refs++
		return
	}
	th.Op = mv.Step
	switch mv.Step {
	case Fault:
		m.beginFault(s, th, arg, mv.Args[1])
	case Fork:
		births, need := m.forkSize(&s.World, t)
		th.Births, th.Need, th.Child = uint8(births), uint8(need), arg
		th.VMA, th.PC = m.area(&s.World, t, Mapped, 0), CopyVMA
	case Unmap:
		s.vma(arg).Life = Detached
		m.zapNext(s, t)
	case Exit:
		for v := range m.VMAs {
			if a := &s.VMA[v]; a.Life == Mapped && a.MM == t {
				a.Life = Detached
			}
		}
		m.zapNext(s, t)
	case SplitBelow, SplitAbove:
		th.Births, th.VMA, th.Slot, th.PC = 1, arg, mv.Args[1], CopyVMA
	case Walk:
		th.Page, th.Phase, th.Steady, th.PC = arg, Plain, true, ReadMapping
	case Migrate:
		th.Page, th.Phase, th.Steady, th.PC = arg, Get, true, LockPage
	case Unpin:
		th.Phase, th.Anon, th.PC = Put, th.Pin, PutAnon
	}
}

// end returns a thread to rest. What outlives an operation: the budget, a
// reference that is held, and what the claims remember of the last operation.
func (th *Thread) end() {
	*th = Thread{Left: th.Left, Pin: th.Pin, Missed: th.Missed, Failed: th.Failed}
}
