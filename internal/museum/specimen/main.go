// Specimen is the program that the museum builds with an entry's edits: it
// explores the edited model, and runs it beside the edited implementation. It
// reads a wire.Question from standard input and writes a wire.Answer to standard
// output. Built without edits it answers for the law.
//
// It imports little, so that an edit is compiled and linked in a moment.
package main

import (
	"context"
	"errors"

	"github.com/rootlock/rootlock/internal/hunt"
	"github.com/rootlock/rootlock/internal/lockstep"
	"github.com/rootlock/rootlock/internal/museum/wire"
	"github.com/rootlock/rootlock/spec"
)

func main() { wire.Serve(answer) }

func answer(ctx context.Context, m *spec.Model, q *wire.Question) (a *wire.Answer, err error) {
	a = &wire.Answer{}
	if q.Explore {
		if a.Exploration, err = wire.Explore(ctx, m, q); err != nil {
			return nil, err
		}
	}
	for _, name := range q.Hunt {
		c, err := spec.ClaimByName(name)
		if err != nil {
			return nil, err
		}
		h, err := search(ctx, m, c.Set(), q)
		if err != nil {
			return nil, err
		}
		h.Claim = name
		a.Hunts = append(a.Hunts, *h)
	}
	if q.Conform {
		if a.Conformance, err = search(ctx, m, 0, q); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// search hunts with rapid on model and implementation in lockstep. Without
// claims it can only find a schedule on which the two part, and looks harder.
func search(ctx context.Context, m *spec.Model, claims spec.ClaimSet, q *wire.Question) (_ *wire.Hunt, err error) {
	r, err := lockstep.New(m)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	var runner hunt.Runner = r
	if claims == 0 {
		runner = strict{r, m}
	}
	f, err := hunt.Find(ctx, m, runner, claims, hunt.Options{Schedules: q.Schedules, Seed: q.Seed})
	if err != nil {
		return nil, err
	}
	h := &wire.Hunt{Drawn: f.Drawn, Schedules: f.Schedules, Steps: f.Steps, Seconds: f.Duration.Seconds(), FirstAfter: f.FirstAfter.Seconds()}
	if f.Failure != nil {
		h.Length, h.Schedule = len(f.Failure.Schedule), m.FormatSchedule(f.Failure.Schedule)
		h.Conjunct, h.Values = f.Failure.Conjunct, f.Failure.Values
		if f.Failure.Divergence != nil {
			h.Divergence = f.Failure.Divergence.Error()
		}
	}
	return h, nil
}

// strict also takes every lock step that the model disables to the
// implementation, which must refuse it.
type strict struct {
	*lockstep.Run
	model *spec.Model
}

// Do implements hunt.Runner.
func (s strict) Do(mv spec.Move) error {
	if err := s.Run.Do(mv); err != nil {
		return err
	}
	for t := range s.model.Threads() {
		if pc := s.State().Thread[t].PC; pc.TakesLock() {
			if _, err := s.Refuse(spec.Move{Thread: uint8(t + 1), Step: pc}); err != nil {
				return err
			}
		}
	}
	return nil
}
