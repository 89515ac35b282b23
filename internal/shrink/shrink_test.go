package shrink

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
)

// What is drawn at random until it fails, shrinks to what is 1-minimal and as short as
// breadth-first search finds it.
func TestSchedule(t *testing.T) {
	work := 0
	for _, test := range []struct{ protocol, model string }{
		{"OwnLock", "Tiny"}, {"OwnLock", "Recycle"}, {"OwnLock", "Pins"}, {"DeepestLock", "Recycle"}, {"DeepestLock", "Pins"}, {"WalkMutex", "Pins"}, {"TrylockRetry", "Small"},
	} {
		p, err := spec.ProtocolByName(test.protocol)
		require.NoError(t, err)
		m, err := models.Find(p, test.model)
		require.NoError(t, err)
		x, err := spec.Explore(t.Context(), m.Model, spec.ExploreOptions{})
		require.NoError(t, err)
		for _, v := range x.Violations {
			long := draw(t, m.Model, v.Claim)
			if long == nil { // too rare for a walk without aim: pad the shortest one
				long = v.Schedule
			}
			short, err := Schedule(t.Context(), m.Model, long, v.Claim)
			require.NoError(t, err)
			require.True(t, Fails(m.Model, short, v.Claim))
			assert.LessOrEqual(t, len(short), len(long))
			for _, smaller := range Smaller(short) {
				assert.False(t, Fails(m.Model, smaller, v.Claim) && better(smaller, short), "%s %s: %s fails as well as %s", m.FullName(), v.Claim, m.FormatSchedule(smaller), m.FormatSchedule(short))
			}
			if Threads(short) == Threads(v.Schedule) {
				assert.LessOrEqual(t, len(short), (5*len(v.Schedule)+3)/4, "%s %s: 1.25 times the shortest", m.FullName(), v.Claim)
			}
			t.Logf("%s %s: drawn %d steps, shrunk %d, %d threads, %d switches; shortest %d", m.FullName(), v.Claim, len(long), len(short), Threads(short), Switches(short), len(v.Schedule))
			work++
		}
	}
	assert.GreaterOrEqual(t, work, 20, "floor on the work done")
}

// better: a removal is shorter by itself; joined runs must save a switch.
func better(a, b spec.Schedule) bool { return len(a) < len(b) || Switches(a) < Switches(b) }

// draw walks at random until c breaks.
func draw(t *testing.T, m *spec.Model, c spec.Claim) spec.Schedule {
	t.Helper()
	seed := uint64(1)
	for range 20_000 {
		s := m.Init()
		var sch spec.Schedule
		for range 120 {
			moves := m.Moves(&s, nil)
			if len(moves) == 0 {
				break
			}
			seed = seed*6364136223846793005 + 1442695040888963407
			mv := moves[int(seed>>33)%len(moves)]
			m.Apply(&s, mv)
			sch = append(sch, mv)
			if breaks(m, &s, c) {
				return sch
			}
		}
	}
	return nil
}

func TestNothingToShrink(t *testing.T) {
	m, err := models.Find(spec.OwnLock, "Tiny")
	require.NoError(t, err)
	sch, err := m.ParseSchedule("w1:Walk(p1)")
	require.NoError(t, err)
	_, err = Schedule(t.Context(), m.Model, sch, spec.LockedIsRoot)
	assert.ErrorIs(t, err, ErrUnbroken)
	_, err = Schedule(t.Context(), m.Model, sch, spec.WalkTerminates)
	assert.ErrorContains(t, err, "no finite schedule")
	sch, err = m.ParseSchedule("w1:LockLeaf")
	require.NoError(t, err)
	_, err = Schedule(t.Context(), m.Model, sch, spec.LockedIsRoot)
	var refused *spec.RefusedError
	assert.ErrorAs(t, err, &refused)
}
