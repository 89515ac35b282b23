package spec

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// ExploreOptions say how to explore. The zero value explores everything on all
// processors.
type ExploreOptions struct {
	Workers   int            // goroutines; 0: GOMAXPROCS
	Symmetry  bool           // states that differ only in the names of objects count as one
	MaxStates uint64         // stop after the level that reaches so many distinct states; 0: no limit
	StopOn    ClaimSet       // stop after the level that violates one of these
	Progress  func(Progress) // called now and then, by the goroutine that called Explore
}

// Progress is what an exploration has done so far.
type Progress struct {
	Level               int // being generated; the initial state is level 1
	Distinct, Generated uint64
	Frontier            uint64 // states of the level before that are still to be expanded
	Elapsed             time.Duration
}

// Reasons why an exploration stopped before the end.
var (
	ErrMaxStates = errors.New("rootlock: stopped at the limit of states")
	ErrViolated  = errors.New("rootlock: stopped at a violated claim")
	ErrNotTyped  = errors.New("rootlock: states that violate TypeOK were not explored further")
)

// An Exploration is what there is to say about all reachable states of a model.
// It does not depend on the number of workers or on their timing, except
// Duration and Memory, and the counts of one that a context cut short.
type Exploration struct {
	Distinct  uint64
	Generated uint64 // the initial state and all successors, as TLC counts them (without Rest)
	Depth     int    // number of levels; the initial state is level 1
	Levels    []uint64

	PerStep    [NumSteps]uint64 // generated states, by the step that led there
	PerWalker  [NumSteps]uint64 // ... of PerStep, those by walkers
	Deadlocks  uint64           // states without move that are not Rest
	Violations []Violation      // by claim; none: all claims hold in all states explored
	Broken     ConjunctSet      // the parts of claims that are false in some state explored

	Complete bool  // every reachable state was explored
	Stopped  error // why not: ErrMaxStates, ErrViolated, ErrNotTyped or the context's cause
	Duration time.Duration
	Memory   Memory
}

// A Violation is a claim that is false in some reachable states.
type Violation struct {
	Claim    Claim
	States   uint64   // how many distinct states violate it
	Schedule Schedule // a shortest one from the initial state to such a state
	State    State    // the state after Schedule
}

// Memory is what an exploration holds at its end, in bytes.
type Memory struct {
	Table    uint64 // fingerprints and parents
	Frontier uint64 // packed states, at the peak
}

// BytesPerState is the memory held for each distinct state.
func (x *Exploration) BytesPerState() float64 {
	return float64(x.Memory.Table+x.Memory.Frontier) / float64(x.Distinct)
}

// Violation is the violation of claim c, nil if it holds.
func (x *Exploration) Violation(c Claim) *Violation {
	for i := range x.Violations {
		if x.Violations[i].Claim == c {
			return &x.Violations[i]
		}
	}
	return nil
}

// StepKinds counts the pairs of a kind of thread and a step that it took.
func (x *Exploration) StepKinds() (n int) {
	for s := range x.PerStep {
		if x.PerWalker[s] > 0 {
			n++
		}
		if x.PerStep[s] > x.PerWalker[s] {
			n++
		}
	}
	return n
}

// Explore visits every reachable state of m, breadth first, and goes on beyond
// states that violate a claim, so that each claim gets a shortest
// counterexample of its own. Only states that violate TypeOK are not expanded:
// there the law itself may not be defined. Where a step of the law panics, or leads
// outside the bounds, TypeOK is violated.
//
// If ctx ends, or a limit of o is reached, the result says what was found until
// then. An error means that there is no result.
func Explore(ctx context.Context, m *Model, o ExploreOptions) (*Exploration, error) {
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	e := newExplorer(ctx, m, o)
	if err := e.run(); err != nil {
		return nil, err
	}
	return e.result()
}

// An explorer is the state of one exploration.
type explorer struct {
	ctx     context.Context
	m       *Model
	o       ExploreOptions
	start   time.Time
	packing *packing
	table   *table
	workers []*worker

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

func newExplorer(ctx context.Context, m *Model, o ExploreOptions) *explorer {
	e := &explorer{ctx: ctx, m: m, o: o, start: time.Now(), packing: newPacking(m), table: newTable(o.Workers)}
	e.reported = e.start
	for i := range o.Workers {
		e.workers = append(e.workers, newWorker(e, e.table.workers[i]))
	}
	return e
}

// run generates level after level.
func (e *explorer) run() error {
	e.level = 1
	e.workers[0].begin(e.m.Init())
	for {
		if e.endLevel(); e.stopped != nil || len(e.work) == 0 {
			return nil
		}
		e.level++
		if e.level > maxLevel {
			return fmt.Errorf("rootlock: exploring %s: a state is more than %d steps away from the initial state", e.m.Name, maxLevel)
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
func (e *explorer) endLevel() {
	e.work = nil
	var violated ClaimSet
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
	case violated&e.o.StopOn != 0:
		e.stopped = ErrViolated
	case e.o.MaxStates > 0 && e.distinct.Load() >= e.o.MaxStates && len(e.work) > 0:
		e.stopped = ErrMaxStates
	}
}

const progressEvery = 200 * time.Millisecond

// progress is called by worker 0 only, which runs in Explore's goroutine.
func (e *explorer) progress() {
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
func (e *explorer) result() (*Exploration, error) {
	x := &Exploration{
		Distinct: e.distinct.Load(), Generated: e.generated.Load(), Depth: len(e.levels), Levels: e.levels,
		Complete: e.stopped == nil, Stopped: e.stopped,
	}
	x.Memory.Table = e.table.bytes()
	var tally [NumClaims]tally
	for _, w := range e.workers {
		x.Memory.Frontier += w.pile.bytes()
		x.Broken |= w.broken
		for s := range NumSteps {
			x.PerStep[s] += w.perStep[0][s] + w.perStep[1][s]
			x.PerWalker[s] += w.perStep[1][s]
		}
		for c := range tally {
			tally[c].add(w.tally[c])
		}
	}
	x.Deadlocks = tally[NoDeadlock].states
	if x.Complete && tally[TypeOK].states > 0 {
		x.Complete, x.Stopped = false, ErrNotTyped
	}
	for c, t := range tally {
		if t.states == 0 {
			continue
		}
		v := Violation{Claim: Claim(c), States: t.states}
		var err error
		if v.Schedule, v.State, err = e.counterexample(t.first, t.level); err != nil {
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
