package shrink

import (
	"cmp"
	"slices"

	"github.com/rootlock/rootlock/spec"
)

// A subject is what a schedule is tried on, and what it is to fail at.
type subject struct {
	m      *spec.Model
	runner Runner
	failed func(err error) bool // after a move: it gave err, and the runner is in its state
	err    error                // of the runner, beside what was looked for: nothing more is tried
}

// breaking is the model, and breaking a claim.
func breaking(m *spec.Model, c spec.Claim) *subject {
	law := &law{m: m}
	return &subject{m: m, runner: law, failed: func(error) bool { return breaks(m, &law.s, c) }}
}

// law is the Runner of the model alone.
type law struct {
	m *spec.Model
	s spec.State
}

func (l *law) Reset() error          { l.s = l.m.Init(); return nil }
func (l *law) State() *spec.State    { return &l.s }
func (l *law) Do(mv spec.Move) error { l.m.Apply(&l.s, mv); return nil }

// breaks reports whether s violates c.
func breaks(m *spec.Model, s *spec.State, c spec.Claim) bool {
	if c == spec.NoDeadlock {
		return !m.Rest(s) && len(m.Moves(s, nil)) == 0
	}
	return m.Check(s).Has(c)
}

// try takes the moves that are enabled, up to the failure, and returns them; nil if
// there is none. instead may name another move for one that is not enabled.
func (x *subject) try(sch spec.Schedule, instead func(spec.Move) (spec.Move, bool)) spec.Schedule {
	if x.err != nil {
		return nil
	}
	if x.err = x.runner.Reset(); x.err != nil {
		return nil
	}
	taken := make(spec.Schedule, 0, len(sch))
	for _, mv := range sch {
		if !x.m.Enabled(x.runner.State(), mv) {
			other, ok := instead(mv)
			if !ok {
				continue
			}
			mv = other
		}
		err := x.runner.Do(mv)
		taken = append(taken, mv)
		if x.failed(err) {
			return taken
		}
		if x.err = cmp.Or(x.err, err); x.err != nil {
			return nil
		}
	}
	return nil
}

// fails reports whether all of the schedule can be taken, and its last move fails.
func (x *subject) fails(sch spec.Schedule) bool {
	return len(sch) > 0 && len(x.try(sch, nothing)) == len(sch)
}

func nothing(spec.Move) (spec.Move, bool) { return spec.Move{}, false }

// sameStep is a move of the same step and thread with other arguments.
func (x *subject) sameStep(mv spec.Move) (spec.Move, bool) {
	moves := x.m.Moves(x.runner.State(), nil)
	k := slices.IndexFunc(moves, func(other spec.Move) bool { return other.Thread == mv.Thread && other.Step == mv.Step })
	if k < 0 {
		return spec.Move{}, false
	}
	return moves[k], true
}

// trim drops what a failing schedule does not need: it leaves out one move after
// the other, and with it what is then not enabled any more, as long as it fails in
// the same way. rapid removes turns; this removes the ends of turns. What is left
// may be needed only because a later operation names what it made, a page say: so
// in the end such an operation may take what there is instead.
func (x *subject) trim(sch spec.Schedule) spec.Schedule {
	for _, instead := range []func(spec.Move) (spec.Move, bool){nothing, x.sameStep} {
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
	return sch
}

// join joins runs of one thread, as long as the schedule then fails with fewer context
// switches.
func (x *subject) join(sch spec.Schedule) spec.Schedule {
	for again := true; again; {
		again = false
		for _, other := range joined(sch) {
			if Switches(other) < Switches(sch) && x.fails(other) {
				sch, again = other, true
				break
			}
		}
	}
	return sch
}
