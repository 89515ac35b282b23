package conform

import (
	"context"
	"errors"
	"slices"

	"github.com/rootlock/rootlock/internal/lockstep"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/conform"
)

// Of triangle/conform: what was driven, and where model and implementation part.
type (
	Report  = conform.Report
	Failure = conform.Failure[spec.Move]
	Tour    = conform.Tour
)

// A driver drives the implementation through a graph.
type driver struct {
	*conform.Driver[spec.State, spec.Move]
	model *spec.Model
	run   *lockstep.Run
}

func newDriver(ctx context.Context, g *Graph, run *lockstep.Run) *driver {
	d := &driver{conform.NewDriver(ctx, &g.Graph, runner{run}), g.Model, run}
	d.Disabled = d.disabled
	return d
}

// A runner is a lockstep as triangle/conform wants it.
type runner struct{ *lockstep.Run }

func (r runner) Refuse(mv spec.Move) (attempted, parked bool, err error) {
	attempted, err = r.Run.Refuse(mv)
	if errors.Is(err, lockstep.ErrParked) {
		return attempted, true, nil
	}
	return attempted, false, err
}

// Drive takes the implementation along a tour, with all disabled moves. The error is
// a *Failure where model and implementation part.
func Drive(ctx context.Context, g *Graph, tour Tour) (_ *Report, err error) {
	run, err := lockstep.New(g.Model)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, run.Close()) }()
	d := newDriver(ctx, g, run)
	return &d.Report, d.Drive(tour)
}

// disabled lists the moves that the state disables and that the code could attempt.
func (d *driver) disabled(s *spec.State) (moves []spec.Move, others int) {
	m := d.model
	for t := uint8(1); int(t) <= m.Threads(); t++ {
		for _, step := range spec.Steps() {
			if !m.Protocol.Has(step) || step.Begins() && !m.Ops.Has(step) {
				continue
			}
			for _, mv := range m.Choices(t, step) {
				switch {
				case m.Enabled(s, mv):
				case attemptable(m, s, mv):
					moves = append(moves, mv)
				default:
					others++
				}
			}
		}
	}
	return moves, others
}

// attemptable is the model's word on what the code can be asked to do: the step at
// which a thread stands, or the beginning of an operation that more than the bounds
// forbids.
func attemptable(m *spec.Model, s *spec.State, mv spec.Move) bool {
	if m.Crashed(s) != 0 || mv.Step.Begins() && m.Refusal(s, mv) == "RightKindOfThread" {
		return false
	}
	pc := s.Thread[mv.Thread-1].PC
	if !mv.Step.Begins() {
		return pc == mv.Step
	}
	switch m.Refusal(s, mv) {
	case "OperationLeft", "NoPin", "HasPin", "VMAsSpare", "ObjectsSpare", "OwnArea":
		return false
	}
	return pc == spec.Idle
}

// End drives the implementation to every edge (of every so many: one in sample), and
// from there all operations to their ends, in both orders of the threads; then every
// walker gives up its reference and walks every page, and every mm exits, which the
// bounds of the graph's model do not allow any more: a model of larger ones says what
// must come of it.
func End(ctx context.Context, g *Graph, sample int) (_ *conform.Report, err error) {
	b := g.Model.Bounds
	b.MMOps++
	b.WalkerOps += b.Pages
	b.Ops |= spec.OpsOf(spec.Exit, spec.Walk, spec.Unpin)
	m, err := spec.NewModel(g.Model.Protocol, g.Model.Name, b)
	if err != nil {
		return nil, err
	}
	run, err := lockstep.New(m)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, run.Close()) }()
	d := newDriver(ctx, g, run)
	paths := g.Paths()
	n := 0
	for i, list := range g.Edges {
		way := paths.To(i)
		for _, e := range list {
			if n++; n%sample != 0 {
				continue
			}
			for _, descending := range []bool{false, true} {
				if err := d.ending(way, e.Move, descending); err != nil {
					return &d.Report, err
				}
			}
			d.Report.Taken++
		}
	}
	return &d.Report, nil
}

func (d *driver) ending(way spec.Schedule, last spec.Move, descending bool) error {
	if err := d.Reset(); err != nil {
		return err
	}
	for _, mv := range way {
		if err := d.Do(mv); err != nil {
			return err
		}
	}
	if err := d.Do(last); err != nil {
		return err
	}
	d.Report.Endings++
	before := len(d.Walk())
	defer func() { d.Report.EndingSteps += len(d.Walk()) - before }()
	for progress := true; progress; {
		progress = false
		for k := range d.model.Threads() {
			t := uint8(k + 1)
			if descending {
				t = uint8(d.model.Threads() - k)
			}
			for n := 0; n < solo && d.run.State().Thread[t-1].PC != spec.Idle; n++ {
				mv, ok := d.next(t)
				if !ok {
					break
				}
				if err := d.Do(mv); err != nil {
					return err
				}
				progress = len(d.Walk())-before < 10*solo
			}
		}
	}
	return d.closing()
}

// closing asks of the world what only later operations see.
func (d *driver) closing() error {
	m := d.model
	for t := uint8(m.MMs + 1); m.IsWalker(t); t++ {
		if err := d.alone(spec.Move{Thread: t, Step: spec.Unpin}); err != nil {
			return err
		}
		for p := range m.Pages {
			if err := d.alone(spec.Move{Thread: t, Step: spec.Walk, Args: [3]uint8{uint8(p + 1)}}); err != nil {
				return err
			}
		}
	}
	for t := range m.MMs {
		if err := d.alone(spec.Move{Thread: uint8(t + 1), Step: spec.Exit}); err != nil {
			return err
		}
	}
	return nil
}

// alone runs one operation, if it may begin, as far as it goes.
func (d *driver) alone(mv spec.Move) error {
	ok := slices.Contains(d.run.Moves(), mv)
	for n := 0; ok && n < solo; n++ {
		if err := d.Do(mv); err != nil {
			return err
		}
		if d.run.State().Thread[mv.Thread-1].PC == spec.Idle {
			return nil
		}
		mv, ok = d.next(mv.Thread)
	}
	return nil
}

// solo is how many steps one thread takes at most before another has its turn: more
// than any operation has, but a walk that tries again and again.
const solo = 100

// next is the first move of a thread that the model enables.
func (d *driver) next(t uint8) (spec.Move, bool) {
	if own := d.run.MovesOf(t); len(own) > 0 {
		return own[0], true
	}
	return spec.Move{}, false
}
