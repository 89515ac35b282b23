package explore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/rootlock/rootlock/triangle/law"
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

// A Lasso is a fair behaviour along which a thread stays in an operation for
// ever: first Prefix, then Cycle again and again. An empty Cycle means that
// nothing happens any more: either nothing can, or nothing has to.
type Lasso[S any, M comparable] struct {
	Claim         string // [law.Live.Ends]
	Thread        int
	Prefix, Cycle []M
	State         S // after Prefix, and after each Cycle
}

// Describe says what goes on for ever. The thread's name is the caller's.
func (l *Lasso[S, M]) Describe(of law.Law[S, M], thread string, f Fairness) string {
	if len(l.Cycle) == 0 {
		return fmt.Sprintf("under %s, %s never ends: after %d steps nothing happens any more", f, thread, len(l.Prefix))
	}
	return fmt.Sprintf("under %s, %s never ends: after %d steps, these %d again and again: %s", f, thread, len(l.Prefix), len(l.Cycle), law.Text(of, l.Cycle))
}

// LivenessStats is the work that a search for lassos did.
type LivenessStats struct {
	States, Edges int
	Components    int // strongly connected parts that were judged
	Duration      time.Duration
}

// Lassos are the counterexamples to the claims of termination, at most one each.
type Lassos[S any, M comparable] []*Lasso[S, M]

// Of is the counterexample to a claim; nil: it holds.
func (l Lassos[S, M]) Of(claim string) *Lasso[S, M] {
	for _, lasso := range l {
		if lasso.Claim == claim {
			return lasso
		}
	}
	return nil
}

// Terminates decides whether operations end, for each thread of which the law claims so (it
// must be a [law.Live]). They end if every thread in an operation gets out of it, in every
// behaviour that is fair in the sense of f. Of all lassos of a claim, the result has a shortest
// prefix; the cycle is short but need not be shortest.
//
// The graph is held in memory: a law of more than limit states (0: [NewGraph]'s
// own) is refused with ErrTooLarge.
//
// The method is Streett's. It looks at the part of the graph where a thread is inside an
// operation. There a strongly connected component is fair to a thread if it has a step of the
// thread, or a state where the thread cannot step. A thread may be able to take a lock in some
// states of the component, and never take it. A behaviour that is fair to locks must keep away
// from these states, and the search goes on without them.
func Terminates[S any, M comparable](ctx context.Context, l law.Law[S, M], f Fairness, limit int) (Lassos[S, M], LivenessStats, error) {
	start := time.Now()
	live, ok := l.(law.Live[S, M])
	if !ok {
		return nil, LivenessStats{}, errors.New("the law does not say what an operation is (law.Live)")
	}
	if live.Threads() > 62 {
		return nil, LivenessStats{}, errors.New("fairness is kept for at most 62 threads")
	}
	g, err := NewGraph(ctx, l, limit)
	if err != nil {
		return nil, LivenessStats{}, err
	}
	lassos, stats := g.lassos(live, f)
	stats.Duration = time.Since(start)
	return lassos, stats, nil
}

func (g *Graph[S, M]) lassos(live law.Live[S, M], f Fairness) (list Lassos[S, M], stats LivenessStats) {
	n := g.Len()
	c := &cycleSearch[S, M]{Graph: g, live: live, fairness: f, busy: make([]uint64, n), inside: make([]uint32, n), order: make([]uint32, n), low: make([]uint32, n)}
	var s S
	for i := range c.busy {
		g.unpack(uint32(i), &s)
		for t := 1; t <= live.Threads(); t++ {
			if live.Busy(&s, t) {
				c.busy[i] |= 1 << t
			}
		}
	}
	for t := 1; t <= live.Threads(); t++ {
		claim := live.Ends(t)
		if claim == "" {
			continue
		}
		part := c.search(t)
		if part == nil {
			continue
		}
		// States are numbered by depth: the first has a shortest prefix.
		prefix := c.Path(part[0])
		best := list.Of(claim)
		if best == nil {
			best = &Lasso[S, M]{Claim: claim}
			list = append(list, best)
		} else if len(prefix) >= len(best.Prefix) {
			continue
		}
		best.Thread, best.Prefix, best.Cycle, best.State = t, prefix, c.fairLoop(part), c.State(part[0])
	}
	return list, LivenessStats{States: n, Edges: len(g.edges), Components: c.parts}
}

type cycleSearch[S any, M comparable] struct {
	*Graph[S, M]
	live     law.Live[S, M]
	fairness Fairness
	busy     []uint64 // by state: bit t is set where thread t is in an operation
	parts    int      // judged so far
	inside   []uint32 // the mark of the component that a state is in
	marks    uint32   // given out so far
	order    []uint32 // of components: when a state was first visited, from 1
	low      []uint32 // of components: the earliest state on the stack that it leads to
}

// search finds, for thread t, the fair component with the lowest state. Its
// states are sorted.
func (c *cycleSearch[S, M]) search(t int) (best []uint32) {
	var busy []uint32
	for i := range uint32(c.Len()) {
		if c.busy[i]&(1<<t) != 0 {
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
	disabled, steps  uint64 // cannot step in one of the states; has one of the edges
	couldLock, locks uint64 // could take a lock in one of the states; does so on one of the edges
}

// add counts state i and those of its edges that within accepts. To fairness a
// move that changes nothing is no step (<<A>>_vars in TLA+).
func (c *cycleSearch[S, M]) add(d *debts, i uint32, within func(Edge[M]) bool) {
	var enabled uint64
	for _, e := range c.Edges(i) {
		if e.To == i {
			continue
		}
		bit := uint64(1) << c.law.Thread(e.Move)
		if !c.live.Begins(e.Move) {
			enabled |= bit
		}
		if c.live.Locks(e.Move) {
			d.couldLock |= bit
		}
		if within(e) {
			d.steps |= bit
			if c.live.Locks(e.Move) {
				d.locks |= bit
			}
		}
	}
	d.disabled |= ^enabled
}

// weak and strong are the threads to which the states are unfair.
func (c *cycleSearch[S, M]) weak(d *debts) uint64 {
	all := uint64(1)<<(c.live.Threads()+1) - 2
	return all &^ (d.disabled | d.steps)
}

func (d *debts) strong() uint64 { return d.couldLock &^ d.locks }

// judge decides whether the whole of part, gone through again and again, is
// fair. If it is not, rest is the part of it where something fair may be left.
func (c *cycleSearch[S, M]) judge(part []uint32) (rest []uint32, fair bool) {
	var d debts
	mark := c.inside[part[0]]
	for _, i := range part {
		c.add(&d, i, func(e Edge[M]) bool { return c.inside[e.To] == mark })
	}
	if c.fairness&WeakThreads != 0 && c.weak(&d) != 0 {
		return nil, false // nor is any part of it
	}
	starved := d.strong()
	if c.fairness&StrongLocks == 0 || starved == 0 {
		return nil, true
	}
	for _, i := range part {
		if !slices.ContainsFunc(c.Edges(i), func(e Edge[M]) bool {
			return e.To != i && c.live.Locks(e.Move) && starved&(1<<c.law.Thread(e.Move)) != 0
		}) {
			rest = append(rest, i)
		}
	}
	return rest, false
}
