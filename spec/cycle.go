package spec

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Fairness says which behaviours count. What is not fair, such as a thread that
// could always run and never does, refutes no claim of termination. Fairness is the
// system's: nobody has to begin an operation.
type Fairness uint8

const (
	// WeakThreads: a thread that is in an operation and can step from some moment on
	// does step.
	WeakThreads Fairness = 1 << iota
	// StrongLocks: a thread that can take a lock again and again does take it.
	StrongLocks

	NoFairness Fairness = 0
)

func (f Fairness) String() string {
	switch f {
	case NoFairness:
		return "no fairness"
	case WeakThreads:
		return "weak fairness of threads"
	case StrongLocks:
		return "strong fairness of locks"
	}
	return "weak fairness of threads and strong fairness of locks"
}

// TakesLock reports whether s takes a lock: only these steps can be disabled by
// what another thread holds. TryVMA is not one of them: it does not wait, so no
// fairness of locks gives it anything.
func (s Step) TakesLock() bool {
	switch s {
	case LockAnon, LockAdjust, LockLeaf, LockRoot, LockVMA, LockWalks, LockPage:
		return true
	}
	return false
}

// A Lasso is a fair behaviour along which a thread stays in an operation for
// ever: first Prefix, then Cycle again and again. An empty Cycle means that
// nothing happens any more: either nothing can, or nothing has to.
type Lasso struct {
	Claim         Claim // WalkTerminates or OperationTerminates
	Thread        uint8
	Prefix, Cycle Schedule
	State         State // after Prefix, and after each Cycle
}

// Describe says what goes on for ever.
func (l *Lasso) Describe(m *Model, f Fairness) string {
	if len(l.Cycle) == 0 {
		return fmt.Sprintf("under %s, %s never ends: after %d steps nothing happens any more", f, m.ThreadName(l.Thread), len(l.Prefix))
	}
	return fmt.Sprintf("under %s, %s never ends: after %d steps, these %d again and again: %s", f, m.ThreadName(l.Thread), len(l.Prefix), len(l.Cycle), m.FormatSchedule(l.Cycle))
}

// LivenessStats is the work that a search for lassos did.
type LivenessStats struct {
	States, Edges int
	Components    int // strongly connected parts that were judged
	Duration      time.Duration
}

// Lassos are the counterexamples to the claims of termination, at most one each.
type Lassos []*Lasso

// Of is the counterexample to a claim; nil: it holds.
func (l Lassos) Of(c Claim) *Lasso {
	for _, lasso := range l {
		if lasso.Claim == c {
			return lasso
		}
	}
	return nil
}

// CheckTermination decides WalkTerminates and OperationTerminates: for every walker, and
// for every mm thread, being in an operation leads to not being in one, in every behaviour
// that is fair in the sense of f. After a crash nothing ends any more. Of all lassos of a
// claim, the result has a shortest prefix; the cycle is short but need not be shortest.
//
// The graph is held in memory: a model of more than limit states (0: NewGraph's
// own) is refused with ErrTooLarge.
//
// The method is Streett's: in the part of the graph where a thread is inside an
// operation, a strongly connected component is fair to a thread if it has a step
// of the thread, or a state where the thread cannot step. If a thread can take a
// lock in some states of the component, but never does, a behaviour that is fair
// to locks must keep away from these states, and the search goes on without them.
func CheckTermination(ctx context.Context, m *Model, f Fairness, limit int) (Lassos, LivenessStats, error) {
	start := time.Now()
	g, err := NewGraph(ctx, m, limit)
	if err != nil {
		return nil, LivenessStats{}, err
	}
	lassos, stats := g.lassos(f)
	stats.Duration = time.Since(start)
	return lassos, stats, nil
}

func (g *Graph) lassos(f Fairness) (list Lassos, stats LivenessStats) {
	n := g.Len()
	c := &cycleSearch{Graph: g, fairness: f, inside: make([]uint32, n), order: make([]uint32, n), low: make([]uint32, n)}
	for _, claim := range []Claim{WalkTerminates, OperationTerminates} {
		if best := c.best(claim); best != nil {
			list = append(list, best)
		}
	}
	return list, LivenessStats{States: n, Edges: len(g.edges), Components: c.parts}
}

// best is the lasso with the shortest prefix, of the threads that a claim is about.
func (c *cycleSearch) best(claim Claim) (best *Lasso) {
	for t := uint8(1); t <= c.m.threads; t++ {
		if c.m.IsWalker(t) != (claim == WalkTerminates) {
			continue
		}
		if part := c.search(t); part != nil {
			// States are numbered by depth: the first has a shortest prefix.
			if prefix := c.Path(part[0]); best == nil || len(prefix) < len(best.Prefix) {
				best = &Lasso{Claim: claim, Thread: t, Prefix: prefix, Cycle: c.fairLoop(part), State: c.State(part[0])}
			}
		}
	}
	return best
}

type cycleSearch struct {
	*Graph
	fairness Fairness
	parts    int      // judged so far
	inside   []uint32 // the mark of the component that a state is in
	marks    uint32   // given out so far
	order    []uint32 // of components: when a state was first visited, from 1
	low      []uint32 // of components: the earliest state on the stack that it leads to
}

// search finds, for thread t, the fair component with the lowest state. Its
// states are sorted.
func (c *cycleSearch) search(t uint8) (best []uint32) {
	var busy []uint32
	for i := range uint32(c.Len()) {
		s := c.State(i)
		if s.thread(t).Op != Idle {
			busy = append(busy, i)
		}
	}
	todo := c.components(busy)
	for len(todo) > 0 {
		part := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		slices.Sort(part)
		c.parts++
		if best != nil && part[0] >= best[0] {
			continue
		}
		switch rest, fair := c.judge(part); {
		case fair:
			best = part
		case len(rest) > 0:
			todo = append(todo, c.components(rest)...)
		}
	}
	return best
}

// debts tells to which threads it is unfair to go through some states and edges
// again and again. Bit t stands for thread t.
type debts struct {
	disabled, steps  uint // cannot step in one of the states; has one of the edges
	couldLock, locks uint // could take a lock in one of the states; does so on one of the edges
}

// add counts state i and those of its edges that within accepts. To fairness a
// move that changes nothing is no step (<<A>>_vars in TLA+).
func (d *debts) add(g *Graph, i uint32, within func(Edge) bool) {
	var enabled uint
	for _, e := range g.Edges(i) {
		if e.To == i {
			continue
		}
		bit := uint(1) << e.Move.Thread
		if !e.Move.Step.Begins() {
			enabled |= bit
		}
		if e.Move.Step.TakesLock() {
			d.couldLock |= bit
		}
		if within(e) {
			d.steps |= bit
			if e.Move.Step.TakesLock() {
				d.locks |= bit
			}
		}
	}
	d.disabled |= ^enabled
}

// weak and strong are the threads to which the states are unfair.
func (d *debts) weak(m *Model) uint {
	all := uint(1)<<(m.threads+1) - 2
	return all &^ (d.disabled | d.steps)
}

func (d *debts) strong() uint { return d.couldLock &^ d.locks }

// judge decides whether the whole of part, gone through again and again, is
// fair. If it is not, rest is the part of it where something fair may be left.
func (c *cycleSearch) judge(part []uint32) (rest []uint32, fair bool) {
	var d debts
	mark := c.inside[part[0]]
	for _, i := range part {
		d.add(c.Graph, i, func(e Edge) bool { return c.inside[e.To] == mark })
	}
	if c.fairness&WeakThreads != 0 && d.weak(c.m) != 0 {
		return nil, false // nor is any part of it
	}
	starved := d.strong()
	if c.fairness&StrongLocks == 0 || starved == 0 {
		return nil, true
	}
	for _, i := range part {
		if !slices.ContainsFunc(c.Edges(i), func(e Edge) bool {
			return e.To != i && e.Move.Step.TakesLock() && starved&(1<<e.Move.Thread) != 0
		}) {
			rest = append(rest, i)
		}
	}
	return rest, false
}
