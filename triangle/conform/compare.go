package conform

import (
	"fmt"
	"hash/maphash"
	"slices"
	"strings"

	"github.com/rootlock/rootlock/triangle/lanes"
)

// A Difference is where two graphs part: after the shortest path to there.
type Difference[M comparable] struct {
	Path []M    // common to both, from the initial state
	Text string // what each side has; it names the graphs a and b
}

// Report says where the graphs part, for people. The sides are named a and b.
func (d *Difference[M]) Report(format func(M) string, a, b string) string {
	where := "in the initial state"
	if len(d.Path) > 0 {
		words := make([]string, len(d.Path))
		for i, mv := range d.Path {
			words[i] = format(mv)
		}
		where = "after " + strings.Join(words, " ")
	}
	return fmt.Sprintf("the graphs part %s:\n%s", where, strings.NewReplacer("%a", a, "%b", b).Replace(d.Text))
}

// Compare compares a graph whose edges are moves with another; where the other knows
// steps only, so does the comparison. nil: every state and every labelled edge of one
// is the other's.
func Compare[S, M comparable](a, b *Graph[S, M]) *Difference[M] {
	switch {
	case len(a.States) == 0 || len(b.States) == 0:
		return &Difference[M]{Text: fmt.Sprintf("%%a has %d states, %%b %d: an empty graph is equal to none", len(a.States), len(b.States))}
	case a.States[0] != b.States[0]:
		return &Difference[M]{Text: "the initial states differ: in %b " + strings.Join(lanes.Changes(&a.States[0], &b.States[0]), " ")}
	}
	seed := maphash.MakeSeed()
	number := make(map[uint64]int, len(b.States)) // by hash: states are large
	for i, state := range b.States {
		h := maphash.Comparable(seed, state)
		if n, twice := number[h]; twice { // or two have one hash by chance: never an equality
			return &Difference[M]{Text: fmt.Sprintf("%%b has the states %d and %d, which are equal: one of its variables is not translated, or has nothing in the state", n, i)}
		}
		number[h] = i
	}
	match := make([]int, len(a.States)) // a's states in b; those that b lacks: negative
	for i, state := range a.States {
		j, ok := number[maphash.Comparable(seed, state)]
		if !ok || state != b.States[j] {
			j = -1 - i
		}
		match[i] = j
	}
	paths := a.Paths()
	order := breadthFirst(a)
	for _, i := range order { // b has it: else the edges of its predecessor differ
		if text := edgesDiffer(a, b, match, i); text != "" {
			return &Difference[M]{paths.To(i), text}
		}
	}
	if len(order) != len(a.States) || len(order) != len(b.States) {
		return &Difference[M]{Text: fmt.Sprintf("%%a has %d states and %%b %d; %d are reached", len(a.States), len(b.States), len(order))}
	}
	return nil
}

func breadthFirst[S any, M comparable](g *Graph[S, M]) []int {
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
func edgesDiffer[S, M comparable](a, b *Graph[S, M], match []int, i int) string {
	bare := func(e Edge[M], to int) Edge[M] {
		e.To = to
		if b.StepsOnly {
			var none M
			e.Move = none
		}
		return e
	}
	x, y := map[Edge[M]]Edge[M]{}, map[Edge[M]]bool{} // with b's numbers
	for _, e := range a.Edges[i] {
		x[bare(e, match[e.To])] = e
	}
	for _, e := range b.Edges[match[i]] {
		y[bare(e, e.To)] = true
	}
	var lines []string
	say := func(which, name string, to *S) {
		lines = append(lines, fmt.Sprintf("  only %s: %s, to %s", which, name, strings.Join(lanes.Changes(&a.States[i], to), " ")))
	}
	for k, e := range x {
		if !y[k] {
			say("%a", a.Law.Format(e.Move), &a.States[e.To])
		}
	}
	for k := range y {
		if _, ok := x[k]; !ok {
			name := a.Law.Steps()[k.Step]
			if !b.StepsOnly {
				name = a.Law.Format(k.Move)
			}
			say("%b", name, &b.States[k.To])
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
