package explore

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/triangle/law"
)

// A toy is a law that was drawn by hand: its states are numbers, its moves the edges from
// them. In busy states thread 3 is in an operation; threads 1 and 2 are not watched.
type toy struct {
	busy  func(i uint8) bool
	edges []toyEdge
}

type toyEdge struct {
	from, to uint8
	thread   uint8
	lock     bool
}

func (l *toy) Initial() []uint8 { return []uint8{0} }

func (l *toy) Moves(s *uint8, buf []toyEdge) []toyEdge {
	for _, e := range l.edges {
		if e.from == *s {
			buf = append(buf, e)
		}
	}
	return buf
}

func (l *toy) Apply(s *uint8, e toyEdge) { *s = e.to }
func (l *toy) Rest(*uint8) bool          { return false }
func (l *toy) Claims() []string          { return nil }
func (l *toy) Check(*uint8) law.Claims   { return 0 }
func (l *toy) Steps() []string           { return []string{"Step", "Lock"} }
func (l *toy) Threads() int              { return 3 }
func (l *toy) Thread(e toyEdge) int      { return int(e.thread) }
func (l *toy) Begins(toyEdge) bool       { return false }
func (l *toy) Locks(e toyEdge) bool      { return e.lock }
func (l *toy) Busy(s *uint8, t int) bool { return t == 3 && l.busy(*s) }
func (l *toy) Format(e toyEdge) string {
	return fmt.Sprintf("t%d:%s(%d)", e.thread, l.Steps()[l.Step(e)], e.to)
}

func (l *toy) Step(e toyEdge) int {
	if e.lock {
		return 1
	}
	return 0
}

const ends = "WalkTerminates"

func (l *toy) Ends(t int) string {
	if t == 3 {
		return ends
	}
	return ""
}

func graphOf(t *testing.T, l *toy) *Graph[uint8, toyEdge] {
	t.Helper()
	g, err := NewGraph(t.Context(), l, 0)
	require.NoError(t, err)
	return g
}

func TestLassoOnToys(t *testing.T) {
	busyFrom := func(n uint8) func(uint8) bool { return func(i uint8) bool { return i >= n } }
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
		l := &toy{busyFrom(1), test.edges}
		g := graphOf(t, l)
		for f, want := range map[Fairness]string{WeakThreads: test.weak, WeakThreads | StrongLocks: test.strong} {
			lassos, _ := g.lassos(l, f)
			l := lassos.Of(ends)
			got := "-"
			if l != nil {
				got = ""
				for _, mv := range l.Cycle {
					got += fmt.Sprint(mv.thread)
				}
			}
			assert.Equal(t, want, got, "%s, under %s", test.reason, f)
		}
		lassos, _ := g.lassos(l, NoFairness)
		assert.NotNil(t, lassos.Of(ends), "without fairness every operation can stand still: %s", test.reason)
	}
}

// fairSet decides by definition whether going through all of the states of set
// and all edges between them again and again is possible, and fair.
func fairSet(g *Graph[uint8, toyEdge], set uint, f Fairness) bool {
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
	for t := uint8(1); t <= 3; t++ {
		everDisabled, steps, couldLock, locks := false, false, false, false
		for i := range uint32(g.Len()) {
			if !in(i) {
				continue
			}
			enabled := false
			for _, e := range g.Edges(i) {
				if e.Move.thread != t || e.To == i {
					continue
				}
				lock := e.Move.lock
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
		busy := uint(rng.Uint32()) &^ 1 // of the states as they are drawn
		var edges []toyEdge
		for i := 1; i < n; i++ { // reachable
			edges = append(edges, toyEdge{uint8(rng.IntN(i)), uint8(i), uint8(1 + rng.IntN(3)), rng.IntN(2) == 0})
		}
		for range rng.IntN(2 * n) {
			edges = append(edges, toyEdge{uint8(rng.IntN(n)), uint8(rng.IntN(n)), uint8(1 + rng.IntN(3)), rng.IntN(2) == 0})
		}
		l := &toy{func(i uint8) bool { return busy&(1<<i) != 0 }, edges}
		g := graphOf(t, l)
		busyStates := uint(0) // as the graph numbers them
		for i := range uint32(g.Len()) {
			if l.busy(g.State(i)) {
				busyStates |= 1 << i
			}
		}
		for _, f := range []Fairness{NoFairness, WeakThreads, StrongLocks, WeakThreads | StrongLocks} {
			want := false
			for set := uint(1); set < 1<<n; set++ {
				want = want || set&^busyStates == 0 && fairSet(g, set, f)
			}
			lassos, _ := g.lassos(l, f)
			found := lassos.Of(ends)
			require.Equal(t, want, found != nil, "%s: busy %b, edges %v", f, busy, edges)
			verdicts[want]++
			if found == nil {
				continue
			}
			long = max(long, len(found.Cycle))
			requireFairLasso(t, l, g, found, f)
		}
	}
	assert.Greater(t, verdicts[true], 1000)
	assert.Greater(t, verdicts[false], 1000)
	assert.Greater(t, long, 4, "the longest cycle")
}

// requireFairLasso follows a lasso in the graph.
func requireFairLasso(t *testing.T, of *toy, g *Graph[uint8, toyEdge], l *Lasso[uint8, toyEdge], f Fairness) {
	t.Helper()
	s := uint8(0)
	for _, e := range l.Prefix {
		require.Equal(t, e.from, s)
		s = e.to
	}
	require.Equal(t, l.State, s)
	number := map[uint8]uint32{}
	for i := range uint32(g.Len()) {
		number[g.State(i)] = i
	}
	c := &cycleSearch[uint8, toyEdge]{Graph: g, live: of}
	var d debts
	for _, e := range l.Cycle {
		require.Equal(t, e.from, s)
		require.True(t, of.busy(s))
		c.add(&d, number[s], func(o Edge[toyEdge]) bool { return o.Move == e })
		s = e.to
	}
	if len(l.Cycle) == 0 {
		c.add(&d, number[s], func(Edge[toyEdge]) bool { return false })
	}
	require.Equal(t, l.State, s, "the cycle closes")
	require.True(t, f&WeakThreads == 0 || c.weak(&d) == 0, "%+v under %s", l, f)
	require.True(t, f&StrongLocks == 0 || d.strong() == 0, "%+v under %s", l, f)
}
