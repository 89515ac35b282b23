package spec

import "fmt"

// What is asked of trees alone. AncestorsReused: two parts are about a fork that has cloned a
// chain and has the lock still. They count areas and children anew: what is stored may be
// wrong; but of whom an object is a child is what is stored, and the third part asks that. The
// fourth asks whether what is stored is right.

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
	for v := range m.VMAs {
		if w.VMA[v].Anon == a && uint8(v+1) != but {
			return false
		}
	}
	return m.children(w, a) <= 1
}

// children counts the objects in use whose parent a is; a root's is the root.
func (m *Model) children(w *World, a uint8) (n int) {
	for o := range m.Objects {
		if w.Anon[o].Parent == a && w.Anon[o].NList > 0 {
			n++
		}
	}
	return n
}

// areas counts the areas that have their new pages in a.
func (m *Model) areas(w *World, a uint8) (n int) {
	for v := range m.VMAs {
		if w.VMA[v].Anon == a {
			n++
		}
	}
	return n
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

// linksChild is the new object that the thread's fork is about to link, and the area that
// was forked; 0: it is elsewhere.
func (th *Thread) linksChild() (object, area uint8) {
	if th.PC == LinkList && th.Op == Fork && th.Pos == 0 && th.VMA != 0 {
		return th.Anon, th.VMA
	}
	return 0, 0
}

var asksChild = someThread(func(_ *Model, _ *State, th *Thread) bool { a, _ := th.linksChild(); return a != 0 })

func findMisnamed(m *Model, s *State) (witness, bool) {
	for t := range m.MMs {
		if a, v := s.Thread[t].linksChild(); a != 0 && s.anon(a).Parent != s.vma(v).Anon {
			return witness{uint8(t + 1), a, v}, false
		}
	}
	return holds, true
}

func tellMisnamed(m *Model, s *State, w witness) string {
	return fmt.Sprintf("%s links a%d, whose parent is %s; it forks v%d, whose anon_vma is %s",
		m.ThreadName(w[0]), w[1], id("a", s.anon(w[1]).Parent), w[2], id("a", s.vma(w[2]).Anon))
}

// asksCounts: no process is in an operation, and an object is in use.
func asksCounts(m *Model, s *State) bool {
	for t := range m.threads {
		if s.Thread[t].PC != Idle && !m.IsWalker(t+1) {
			return false
		}
	}
	for a := range m.Objects {
		if s.Anon[a].NList > 0 {
			return true
		}
	}
	return false
}

func findMiscounted(m *Model, s *State) (witness, bool) {
	if !asksCounts(m, s) {
		return holds, true
	}
	for a := range m.Objects {
		o, id := &s.Anon[a], uint8(a+1)
		if o.NList > 0 && (int(o.Children) != m.children(&s.World, id) || int(o.Active) != m.areas(&s.World, id)) {
			return witness{id}, false
		}
	}
	return holds, true
}

func tellMiscounted(m *Model, s *State, w witness) string {
	o := s.anon(w[0])
	return fmt.Sprintf("a%d says: %d children, %d areas; there are %d and %d", w[0], o.Children, o.Active, m.children(&s.World, w[0]), m.areas(&s.World, w[0]))
}

// asksTree: a tree has two areas or more.
func asksTree(m *Model, s *State) bool {
	for a := range m.Objects {
		if s.Anon[a].NList > 1 {
			return true
		}
	}
	return false
}

func findUnsorted(m *Model, s *State) (witness, bool) {
	for a := range m.Objects {
		list := s.Anon[a].list()
		for i := 1; i < len(list); i++ {
			if s.vma(list[i-1]).Pgoff > s.vma(list[i]).Pgoff {
				return witness{uint8(a + 1), list[i-1], list[i]}, false
			}
		}
	}
	return holds, true
}

func tellUnsorted(_ *Model, s *State, w witness) string {
	return fmt.Sprintf("tree[a%d] = %s, where v%d has page offset %d, and v%d behind it %d",
		w[0], ids("v", s.anon(w[0]).list()), w[1], s.vma(w[1]).Pgoff, w[2], s.vma(w[2]).Pgoff)
}

var asksStored = someThread(func(_ *Model, _ *State, th *Thread) bool { return storingAt.has(th.PC) })

func findStored(m *Model, s *State) (witness, bool) {
	for t := range m.MMs {
		th := &s.Thread[t]
		if !storingAt.has(th.PC) {
			continue
		}
		v := th.VMA
		if th.PC != StoreEnd {
			v = th.stored(s)
		}
		for a := range m.Objects {
			if contains(s.Anon[a].list(), v) {
				return witness{uint8(t + 1), uint8(a + 1), v}, false
			}
		}
	}
	return holds, true
}

func tellStored(m *Model, s *State, w witness) string {
	return fmt.Sprintf("%s is at %s of v%d, which is in tree[a%d] = %s", m.ThreadName(w[0]), s.thread(w[0]).PC, w[2], w[1], ids("v", s.anon(w[1]).list()))
}
