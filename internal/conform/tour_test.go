package conform

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rootlock/rootlock/internal/models"
)

// A tour takes every edge, and only edges that there are.
func TestTour(t *testing.T) {
	each(t, func(t *testing.T, m *models.Model, g *Graph) {
		tour := NewTour(g)
		taken := map[[2]int]bool{}
		for _, walk := range tour {
			i := 0
			for _, k := range walk {
				taken[[2]int{i, k}] = true
				i = g.Edges[i][k].To
			}
		}
		assert.Len(t, taken, g.Size())
		t.Logf("%s: %d edges, %d walks, %d steps: %.2f per edge", m.FullName(), g.Size(), len(tour), tour.Steps(), float64(tour.Steps())/float64(g.Size()))
	})
}
