package spec

// Access by id, and the small facts about a World that steps and claims share.

func (w *World) vma(v uint8) *VMA         { return &w.VMA[v-1] }
func (w *World) anon(a uint8) *AnonVMA    { return &w.Anon[a-1] }
func (w *World) page(p uint8) *Page       { return &w.Page[p-1] }
func (w *World) pte(mm, slot uint8) *PTE  { return &w.PTE[mm-1][slot] }
func (s *State) thread(t uint8) *Thread   { return &s.Thread[t-1] }
func (v *VMA) chain() []uint8             { return v.Chain[:v.NChain] }
func (a *AnonVMA) list() []uint8          { return a.List[:a.NList] }
func (v *VMA) covers(slot uint8) bool     { return v.Start <= slot && slot < v.End }
func (e PTE) maps(p uint8) bool           { return e.Kind == Present && e.Page == p }
func (v *VMA) slotIndex(slot uint8) uint8 { return v.Pgoff + slot - v.Start }

// tail is the last entry of the chain: the root. 0 if the chain is empty.
func (v *VMA) tail() uint8 {
	if v.NChain == 0 {
		return 0
	}
	return v.Chain[v.NChain-1]
}

func (v *VMA) pushChain(a uint8) {
	copy(v.Chain[1:], v.Chain[:v.NChain])
	v.Chain[0] = a
	v.NChain++
}

func (v *VMA) popChain() {
	copy(v.Chain[:], v.Chain[1:v.NChain])
	v.NChain--
	v.Chain[v.NChain] = 0
}

func (a *AnonVMA) append(v uint8) {
	a.List[a.NList] = v
	a.NList++
}

func (a *AnonVMA) prepend(v uint8) {
	copy(a.List[1:], a.List[:a.NList])
	a.List[0] = v
	a.NList++
}

// position is the index of v in the list, -1 if it is not there.
func (a *AnonVMA) position(v uint8) int {
	for i, w := range a.list() {
		if w == v {
			return i
		}
	}
	return -1
}

func (a *AnonVMA) remove(v uint8) {
	i := a.position(v)
	if i < 0 {
		return
	}
	copy(a.List[i:], a.List[i+1:a.NList])
	a.NList--
	a.List[a.NList] = 0
}

// copy copies what m uses of a state. Copying all of it would cost more than a
// step.
func (m *Model) copy(to, from *State) {
	copy(to.VMA[:m.VMAs], from.VMA[:])
	copy(to.Anon[:m.Objects], from.Anon[:])
	copy(to.Page[:m.Pages], from.Page[:])
	for mm := range m.MMs {
		copy(to.PTE[mm][:m.Slots], from.PTE[mm][:])
	}
	copy(to.Thread[:m.threads], from.Thread[:])
	copy(to.History[:m.threads], from.History[:])
	copy(to.Stale[:m.Pages], from.Stale[:])
}

// mapCount is the number of present entries of page p (the kernel's _mapcount + 1).
func (m *Model) mapCount(w *World, p uint8) int {
	n := 0
	for mm := range m.MMs {
		for slot := range m.Slots {
			if w.PTE[mm][slot].maps(p) {
				n++
			}
		}
	}
	return n
}

func (m *Model) mapped(w *World, p uint8) bool {
	for mm := range m.MMs {
		for slot := range m.Slots {
			if w.PTE[mm][slot].maps(p) {
				return true
			}
		}
	}
	return false
}

// referred reports whether any entry, of whatever kind, is of page p.
func (m *Model) referred(w *World, p uint8) bool {
	for mm := range m.MMs {
		for slot := range m.Slots {
			if w.PTE[mm][slot].Page == p {
				return true
			}
		}
	}
	return false
}

// swappedCount is the number of swap entries of page p.
func (m *Model) swappedCount(w *World, p uint8) int {
	n := 0
	for mm := range m.MMs {
		for slot := range m.Slots {
			if e := w.PTE[mm][slot]; e.Kind == Swapped && e.Page == p {
				n++
			}
		}
	}
	return n
}

// freePage is the lowest page that no entry refers to, no thread has in hand
// and the swap cache does not hold; 0 if there is none.
func (m *Model) freePage(s *State) uint8 {
	var used uint64
	for mm := range m.MMs {
		for slot := range m.Slots {
			used |= 1 << s.PTE[mm][slot].Page
		}
	}
	for t := range m.threads {
		used |= 1 << s.Thread[t].Page
	}
	for p := uint8(1); int(p) <= m.Pages; p++ {
		if used&(1<<p) == 0 && !s.page(p).Cached {
			return p
		}
	}
	return 0
}

// area is the VMA of mm with the given life that begins lowest, from address low
// on; 0 if there is none.
func (m *Model) area(w *World, mm uint8, life Life, low uint8) (first uint8) {
	for v := uint8(1); int(v) <= m.VMAs; v++ {
		a := w.vma(v)
		if a.Life == life && a.MM == mm && a.Start >= low && (first == 0 || a.Start < w.vma(first).Start) {
			first = v
		}
	}
	return first
}

// at is the mapped area of mm that covers slot; 0 if there is none.
func (m *Model) at(w *World, mm, slot uint8) uint8 {
	for v := uint8(1); int(v) <= m.VMAs; v++ {
		if a := w.vma(v); a.Life == Mapped && a.MM == mm && a.covers(slot) {
			return v
		}
	}
	return 0
}

// before is the mapped area of mm that begins highest below address high; 0 if
// there is none.
func (m *Model) before(w *World, mm, high uint8) (last uint8) {
	for v := uint8(1); int(v) <= m.VMAs; v++ {
		a := w.vma(v)
		if a.Life == Mapped && a.MM == mm && a.Start < high && (last == 0 || a.Start > w.vma(last).Start) {
			last = v
		}
	}
	return last
}

// after is the next neighbour of v; 0 if there is none.
func (m *Model) after(w *World, v uint8) uint8 {
	a := w.vma(v)
	return m.area(w, a.MM, Mapped, a.Start+1)
}

// newborn is the lowest name that no area has; 0 if there is none.
func (m *Model) newborn(w *World) uint8 {
	for v := uint8(1); int(v) <= m.VMAs; v++ {
		if w.vma(v).Life == Unborn {
			return v
		}
	}
	return 0
}

// spare counts what operations that begin now may still reserve: unborn VMAs
// and free objects less what running operations have reserved. Reservation at
// the beginning means that a bound never stops a thread half way, which the
// model would take for a deadlock.
func (m *Model) spare(s *State) (vmas, objects int) {
	for v := range m.VMAs {
		if s.VMA[v].Life == Unborn {
			vmas++
		}
	}
	for a := range m.Objects {
		if !s.Anon[a].Live {
			objects++
		}
	}
	for t := range m.threads {
		vmas -= int(s.Thread[t].Births)
		objects -= int(s.Thread[t].Need)
	}
	return vmas, objects
}

// busyChild reports whether mm is being made by a fork.
func (m *Model) busyChild(s *State, mm uint8) bool {
	for t := range m.MMs {
		if s.Thread[t].Op == Fork && s.Thread[t].Child == mm {
			return true
		}
	}
	return false
}

// exists reports whether mm has an area that is mapped or being built or torn down.
func (m *Model) exists(w *World, mm uint8) bool {
	return m.area(w, mm, Mapped, 0) != 0 || m.area(w, mm, Detached, 0) != 0
}

// Inside returns the thread that holds the mutex of all walks, 0 if none does.
func (m *Model) Inside(s *State) uint8 {
	for t := range m.threads {
		if s.Thread[t].Mutex {
			return t + 1
		}
	}
	return 0
}

// Crashed returns the thread that is Oopsed, 0 if none is. After a crash
// nothing moves.
func (m *Model) Crashed(s *State) uint8 {
	for t := range m.threads {
		if s.Thread[t].PC == Oopsed {
			return t + 1
		}
	}
	return 0
}

// Rest reports whether it is no wonder that nothing moves: all threads are
// idle, or the kernel has oopsed.
func (m *Model) Rest(s *State) bool {
	for t := range m.threads {
		if s.Thread[t].PC == Oopsed {
			return true
		}
	}
	for t := range m.threads {
		if s.Thread[t].PC != Idle {
			return false
		}
	}
	return true
}
