package conform

import (
	"fmt"
	"hash/maphash"
	"slices"
	"strings"

	"github.com/rootlock/rootlock/spec"
)

// A Difference is where two graphs part: after the shortest path to there.
type Difference struct {
	Path spec.Schedule // common to both, from the initial state
	Text string        // what each side has; it names the graphs a and b
}

// Report says where the graphs part, for people.
func (d *Difference) Report(m *spec.Model, a, b string) string {
	where := "in the initial state"
	if len(d.Path) > 0 {
		where = "after " + m.FormatSchedule(d.Path)
	}
	return fmt.Sprintf("rootlock: the graphs of %s/%s part %s:\n%s", m.Protocol, m.Name, where, strings.NewReplacer("%a", a, "%b", b).Replace(d.Text))
}

// Compare compares a graph whose edges are moves with another; where the other knows
// steps only, so does the comparison. nil: every state and every labelled edge of one
// is the other's.
func Compare(a, b *Graph) *Difference {
	switch {
	case len(a.States) == 0 || len(b.States) == 0:
		return &Difference{Text: fmt.Sprintf("%%a has %d states, %%b %d: an empty graph is equal to none", len(a.States), len(b.States))}
	case a.States[0] != b.States[0]:
		return &Difference{Text: "the initial states differ: in %b " + strings.Join(changes(&a.States[0], &b.States[0]), " ")}
	}
	number := make(map[uint64]int, len(b.States)) // by hash: states are large
	for i := range b.States {
		h := hash(&b.States[i])
		if n, twice := number[h]; twice {
			return &Difference{Text: fmt.Sprintf("%%b has the states %d and %d, which are equal", n, i)}
		}
		number[h] = i
	}
	match := make([]int, len(a.States)) // a's states in b; those that b lacks: negative
	for i := range a.States {
		j, ok := number[hash(&a.States[i])]
		if !ok || a.States[i] != b.States[j] {
			j = -1 - i
		}
		match[i] = j
	}
	from, by := a.paths()
	order := breadthFirst(a)
	for _, i := range order { // b has it: else the edges of its predecessor differ
		if text := edgesDiffer(a, b, match, i); text != "" {
			return &Difference{path(from, by, i), text}
		}
	}
	if len(order) != len(a.States) || len(order) != len(b.States) {
		return &Difference{Text: fmt.Sprintf("%%a has %d states and %%b %d; %d are reached", len(a.States), len(b.States), len(order))}
	}
	return nil
}

var seed = maphash.MakeSeed()

// hash tells states apart: that two of a few thousand have the same by chance would
// look like a difference, never like equality.
func hash(s *spec.State) uint64 { return maphash.Bytes(seed, memory(s)) }

func breadthFirst(g *Graph) []int {
	order := []int{0}
	seen := make([]bool, len(g.States))
	seen[0] = true
	for k := 0; k < len(order); k++ {
		for _, e := range g.Edges[order[k]] {
			if !seen[e.To] {
				seen[e.To] = true
				order = append(order, e.To)
			}
		}
	}
	return order
}

// edgesDiffer compares the edges from state i of a with those from its match in b.
func edgesDiffer(a, b *Graph, match []int, i int) string {
	bare := func(mv spec.Move) spec.Move { return mv }
	if b.stepsOnly() {
		bare = func(mv spec.Move) spec.Move { return spec.Move{Step: mv.Step} }
	}
	x, y := map[Edge]Edge{}, map[Edge]bool{} // with b's numbers
	for _, e := range a.Edges[i] {
		x[Edge{bare(e.Move), match[e.To]}] = e
	}
	for _, e := range b.Edges[match[i]] {
		y[Edge{bare(e.Move), e.To}] = true
	}
	var lines []string
	say := func(which string, mv spec.Move, to *spec.State) {
		name := mv.Step.String()
		if mv.Thread != 0 {
			name = a.Model.Format(mv)
		}
		lines = append(lines, fmt.Sprintf("  only %s: %s, to %s", which, name, strings.Join(changes(&a.States[i], to), " ")))
	}
	for k, e := range x {
		if !y[k] {
			say("%a", e.Move, &a.States[e.To])
		}
	}
	for k := range y {
		if _, ok := x[k]; !ok {
			say("%b", k.Move, &b.States[k.To])
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// stepsOnly reports whether the edges are TLC's.
func (g *Graph) stepsOnly() bool {
	for _, list := range g.Edges {
		if len(list) > 0 {
			return list[0].Move.Thread == 0
		}
	}
	return false
}
