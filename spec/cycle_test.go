package spec

import (
	"context"
	"math/bits"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/rootlock/rootlock/triangle/explore"
)

// The smallest world in which a walk may starve: two walkers, one object, which
// all others leave alone. Weak fairness of threads does not suffice, strong
// fairness of locks does.
func TestWalkTerminates(t *testing.T) {
	for _, p := range Protocols() {
		for _, b := range []Bounds{
			{MMs: 1, VMAs: 1, Objects: 1, Pages: 1, Walkers: 2, Slots: 1, WalkerOps: Unlimited, Ops: OpsOf(Walk)},
			{MMs: 2, VMAs: 2, Objects: 2, Pages: 1, Walkers: 2, Slots: 1, MMOps: 1, WalkerOps: Unlimited, Ops: OpsOf(Fork, Exit, Walk)},
		} {
			m := mustModel(t, p, b)
			lassos, stats, err := explore.Terminates(t.Context(), m.Law(), explore.WeakThreads, 0)
			require.NoError(t, err)
			l := lassos.Of(WalkTerminates.String())
			require.NotNil(t, l, "%s: threads may be fair and a walk never end", p)
			requireStarvation(t, m, l)
			assert.Positive(t, stats.Edges)
			assert.Positive(t, stats.Components)

			x, err := explore.Explore(t.Context(), m.Law(), explore.Options{})
			require.NoError(t, err)
			assert.EqualValues(t, x.Distinct, stats.States)
			assert.EqualValues(t, x.Generated-1, stats.Edges)

			lassos, _, err = explore.Terminates(t.Context(), m.Law(), explore.WeakThreads|explore.StrongLocks, 0)
			require.NoError(t, err)
			assert.Empty(t, lassos, "%s: every walk ends if locks are fair", p)
		}
	}
}

// requireStarvation replays a lasso with the pure law.
func requireStarvation(t *testing.T, m *Model, l *explore.Lasso[State, Move]) {
	t.Helper()
	s := m.Init()
	take := func(mv Move) {
		next, ok := m.Next(s, mv)
		require.True(t, ok, m.Format(mv))
		s = next
	}
	for _, mv := range l.Prefix {
		take(mv)
	}
	require.Equal(t, l.State, s)
	require.NotEmpty(t, l.Cycle)
	blocked, stepped := ^uint(0), uint(0)
	for _, mv := range l.Cycle {
		require.NotEqual(t, Idle, s.thread(uint8(l.Thread)).Op)
		var enabled uint
		for _, mv := range m.Moves(&s, nil) {
			if !mv.Step.Begins() { // nobody has to
				enabled |= 1 << mv.Thread
			}
		}
		blocked &= enabled
		stepped |= 1 << mv.Thread
		take(mv)
	}
	require.Equal(t, l.State, s, "the cycle returns")
	require.Zero(t, blocked&^stepped, "threads that could always step and never do: %b", blocked&^stepped)
	require.Zero(t, stepped&(uint(1)<<l.Thread), "in this world only the walker can starve that takes no step")
	require.GreaterOrEqual(t, bits.OnesCount(stepped), 1)
}

// A lock that is never released starves whoever waits for it.
func TestWalkTerminatesSeesDeadlock(t *testing.T) {
	m := withRules(mustModel(t, DeepestLock, Bounds{MMs: 1, VMAs: 1, Objects: 1, Pages: 1, Walkers: 1, Slots: 1, WalkerOps: 1, Ops: OpsOf(Walk)}), selfDeadlock{})
	lassos, _, err := explore.Terminates(t.Context(), m.Law(), explore.WeakThreads|explore.StrongLocks, 0)
	require.NoError(t, err)
	l := lassos.Of(WalkTerminates.String())
	require.NotNil(t, l)
	assert.Empty(t, l.Cycle)
	assert.Equal(t, "w1:Walk(p1) w1:ReadMapping w1:LockLeaf", m.FormatSchedule(l.Prefix))
}

func TestGraphRefuses(t *testing.T) {
	defer goleak.VerifyNone(t)
	m := mustModel(t, DeepestLock, Bounds{MMs: 2, VMAs: 3, Objects: 3, Pages: 1, Walkers: 2, Slots: 1, MMOps: 2, WalkerOps: 2, Ops: AllOps()})
	_, _, err := explore.Terminates(t.Context(), m.Law(), explore.WeakThreads, 1000)
	assert.ErrorIs(t, err, explore.ErrTooLarge)
	assert.ErrorContains(t, err, "more than 1000")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = explore.NewGraph(ctx, m.Law(), 0)
	assert.ErrorIs(t, err, context.Canceled)

	_, err = explore.NewGraph(t.Context(), withRules(m, misused{}).Law(), 0)
	assert.ErrorContains(t, err, "after w1:Walk(p1) w1:ReadMapping: a state is outside the bounds")
}

// The graph and the exploration are two programs that must see the same.
func TestGraphPaths(t *testing.T) {
	m := mustModel(t, OwnLock, Bounds{MMs: 2, VMAs: 2, Objects: 2, Pages: 1, Walkers: 1, Slots: 1, MMOps: 1, WalkerOps: 1, Ops: AllOps()})
	g, err := explore.NewGraph(t.Context(), m.Law(), 0)
	require.NoError(t, err)
	x, err := explore.Explore(t.Context(), m.Law(), explore.Options{})
	require.NoError(t, err)
	require.EqualValues(t, x.Distinct, g.Len())
	depth := 0
	for i := range uint32(g.Len()) {
		s := m.Init()
		path := g.Path(i)
		require.NoError(t, m.Run(&s, path, nil))
		require.Equal(t, g.State(i), s)
		require.GreaterOrEqual(t, len(path), depth, "numbers follow the depth")
		depth = len(path)
	}
	assert.Equal(t, x.Depth, depth+1)
}
