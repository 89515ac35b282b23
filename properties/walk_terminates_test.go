package properties

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
)

// WalkTerminates: every walk that began ends, if threads run and locks are fair.
// Less is not enough: with threads that merely run, a walker starves at the lock
// while another takes it again and again.
func TestWalkTerminates(t *testing.T) {
	for _, p := range spec.Protocols() {
		t.Run(p.String(), func(t *testing.T) {
			m, err := models.Find(p, "Live")
			require.NoError(t, err)
			lasso, stats, err := spec.CheckWalkTerminates(t.Context(), m.Model, spec.WeakThreads|spec.StrongLocks, 0)
			require.NoError(t, err)
			assert.Nil(t, lasso)
			t.Logf("%s: holds under weak fairness of threads and strong fairness of locks: %d states, %d edges", m.Bounds, stats.States, stats.Edges)
			assert.Greater(t, stats.Edges, 80, "floor on the work done")

			lasso, _, err = spec.CheckWalkTerminates(t.Context(), m.Model, spec.WeakThreads, 0)
			require.NoError(t, err)
			require.NotNil(t, lasso, "weak fairness alone must not be enough")
			require.NotEmpty(t, lasso.Cycle)
			s := m.Init()
			require.NoError(t, m.Run(&s, lasso.Prefix, nil))
			assert.Equal(t, lasso.State, s)
			require.NoError(t, m.Run(&s, lasso.Cycle, func(_ int, s *spec.State) {
				assert.NotEqual(t, spec.Idle, s.Thread[lasso.Walker-1].Op, "the walker stays in its operation all along the cycle")
			}))
			assert.Equal(t, lasso.State, s, "the cycle closes")
			t.Logf("starvation of %s without fair locks:\n%s\nagain and again: %s", m.ThreadName(lasso.Walker), m.FormatSchedule(lasso.Prefix), m.FormatSchedule(lasso.Cycle))
		})
	}
}
