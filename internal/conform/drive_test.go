package conform

import (
	"flag"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/deep"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
)

// The implementation takes every edge of every protocol's graph, and refuses every
// move that a state disables: of a small one of today's lock here, of all with ROOTLOCK_DEEP
// and by "rootlock check".
func TestDrive(t *testing.T) {
	some(t, func(t *testing.T, m *models.Model, g *Graph) {
		if m.Protocol != spec.RwsemRoot && !deep.Asked() {
			t.Skip("a second for each protocol; " + deep.Variable + "=1 and rootlock check ask for it")
		}
		start := time.Now()
		r, err := Drive(t.Context(), g, tourOf(g))
		require.NoError(t, err)
		assert.True(t, r.Complete(), r)
		assert.Greater(t, r.Refused, len(g.States), "floor on the work done")
		t.Logf("%s, %.1f s", r, time.Since(start).Seconds())
	})
}

// After an edge all operations run to their ends, in two orders, and then the world is
// closed: a sample here, all with ROOTLOCK_DEEP and by "rootlock check --all".
func TestEndings(t *testing.T) {
	one := *sample
	if deep.Asked() {
		one = 1
	}
	some(t, func(t *testing.T, _ *models.Model, g *Graph) {
		start := time.Now()
		r, err := End(t.Context(), g, one)
		require.NoError(t, err)
		assert.Equal(t, r.Edges/one, r.Taken)
		assert.Equal(t, 2*r.Taken, r.Endings)
		assert.Greater(t, r.EndingSteps, 10*r.Endings, "floor on the work done")
		t.Logf("%s, %.1f s", r, time.Since(start).Seconds())
	})
}

var sample = flag.Int("sample", 32, "TestEndings: one edge in so many")
