// Package shrink makes a failing schedule as small as it gets: fewest threads, then
// fewest steps, then fewest context switches. What is left is 1-minimal: without any
// one of its threads, operations or steps, or with two of its runs of one thread
// joined, it does not fail any more.
package shrink

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/explore"
)

// ErrUnbroken is wrapped by the error for a schedule that does not fail.
var ErrUnbroken = errors.New("the schedule does not fail")

// searched is how many states each breadth-first search looks at at most: well under a
// second of work.
const searched = 300_000

// A Runner takes steps: the lockstep of model and implementation, say. Reset returns it
// to the initial state.
type Runner interface {
	Reset() error
	State() *spec.State
	Do(spec.Move) error
}

// Progress is told how many searches of how many are done, and how many steps the
// schedule has so far. It may be nil.
type Progress func(done, all, steps int)

// Schedule shrinks a schedule of m that breaks c, a claim of states or NoDeadlock.
//
// First it leaves out what can be left out, move by move (trim). What that cannot see
// is another way to the same failure; so then it searches breadth first in models that
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
	x := breaking(m, c)
	sch = x.try(sch, nothing)
	if sch == nil {
		return nil, fmt.Errorf("rootlock: %w: it does not break %s", ErrUnbroken, c)
	}
	shorter, err := search(ctx, m, x.trim(sch), c, progress)
	if err != nil && ctx.Err() == nil {
		return nil, err
	}
	return x.join(shorter), err
}

// Failing shrinks a schedule on which failed becomes true: it is asked after each move,
// with the error that the runner gave. Such a runner cannot be searched breadth first, so
// that this only trims and joins.
func Failing(m *spec.Model, r Runner, sch spec.Schedule, failed func(err error) bool) (spec.Schedule, error) {
	x := &subject{m: m, runner: r, failed: failed}
	if sch = x.try(sch, nothing); sch != nil {
		sch = x.join(x.trim(sch))
	}
	switch {
	case x.err != nil:
		return nil, x.err
	case sch == nil:
		return nil, fmt.Errorf("rootlock: %w", ErrUnbroken)
	}
	return sch, nil
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
	x := &subject{m: m, runner: r, failed: func(err error) bool { parted = err; return err != nil }}
	if x.try(sch, nothing); x.err != nil { // the last attempt was another
		return nil, nil, x.err
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
		if found != nil && cmp.Or(cmp.Compare(Threads(found), Threads(best)), cmp.Compare(len(found), len(best))) < 0 {
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
		if err := m.Run(&s, sch, nil); err != nil || !breaks(m, &s, c) {
			return nil, nil
		}
		return sch, nil
	}
	return nil, nil
}

// joined lists the schedules in which a run of a thread is moved to the thread's run
// before it, or that one to it.
func joined(sch spec.Schedule) (list []spec.Schedule) {
	runs := split(sch)
	for i := range runs {
		for j := i + 1; j < len(runs); j++ {
			if runs[i][0].Thread != runs[j][0].Thread {
				continue
			}
			early := slices.Concat(runs[:i+1]...)
			early = slices.Concat(early, runs[j], slices.Concat(runs[i+1:j]...), slices.Concat(runs[j+1:]...))
			late := slices.Concat(runs[:i]...)
			late = slices.Concat(late, slices.Concat(runs[i+1:j]...), runs[i], slices.Concat(runs[j:]...))
			list = append(list, early, late)
			break
		}
	}
	return list
}

// split cuts a schedule into runs of one thread.
func split(sch spec.Schedule) (runs []spec.Schedule) {
	for from := 0; from < len(sch); {
		to := from + 1
		for to < len(sch) && sch[to].Thread == sch[from].Thread {
			to++
		}
		runs = append(runs, sch[from:to:to])
		from = to
	}
	return runs
}

// Switches is the number of context switches.
func Switches(sch spec.Schedule) int { return max(0, len(split(sch))-1) }

// Fails reports whether the schedule can be taken and breaks c in its last state.
func Fails(m *spec.Model, sch spec.Schedule, c spec.Claim) bool { return breaking(m, c).fails(sch) }

// Smaller lists all that a 1-minimal schedule must not be possible without: sch
// without a thread, without an operation, without a step, and with runs joined.
func Smaller(sch spec.Schedule) (list []spec.Schedule) {
	drop := func(gone func(i int) bool) {
		var rest spec.Schedule
		for i, mv := range sch {
			if !gone(i) {
				rest = append(rest, mv)
			}
		}
		list = append(list, rest)
	}
	seen := map[uint8]bool{}
	for i, mv := range sch {
		if !seen[mv.Thread] {
			seen[mv.Thread] = true
			drop(func(k int) bool { return sch[k].Thread == mv.Thread })
		}
		drop(func(k int) bool { return k == i })
		if mv.Step.Begins() {
			end := len(sch)
			for k := i + 1; k < len(sch); k++ {
				if sch[k].Thread == mv.Thread && sch[k].Step.Begins() {
					end = k
					break
				}
			}
			drop(func(k int) bool { return k >= i && k < end && sch[k].Thread == mv.Thread })
		}
	}
	return append(list, joined(sch)...)
}

func operations(sch spec.Schedule, t uint8) (n int) {
	for _, mv := range sch {
		if mv.Thread == t && mv.Step.Begins() {
			n++
		}
	}
	return n
}

// Threads is the number of threads that take a step.
func Threads(sch spec.Schedule) int {
	seen := map[uint8]bool{}
	for _, mv := range sch {
		seen[mv.Thread] = true
	}
	return len(seen)
}
