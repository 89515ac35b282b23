package conform

import (
	"context"

	"github.com/rootlock/rootlock/internal/coverage"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/explore"
)

// A Graph is the reachable states of a model, from state 0, and the edges between
// them. Its states are numbered breadth first.
type Graph struct {
	Model  *spec.Model
	States []spec.State
	Edges  [][]Edge // by state
}

// An Edge is a step. TLC's edges know the step only, not the thread and arguments.
type Edge struct {
	Move spec.Move
	To   int
}

// limit keeps a mistake in the bounds of a model from filling the memory.
const limit = 200_000

// Explore makes the graph of a model.
func Explore(ctx context.Context, m *spec.Model) (*Graph, error) {
	g, err := explore.NewGraph(ctx, m.Law(), limit)
	if err != nil {
		return nil, err
	}
	out := &Graph{Model: m, States: make([]spec.State, 0, g.Len())}
	for i := range uint32(g.Len()) {
		out.States = append(out.States, g.State(i))
		var edges []Edge
		for _, e := range g.Edges(i) {
			edges = append(edges, Edge{e.Move, int(e.To)})
		}
		out.Edges = append(out.Edges, edges)
	}
	return out, nil
}

// Size is the number of edges.
func (g *Graph) Size() (n int) {
	for _, e := range g.Edges {
		n += len(e)
	}
	return n
}

// paths finds for every state the edge by which breadth-first search comes to it.
func (g *Graph) paths() (from []int, by []spec.Move) {
	from, by = make([]int, len(g.States)), make([]spec.Move, len(g.States))
	seen := make([]bool, len(g.States))
	seen[0] = true
	for queue := []int{0}; len(queue) > 0; queue = queue[1:] {
		i := queue[0]
		for _, e := range g.Edges[i] {
			if !seen[e.To] {
				seen[e.To], from[e.To], by[e.To] = true, i, e.Move
				queue = append(queue, e.To)
			}
		}
	}
	return from, by
}

// path is a shortest schedule to a state.
func path(from []int, by []spec.Move, to int) (sch spec.Schedule) {
	for i := to; i != 0; i = from[i] {
		sch = append(sch, by[i])
	}
	for i, j := 0, len(sch)-1; i < j; i, j = i+1, j-1 {
		sch[i], sch[j] = sch[j], sch[i]
	}
	return sch
}

// Coverage is what the whole graph exercises.
func (g *Graph) Coverage() *coverage.Coverage {
	c := &coverage.Coverage{}
	into := make([][]spec.Move, len(g.States)) // one move for each step and thread
	seen := map[[3]int]bool{}
	for i, edges := range g.Edges {
		c.Ask(g.Model, &g.States[i])
		for _, e := range edges {
			key := [3]int{e.To, int(e.Move.Thread), int(e.Move.Step)}
			if !seen[key] {
				seen[key] = true
				into[e.To] = append(into[e.To], e.Move)
			}
		}
	}
	for i, edges := range g.Edges {
		for _, e := range edges {
			c.Pair(spec.Move{}, e.Move)
			for _, before := range into[i] {
				c.Pair(before, e.Move)
			}
		}
	}
	return c
}
