package recording

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
)

// A process that waited to be forked into, and has come to life, is one that others must not
// leave behind: else walks that try again go round for as long as the machine is busy.
func TestForkedProcessDoesNotStarve(t *testing.T) {
	m, err := models.Find(spec.TrylockRetry, models.Default)
	require.NoError(t, err)
	r, err := NewRecorder(m.Model)
	require.NoError(t, err)
	const mm, walker = 2, 3
	for thread := range uint64(4) {
		r.jitter[thread] = rand.New(rand.NewPCG(1, thread))
	}
	r.running, r.waiting, r.current = 1<<mm|1<<walker, 1<<mm, mm
	r.begins[mm] = spec.Move{Thread: mm, Step: spec.Exit}
	r.mu.Lock()
	r.step(spec.Exit, mm)
	r.mu.Unlock()
	r.acted[walker], r.events = maxIdle, make([]Event, maxIdle)
	require.True(t, r.starves(walker), "mm2 can step, and has not for %d steps", maxIdle)
}
