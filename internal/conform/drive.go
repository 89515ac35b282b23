package conform

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/rootlock/rootlock/internal/lockstep"
	"github.com/rootlock/rootlock/spec"
)

// A Report is what was driven.
type Report struct {
	States, Edges  int // of the graph
	Visited, Taken int // of these
	Steps          int // of the tour

	Disabled    int // pairs of a state and a move that it disables, and that the code could attempt
	Refused     int // of these, attempted
	Unattempted int // pairs that the code has no way to attempt

	Endings, EndingSteps int // edges after which everything was run to its end, times orders; steps of these
}

// Complete reports whether all of the graph was driven.
func (r *Report) Complete() bool {
	return r.States > 0 && r.Edges > 0 && r.Visited == r.States && r.Taken == r.Edges && r.Refused == r.Disabled
}

func (r *Report) String() string {
	text := fmt.Sprintf("%d of %d states, %d of %d edges in a tour of %d steps (%.2f per edge), %d of %d disabled moves refused (%d more the code cannot attempt)",
		r.Visited, r.States, r.Taken, r.Edges, r.Steps, float64(r.Steps)/float64(r.Edges), r.Refused, r.Disabled, r.Unattempted)
	if r.Endings > 0 {
		text += fmt.Sprintf(", %d endings of %d steps", r.Endings, r.EndingSteps)
	}
	return text
}

// A driver drives the implementation through a graph.
type driver struct {
	ctx   context.Context
	g     *Graph
	run   *lockstep.Run
	out   Report
	walk  spec.Schedule // since the last reset
	stuck bool          // an operation is parked that the model has not begun: only a reset helps
}

// A Failure is a divergence, with the schedule that leads to it.
type Failure struct {
	Schedule spec.Schedule
	Refused  bool // the last move is one that the model disables
	Err      error
}

func (f *Failure) Error() string { return f.Err.Error() }
func (f *Failure) Unwrap() error { return f.Err }

// Drive takes the implementation along a tour, with all disabled moves. The error is
// a *Failure where model and implementation part.
func Drive(ctx context.Context, g *Graph, tour Tour) (_ *Report, err error) {
	run, err := lockstep.New(g.Model)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, run.Close()) }()
	d := &driver{ctx: ctx, g: g, run: run, out: Report{States: len(g.States), Edges: g.Size()}}
	return &d.out, d.tour(tour)
}

func (d *driver) tour(tour Tour) error {
	visited := make([]bool, len(d.g.States))
	taken := make([][]bool, len(d.g.States))
	for i := range taken {
		taken[i] = make([]bool, len(d.g.Edges[i]))
	}
	for _, walk := range tour {
		if err := d.reset(); err != nil {
			return err
		}
		i := 0
		for at := 0; ; at++ {
			if !visited[i] {
				visited[i] = true
				d.out.Visited++
				if err := d.refusals(&d.g.States[i]); err != nil {
					return err
				}
			}
			if at == len(walk) {
				break
			}
			e := d.g.Edges[i][walk[at]]
			if err := d.do(e.Move); err != nil {
				return err
			}
			d.out.Steps++
			if !taken[i][walk[at]] {
				taken[i][walk[at]] = true
				d.out.Taken++
			}
			i = e.To
			if *d.run.State() != d.g.States[i] {
				return &Failure{d.walk, false, fmt.Errorf("rootlock: the model comes to another state than its graph says, %d", i)}
			}
		}
	}
	return nil
}

func (d *driver) reset() error {
	if d.ctx.Err() != nil {
		return context.Cause(d.ctx)
	}
	d.walk, d.stuck = d.walk[:0], false
	return d.run.Reset()
}

func (d *driver) do(mv spec.Move) error {
	d.walk = append(d.walk, mv)
	if err := d.run.Do(mv); err != nil {
		return &Failure{append(spec.Schedule(nil), d.walk...), false, err}
	}
	return nil
}

// refusals attempts every move that the state disables.
func (d *driver) refusals(s *spec.State) error {
	m := d.g.Model
	for t := uint8(1); int(t) <= m.Threads(); t++ {
		for _, step := range spec.Steps() {
			if !m.Protocol.Has(step) || step.Begins() && !m.Ops.Has(step) {
				continue
			}
			for _, mv := range m.Choices(t, step) {
				if m.Enabled(s, mv) {
					continue
				}
				if !attemptable(m, s, mv) {
					d.out.Unattempted++
					continue
				}
				d.out.Disabled++
				did, err := d.run.Refuse(mv)
				if err != nil && !errors.Is(err, lockstep.ErrParked) {
					return &Failure{append(append(spec.Schedule(nil), d.walk...), mv), true, err}
				}
				if did {
					d.out.Refused++
				}
				if err != nil { // parked: begin again
					if err := d.replay(); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

// attemptable is the model's word on what the code can be asked to do: the step at
// which a thread stands, or the beginning of an operation that more than the bounds
// forbids.
func attemptable(m *spec.Model, s *spec.State, mv spec.Move) bool {
	if m.Crashed(s) != 0 || m.IsWalker(mv.Thread) != walks.Has(mv.Step) && mv.Step.Begins() {
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

var walks = spec.OpsOf(spec.Walk, spec.Migrate, spec.SwapOut, spec.SwapDrop, spec.WalkPinned, spec.Pin, spec.Unpin)

// replay comes back to where the driver is.
func (d *driver) replay() error {
	again := append(spec.Schedule(nil), d.walk...)
	if err := d.reset(); err != nil {
		return err
	}
	for _, mv := range again {
		if err := d.do(mv); err != nil {
			return err
		}
	}
	return nil
}

// End drives the implementation to every edge (of every so many: one in sample), and
// from there all operations to their ends, in both orders of the threads; then every
// walker gives up its reference and walks every page, and every mm exits, which the
// bounds of the graph's model do not allow any more: a model of larger ones says what
// must come of it.
func End(ctx context.Context, g *Graph, sample int) (_ *Report, err error) {
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
	d := &driver{ctx: ctx, g: g, run: run, out: Report{States: len(g.States), Edges: g.Size()}}
	from, by := g.paths()
	n := 0
	for i, list := range g.Edges {
		way := path(from, by, i)
		for _, e := range list {
			if n++; n%sample != 0 {
				continue
			}
			for _, descending := range []bool{false, true} {
				if err := d.ending(way, e.Move, descending); err != nil {
					return &d.out, err
				}
			}
			d.out.Taken++
		}
	}
	return &d.out, nil
}

func (d *driver) ending(way spec.Schedule, last spec.Move, descending bool) error {
	if err := d.reset(); err != nil {
		return err
	}
	for _, mv := range way {
		if err := d.do(mv); err != nil {
			return err
		}
	}
	if err := d.do(last); err != nil {
		return err
	}
	d.out.Endings++
	before := len(d.walk)
	defer func() { d.out.EndingSteps += len(d.walk) - before }()
	for progress := true; progress; {
		progress = false
		for k := range d.g.Model.Threads() {
			t := uint8(k + 1)
			if descending {
				t = uint8(d.g.Model.Threads() - k)
			}
			for n := 0; n < solo && d.run.State().Thread[t-1].PC != spec.Idle; n++ {
				mv, ok := d.next(t)
				if !ok {
					break
				}
				if err := d.do(mv); err != nil {
					return err
				}
				progress = len(d.walk)-before < 10*solo
			}
		}
	}
	return d.closing()
}

// closing asks of the world what only later operations see.
func (d *driver) closing() error {
	m := d.g.Model
	for t := uint8(m.MMs + 1); int(t) <= m.Threads(); t++ {
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
		if err := d.do(mv); err != nil {
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
