package spec

import "fmt"

// The parts of the claims about what the lists, chains and entries say together: whoever
// asks where a page is mapped gets an answer only if they agree.

// storing reports whether the mm is between the stores that give an area another extent, or
// a page another place.
func (m *Model) storing(s *State, mm uint8) bool {
	switch th := s.thread(mm); th.PC {
	case MoveEntry:
		return th.relocating()
	case StoreStart, StoreEnd, StorePgoff, PutBack, StoreIndex:
		return true
	}
	f := m.faulterOf(mm)
	return f != 0 && s.thread(f).relocating()
}

func findLeafLive(m *Model, s *State) (witness, bool) {
	for mm := range m.MMs {
		for slot := range m.Slots {
			if e := s.PTE[mm][slot]; e.Kind == Present || e.Kind == Migration {
				if a := s.page(e.Page).Mapping; a == 0 || !s.anon(a).Live {
					return witness{uint8(mm + 1), uint8(slot), e.Page}, false
				}
			}
		}
	}
	return holds, true
}

func findLeafReaches(m *Model, s *State) (witness, bool) {
	for mm := uint8(1); int(mm) <= m.MMs; mm++ {
		if m.storing(s, mm) {
			continue
		}
		for slot := range uint8(m.Slots) {
			e := s.pte(mm, slot)
			if e.Kind != Present && e.Kind != Migration {
				continue
			}
			if p := s.page(e.Page); p.Mapping == 0 || !s.reached(p, mm, slot) && !m.planting(s, mm, slot, p.Mapping) {
				return witness{mm, slot, e.Page}, false
			}
		}
	}
	return holds, true
}

// reached reports whether some area on the list of p's anon_vma, mapped or dying, leads from
// page p to the slot: it has the slot, at the page's offset.
func (w *World) reached(p *Page, mm, slot uint8) bool {
	for _, v := range w.anon(p.Mapping).list() {
		if a := w.vma(v); a.MM == mm && a.covers(slot) && int(a.Start)+int(p.Index) == int(slot)+int(a.Pgoff) {
			return true
		}
	}
	return false
}

func tellReach(m *Model, s *State, w witness) string {
	p := s.page(w[2])
	if p.Mapping == 0 {
		return fmt.Sprintf("pte[mm%d][%d] maps p%d, which names no anon_vma", w[0], w[1], w[2])
	}
	a := s.anon(p.Mapping)
	return fmt.Sprintf("pte[mm%d][%d] is of p%d; mapping[p%d] = a%d (live %t, list %s), index %d", w[0], w[1], w[2], w[2], p.Mapping, a.Live, ids("v", a.list()), p.Index)
}

func findWritableShared(m *Model, s *State) (witness, bool) {
	var used, twice, writable uint64 // a bit for each page
	for mm := range m.MMs {
		for slot := range m.Slots {
			e := s.PTE[mm][slot]
			bit := uint64(1) << e.Page
			twice |= used & bit
			used |= bit
			if e.Writable {
				writable |= bit
			}
		}
	}
	if twice&writable&^1 == 0 {
		return holds, true
	}
	for mm := range m.MMs {
		for slot := range m.Slots {
			if e := s.PTE[mm][slot]; e.Writable && twice>>e.Page&1 != 0 {
				return witness{uint8(mm + 1), uint8(slot), e.Page}, false
			}
		}
	}
	return holds, true
}

func tellWritableShared(m *Model, s *State, w witness) string {
	where := ""
	for mm := range m.MMs {
		for slot := range m.Slots {
			if s.PTE[mm][slot].Page == w[2] && (uint8(mm+1) != w[0] || uint8(slot) != w[1]) {
				where += fmt.Sprintf(", pte[mm%d][%d]", mm+1, slot)
			}
		}
	}
	return fmt.Sprintf("pte[mm%d][%d] of p%d is writable, and p%d is also at%s", w[0], w[1], w[2], w[2], where[1:])
}

// findEdit: an mm thread edits a list that another thread reads.
func findEdit(m *Model, s *State) (witness, bool) {
	for t := range m.threads {
		editor := &s.Thread[t]
		if !editingAt.has(editor.PC) {
			continue
		}
		for u := range m.threads {
			if o := &s.Thread[u]; u != t && readingAt.has(o.PC) && m.edits(s, editor, o.Anon) {
				return witness{t + 1, u + 1, o.Anon}, false
			}
			if o := &s.Thread[u]; u < t && editingAt.has(o.PC) && o.Anon == editor.Anon {
				return witness{t + 1, u + 1, editor.Anon}, false
			}
		}
	}
	return holds, true
}

// edits reports whether the editor's next step changes the list of a.
func (m *Model) edits(s *State, editor *Thread, a uint8) bool {
	if editor.PC != TakeOut && editor.PC != PutBack {
		return a == editor.Anon
	}
	for _, v := range m.moved(s, editor) {
		if v != 0 && contains(s.vma(v).chain(), a) {
			return true
		}
	}
	return false
}

func tellEdit(m *Model, s *State, w witness) string {
	return fmt.Sprintf("%s is at %s of list[a%d] (holds %s) while %s is at %s of it (holds %s)",
		m.ThreadName(w[0]), s.thread(w[0]).PC, w[2], id("a", s.thread(w[0]).Held),
		m.ThreadName(w[1]), s.thread(w[1]).PC, id("a", s.thread(w[1]).Held))
}

// findChainEdit: a walker reads the chain of an area that it found on a list, and the
// area's own thread edits that chain.
func findChainEdit(m *Model, s *State) (witness, bool) {
	for u := range m.threads {
		reader := &s.Thread[u]
		if reader.PC != ReadTail || reader.Gone == AreaGone {
			continue
		}
		for t := range m.MMs {
			editor := &s.Thread[t]
			if editor.PC != LinkChain && editor.PC != UnlinkChain {
				continue
			}
			if v, _ := editor.linked(s); v == reader.VMA {
				return witness{uint8(t + 1), u + 1, v}, false
			}
		}
	}
	return holds, true
}

func tellChainEdit(m *Model, s *State, w witness) string {
	return fmt.Sprintf("%s is at %s of chain[v%d] = %s while %s is about to read its tail (holds %s)", m.ThreadName(w[0]), s.thread(w[0]).PC, w[2],
		ids("a", s.vma(w[2]).chain()), m.ThreadName(w[1]), id("a", s.thread(w[1]).Held))
}

// resting is the set of processes that are between operations, a bit for each: nobody
// edits the chains of their areas, or the places of these on lists.
func (m *Model) resting(s *State) (set uint) {
	for t := range m.MMs {
		if s.Thread[t].PC == Idle {
			set |= 2 << t
		}
	}
	for t := range m.MMs {
		if s.Thread[t].Op == Fork {
			set &^= 1 << s.Thread[t].Child
		}
	}
	for t := m.MMs + m.Walkers; t < int(m.threads); t++ {
		if s.Thread[t].PC != Idle {
			set &^= 1 << m.MM(uint8(t+1))
		}
	}
	return set
}

// in reports whether v is an area of one of a set of processes.
func (v *VMA) in(set uint) bool { return v.Life == Mapped && set>>v.MM&1 != 0 }

// eachResting looks for a witness among the areas at rest.
func (m *Model) eachResting(s *State, find func(v uint8, a *VMA) (witness, bool)) (witness, bool) {
	set := m.resting(s)
	for v := uint8(1); set != 0 && int(v) <= m.VMAs; v++ {
		if a := s.vma(v); a.in(set) {
			if w, ok := find(v, a); !ok {
				return w, false
			}
		}
	}
	return holds, true
}

func findAnonOffChain(m *Model, s *State) (witness, bool) {
	return m.eachResting(s, func(v uint8, a *VMA) (witness, bool) {
		return witness{v}, a.Anon == 0 && a.NChain == 0 || a.Anon != 0 && contains(a.chain(), a.Anon)
	})
}

func findChainUnlisted(m *Model, s *State) (witness, bool) {
	return m.eachResting(s, func(v uint8, a *VMA) (witness, bool) {
		for _, o := range a.chain() {
			if !s.anon(o).Live || s.anon(o).position(v) < 0 {
				return witness{v, o}, false
			}
		}
		return holds, true
	})
}

func tellChain(m *Model, s *State, w witness) string {
	a := s.vma(w[0])
	text := fmt.Sprintf("anon[v%d] = %s, chain[v%d] = %s", w[0], id("a", a.Anon), w[0], ids("a", a.chain()))
	if w[1] != 0 {
		text += fmt.Sprintf(", list[a%d] = %s (live %t)", w[1], ids("v", s.anon(w[1]).list()), s.anon(w[1]).Live)
	}
	return text
}

// findListUnchained: an entry of a list belongs to an area, and that has the object in its
// chain.
func findListUnchained(m *Model, s *State) (witness, bool) {
	set := m.resting(s)
	for a := range m.Objects {
		o := &s.Anon[a]
		for _, v := range o.list() {
			if area := s.vma(v); area.Life == Unborn || area.in(set) && !contains(area.chain(), uint8(a+1)) {
				return witness{uint8(a + 1), v}, false
			}
		}
	}
	return holds, true
}

func tellList(m *Model, s *State, w witness) string {
	a := s.vma(w[1])
	if a.Life == Unborn {
		return fmt.Sprintf("list[a%d] = %s, and v%d is freed", w[0], ids("v", s.anon(w[0]).list()), w[1])
	}
	return fmt.Sprintf("list[a%d] = %s, and chain[v%d] = %s", w[0], ids("v", s.anon(w[0]).list()), w[1], ids("a", a.chain()))
}

// findTwoChains: areas of one process with the same anon_vma can be merged, and a merge
// drops one of their chains without looking (vma_merge).
func findTwoChains(m *Model, s *State) (witness, bool) {
	return m.eachResting(s, func(v uint8, a *VMA) (witness, bool) {
		for u := uint8(1); u < v; u++ {
			if b := s.vma(u); b.Life == Mapped && b.MM == a.MM && a.Anon != 0 && b.Anon == a.Anon && !m.sameChain(a, b) {
				return witness{u, v}, false
			}
		}
		return holds, true
	})
}

func tellTwoChains(m *Model, s *State, w witness) string {
	return fmt.Sprintf("anon[v%d] = anon[v%d] = a%d, chain[v%d] = %s, chain[v%d] = %s", w[0], w[1], s.vma(w[0]).Anon,
		w[0], ids("a", s.vma(w[0]).chain()), w[1], ids("a", s.vma(w[1]).chain()))
}
