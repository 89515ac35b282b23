// Package shorten makes a failing schedule of the anon_vma world as small as it gets: fewest
// threads, then fewest steps, then fewest context switches. Package triangle/shrink leaves
// out and joins; what that cannot see is another way to the same failure, which is searched
// for breadth first in smaller worlds.
package shorten

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/explore"
	"github.com/rootlock/rootlock/triangle/law"
	"github.com/rootlock/rootlock/triangle/shrink"
)

// ErrUnbroken is wrapped by the error for a schedule that does not fail.
var ErrUnbroken = shrink.ErrUnbroken

// searched is how many states each breadth-first search looks at at most: well under a
// second of work.
const searched = 300_000

// A Runner takes steps: the lockstep of model and implementation, say. Reset returns it
// to the initial state.
type Runner = shrink.Runner[spec.State, spec.Move]

// Progress is told how many searches of how many are done, and how many steps the
// schedule has so far. It may be nil.
type Progress func(done, all, steps int)

// Schedule shrinks a schedule of m that breaks c, a claim of states or NoDeadlock.
//
// First it trims. Then it searches breadth first in models that
// have no more threads and operations per thread than what is left, and in others with
// all kinds of operations and of threads. A search that would take too long is given
// up. In the end it joins runs of one thread. If the context ends, what is left so far
// is returned beside the error.
func Schedule(ctx context.Context, m *spec.Model, sch spec.Schedule, c spec.Claim, progress Progress) (spec.Schedule, error) {
	if c.Temporal() {
		return nil, fmt.Errorf("rootlock: no finite schedule breaks %s: see Failing", c)
	}
	s := m.Init()
	if err := m.Run(&s, sch, nil); err != nil {
		return nil, err
	}
	x := shrink.Breaking(m.Law(), c.String())
	trimmed, err := x.Trim(sch)
	if err != nil {
		return nil, fmt.Errorf("rootlock: %w: it does not break %s", err, c)
	}
	shorter, err := search(ctx, m, trimmed, c, progress)
	if err != nil && ctx.Err() == nil {
		return nil, err
	}
	joined, wrong := x.Join(shorter)
	return joined, cmp.Or(err, wrong)
}

// Failing shrinks a schedule on which failed becomes true: it is asked after each move,
// with the error that the runner gave. Such a runner cannot be searched breadth first, so
// that this only trims and joins.
func Failing(m *spec.Model, r Runner, sch spec.Schedule, failed func(err error) bool) (spec.Schedule, error) {
	x := &shrink.Subject[spec.State, spec.Move]{Law: m.Law(), Runner: r, Failed: failed}
	shorter, err := x.Schedule(sch)
	if errors.Is(err, ErrUnbroken) {
		err = fmt.Errorf("rootlock: %w", err)
	}
	return shorter, err
}

// Divergence shrinks a schedule on which a runner parts from the model: at its last move
// the runner gives an error, which is returned beside what is left, as its last move
// gives it.
func Divergence(ctx context.Context, m *spec.Model, r Runner, sch spec.Schedule) (_ spec.Schedule, parted, err error) {
	sch, err = Failing(m, stoppable{r, ctx}, sch, func(err error) bool { return err != nil && ctx.Err() == nil })
	if ctx.Err() != nil {
		return nil, nil, context.Cause(ctx)
	}
	if err != nil {
		return nil, nil, err
	}
	x := &shrink.Subject[spec.State, spec.Move]{Law: m.Law(), Runner: r, Failed: func(err error) bool { parted = err; return err != nil }}
	if _, err := x.Try(sch); err != nil { // the last attempt was another
		return nil, nil, err
	}
	return sch, parted, nil
}

// stoppable is a runner that a context ends.
type stoppable struct {
	Runner
	ctx context.Context
}

func (s stoppable) Reset() error {
	if s.ctx.Err() != nil {
		return context.Cause(s.ctx)
	}
	return s.Runner.Reset()
}

// search looks for the shortest schedule with the fewest threads, within what sch has.
func search(ctx context.Context, m *spec.Model, sch spec.Schedule, c spec.Claim, progress Progress) (spec.Schedule, error) {
	mms, walkers := 1, 0
	b := m.Bounds
	b.MMOps, b.WalkerOps, b.Ops = 0, 0, 0
	for t := uint8(1); int(t) <= m.Threads(); t++ {
		n := operations(sch, t)
		switch {
		case n == 0:
		case m.IsWalker(t):
			walkers++
			b.WalkerOps = max(b.WalkerOps, n)
		case int(t) > m.MMs: // a faulter: b.Faulters stays
			mms = max(mms, int(t)-m.MMs-m.Walkers)
			b.MMOps = max(b.MMOps, n)
		default:
			mms = max(mms, int(t))
			b.MMOps = max(b.MMOps, n)
		}
	}
	for _, mv := range sch {
		if mv.Step.Begins() {
			b.Ops |= spec.OpsOf(mv.Step)
		}
		if mv.Step == spec.Fork { // a child is there, also if it takes no step
			mms = max(mms, int(mv.Args[0]))
		}
	}
	best := sch
	kinds := []spec.Ops{b.Ops}
	if m.Ops != b.Ops { // another operation may fail in the same way, and sooner
		kinds = append(kinds, m.Ops)
	}
	var searches []spec.Bounds
	for i, ops := range kinds {
		b.Ops = ops
		if i > 0 {
			mms, walkers = m.MMs, m.Walkers
			b.MMOps, b.WalkerOps = max(b.MMOps, min(1, m.MMOps)), max(b.WalkerOps, min(1, m.WalkerOps))
		}
		for b.MMs = 1; b.MMs <= mms; b.MMs++ {
			for b.Walkers = 0; b.Walkers <= walkers; b.Walkers++ {
				b.Faulters = min(m.Faulters, b.MMs)
				searches = append(searches, b)
			}
		}
	}
	for i, b := range searches {
		if progress != nil {
			progress(i, len(searches), len(best))
		}
		found, err := shortest(ctx, m, b, c)
		if err != nil {
			return best, err
		}
		if found != nil && cmp.Or(cmp.Compare(shrink.Threads(m.Law(), found), shrink.Threads(m.Law(), best)), cmp.Compare(len(found), len(best))) < 0 {
			best = found
		}
	}
	return best, nil
}

// shortest finds a shortest schedule that breaks c within bounds, as one of m; nil if
// there is none, or the search was given up.
func shortest(ctx context.Context, m *spec.Model, b spec.Bounds, c spec.Claim) (spec.Schedule, error) {
	small, err := spec.NewModel(m.Protocol, m.Name, b)
	if err != nil {
		return nil, nil // bounds that no model has
	}
	x, err := explore.Explore(ctx, small.Law(), explore.Options{MaxStates: searched, StopOn: []string{c.String()}})
	if err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if v := x.Violation(c.String()); v != nil {
		sch, err := m.ParseSchedule(small.FormatSchedule(v.Schedule)) // walkers have other numbers
		if err != nil {
			return nil, err
		}
		s := m.Init()
		if err := m.Run(&s, sch, nil); err != nil || !law.Breaker(m.Law(), c.String())(&s) {
			return nil, nil
		}
		return sch, nil
	}
	return nil, nil
}

func operations(sch spec.Schedule, t uint8) (n int) {
	for _, mv := range sch {
		if mv.Thread == t && mv.Step.Begins() {
			n++
		}
	}
	return n
}
