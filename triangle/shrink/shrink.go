// Package shrink makes a failing schedule as small as it gets by leaving out and joining:
// what is left is 1-minimal. Without any one of its moves it does not fail any more, nor
// with two of its runs of one thread joined. What a failure is, the caller says: a claim
// that is false, or code that parts from the law.
package shrink

import (
	"cmp"
	"errors"
	"slices"

	"github.com/rootlock/rootlock/triangle/law"
)

// ErrUnbroken is returned for a schedule that does not fail.
var ErrUnbroken = errors.New("the schedule does not fail")

// A Runner takes moves: the law alone ([Alone]), or a lockstep of law and code. Reset
// returns it to the initial state.
type Runner[S any, M comparable] interface {
	Reset() error
	State() *S
	Do(M) error
}

// A Subject is what a schedule is tried on, and what it is to fail at.
type Subject[S any, M comparable] struct {
	Law    law.Law[S, M]
	Runner Runner[S, M]
	// Failed is asked after each move, with the error that the runner gave, whether the
	// schedule has failed.
	Failed func(err error) bool

	err error // of the runner, beside what was looked for: nothing more is tried
}

// Schedule shrinks a schedule that fails, perhaps before its end: it trims, and then joins.
// It returns ErrUnbroken, or an error of the runner that is no failure.
func (x *Subject[S, M]) Schedule(sch []M) ([]M, error) {
	sch, err := x.Trim(sch)
	if err == nil {
		sch, err = x.Join(sch)
	}
	return sch, err
}

// Try takes those moves of a schedule that are enabled, up to the failure, and returns them;
// nil if there is none.
func (x *Subject[S, M]) Try(sch []M) ([]M, error) {
	x.err = nil
	taken := x.try(sch, x.nothing)
	return taken, x.err
}

// Fails reports whether all of the schedule can be taken, and its last move fails.
func (x *Subject[S, M]) Fails(sch []M) bool {
	x.err = nil
	return x.fails(sch)
}

// Trim drops what a failing schedule does not need: it leaves out one move after
// the other, and with it what is then not enabled any more, as long as it fails in
// the same way. What is left may be needed only because a later operation names what it
// made: so in the end such a move may choose what there is instead.
func (x *Subject[S, M]) Trim(sch []M) ([]M, error) {
	x.err = nil
	sch = x.try(sch, x.nothing)
	if x.err == nil && sch == nil {
		return nil, ErrUnbroken
	}
	for _, instead := range []func(M) (M, bool){x.nothing, x.sameStep} {
		for again := true; again; {
			again = false
			for i := len(sch) - 1; i >= 0; i-- {
				if i >= len(sch) {
					continue
				}
				if shorter := x.try(slices.Delete(slices.Clone(sch), i, i+1), instead); shorter != nil {
					sch, again = shorter, true
				}
			}
		}
	}
	return sch, x.err
}

// Join joins runs of one thread, as long as the schedule then fails with fewer context
// switches.
func (x *Subject[S, M]) Join(sch []M) ([]M, error) {
	x.err = nil
	for again := true; again; {
		again = false
		for _, other := range joined(x.Law, sch) {
			if Switches(x.Law, other) < Switches(x.Law, sch) && x.fails(other) {
				sch, again = other, true
				break
			}
		}
	}
	return sch, x.err
}

// try takes the moves that are enabled, up to the failure, and returns them; nil if
// there is none. instead may name another move for one that is not enabled.
func (x *Subject[S, M]) try(sch []M, instead func(M) (M, bool)) []M {
	if x.err != nil {
		return nil
	}
	if x.err = x.Runner.Reset(); x.err != nil {
		return nil
	}
	taken := make([]M, 0, len(sch))
	for _, mv := range sch {
		if !law.Enabled(x.Law, x.Runner.State(), mv) {
			other, ok := instead(mv)
			if !ok {
				continue
			}
			mv = other
		}
		err := x.Runner.Do(mv)
		taken = append(taken, mv)
		if x.Failed(err) {
			return taken
		}
		if x.err = cmp.Or(x.err, err); x.err != nil {
			return nil
		}
	}
	return nil
}

func (x *Subject[S, M]) fails(sch []M) bool {
	return len(sch) > 0 && len(x.try(sch, x.nothing)) == len(sch)
}

func (x *Subject[S, M]) nothing(M) (none M, ok bool) { return none, false }

// sameStep is a move of the same step and thread with other arguments.
func (x *Subject[S, M]) sameStep(mv M) (other M, ok bool) {
	for _, other := range x.Law.Moves(x.Runner.State(), nil) {
		if x.Law.Thread(other) == x.Law.Thread(mv) && x.Law.Step(other) == x.Law.Step(mv) {
			return other, true
		}
	}
	return other, false
}

// Smaller lists all that a 1-minimal schedule must not be possible without: sch
// without a thread, without an operation, without a move, and with runs joined.
func Smaller[S any, M comparable](l law.Law[S, M], sch []M) (list [][]M) {
	drop := func(gone func(i int) bool) {
		var rest []M
		for i, mv := range sch {
			if !gone(i) {
				rest = append(rest, mv)
			}
		}
		list = append(list, rest)
	}
	seen := map[int]bool{}
	for i, mv := range sch {
		thread := l.Thread(mv)
		if !seen[thread] {
			seen[thread] = true
			drop(func(k int) bool { return l.Thread(sch[k]) == thread })
		}
		drop(func(k int) bool { return k == i })
		if law.Begins(l, mv) {
			end := len(sch)
			for k := i + 1; k < len(sch); k++ {
				if l.Thread(sch[k]) == thread && law.Begins(l, sch[k]) {
					end = k
					break
				}
			}
			drop(func(k int) bool { return k >= i && k < end && l.Thread(sch[k]) == thread })
		}
	}
	return append(list, joined(l, sch)...)
}

// joined lists the schedules in which a run of a thread is moved to the thread's run
// before it, or that one to it.
func joined[S any, M comparable](l law.Law[S, M], sch []M) (list [][]M) {
	runs := split(l, sch)
	for i := range runs {
		for j := i + 1; j < len(runs); j++ {
			if l.Thread(runs[i][0]) != l.Thread(runs[j][0]) {
				continue
			}
			early := slices.Concat(slices.Concat(runs[:i+1]...), runs[j], slices.Concat(runs[i+1:j]...), slices.Concat(runs[j+1:]...))
			late := slices.Concat(slices.Concat(runs[:i]...), slices.Concat(runs[i+1:j]...), runs[i], slices.Concat(runs[j:]...))
			list = append(list, early, late)
			break
		}
	}
	return list
}

// split cuts a schedule into runs of one thread.
func split[S any, M comparable](l law.Law[S, M], sch []M) (runs [][]M) {
	for from := 0; from < len(sch); {
		to := from + 1
		for to < len(sch) && l.Thread(sch[to]) == l.Thread(sch[from]) {
			to++
		}
		runs = append(runs, sch[from:to:to])
		from = to
	}
	return runs
}

// Switches is the number of context switches.
func Switches[S any, M comparable](l law.Law[S, M], sch []M) int { return max(0, len(split(l, sch))-1) }

// Threads is the number of threads that take a step.
func Threads[S any, M comparable](l law.Law[S, M], sch []M) int {
	seen := map[int]bool{}
	for _, mv := range sch {
		seen[l.Thread(mv)] = true
	}
	return len(seen)
}
