package engine

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
)

func hunter(claims spec.ClaimSet, limit time.Duration) *Hunter {
	return &Hunter{Claims: claims, Time: limit, Seed: 1, Found: func(*models.Model, *Violation) {}, Parted: func(*models.Model, spec.Schedule, error) {}, Drawn: func(uint64, uint64) {}}
}

// A hunt finds what is broken, once for each claim, and says what it took and what the
// code refused.
func TestHunter(t *testing.T) {
	m, err := models.Find(spec.OwnLock, "Tiny")
	require.NoError(t, err)
	h := hunter(spec.NoBadFree.Set()|spec.NoMissedMapping.Set(), time.Minute) // until both are found
	found := map[string]int{}
	h.Found = func(_ *models.Model, v *Violation) { found[v.Claim]++ }
	list, err := h.Hunt(t.Context(), []*models.Model{m})
	require.NoError(t, err)
	r := list[0]
	assert.Equal(t, map[string]int{"NoBadFree": 1, "NoMissedMapping": 1}, found)
	assert.Equal(t, [...]Verdict{Violated, Violated, NotChecked}, [...]Verdict{r.Claims["NoBadFree"], r.Claims["NoMissedMapping"], r.Claims["TypeOK"]})
	for _, v := range r.Violations {
		sch, err := m.ParseSchedule(v.Schedule)
		require.NoError(t, err)
		s := m.Init()
		require.NoError(t, m.Run(&s, sch, nil))
		conjunct, values := m.Explain(&s, map[string]spec.Claim{"NoBadFree": spec.NoBadFree, "NoMissedMapping": spec.NoMissedMapping}[v.Claim])
		assert.Equal(t, [...]any{v.Length, v.Conjunct, v.Values}, [...]any{len(sch), conjunct, values})
	}
	assert.NotZero(t, r.Steps["LockLeaf"])
	assert.NotZero(t, r.Refused["LockLeaf"], "the code was seen to wait")
	assert.Greater(t, r.Schedules, uint64(100), "floor on the work done")
	taken := uint64(0)
	for _, n := range r.Steps {
		taken += n
	}
	assert.Equal(t, r.Generated, taken, "what is drawn is counted, and no step of what shrinks it, which is as many as there is time for")

	again := hunter(spec.OneRoot.Set(), time.Millisecond)
	again.Seed = 5
	list, err = again.Hunt(t.Context(), []*models.Model{m, m})
	require.NoError(t, err)
	for i, r := range list {
		assert.Equal(t, Holds, r.Claims["OneRoot"], "in what was drawn")
		assert.Equal(t, uint64(5+i), r.Seed)
		assert.NotZero(t, r.Schedules, "each model has its turn, however short the time")
	}
}

// Where model and implementation part, the hunt ends, and shows a schedule of it.
func TestHunterParts(t *testing.T) {
	m, err := models.Find(spec.RootPointer, "Small")
	require.NoError(t, err)
	law := *m.Model
	law.Protocol = spec.OwnLock // and the implementation is another's
	h := hunter(spec.OneRoot.Set(), 10*time.Second)
	var parted spec.Schedule
	h.Parted = func(_ *models.Model, sch spec.Schedule, err error) {
		assert.ErrorContains(t, err, "model and implementation part")
		parted = sch
	}
	list, err := h.Hunt(t.Context(), []*models.Model{{Model: &law, Config: m.Config, File: m.File}})
	require.NoError(t, err)
	require.NotEmpty(t, parted)
	require.Len(t, list[0].Differences, 1)
	assert.Contains(t, list[0].Differences[0], "replay: go run ./cmd/rootlock replay ")
	assert.Equal(t, NotChecked, list[0].Claims["OneRoot"], "nothing was asked to the end")
}

// A hunt that is stopped says what it has done.
func TestHunterStopped(t *testing.T) {
	m, err := models.Find(spec.OwnLock, "Tiny")
	require.NoError(t, err)
	ctx, cancel := context.WithCancelCause(t.Context())
	h := hunter(spec.NoBadFree.Set()|spec.OneRoot.Set(), time.Minute)
	h.Found = func(*models.Model, *Violation) { cancel(errors.New("enough")) }
	list, err := h.Hunt(ctx, []*models.Model{m})
	assert.ErrorIs(t, err, context.Canceled)
	require.Len(t, list, 1)
	assert.NotNil(t, list[0].Violation("NoBadFree"))
	assert.NotZero(t, list[0].Steps["FreeAnon"])
}
