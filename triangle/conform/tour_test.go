package conform

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/triangle/law"
)

// Graphs with many cycles, which the protocols' hardly have, and some that were chosen.
func TestTourOfAnyGraph(t *testing.T) {
	drawn := func(states int, edges ...[2]int) *graph {
		g := &graph{States: make([]uint8, states), Edges: make([][]Edge[law.Move], states)}
		for _, e := range edges {
			g.Edges[e[0]] = append(g.Edges[e[0]], Edge[law.Move]{To: e[1]})
		}
		return g
	}
	for _, test := range []struct {
		reason string
		g      *graph
		steps  int
	}{
		{"no edge", drawn(1), 0},
		{"a loop", drawn(1, [2]int{0, 0}), 1},
		{"a cycle", drawn(3, [2]int{0, 1}, [2]int{1, 2}, [2]int{2, 0}), 3},
		{"two ends: the way there twice", drawn(4, [2]int{0, 1}, [2]int{1, 2}, [2]int{1, 3}), 4},
		{"a cycle on the way is taken once", drawn(4, [2]int{0, 1}, [2]int{1, 2}, [2]int{2, 1}, [2]int{1, 3}), 4},
		{"what leads back saves the way there", drawn(3, [2]int{0, 1}, [2]int{1, 0}, [2]int{1, 2}), 4},
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
		requireShortestTour(t, drawn(n, edges...))
	}
}

// A tour that is longer than it must be is told from a shortest one.
func TestLongerTour(t *testing.T) {
	g := &graph{States: make([]uint8, 6), Edges: make([][]Edge[law.Move], 6)}
	for _, e := range [][2]int{{0, 1}, {1, 2}, {2, 0}, {1, 3}, {3, 0}, {0, 4}, {4, 5}, {5, 0}} {
		g.Edges[e[0]] = append(g.Edges[e[0]], Edge[law.Move]{To: e[1]})
	}
	tour := NewTour(g)
	assert.True(t, Shortest(g, tour))
	assert.False(t, Shortest(g, append(slices.Clone(tour), tour[0])), "a walk twice")
	for i, walk := range tour { // from where it can end earlier
		if k := len(walk) - 1; len(g.Edges[end(g, walk)]) > 0 {
			longer := slices.Clone(tour)
			longer[i] = append(slices.Clone(walk), 0)
			assert.False(t, Shortest(g, longer), "walk %d goes on after step %d", i, k)
			return
		}
	}
	t.Fatal("every walk ends where nothing leads on")
}

// end is the state to which a walk leads.
func end(g *graph, walk []int) (i int) {
	for _, k := range walk {
		i = g.Edges[i][k].To
	}
	return i
}

type graph = Graph[uint8, law.Move]

func requireShortestTour(t *testing.T, g *graph) Tour {
	t.Helper()
	return requireShortest(t, g, NewTour(g))
}

func requireShortest(t *testing.T, g *graph, tour Tour) Tour {
	t.Helper()
	require.True(t, Shortest(g, tour), "there is a shorter tour than %d steps", tour.Steps())
	return tour
}
