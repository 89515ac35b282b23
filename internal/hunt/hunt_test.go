package hunt

import (
	"context"
	"flag"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/rootlock/rootlock/internal/deep"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/explore"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func family(t *testing.T) *spec.Model {
	t.Helper()
	m, err := spec.NewModel(spec.DeepestLock, "family", spec.Bounds{MMs: 2, VMAs: 2, Objects: 2, Pages: 1, Walkers: 1, Slots: 1, MMOps: 2, WalkerOps: 2,
		Ops: spec.OpsOf(spec.Fork, spec.Fault, spec.Unmap, spec.Walk, spec.Migrate)})
	require.NoError(t, err)
	return m
}

// A broken claim is found, shrunk to about the shortest, and the same seed finds
// the same schedule.
func TestFind(t *testing.T) {
	m := family(t)
	x, err := explore.Explore(t.Context(), m.Law(), explore.Options{})
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(x.Violations), 4)
	slices.SortStableFunc(x.Violations, func(a, b explore.Violation[spec.State, spec.Move]) int { return len(a.Schedule) - len(b.Schedule) })
	if !deep.Asked() {
		x.Violations = x.Violations[:1]
	}
	for _, v := range x.Violations {
		claim, err := spec.ClaimByName(v.Claim)
		require.NoError(t, err)
		r, err := Find(t.Context(), m, Alone(m), claim.Set(), Options{Schedules: 20_000, Seed: 1})
		require.NoError(t, err)
		require.NotNil(t, r.Failure, v.Claim)
		f := r.Failure
		assert.Equal(t, claim, f.Claim)
		assert.GreaterOrEqual(t, r.Drawn, len(f.Schedule))
		assert.LessOrEqual(t, float64(len(f.Schedule)), 1.25*float64(len(v.Schedule)), "%s: shrunk %d, shortest %d", v.Claim, len(f.Schedule), len(v.Schedule))
		s := m.Init()
		require.NoError(t, m.Run(&s, f.Schedule, nil))
		assert.True(t, m.Check(&s).Has(claim))
		conjunct, values := m.Explain(&s, claim)
		assert.Equal(t, [2]string{conjunct, values}, [2]string{f.Conjunct, f.Values})

		again, err := Find(t.Context(), m, Alone(m), claim.Set(), Options{Schedules: 20_000, Seed: 1})
		require.NoError(t, err)
		assert.Equal(t, f.Schedule, again.Failure.Schedule)
	}
}

// A claim that holds is not found broken, and the work done is said.
func TestFindNothing(t *testing.T) {
	m := family(t)
	r, err := Find(t.Context(), m, Alone(m), spec.OneRoot.Set()|spec.NoDeadlock.Set(), Options{Schedules: 300, Seed: 1})
	require.NoError(t, err)
	assert.Nil(t, r.Failure)
	assert.EqualValues(t, 300, r.Schedules)
	assert.Greater(t, r.Steps, uint64(3000))
}

func TestFindCanceled(t *testing.T) {
	m := family(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Find(ctx, m, Alone(m), spec.OneRoot.Set(), Options{})
	assert.ErrorIs(t, err, context.Canceled)
}

// stuck is a runner whose second thread never lets go: a deadlock.
type stuck struct{ ModelRunner }

func (r *stuck) Reset() error {
	err := r.ModelRunner.Reset()
	r.State().Anon[0].Lock = 2 // nobody gives it back
	return err
}

func TestFindDeadlock(t *testing.T) {
	m := family(t)
	r, err := Find(t.Context(), m, &stuck{*Alone(m)}, spec.NoDeadlock.Set(), Options{Schedules: 500, Seed: 1})
	require.NoError(t, err)
	require.NotNil(t, r.Failure)
	assert.Equal(t, spec.NoDeadlock, r.Failure.Claim)
	assert.Equal(t, "SomethingMoves", r.Failure.Conjunct)
	assert.Contains(t, r.Failure.Values, "for a1, held by mm2")
}

// A search that is told to stop draws no more; what has failed by then is shrunk, for as
// long as it may.
func TestFindStops(t *testing.T) {
	m := family(t)
	drawn := 0
	r, err := Find(t.Context(), m, Alone(m), spec.OneRoot.Set(), Options{Schedules: 10_000, Seed: 1, Stop: func() bool { drawn++; return drawn > 20 }})
	require.NoError(t, err)
	assert.Nil(t, r.Failure)
	assert.EqualValues(t, [2]uint64{20, r.Steps}, r.Tried)

	r, err = Find(t.Context(), m, Alone(m), spec.NoBadFree.Set(), Options{Schedules: 10_000, Seed: 1, ShrinkTime: 50 * time.Millisecond,
		Stop: func() bool { return false }})
	require.NoError(t, err)
	require.NotNil(t, r.Failure)
	assert.Less(t, r.Tried[0], r.Schedules, "shrinking is not counted")
	s := m.Init()
	require.NoError(t, m.Run(&s, r.Failure.Schedule, nil))
	assert.True(t, m.Check(&s).Has(spec.NoBadFree))
}

// Searches side by side draw what each draws alone; rapid's settings are as they were after.
func TestFindBeside(t *testing.T) {
	m := family(t)
	options := []Options{{Schedules: 150, Seed: 1}, {Schedules: 60, Seed: 2}, {Schedules: 90, Seed: 3, Turns: 20}, {Schedules: 120, Seed: 4}}
	find := func(o Options) uint64 {
		r, err := Find(t.Context(), m, Alone(m), spec.OneRoot.Set(), o)
		assert.NoError(t, err)
		assert.EqualValues(t, o.Schedules, r.Schedules)
		return r.Steps
	}
	before := [2]string{flag.Lookup("rapid.checks").Value.String(), flag.Lookup("rapid.steps").Value.String()}
	alone, beside := make([]uint64, len(options)), make([]uint64, len(options))
	for i, o := range options {
		alone[i] = find(o)
	}
	var all sync.WaitGroup
	for i, o := range options {
		all.Go(func() { beside[i] = find(o) })
	}
	all.Wait()
	assert.Equal(t, alone, beside)
	assert.Less(t, alone[2]/90, alone[3]/120, "fewer turns, fewer steps")
	assert.Equal(t, before, [2]string{flag.Lookup("rapid.checks").Value.String(), flag.Lookup("rapid.steps").Value.String()})
}
