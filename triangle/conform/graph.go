// Package conform makes edges of the triangle exhaustive, on the state graph of a whole law. It
// compares the graph that TLC dumps with the law's ([Dump], [Compare]). It drives the code along
// every edge, and asks the code to refuse every move that a state disables ([NewTour],
// [Driver.Drive]).
package conform

import (
	"context"
	"fmt"

	"github.com/rootlock/rootlock/triangle/explore"
	"github.com/rootlock/rootlock/triangle/law"
)

// A Graph is the reachable states of a law, from state 0, and the edges between
// them. Its states are numbered breadth first.
type Graph[S any, M comparable] struct {
	Law       law.Law[S, M]
	States    []S
	Edges     [][]Edge[M] // by state
	StepsOnly bool        // moves are not known, only their steps: TLC's
}

// An Edge is a step. TLC's edges know the step only, not the thread and arguments.
type Edge[M comparable] struct {
	Move M
	Step int // in law.Law.Steps
	To   int
}

// Explore makes the graph of a law with one initial state and at most limit states.
func Explore[S any, M comparable](ctx context.Context, l law.Law[S, M], limit int) (*Graph[S, M], error) {
	if n := len(l.Initial()); n > 1 {
		return nil, fmt.Errorf("the law has %d initial states: a tour, and TLC's graph, begin in one", n)
	}
	g, err := explore.NewGraph(ctx, l, limit)
	if err != nil {
		return nil, err
	}
	out := &Graph[S, M]{Law: l, States: make([]S, 0, g.Len())}
	for i := range uint32(g.Len()) {
		out.States = append(out.States, g.State(i))
		var edges []Edge[M]
		for _, e := range g.Edges(i) {
			edges = append(edges, Edge[M]{e.Move, l.Step(e.Move), int(e.To)})
		}
		out.Edges = append(out.Edges, edges)
	}
	return out, nil
}

// Size is the number of edges.
func (g *Graph[S, M]) Size() (n int) {
	for _, e := range g.Edges {
		n += len(e)
	}
	return n
}

// Paths finds a shortest way to every state: the edge by which breadth-first search comes
// to it, as the state that it leaves and its move.
func (g *Graph[S, M]) Paths() Paths[M] {
	p := Paths[M]{make([]int, len(g.States)), make([]M, len(g.States))}
	seen := make([]bool, len(g.States))
	seen[0] = true
	for queue := []int{0}; len(queue) > 0; queue = queue[1:] {
		i := queue[0]
		for _, e := range g.Edges[i] {
			if !seen[e.To] {
				seen[e.To], p.from[e.To], p.by[e.To] = true, i, e.Move
				queue = append(queue, e.To)
			}
		}
	}
	return p
}

// Paths are shortest schedules to the states of a graph.
type Paths[M comparable] struct {
	from []int
	by   []M
}

// To is a shortest schedule to a state.
func (p *Paths[M]) To(state int) (sch []M) {
	for i := state; i != 0; i = p.from[i] {
		sch = append(sch, p.by[i])
	}
	for i, j := 0, len(sch)-1; i < j; i, j = i+1, j-1 {
		sch[i], sch[j] = sch[j], sch[i]
	}
	return sch
}
