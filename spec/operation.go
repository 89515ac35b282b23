package spec

// Operations: when one may begin, and what beginning it does. All operations of
// an mm thread run under its mmap lock (of a second thread: see faulter.go), which is why the mm's own areas, its
// side of the chains and which of its entries are empty are private to it.

// begins appends the operations that idle thread t may begin.
func (m *Model) begins(s *State, t uint8, buf []Move) []Move {
	th := s.thread(t)
	if m.IsWalker(t) {
		if th.Left > 0 {
			for p := uint8(1); int(p) <= m.Pages; p++ {
				buf = m.offer(s, buf, Move{t, Walk, [3]uint8{p}})
			}
			for p := uint8(1); int(p) <= m.Pages; p++ {
				buf = m.offer(s, buf, Move{t, Migrate, [3]uint8{p}})
			}
			for _, swap := range [...]Step{SwapOut, SwapDrop} {
				for p := uint8(1); m.Ops.Has(swap) && int(p) <= m.Pages; p++ {
					buf = m.offer(s, buf, Move{t, swap, [3]uint8{p}})
				}
			}
			if m.Ops.Has(WalkPinned) && th.Pin != 0 {
				for slot := range uint8(m.Slots) {
					buf = m.offer(s, buf, Move{t, WalkPinned, [3]uint8{slot}})
				}
			}
			for v := uint8(1); int(v) <= m.VMAs; v++ {
				buf = m.offer(s, buf, Move{t, Pin, [3]uint8{v}})
			}
		}
		return m.offer(s, buf, Move{Thread: t, Step: Unpin})
	}
	if th.Left == 0 || m.busyChild(s, m.MM(t)) {
		return buf
	}
	if m.isFaulter(t) {
		return m.beginsFault(s, t, buf)
	}
	if m.Ops.Has(Map) {
		for i := range uint8(m.Slots) {
			for n := uint8(1); int(i+n) <= m.Slots; n++ {
				for prot := range uint8(max(m.Prots, 1)) {
					buf = m.offer(s, buf, Move{t, Map, [3]uint8{i, n, prot}})
				}
			}
		}
	}
	buf = m.inAreas(s, buf, Move{Thread: t, Step: Fault})
	for c := uint8(1); int(c) <= m.MMs; c++ {
		buf = m.offer(s, buf, Move{t, Fork, [3]uint8{c}})
	}
	for v := uint8(1); int(v) <= m.VMAs; v++ {
		buf = m.offer(s, buf, Move{t, Unmap, [3]uint8{v}})
	}
	buf = m.offer(s, buf, Move{Thread: t, Step: Exit})
	for _, split := range [...]Step{SplitBelow, SplitAbove} {
		for v := uint8(1); int(v) <= m.VMAs; v++ {
			if a := s.vma(v); a.Life == Mapped && a.MM == t {
				for at := a.Start + 1; at < a.End; at++ {
					buf = m.offer(s, buf, Move{t, split, [3]uint8{v, at}})
				}
			}
		}
	}
	return m.beginsWide(s, t, buf)
}

// beginsWide appends the operations of the wide world.
func (m *Model) beginsWide(s *State, t uint8, buf []Move) []Move {
	if m.Ops.Has(Protect) {
		buf = m.ranges(s, buf, Move{Thread: t, Step: Protect}, m.Prots)
	}
	if m.Ops.Has(MoveArea) {
		buf = m.ranges(s, buf, Move{Thread: t, Step: MoveArea}, m.Slots)
	}
	if m.Ops.Has(MoveKeep) {
		buf = m.ranges(s, buf, Move{Thread: t, Step: MoveKeep}, m.Slots)
	}
	buf = m.uffdMoves(s, t, buf)
	if m.Ops.Has(UnmapRange) {
		buf = m.ranges(s, buf, Move{Thread: t, Step: UnmapRange}, 1)
	}
	if m.Ops.Has(Read) {
		buf = m.inAreas(s, buf, Move{Thread: t, Step: Read})
	}
	return buf
}

// inAreas offers an operation on every slot of every area of the thread's process.
func (m *Model) inAreas(s *State, buf []Move, mv Move) []Move {
	for v := uint8(1); int(v) <= m.VMAs; v++ {
		if a := s.vma(v); a.Life == Mapped && a.MM == m.MM(mv.Thread) {
			for i := a.Start; i < a.End; i++ {
				mv.Args = [3]uint8{v, i}
				buf = m.offer(s, buf, mv)
			}
		}
	}
	return buf
}

// uffdMoves offers UffdMove from every slot to every other.
func (m *Model) uffdMoves(s *State, t uint8, buf []Move) []Move {
	for from := uint8(0); m.Ops.Has(UffdMove) && int(from) < m.Slots; from++ {
		for to := range uint8(m.Slots) {
			buf = m.offer(s, buf, Move{t, UffdMove, [3]uint8{from, to}})
		}
	}
	return buf
}

// beginsFault appends the operations that a faulter may begin.
func (m *Model) beginsFault(s *State, t uint8, buf []Move) []Move {
	buf = m.inAreas(s, buf, Move{Thread: t, Step: Fault})
	buf = m.uffdMoves(s, t, buf)
	if m.Ops.Has(Read) {
		buf = m.inAreas(s, buf, Move{Thread: t, Step: Read})
	}
	return buf
}

// ranges offers an operation on every range of slots, with each last argument.
func (m *Model) ranges(s *State, buf []Move, mv Move, last int) []Move {
	for i := range uint8(m.Slots) {
		for n := uint8(1); int(i+n) <= m.Slots; n++ {
			for x := range uint8(last) {
				mv.Args = [3]uint8{i, n, x}
				buf = m.offer(s, buf, mv)
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
	walker := mv.Step >= Walk && mv.Step <= Unpin
	switch {
	case walker != m.IsWalker(t) || m.isFaulter(t) && !mv.Step.Faults():
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
	case !walker && m.busyChild(s, m.MM(t)):
		return "NotBeingForked"
	}
	if !walker {
		if why := m.refusesWriter(s, mv); why != "" {
			return why
		}
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
	case SwapOut:
		if arg < 1 || int(arg) > m.Pages || !m.mapped(&s.World, arg) {
			return "PageMapped"
		}
		return ""
	case WalkPinned:
		switch {
		case th.Pin == 0:
			return "HasPin"
		case int(arg) >= m.Slots:
			return "InSlots"
		}
		return ""
	case SwapDrop:
		if arg < 1 || int(arg) > m.Pages || !s.page(arg).Cached || m.mapped(&s.World, arg) || s.page(arg).Lock != 0 {
			return "CachedUnmapped"
		}
		return ""
	case Map:
		return m.refusesMap(s, t, arg, mv.Args[1], mv.Args[2])
	case Protect, MoveArea, MoveKeep, UnmapRange:
		return m.refusesRange(s, mv)
	case UffdMove:
		return m.refusesUffd(s, mv)
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
		case m.writes(s, v.MM) || m.faulterOf(v.MM) == 0 && s.thread(v.MM).PC != Idle:
			return "MMIdle"
		case th.Pin != 0:
			return "NoPin"
		}
		return ""
	}
	if v.MM != m.MM(t) {
		return "OwnArea"
	}
	vmas, objects := m.spare(s)
	at := mv.Args[1]
	switch mv.Step {
	case Fault:
		if !v.covers(at) {
			return "InArea"
		}
		if why := m.refusesFaulter(s, t, arg, 0); why != "" {
			return why
		}
		switch e := s.pte(m.MM(t), at); {
		case e.Kind == Migration:
			return "NoMigrationEntry"
		case e.Kind == Present && e.Writable:
			return "NotWritable"
		case v.Anon == 0 && m.reusable(&s.World, arg) == 0 && objects < 1:
			return "ObjectsSpare"
		}
	case Read:
		if !v.covers(at) {
			return "InArea"
		}
		if why := m.refusesFaulter(s, t, arg, 0); why != "" {
			return why
		}
		if s.pte(m.MM(t), at).Kind != Swapped {
			return "SwappedEntry"
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

// refusesRange is refusesBegin for Protect, MoveArea, MoveKeep and UnmapRange.
func (m *Model) refusesRange(s *State, mv Move) string {
	t, start, n, births := mv.Thread, mv.Args[0], mv.Args[1], 2
	if n < 1 || int(start)+int(n) > m.Slots {
		return "InSlots"
	}
	w := &s.World
	switch mv.Step {
	case UnmapRange:
		if m.rangeFree(w, t, start, n) {
			return "AnyArea"
		}
	case Protect:
		for slot := start; slot < start+n; slot++ {
			if m.at(w, t, slot) == 0 {
				return "NoHole"
			}
		}
		if int(mv.Args[2]) >= m.Prots {
			return "Protection"
		}
	case MoveArea, MoveKeep:
		if births = 3; mv.Step == MoveKeep {
			births = 1 // nothing is cut off
		}
		to := mv.Args[2]
		switch v := m.at(w, t, start); {
		case int(to)+int(n) > m.Slots:
			return "InSlots"
		case v == 0 || start+n > s.vma(v).End:
			return "InArea"
		case to < start+n && start < to+n || !m.rangeFree(w, t, to, n):
			return "RangeFree"
		}
	}
	if vmas, _ := m.spare(s); vmas < births {
		return "VMAsSpare"
	}
	return ""
}

// rangeFree reports whether no area of mm has any of the slots.
func (m *Model) rangeFree(w *World, mm, start, n uint8) bool {
	for v := uint8(1); int(v) <= m.VMAs; v++ {
		if a := w.vma(v); a.Life == Mapped && a.MM == mm && a.Start < start+n && start < a.End {
			return false
		}
	}
	return true
}

func (m *Model) refusesMap(s *State, mm, start, n, prot uint8) string {
	if n < 1 || int(start)+int(n) > m.Slots {
		return "InSlots"
	}
	if int(prot) >= max(m.Prots, 1) {
		return "Protection"
	}
	if !m.rangeFree(&s.World, mm, start, n) {
		return "RangeFree"
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
	th.Error = false
	if th.Left != Unlimited && mv.Step != Unpin {
		th.Left--
	}
	switch mv.Step { // operations of one step
	case Map:
		if m.Prots > 0 {
			break
		}
		*s.vma(m.newborn(&s.World)) = VMA{Life: Mapped, MM: t, Start: arg, End: arg + mv.Args[1], Pgoff: arg}
		return
	case Pin:
		th.Pin = s.vma(arg).Anon
		s.anon(th.Pin).Refs++
		return
	case SwapDrop:
		m.swapDrop(s, arg)
		return
	}
	th.Op = mv.Step
	switch mv.Step {
	case Fault, Read:
		m.beginFault(s, t, th, arg, mv.Args[1])
	case Map:
		th.Births, th.Low, th.High, th.Prot = 1, arg, arg+mv.Args[1], mv.Args[2]
		m.mapNext(s, t, th)
	case UnmapRange:
		th.Births, th.Low, th.High = 2, arg, arg+mv.Args[1]
		m.unmapNext(s, t, th)
	case Protect:
		th.Births, th.Low, th.High, th.Prot = 2, arg, arg+mv.Args[1], mv.Args[2]
		m.protectNext(s, t, th)
	case MoveKeep:
		th.Births, th.Low, th.High, th.To = 1, arg, arg+mv.Args[1], mv.Args[2]
		m.moveNext(s, t, th)
	case UffdMove:
		m.beginUffd(s, t, th, arg, mv.Args[1])
	case MoveArea:
		th.Births, th.Low, th.High, th.To = 3, arg, arg+mv.Args[1], mv.Args[2]
		m.moveNext(s, t, th)
	case Fork:
		births, need := m.forkSize(&s.World, t)
		th.Births, th.Need, th.Child = uint8(births), uint8(need), arg
		th.VMA = m.area(&s.World, t, Mapped, 0)
		m.forkArea(s, th)
	case Unmap:
		if m.awaits(s, th, arg) {
			return
		}
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
		th.Births, th.VMA, th.Slot = 1, arg, mv.Args[1]
		if !m.awaits(s, th, arg) {
			th.PC = CopyVMA
		}
	case Walk:
		th.Page, th.Phase, th.PC = arg, Plain, LockPage
		if !m.rules.locksPage() {
			m.lookup(th)
		}
	case Migrate:
		th.Page, th.Phase, th.PC = arg, Get, LockPage
	case SwapOut:
		th.Page, th.Phase, th.PC = arg, Out, LockPage
	case WalkPinned:
		th.Phase, th.Anon, th.Slot = Pinned, th.Pin, arg
		m.lookup(th)
	case Unpin:
		th.Phase, th.Anon, th.PC = Put, th.Pin, PutAnon
	}
}

// end returns a thread to rest. What outlives an operation: the budget, a
// reference that is held, and whether the operation ended for want of memory.
func (th *Thread) end() {
	*th = Thread{Left: th.Left, Pin: th.Pin, Error: th.Error}
}
