package properties

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
)

// WalkTerminates: every walk that began ends, if threads run and locks are fair.
// Less is not enough: with threads that merely run, a walker starves at the lock
// while another takes it again and again. TrylockRetry does not even do with that
// (M10a): a walk that only tries finds another at its lock every time.
func TestWalkTerminates(t *testing.T) {
	for _, p := range spec.Protocols() {
		t.Run(p.String(), func(t *testing.T) {
			m, err := models.Find(p, "Live")
			require.NoError(t, err)
			lasso, stats, err := spec.CheckTermination(t.Context(), m.Model, spec.WeakThreads|spec.StrongLocks, 0)
			require.NoError(t, err)
			assert.Greater(t, stats.Edges, 80, "floor on the work done")
			if p == spec.TrylockRetry {
				require.NotNil(t, lasso, "the livelock is real")
				closes(t, m, lasso)
				tries := func(mv spec.Move) bool { return mv.Thread == lasso.Thread && mv.Step == spec.TryVMA }
				assert.True(t, slices.ContainsFunc(lasso.Cycle, tries), "it tries, and fails, again and again")
			} else {
				assert.Nil(t, lasso)
				t.Logf("%s: holds under weak fairness of threads and strong fairness of locks: %d states, %d edges", m.Bounds, stats.States, stats.Edges)
			}

			lasso, _, err = spec.CheckTermination(t.Context(), m.Model, spec.WeakThreads, 0)
			require.NoError(t, err)
			require.NotNil(t, lasso, "weak fairness alone must not be enough")
			closes(t, m, lasso)
		})
	}
}

// closes: the lasso is a behaviour, and the walker stays in its operation.
func closes(t *testing.T, m *models.Model, lasso *spec.Lasso) {
	t.Helper()
	require.NotEmpty(t, lasso.Cycle)
	s := m.Init()
	require.NoError(t, m.Run(&s, lasso.Prefix, nil))
	assert.Equal(t, lasso.State, s)
	require.NoError(t, m.Run(&s, lasso.Cycle, func(_ int, s *spec.State) {
		assert.NotEqual(t, spec.Idle, s.Thread[lasso.Thread-1].Op, "the walker stays in its operation all along the cycle")
	}))
	assert.Equal(t, lasso.State, s, "the cycle closes")
	t.Logf("starvation of %s:\n%s\nagain and again: %s", m.ThreadName(lasso.Thread), m.FormatSchedule(lasso.Prefix), m.FormatSchedule(lasso.Cycle))
}
