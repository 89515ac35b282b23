package page

import (
	"fmt"
	"strings"

	"github.com/rootlock/rootlock/spec"
)

type worldView struct {
	Families []nodeView // live objects that are their own root, and what became of the rest
	Free     []nodeView
	Areas    []areaView
	Tables   []tableView
	Pages    []pageView
	Threads  []threadView
}

// nodeView is an object and its children.
type nodeView struct {
	Name, Refs, Lock, List string
	Live, Changed          bool
	Children               []nodeView
}

type areaView struct {
	Name, Life, MM, Extent, Pgoff, Anon, Chain string
	Changed                                    bool
}

type tableView struct {
	MM    string
	Slots []slotView
}

type slotView struct {
	Slot                int
	Entry, Area, Detail string
	Kind                string // for the look: empty, present, migration, swapped
	Changed             bool
}

type pageView struct {
	Name, Mapping, Index, Lock string
	Changed                    bool
}

type threadView struct {
	Name, Op, Next, Holds, Waits string
	Changed                      bool
}

// draw is a state as the template shows it; what differs from the state before is
// marked.
func draw(m *spec.Model, before, s *spec.State) (w worldView) {
	placed := map[uint8]bool{}
	var node func(a uint8) nodeView
	node = func(a uint8) nodeView {
		placed[a] = true
		o := &s.Anon[a-1]
		n := nodeView{Name: fmt.Sprintf("a%d", a), Live: o.Live, Changed: *o != before.Anon[a-1], Refs: fmt.Sprint(int8(o.Refs)), List: list("v", o.List[:o.NList])}
		if o.Lock != 0 {
			n.Lock = m.ThreadName(o.Lock)
		}
		for c := uint8(1); int(c) <= m.Objects; c++ {
			if child := &s.Anon[c-1]; child.Live && child.Root == a && c != a && !placed[c] {
				n.Children = append(n.Children, node(c))
			}
		}
		return n
	}
	for a := uint8(1); int(a) <= m.Objects; a++ {
		if o := &s.Anon[a-1]; o.Live && o.Root == a {
			w.Families = append(w.Families, node(a))
		}
	}
	for a := uint8(1); int(a) <= m.Objects; a++ { // what is left of families whose root is gone, and free objects
		switch {
		case placed[a]:
		case s.Anon[a-1].Live:
			w.Families = append(w.Families, node(a))
		default:
			w.Free = append(w.Free, node(a))
		}
	}
	for v := range m.VMAs {
		a := &s.VMA[v]
		if a.Life == spec.Unborn {
			continue
		}
		view := areaView{Name: fmt.Sprintf("v%d", v+1), Life: a.Life.String(), Changed: *a != before.VMA[v], MM: "-", Anon: "-", Chain: list("a", a.Chain[:a.NChain])}
		if a.MM != 0 {
			view.MM = fmt.Sprintf("mm%d", a.MM)
			view.Extent = fmt.Sprintf("[%d,%d)", a.Start, a.End)
			view.Pgoff = fmt.Sprint(a.Pgoff)
		}
		if a.Anon != 0 {
			view.Anon = fmt.Sprintf("a%d", a.Anon)
		}
		w.Areas = append(w.Areas, view)
	}
	for mm := range m.MMs {
		t := tableView{MM: fmt.Sprintf("mm%d", mm+1)}
		for slot := range m.Slots {
			e := s.PTE[mm][slot]
			view := slotView{Slot: slot, Entry: e.String(), Kind: [...]string{"empty", "present", "migration", "swapped"}[e.Kind], Changed: e != before.PTE[mm][slot]}
			for v := range m.VMAs {
				if a := &s.VMA[v]; a.Life == spec.Mapped && int(a.MM) == mm+1 && int(a.Start) <= slot && slot < int(a.End) {
					view.Area = fmt.Sprintf("v%d", v+1)
				}
			}
			t.Slots = append(t.Slots, view)
		}
		w.Tables = append(w.Tables, t)
	}
	for p := range m.Pages {
		g := &s.Page[p]
		view := pageView{Name: fmt.Sprintf("p%d", p+1), Mapping: "-", Index: fmt.Sprint(g.Index), Changed: *g != before.Page[p] || s.Stale[p] != before.Stale[p]}
		if g.Mapping != 0 {
			view.Mapping = fmt.Sprintf("a%d", g.Mapping)
			if s.Stale[p] {
				view.Mapping += " (freed since)"
			}
		}
		if g.Lock != 0 {
			view.Lock = m.ThreadName(g.Lock)
		}
		w.Pages = append(w.Pages, view)
	}
	for t := uint8(1); int(t) <= m.Threads(); t++ {
		th := &s.Thread[t-1]
		view := threadView{Name: m.ThreadName(t), Op: "idle", Next: "-", Holds: holds(m, s, t), Waits: waits(m, s, t), Changed: *th != before.Thread[t-1]}
		if th.PC != spec.Idle {
			view.Op, view.Next = th.Op.String(), th.PC.String()
		}
		w.Threads = append(w.Threads, view)
	}
	return w
}

func list(prefix string, ids []uint8) string {
	if len(ids) == 0 {
		return "empty"
	}
	words := make([]string, len(ids))
	for i, id := range ids {
		words[i] = fmt.Sprintf("%s%d", prefix, id)
	}
	return strings.Join(words, " → ")
}

// holds lists the locks that a thread holds.
func holds(m *spec.Model, s *spec.State, t uint8) string {
	var locks []string
	if s.Thread[t-1].Mutex {
		locks = append(locks, "all walks")
	}
	for a := range m.Objects {
		if s.Anon[a].Lock == t {
			locks = append(locks, fmt.Sprintf("a%d", a+1))
		}
	}
	for p := range m.Pages {
		if s.Page[p].Lock == t {
			locks = append(locks, fmt.Sprintf("p%d", p+1))
		}
	}
	return strings.Join(locks, ", ")
}

// waits says for what a thread waits whose next step cannot be taken now.
func waits(m *spec.Model, s *spec.State, t uint8) string {
	th := &s.Thread[t-1]
	if th.PC == spec.Idle || th.PC == spec.Oopsed || th.PC == spec.AllocAnon || m.Crashed(s) != 0 {
		return ""
	}
	return m.WhyNot(s, spec.Move{Thread: t, Step: th.PC}).Values
}
