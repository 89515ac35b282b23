package conform

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/triangle/conform"
)

// The tours of the protocols' graphs are shortest ones.
func TestTour(t *testing.T) {
	some(t, func(t *testing.T, m *models.Model, g *Graph) {
		tour := tourOf(g)
		require.True(t, conform.Shortest(&g.Graph, tour))
		t.Logf("%s: %d edges, %d walks, %d steps, the fewest: %.2f per edge", m.FullName(), g.Size(), len(tour), tour.Steps(), float64(tour.Steps())/float64(g.Size()))
	})
}
