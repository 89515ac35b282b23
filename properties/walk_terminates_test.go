package properties

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/explore"
)

// Fairness that the termination of a protocol is asked under.
const fair = explore.WeakThreads | explore.StrongLocks

// lassos decides the termination of a protocol in one model, once for all tests.
func lassos(t *testing.T, p spec.Protocol, model string, f explore.Fairness) (*models.Model, explore.Lassos[spec.State, spec.Move]) {
	t.Helper()
	m, err := models.Find(p, model)
	require.NoError(t, err)
	if found, ok := terminations[m.FullName()+f.String()]; ok {
		return m, found
	}
	found, stats, err := explore.Terminates(t.Context(), m.Model.Law(), f, 0)
	require.NoError(t, err)
	terminations[m.FullName()+f.String()] = found
	assert.Greater(t, stats.Edges, 10_000, "floor on the work done")
	t.Logf("%s under %s: %d states, %d edges, %d lassos: %s", m.FullName(), f, stats.States, stats.Edges, len(found), m.Bounds)
	return m, found
}

var terminations = map[string]explore.Lassos[spec.State, spec.Move]{} // by full name and fairness

// WalkTerminates: every operation of a walker ends, if threads run and locks are fair,
// beside processes that fork and exit for ever. TrylockRetry does not even do with that
// (docs/kernel.md M10a): a walk that only tries finds another at its lock every time. The
// sketch's walk touches what is freed, and an oops is no end.
func TestWalkTerminates(t *testing.T) {
	for _, p := range spec.Protocols() {
		t.Run(p.String(), func(t *testing.T) {
			for _, model := range []string{"Live", "LivePair"} {
				m, found := lassos(t, p, model, fair)
				lasso := found.Of(spec.WalkTerminates.String())
				switch {
				case p == spec.TrylockRetry:
					require.NotNil(t, lasso, "the livelock is real")
					closes(t, m, lasso)
					tries := func(mv spec.Move) bool { return int(mv.Thread) == lasso.Thread && mv.Step == spec.TryVMA }
					assert.True(t, slices.ContainsFunc(lasso.Cycle, tries), "it tries, and fails, again and again")
				case p == spec.DeepestLock && model == "Live":
					require.NotNil(t, lasso)
					assert.Empty(t, lasso.Cycle)
					assert.Equal(t, spec.Oopsed, lasso.State.Thread[lasso.Thread-1].PC)
				default:
					assert.Nil(t, lasso)
				}
			}
		})
	}
}

// Less than fair locks is not enough for a lock that is waited for: with threads that
// merely run, a walker starves while another takes the lock again and again. A protocol may
// do better; that none of those that are here does shows that fairness is asked for.
func TestFairnessMatters(t *testing.T) {
	starves := 0
	for _, p := range spec.Protocols() {
		m, found := lassos(t, p, models.Unfair, explore.WeakThreads)
		if lasso := found.Of(spec.WalkTerminates.String()); lasso != nil {
			closes(t, m, lasso)
			starves++
		}
	}
	assert.Positive(t, starves)
}

// closes: the lasso is a behaviour, and the thread stays in its operation.
func closes(t *testing.T, m *models.Model, lasso *explore.Lasso[spec.State, spec.Move]) {
	t.Helper()
	require.NotEmpty(t, lasso.Cycle)
	s := m.Init()
	require.NoError(t, m.Run(&s, lasso.Prefix, nil))
	assert.Equal(t, lasso.State, s)
	require.NoError(t, m.Run(&s, lasso.Cycle, func(_ int, s *spec.State) {
		assert.NotEqual(t, spec.Idle, s.Thread[lasso.Thread-1].Op, "the thread stays in its operation all along the cycle")
	}))
	assert.Equal(t, lasso.State, s, "the cycle closes")
	t.Logf("starvation of %s:\n%s\nagain and again: %s", m.ThreadName(uint8(lasso.Thread)), m.FormatSchedule(lasso.Prefix), m.FormatSchedule(lasso.Cycle))
}
