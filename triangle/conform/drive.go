package conform

import (
	"context"
	"fmt"
	"slices"

	"github.com/rootlock/rootlock/triangle/law"
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

// A Failure is where law and code part, with the schedule that leads there.
type Failure[M comparable] struct {
	Schedule []M
	Refused  bool // the last move is one that the law disables
	Err      error
}

func (f *Failure[M]) Error() string { return f.Err.Error() }
func (f *Failure[M]) Unwrap() error { return f.Err }

// A Runner takes moves on law and code: a lockstep.Run.
type Runner[S any, M comparable] interface {
	Reset() error
	State() *S
	Do(M) error
	// Refuse takes a move that the law disables to the code; parked says that the runner
	// can only be reset then.
	Refuse(M) (attempted, parked bool, err error)
}

// A Driver takes code through a graph: a tour, or walks of the caller's.
type Driver[S, M comparable] struct {
	Graph  *Graph[S, M]
	Runner Runner[S, M]
	// Disabled lists the moves that a state disables and that the code is to be asked to
	// refuse; others says how many the code has no way to attempt. Nil: none is asked.
	Disabled func(s *S) (moves []M, others int)
	Report   Report

	ctx  context.Context
	walk []M // since the last reset
}

// NewDriver drives a graph until ctx ends.
func NewDriver[S, M comparable](ctx context.Context, g *Graph[S, M], r Runner[S, M]) *Driver[S, M] {
	return &Driver[S, M]{Graph: g, Runner: r, ctx: ctx, Report: Report{States: len(g.States), Edges: g.Size()}}
}

// Drive takes the code along a tour, with all disabled moves. The error is
// a *Failure where law and code part.
func (d *Driver[S, M]) Drive(tour Tour) error {
	g := d.Graph
	visited := make([]bool, len(g.States))
	taken := make([][]bool, len(g.States))
	for i := range taken {
		taken[i] = make([]bool, len(g.Edges[i]))
	}
	for _, walk := range tour {
		if err := d.Reset(); err != nil {
			return err
		}
		i := 0
		for at := 0; ; at++ {
			if !visited[i] {
				visited[i] = true
				d.Report.Visited++
				if err := d.refusals(&g.States[i]); err != nil {
					return err
				}
			}
			if at == len(walk) {
				break
			}
			e := g.Edges[i][walk[at]]
			if err := d.Do(e.Move); err != nil {
				return err
			}
			d.Report.Steps++
			if !taken[i][walk[at]] {
				taken[i][walk[at]] = true
				d.Report.Taken++
			}
			i = e.To
			if *d.Runner.State() != g.States[i] {
				return &Failure[M]{slices.Clone(d.walk), false, fmt.Errorf("the law comes to another state than its graph says, %d", i)}
			}
		}
	}
	return nil
}

// Reset goes back to the initial state.
func (d *Driver[S, M]) Reset() error {
	if d.ctx.Err() != nil {
		return context.Cause(d.ctx)
	}
	d.walk = d.walk[:0]
	return d.Runner.Reset()
}

// Do takes a move.
func (d *Driver[S, M]) Do(mv M) error {
	d.walk = append(d.walk, mv)
	if err := d.Runner.Do(mv); err != nil {
		return &Failure[M]{slices.Clone(d.walk), false, err}
	}
	return nil
}

// Refusals is a [Driver.Disabled] for code whose threads each stand before one move, which
// next gives. False: the code is not to be asked to refuse it.
func Refusals[S any, M comparable](l law.Law[S, M], threads int, next func(s *S, thread int) (M, bool)) func(s *S) (moves []M, others int) {
	return func(s *S) (moves []M, others int) {
		for thread := 1; thread <= threads; thread++ {
			if mv, asked := next(s, thread); asked && !law.Enabled(l, s, mv) {
				moves = append(moves, mv)
			}
		}
		return moves, 0
	}
}

// Walk is what was taken since the last reset.
func (d *Driver[S, M]) Walk() []M { return d.walk }

// refusals attempts every move that the state disables.
func (d *Driver[S, M]) refusals(s *S) error {
	if d.Disabled == nil {
		return nil
	}
	moves, others := d.Disabled(s)
	d.Report.Unattempted += others
	for _, mv := range moves {
		d.Report.Disabled++
		did, parked, err := d.Runner.Refuse(mv)
		if err != nil {
			return &Failure[M]{append(slices.Clone(d.walk), mv), true, err}
		}
		if did {
			d.Report.Refused++
		}
		if parked { // come back to where it was
			again := slices.Clone(d.walk)
			if err := d.Reset(); err != nil {
				return err
			}
			for _, mv := range again {
				if err := d.Do(mv); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
