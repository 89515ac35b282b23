package spec

import "fmt"

// AncestorsReused: the parts of the claim, about a fork that has cloned a chain and has the
// lock still. They count areas and children anew: what is stored may be wrong.

// cloned is the area that the thread's fork has just linked to all that the parent's is
// linked to; 0: it is elsewhere.
func (th *Thread) cloned() uint8 {
	if th.PC == UnlockAnon && th.Op == Fork && th.Root != 0 {
		return th.New
	}
	return 0
}

// free reports whether no area but one has its new pages in a, and a has at most one child.
func (m *Model) free(w *World, a, but uint8) bool {
	children := 0
	for v := range m.VMAs {
		if w.VMA[v].Anon == a && uint8(v+1) != but {
			return false
		}
	}
	for o := range m.Objects {
		if w.Anon[o].Parent == a && w.Anon[o].NList > 0 {
			children++
		}
	}
	return children <= 1
}

var asksForking = someThread(func(_ *Model, _ *State, th *Thread) bool { return th.cloned() != 0 })

func findLeft(m *Model, s *State) (witness, bool) {
	for t := range m.MMs {
		if v := s.Thread[t].cloned(); v != 0 && s.vma(v).Anon == 0 {
			for _, a := range s.vma(v).chain() {
				if m.free(&s.World, a, v) {
					return witness{uint8(t + 1), a}, false
				}
			}
		}
	}
	return holds, true
}

func tellLeft(m *Model, s *State, w witness) string {
	o := s.anon(w[1])
	return fmt.Sprintf("%s takes a new anon_vma, and a%d is free to take (says: %d children, %d areas)", m.ThreadName(w[0]), w[1], o.Children, o.Active)
}

func findTaken(m *Model, s *State) (witness, bool) {
	for t := range m.MMs {
		if v := s.Thread[t].cloned(); v != 0 {
			if a := s.vma(v).Anon; a != 0 && !m.free(&s.World, a, v) {
				return witness{uint8(t + 1), a}, false
			}
		}
	}
	return holds, true
}

func tellTaken(m *Model, s *State, w witness) string {
	o := s.anon(w[1])
	return fmt.Sprintf("%s takes a%d, which is not free: it has areas or children of its own (says: %d children, %d areas)", m.ThreadName(w[0]), w[1], o.Children, o.Active)
}
