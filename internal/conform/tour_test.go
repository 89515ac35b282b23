package conform

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
)

// A tour takes every edge, only edges that there are, and no more steps than it must.
func TestTour(t *testing.T) {
	some(t, func(t *testing.T, m *models.Model, g *Graph) {
		tour := requireShortest(t, g, tourOf(g))
		t.Logf("%s: %d edges, %d walks, %d steps, the fewest: %.2f per edge", m.FullName(), g.Size(), len(tour), tour.Steps(), float64(tour.Steps())/float64(g.Size()))
	})
}

// Graphs with many cycles, which the protocols' hardly have, and some that were chosen.
func TestTourOfAnyGraph(t *testing.T) {
	graph := func(states int, edges ...[2]int) *Graph {
		g := &Graph{States: make([]spec.State, states), Edges: make([][]Edge, states)}
		for _, e := range edges {
			g.Edges[e[0]] = append(g.Edges[e[0]], Edge{To: e[1]})
		}
		return g
	}
	for _, test := range []struct {
		reason string
		g      *Graph
		steps  int
	}{
		{"no edge", graph(1), 0},
		{"a loop", graph(1, [2]int{0, 0}), 1},
		{"a cycle", graph(3, [2]int{0, 1}, [2]int{1, 2}, [2]int{2, 0}), 3},
		{"two ends: the way there twice", graph(4, [2]int{0, 1}, [2]int{1, 2}, [2]int{1, 3}), 4},
		{"a cycle on the way is taken once", graph(4, [2]int{0, 1}, [2]int{1, 2}, [2]int{2, 1}, [2]int{1, 3}), 4},
		{"what leads back saves the way there", graph(3, [2]int{0, 1}, [2]int{1, 0}, [2]int{1, 2}), 4},
	} {
		assert.Equal(t, test.steps, requireShortestTour(t, test.g).Steps(), test.reason)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		n := 1 + r.IntN(12)
		var edges [][2]int
		for i := 1; i < n; i++ { // all are reached
			edges = append(edges, [2]int{r.IntN(i), i})
		}
		for range r.IntN(3 * n) {
			edges = append(edges, [2]int{r.IntN(n), r.IntN(n)})
		}
		requireShortestTour(t, graph(n, edges...))
	}
}

// A tour that is longer than it must be is told from a shortest one.
func TestLongerTour(t *testing.T) {
	_, g := explored(t, spec.OwnLock, "Graph")
	tour := NewTour(g)
	assert.False(t, shortens(t, g, tour))
	assert.True(t, shortens(t, g, append(slices.Clone(tour), tour[0])), "a walk twice")
	for i, walk := range tour { // from where it can end earlier
		if k := len(walk) - 1; len(g.Edges[g.end(walk)]) > 0 {
			longer := slices.Clone(tour)
			longer[i] = append(slices.Clone(walk), 0)
			assert.True(t, shortens(t, g, longer), "walk %d goes on after step %d", i, k)
			return
		}
	}
	t.Fatal("every walk ends where nothing leads on")
}

// end is the state to which a walk leads.
func (g *Graph) end(walk []int) (i int) {
	for _, k := range walk {
		i = g.Edges[i][k].To
	}
	return i
}

func requireShortestTour(t *testing.T, g *Graph) Tour {
	t.Helper()
	return requireShortest(t, g, NewTour(g))
}

func requireShortest(t *testing.T, g *Graph, tour Tour) Tour {
	t.Helper()
	require.False(t, shortens(t, g, tour), "there is a shorter tour than %d steps", tour.Steps())
	return tour
}

// shortens checks that a tour takes every edge and reports whether another one is
// shorter. How often it takes each edge is a flow; there is a cheaper one just if some
// cycle of changes to it costs less than nothing (Klein). The changes: to take an edge
// once more or, if it is taken twice, once less; to begin or end a walk.
func shortens(t *testing.T, g *Graph, tour Tour) bool {
	t.Helper()
	flow, ends := make([][]int, len(g.States)), make([]int, len(g.States))
	for i, list := range g.Edges {
		flow[i] = make([]int, len(list))
	}
	for _, walk := range tour {
		i := 0
		for _, k := range walk {
			flow[i][k]++
			i = g.Edges[i][k].To
		}
		ends[i]++
	}
	type change struct{ from, to, cost int }
	between := len(g.States)
	changes := []change{{between, 0, 0}}
	if len(tour) > 0 {
		changes = append(changes, change{0, between, 0})
	}
	for i, list := range g.Edges {
		changes = append(changes, change{i, between, 0})
		if ends[i] > 0 {
			changes = append(changes, change{between, i, 0})
		}
		for k, e := range list {
			require.Positive(t, flow[i][k], "an edge is not taken")
			changes = append(changes, change{i, e.To, 1})
			if flow[i][k] > 1 {
				changes = append(changes, change{e.To, i, -1})
			}
		}
	}
	cost := make([]int, between+1) // of reaching a state from anywhere (Bellman and Ford)
	for round := 0; round <= between+1; round++ {
		changed, least := false, 0
		for _, c := range changes {
			if cost[c.from]+c.cost < cost[c.to] {
				cost[c.to], changed = cost[c.from]+c.cost, true
				least = min(least, cost[c.to])
			}
		}
		if !changed {
			return false
		}
		if least < -between-1 { // less than any way without a cycle costs
			break
		}
	}
	return true
}
