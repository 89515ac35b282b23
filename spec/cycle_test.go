package spec

import (
	"context"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

// toyEdge is a move of a graph drawn by hand. Threads 1 and 2 are not watched,
// thread 3 is the walker.
type toyEdge struct {
	from, to uint32
	thread   uint8
	lock     bool
}

// toyGraph has the states 0 to n-1; in busy ones the walker is in an operation.
// State 0 leads to every other by a path of the tree that is found first.
func toyGraph(t testing.TB, n int, busy func(i uint32) bool, edges []toyEdge) *Graph {
	m := mustModel(t, DeepestLock, Bounds{MMs: 2, VMAs: 1, Objects: 1, Pages: 1, Walkers: 1, Slots: 1, MMOps: 1, WalkerOps: 1})
	g := &Graph{m: m, packing: newPacking(m), first: []uint32{0}}
	g.parent, g.by = make([]uint32, n), make([]Move, n)
	for i := range uint32(n) {
		s := m.Init()
		if busy(i) {
			s.thread(3).Op, s.thread(3).PC = Walk, ReadMapping
		}
		buf := make([]uint64, g.words())
		require.True(t, g.packing.pack(&s, buf))
		g.packed = append(g.packed, buf...)
		for _, e := range edges {
			if e.from == i {
				mv := Move{Thread: e.thread, Step: ReadMapping}
				if e.lock {
					mv.Step = LockLeaf
				}
				g.edges = append(g.edges, Edge{mv, e.to})
			}
		}
		g.first = append(g.first, uint32(len(g.edges)))
	}
	// Paths, breadth first.
	known := map[uint32]bool{0: true}
	for queue := []uint32{0}; len(queue) > 0; queue = queue[1:] {
		for _, e := range g.Edges(queue[0]) {
			if !known[e.To] {
				known[e.To] = true
				g.parent[e.To], g.by[e.To] = queue[0], e.Move
				queue = append(queue, e.To)
			}
		}
	}
	return g
}

func TestLassoOnToys(t *testing.T) {
	busyFrom := func(n uint32) func(uint32) bool { return func(i uint32) bool { return i >= n } }
	for _, test := range []struct {
		reason string
		states int
		edges  []toyEdge
		weak   string // of the cycle, by threads; "-": no lasso, "": it stands still
		strong string
	}{
		{"an operation that ends", 3, []toyEdge{{0, 1, 3, false}, {1, 2, 3, false}, {2, 0, 3, false}}, "-", "-"},
		{"nothing can happen any more in the middle of an operation", 2, []toyEdge{{0, 1, 3, false}}, "", ""},
		{"only moves that change nothing are left", 2, []toyEdge{{0, 1, 3, false}, {1, 1, 1, false}}, "", ""},
		{"the walker goes around for ever", 3, []toyEdge{{0, 1, 3, false}, {1, 2, 3, false}, {2, 1, 3, false}}, "33", "33"},
		{"others go around, the walker could always step", 3, []toyEdge{
			{0, 1, 3, false}, {1, 2, 1, false}, {2, 1, 1, false}, {1, 0, 3, false}, {2, 0, 3, false}}, "-", "-"},
		{"others go around, the walker can step now and then", 3, []toyEdge{
			{0, 1, 3, false}, {1, 2, 1, false}, {2, 1, 1, false}, {1, 0, 3, false}}, "11", "11"},
		{"others go around, the walker can lock now and then", 3, []toyEdge{
			{0, 1, 3, false}, {1, 2, 1, false}, {2, 1, 1, false}, {1, 0, 3, true}}, "11", "-"},
		{"away from the state where it can lock, others go around too", 4, []toyEdge{
			{0, 1, 3, false}, {1, 2, 1, false}, {2, 1, 1, false}, {1, 0, 3, true}, {2, 3, 2, false}, {3, 2, 2, false}}, "11", "22"},
		{"... but there a thread that is not watched is kept from its lock", 4, []toyEdge{
			{0, 1, 3, false}, {1, 2, 1, false}, {2, 1, 1, false}, {1, 0, 3, true}, {2, 3, 2, false}, {3, 2, 2, false}, {3, 0, 1, true}}, "11", "-"},
		{"the cycle must go out of its way for a thread that can always step", 3, []toyEdge{
			{0, 1, 3, false}, {1, 2, 1, false}, {2, 1, 1, false}, {1, 1, 2, false}, {2, 1, 2, false}, {1, 2, 2, false}}, "21", "21"},
	} {
		g := toyGraph(t, test.states, busyFrom(1), test.edges)
		for f, want := range map[Fairness]string{WeakThreads: test.weak, WeakThreads | StrongLocks: test.strong} {
			lassos, _ := g.lassos(f)
			l := lassos.Of(WalkTerminates)
			got := "-"
			if l != nil {
				got = ""
				for _, mv := range l.Cycle {
					got += fmt.Sprint(mv.Thread)
				}
			}
			assert.Equal(t, want, got, "%s, under %s", test.reason, f)
		}
		lassos, _ := g.lassos(NoFairness)
		assert.NotNil(t, lassos.Of(WalkTerminates), "without fairness every operation can stand still: %s", test.reason)
	}
}

// fairSet decides by definition whether going through all of the states of set
// and all edges between them again and again is possible, and fair.
func fairSet(g *Graph, set uint, f Fairness) bool {
	in := func(i uint32) bool { return set&(1<<i) != 0 }
	for i := range uint32(g.Len()) {
		if !in(i) {
			continue
		}
		reached := uint(1) << i
		for range g.Len() {
			for j := range uint32(g.Len()) {
				if reached&(1<<j) != 0 {
					for _, e := range g.Edges(j) {
						if in(e.To) {
							reached |= 1 << e.To
						}
					}
				}
			}
		}
		if reached != set {
			return false
		}
	}
	for t := uint8(1); t <= g.m.threads; t++ {
		everDisabled, steps, couldLock, locks := false, false, false, false
		for i := range uint32(g.Len()) {
			if !in(i) {
				continue
			}
			enabled := false
			for _, e := range g.Edges(i) {
				if e.Move.Thread != t || e.To == i {
					continue
				}
				lock := e.Move.Step == LockLeaf
				enabled = true
				couldLock = couldLock || lock
				steps = steps || in(e.To)
				locks = locks || lock && in(e.To)
			}
			everDisabled = everDisabled || !enabled
		}
		if f&WeakThreads != 0 && !everDisabled && !steps || f&StrongLocks != 0 && couldLock && !locks {
			return false
		}
	}
	return true
}

// On random graphs the search finds a lasso exactly if some set of states is
// fair by definition, and what it finds is a fair lasso.
func TestLassoAgainstDefinition(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	verdicts := map[bool]int{}
	long := 0
	for range 6000 {
		n := 3 + rng.IntN(5)
		busy := uint(rng.Uint32()) &^ 1
		var edges []toyEdge
		for i := 1; i < n; i++ { // reachable
			edges = append(edges, toyEdge{uint32(rng.IntN(i)), uint32(i), uint8(1 + rng.IntN(3)), rng.IntN(2) == 0})
		}
		for range rng.IntN(2 * n) {
			edges = append(edges, toyEdge{uint32(rng.IntN(n)), uint32(rng.IntN(n)), uint8(1 + rng.IntN(3)), rng.IntN(2) == 0})
		}
		g := toyGraph(t, n, func(i uint32) bool { return busy&(1<<i) != 0 }, edges)
		for _, f := range []Fairness{NoFairness, WeakThreads, StrongLocks, WeakThreads | StrongLocks} {
			want := false
			for set := uint(1); set < 1<<n; set++ {
				want = want || set&^busy == 0 && fairSet(g, set, f)
			}
			lassos, _ := g.lassos(f)
			l := lassos.Of(WalkTerminates)
			require.Equal(t, want, l != nil, "%s: busy %b, edges %v", f, busy, edges)
			verdicts[want]++
			if l == nil {
				continue
			}
			long = max(long, len(l.Cycle))
			requireFairLasso(t, g, l, f)
		}
	}
	assert.Greater(t, verdicts[true], 1000)
	assert.Greater(t, verdicts[false], 1000)
	assert.Greater(t, long, 4, "the longest cycle")
}

// requireFairLasso follows a lasso in the graph: several moves with one name may
// lead apart, so it keeps the set of states where it may be.
func requireFairLasso(t *testing.T, g *Graph, l *Lasso, f Fairness) {
	t.Helper()
	var ends []uint32
	for i := range uint32(g.Len()) {
		p := g.Path(i)
		if fmt.Sprint(p) == fmt.Sprint(l.Prefix) {
			ends = append(ends, i)
		}
	}
	require.NotEmpty(t, ends)
	fair := false
	var walk func(start, at uint32, left Schedule, d debts)
	walk = func(start, at uint32, left Schedule, d debts) {
		s := g.State(at)
		if s.thread(l.Thread).Op == Idle {
			return
		}
		if len(left) == 0 {
			if len(l.Cycle) == 0 {
				d.add(g, at, func(Edge) bool { return false })
			}
			fair = fair || at == start && (f&WeakThreads == 0 || d.weak(g.m) == 0) && (f&StrongLocks == 0 || d.strong() == 0)
			return
		}
		for _, e := range g.Edges(at) {
			if e.Move == left[0] && e.To != at {
				next := d
				next.add(g, at, func(o Edge) bool { return o == e })
				walk(start, e.To, left[1:], next)
			}
		}
	}
	for _, i := range ends {
		walk(i, i, l.Cycle, debts{})
	}
	require.True(t, fair, "%+v under %s", l, f)
}

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
			lassos, stats, err := CheckTermination(t.Context(), m, WeakThreads, 0)
			require.NoError(t, err)
			l := lassos.Of(WalkTerminates)
			require.NotNil(t, l, "%s: threads may be fair and a walk never end", p)
			requireStarvation(t, m, l)
			assert.Positive(t, stats.Edges)
			assert.Positive(t, stats.Components)

			x, err := Explore(t.Context(), m, ExploreOptions{})
			require.NoError(t, err)
			assert.EqualValues(t, x.Distinct, stats.States)
			assert.EqualValues(t, x.Generated-1, stats.Edges)

			lassos, _, err = CheckTermination(t.Context(), m, WeakThreads|StrongLocks, 0)
			require.NoError(t, err)
			assert.Empty(t, lassos, "%s: every walk ends if locks are fair", p)
		}
	}
}

// requireStarvation replays a lasso with the pure law.
func requireStarvation(t *testing.T, m *Model, l *Lasso) {
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
		require.NotEqual(t, Idle, s.thread(l.Thread).Op)
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
	require.Zero(t, stepped&(1<<l.Thread), "in this world only the walker can starve that takes no step")
	require.GreaterOrEqual(t, bits.OnesCount(stepped), 1)
}

// A lock that is never released starves whoever waits for it.
func TestWalkTerminatesSeesDeadlock(t *testing.T) {
	m := withRules(mustModel(t, DeepestLock, Bounds{MMs: 1, VMAs: 1, Objects: 1, Pages: 1, Walkers: 1, Slots: 1, WalkerOps: 1, Ops: OpsOf(Walk)}), selfDeadlock{})
	lassos, _, err := CheckTermination(t.Context(), m, WeakThreads|StrongLocks, 0)
	require.NoError(t, err)
	l := lassos.Of(WalkTerminates)
	require.NotNil(t, l)
	assert.Empty(t, l.Cycle)
	assert.Equal(t, "w1:Walk(p1) w1:ReadMapping w1:LockLeaf", m.FormatSchedule(l.Prefix))
}

func TestGraphRefuses(t *testing.T) {
	defer goleak.VerifyNone(t)
	m := mustModel(t, DeepestLock, Bounds{MMs: 2, VMAs: 3, Objects: 3, Pages: 1, Walkers: 2, Slots: 1, MMOps: 2, WalkerOps: 2, Ops: AllOps()})
	_, _, err := CheckTermination(t.Context(), m, WeakThreads, 1000)
	assert.ErrorIs(t, err, ErrTooLarge)
	assert.ErrorContains(t, err, "more than 1000")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = NewGraph(ctx, m, 0)
	assert.ErrorIs(t, err, context.Canceled)

	_, err = NewGraph(t.Context(), withRules(m, misused{}), 0)
	assert.ErrorContains(t, err, ".New = 1 is outside the bounds")
}

// The graph and the exploration are two programs that must see the same.
func TestGraphPaths(t *testing.T) {
	m := mustModel(t, OwnLock, Bounds{MMs: 2, VMAs: 2, Objects: 2, Pages: 1, Walkers: 1, Slots: 1, MMOps: 1, WalkerOps: 1, Ops: AllOps()})
	g, err := NewGraph(t.Context(), m, 0)
	require.NoError(t, err)
	x, err := Explore(t.Context(), m, ExploreOptions{})
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
