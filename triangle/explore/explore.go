// Package explore visits every reachable state of a [law.Law], breadth first and on all
// processors, and finds a shortest counterexample for every claim that is false somewhere.
// It also holds the whole graph of a small law ([NewGraph]), and decides on it whether
// operations end under fairness ([Lassos]).
//
// States are kept as fingerprints: two of n states share one with probability n²/2⁶⁵.
// A distinct state costs 14 to 20 bytes, and the packed states of two levels.
package explore

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rootlock/rootlock/triangle/law"
)

// Options say how to explore. The zero value explores everything on all processors.
type Options struct {
	Workers   int            // goroutines; 0: GOMAXPROCS
	Symmetry  bool           // states that differ in names only count as one: the law must be [law.Symmetric]
	MaxStates uint64         // stop after the level that reaches so many distinct states; 0: no limit
	StopOn    []string       // stop after the level that violates one of these claims
	Progress  func(Progress) // called now and then, by the goroutine that called Explore
}

// Progress is what an exploration has done so far.
type Progress struct {
	Level               int // being generated; the initial states are level 1
	Distinct, Generated uint64
	Frontier            uint64 // states of the level before that are still to be expanded
	Elapsed             time.Duration
}

// Reasons why an exploration stopped before the end.
var (
	ErrMaxStates = errors.New("stopped at the limit of states")
	ErrViolated  = errors.New("stopped at a violated claim")
	ErrNotTyped  = errors.New("states that violate TypeOK were not explored further")
)

// An Exploration is what there is to say about all reachable states of a law.
// It does not depend on the number of workers or on their timing, except
// Duration and Memory, and the counts of one that a context cut short.
type Exploration[S any, M comparable] struct {
	Distinct  uint64
	Generated uint64 // the initial states and all successors, as TLC counts them
	Depth     int    // number of levels; the initial states are level 1
	Levels    []uint64

	Steps      []uint64          // generated states, by the step that led there: [law.Law.Steps]
	Deadlocks  uint64            // states without move that are not at rest
	Violations []Violation[S, M] // by claim; none: all claims hold in all states explored
	Broken     []string          // of a law.Parted: the parts of claims that are false in some state explored

	Complete bool  // every reachable state was explored
	Stopped  error // why not: ErrMaxStates, ErrViolated, ErrNotTyped or the context's cause
	Duration time.Duration
	Memory   Memory
}

// A Violation is a claim that is false in some reachable states.
type Violation[S any, M comparable] struct {
	Claim    string
	States   uint64 // how many distinct states violate it
	From     S      // the initial state that Schedule begins in
	Schedule []M    // a shortest one from an initial state to such a state
	State    S      // the state after Schedule
}

// Memory is what an exploration holds at its end, in bytes.
type Memory struct {
	Table    uint64 // fingerprints and parents
	Frontier uint64 // packed states, at the peak
}

// BytesPerState is the memory held for each distinct state.
func (x *Exploration[S, M]) BytesPerState() float64 {
	return float64(x.Memory.Table+x.Memory.Frontier) / float64(x.Distinct)
}

// Violation is the violation of a claim, nil if it holds.
func (x *Exploration[S, M]) Violation(claim string) *Violation[S, M] {
	for i := range x.Violations {
		if x.Violations[i].Claim == claim {
			return &x.Violations[i]
		}
	}
	return nil
}

// Explore visits every reachable state of l, breadth first, and goes on beyond
// states that violate a claim, so that each claim gets a shortest
// counterexample of its own. Only states that violate TypeOK are not expanded:
// there the law itself may not be defined. Where a step of the law panics, or leads
// outside what its [law.Packer] packs, TypeOK is violated.
//
// If ctx ends, or a limit of o is reached, the result says what was found until
// then. An error means that there is no result: a state type that is no plain value, a
// claim in o.StopOn that the law does not make, a law that is not a function of the state.
func Explore[S any, M comparable](ctx context.Context, l law.Law[S, M], o Options) (*Exploration[S, M], error) {
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	e, err := newExplorer(ctx, l, o)
	if err != nil {
		return nil, err
	}
	if err := e.run(); err != nil {
		return nil, err
	}
	return e.result()
}

// An explorer is the state of one exploration.
type explorer[S any, M comparable] struct {
	*form[S, M]
	ctx     context.Context
	o       Options
	start   time.Time
	parts   law.Parted[S] // nil if the law has none
	table   *table
	workers []*worker[S, M]

	claims           []string
	typed, deadlocks int // places of the two in claims
	stopOn           law.Claims

	level     uint64 // being generated
	levels    []uint64
	work      frontier // blocks of the level before
	next      atomic.Int64
	distinct  atomic.Uint64
	generated atomic.Uint64
	expanded  atomic.Uint64 // of this level
	reported  time.Time
	stopped   error
}

func newExplorer[S any, M comparable](ctx context.Context, l law.Law[S, M], o Options) (*explorer[S, M], error) {
	f, err := newForm(l, o.Symmetry)
	if err != nil {
		return nil, err
	}
	e := &explorer[S, M]{form: f, ctx: ctx, o: o, start: time.Now(), table: newTable(o.Workers)}
	e.parts, _ = l.(law.Parted[S])
	e.claims = slices.Clone(l.Claims())
	place := func(name string) int {
		if i := slices.Index(e.claims, name); i >= 0 {
			return i
		}
		e.claims = append(e.claims, name)
		return len(e.claims) - 1
	}
	e.typed, e.deadlocks = place(law.TypeOK), place(law.NoDeadlock)
	if len(e.claims) > 64 {
		return nil, fmt.Errorf("the law makes %d claims, %s and %s included; 64 is the most", len(e.claims), law.TypeOK, law.NoDeadlock)
	}
	for _, name := range o.StopOn {
		i := slices.Index(e.claims, name)
		if i < 0 {
			return nil, fmt.Errorf("the law makes no claim %q to stop on", name)
		}
		e.stopOn |= 1 << i
	}
	e.reported = e.start
	for i := range o.Workers {
		e.workers = append(e.workers, newWorker(e, e.table.workers[i]))
	}
	return e, nil
}

// run generates level after level.
func (e *explorer[S, M]) run() error {
	e.level = 1
	for _, s := range e.law.Initial() {
		e.workers[0].begin(s)
	}
	for {
		if e.endLevel(); e.stopped != nil || len(e.work) == 0 {
			return nil
		}
		e.level++
		if e.level > maxLevel {
			return fmt.Errorf("a state is more than %d steps away from the initial states", maxLevel)
		}
		// A level of few blocks is done before another goroutine has begun.
		helpers := e.workers[1:min(len(e.workers), (len(e.work)+1)/2+1)]
		if len(e.work) == 1 {
			helpers = nil
		}
		var wg sync.WaitGroup
		for _, w := range helpers {
			wg.Go(w.expandBlocks)
		}
		e.workers[0].expandBlocks()
		wg.Wait()
	}
}

// endLevel gathers what the workers made of a level and decides whether to go on.
func (e *explorer[S, M]) endLevel() {
	e.work = nil
	var violated law.Claims
	for _, w := range e.workers {
		e.work = append(e.work, w.pile.take()...)
		violated |= w.violated
	}
	before := uint64(0)
	for _, n := range e.levels {
		before += n
	}
	if n := e.distinct.Load() - before; n > 0 {
		e.levels = append(e.levels, n)
	}
	e.next.Store(0)
	e.expanded.Store(0)
	switch {
	case e.ctx.Err() != nil:
		e.stopped = context.Cause(e.ctx)
	case violated&e.stopOn != 0:
		e.stopped = ErrViolated
	case e.o.MaxStates > 0 && e.distinct.Load() >= e.o.MaxStates && len(e.work) > 0:
		e.stopped = ErrMaxStates
	}
}

const progressEvery = 200 * time.Millisecond

// progress is called by worker 0 only, which runs in Explore's goroutine.
func (e *explorer[S, M]) progress() {
	if e.o.Progress == nil || time.Since(e.reported) < progressEvery {
		return
	}
	e.reported = time.Now()
	frontier := e.levels[len(e.levels)-1]
	e.o.Progress(Progress{
		Level: int(e.level), Distinct: e.distinct.Load(), Generated: e.generated.Load(),
		Frontier: frontier - min(frontier, e.expanded.Load()), Elapsed: time.Since(e.start),
	})
}

// result adds up what the workers counted and finds the counterexamples.
func (e *explorer[S, M]) result() (*Exploration[S, M], error) {
	x := &Exploration[S, M]{
		Distinct: e.distinct.Load(), Generated: e.generated.Load(), Depth: len(e.levels), Levels: e.levels,
		Complete: e.stopped == nil, Stopped: e.stopped, Steps: make([]uint64, len(e.law.Steps())),
	}
	x.Memory.Table = e.table.bytes()
	tallies := make([]tally, len(e.claims))
	broken := uint64(0)
	for _, w := range e.workers {
		x.Memory.Frontier += w.pile.bytes()
		broken |= w.broken
		for s, n := range w.perStep {
			x.Steps[s] += n
		}
		for c := range tallies {
			tallies[c].add(w.tally[c])
		}
	}
	if e.parts != nil {
		x.Broken = law.Claims(broken).Names(e.parts.Parts())
	}
	x.Deadlocks = tallies[e.deadlocks].states
	if x.Complete && tallies[e.typed].states > 0 {
		x.Complete, x.Stopped = false, ErrNotTyped
	}
	for c, t := range tallies {
		if t.states == 0 {
			continue
		}
		v := Violation[S, M]{Claim: e.claims[c], States: t.states}
		if err := e.counterexample(&v, t.first, t.level); err != nil {
			return nil, err
		}
		x.Violations = append(x.Violations, v)
	}
	x.Duration = time.Since(e.start)
	return x, nil
}

// A tally counts the states that violate a claim and keeps, of those at the
// first level, the one with the smallest fingerprint.
type tally struct {
	states uint64
	level  uint64
	first  fingerprint
}

func (t *tally) add(u tally) {
	switch {
	case u.states == 0:
	case t.states == 0 || u.level < t.level || u.level == t.level && u.first < t.first:
		u.states += t.states
		*t = u
	default:
		t.states += u.states
	}
}
