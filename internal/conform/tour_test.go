package conform

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/spec"
)

// A tour takes every edge, and only edges that there are.
func TestTour(t *testing.T) {
	for _, p := range spec.Protocols() {
		_, g := explored(t, p)
		tour := NewTour(g)
		taken := map[[2]int]bool{}
		for _, walk := range tour {
			i := 0
			for _, k := range walk {
				require.Less(t, k, len(g.Edges[i]))
				taken[[2]int{i, k}] = true
				i = g.Edges[i][k].To
			}
		}
		assert.Len(t, taken, g.Size(), p)
		t.Logf("%s: %d edges, %d walks, %d steps: %.2f per edge", p, g.Size(), len(tour), tour.Steps(), float64(tour.Steps())/float64(g.Size()))
	}
}
