package spec

// A second thread in an address space: a faulter, which faults (Fault, Read, UffdMove). All else
// that a process does its mm thread does, which may fault too. With it come the locks of a
// process, as Linux 7.2 has them; where a process has one thread they exclude nobody:
//
//	mmap lock   an mm thread has it alone in all operations but those three. A faulter shares
//	            it where the area has no anon_vma yet: from the beginning to the end.
//	area's lock shared by a faulter where the area has an anon_vma. An mm thread takes it
//	            alone (LockArea) before it changes an area or its entries, and keeps it to the end
//	            of its operation, with the mmap lock (vma_start_write, vma_end_write_all).
//	table lock  for one step; UffdMove keeps it over its stores.
//
// So that a faulter in an area with an anon_vma runs beside an mm thread that has the mmap
// lock alone and has not come to this area yet.
//
// prepare, where two may meet: both allocate, or find a neighbour's anon_vma; LinkChain looks
// again whether the area has one, under the page table's lock. Who comes second gives back
// what it has allocated: PutAnon.
//
// Source: lock_vma_under_rcu, vma_start_write, __vmf_anon_prepare, __anon_vma_prepare, uffd_move_lock
// of Linux 7.2; docs/kernel.md 4.

// MM is the address space of a thread that is no walker; of a walker its own number.
func (m *Model) MM(t uint8) uint8 {
	if m.isFaulter(t) {
		return t - uint8(m.MMs+m.Walkers)
	}
	return t
}

func (m *Model) isFaulter(t uint8) bool { return int(t) > m.MMs+m.Walkers && t <= m.threads }

// faulterOf is the second thread of mm; 0: it has none.
func (m *Model) faulterOf(mm uint8) uint8 {
	if int(mm) > m.Faulters {
		return 0
	}
	return uint8(m.MMs+m.Walkers) + mm
}

// Faults reports whether s begins an operation that a faulter may do.
func (s Step) Faults() bool { return s == Fault || s == Read || s == UffdMove }

// writes reports whether the thread of mm has the mmap lock alone: itself or, in a fork, its
// child's.
func (m *Model) writes(s *State, mm uint8) bool {
	th := s.thread(mm)
	return th.Op != Idle && !th.Op.Faults() || m.busyChild(s, mm)
}

// entersFault: which lock of the process a faulter has until the end.
func (m *Model) entersFault(s *State, t uint8, th *Thread) {
	if m.isFaulter(t) && s.vma(th.VMA).Anon == 0 {
		th.Child = m.MM(t)
	}
}

// refusesFaulter names the false conjunct of a faulter's guard about the locks of its process;
// v is the area of the fault, u another that it has to do with.
func (m *Model) refusesFaulter(s *State, t, v, u uint8) string {
	if !m.isFaulter(t) {
		return ""
	}
	mm := m.MM(t)
	switch a := s.vma(v); {
	case m.busyChild(s, mm):
		return "NotBeingForked"
	case !m.writes(s, mm):
		return ""
	case a.Anon == 0:
		return "MMapLockFree"
	case a.Locked || u != 0 && s.vma(u).Locked:
		return "AreaLockFree"
	}
	return ""
}

// refusesWriter names the false conjunct of an mm thread's guard: no faulter has the mmap
// lock; at the end of the process there is none any more.
func (m *Model) refusesWriter(s *State, mv Move) string {
	f := m.faulterOf(mv.Thread)
	if f == 0 || mv.Step.Faults() {
		return ""
	}
	if th := s.thread(f); th.Child != 0 || mv.Step == Exit && th.PC != Idle {
		return "MMapLockFree"
	}
	return ""
}

// inArea is the faulter that shares the lock of area v; 0: none.
func (m *Model) inArea(s *State, v uint8) uint8 {
	mm := s.vma(v).MM
	f := m.faulterOf(mm)
	if f == 0 {
		return 0
	}
	th := s.thread(f)
	if th.PC != Idle && th.Child == 0 && th.Gone == NotGone && (th.VMA == v || th.Op == UffdMove && m.at(&s.World, mm, th.Low) == v) {
		return f
	}
	return 0
}

// awaits reports whether the mm thread must first have the lock of area v, which is
// then its next step. 0 is no area.
func (m *Model) awaits(s *State, th *Thread, v uint8) bool {
	if v == 0 || m.Faulters == 0 || m.faulterOf(s.vma(v).MM) == 0 || s.vma(v).Locked {
		return false
	}
	th.Area, th.PC = v, LockArea
	return true
}

// lockArea: free -> held alone, to the end of the operation; and on with what the area is
// locked for.
func (m *Model) lockArea(s *State, t uint8, th *Thread) {
	v := th.Area
	s.vma(v).Locked, th.Area = true, 0
	switch {
	case th.Phase == Together:
		m.growNext(s, t, th)
	case th.Op == Fork || th.Op == SplitBelow || th.Op == SplitAbove:
		th.PC = CopyVMA
	case th.Op == Unmap:
		s.vma(v).Life = Detached
		m.zapNext(s, t)
	default:
		m.wideNext(s, t, th)
	}
}

// unlockAreas: an mm thread that ends its operation gives back the locks of its areas.
func (m *Model) unlockAreas(s *State, mm uint8) {
	for v := range m.VMAs {
		if s.VMA[v].MM == mm {
			s.VMA[v].Locked = false
		}
	}
}

// tableHolder is the thread that has the page table's lock of mm over several steps; 0: none.
func (m *Model) tableHolder(s *State, mm uint8) uint8 {
	for _, u := range [...]uint8{mm, m.faulterOf(mm)} {
		if u != 0 && s.thread(u).hasTable() {
			return u
		}
	}
	return 0
}

// tableOf is the address space whose entries the next step of t concerns.
func (m *Model) tableOf(s *State, t uint8) uint8 {
	switch th := s.thread(t); {
	case m.IsWalker(t):
		return s.vma(th.VMA).MM
	case th.PC == ZapEntry:
		return th.dying(t)
	}
	return m.MM(t)
}

// refusesTable names the false conjunct of a guard: a step that changes an entry of mm, or
// looks at one, waits while another thread has the page table's lock.
func (m *Model) refusesTable(s *State, t uint8) string {
	if u := m.tableHolder(s, m.tableOf(s, t)); u != 0 && u != t {
		return "TableLockFree"
	}
	return ""
}

// planting reports whether a thread of mm is giving an area with that slot its first
// anon_vma, a: stored already, and not in the tree yet. It has the family's lock: whoever looks for
// the area there waits.
func (m *Model) planting(s *State, mm, slot, a uint8) bool {
	for _, u := range [...]uint8{mm, m.faulterOf(mm)} {
		if u == 0 || m.Faulters == 0 {
			continue
		}
		if th := s.thread(u); th.PC == LinkList && th.prepares() && th.Anon == a && s.vma(th.VMA).covers(slot) {
			return true
		}
	}
	return false
}
