package hunt

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rootlock/rootlock/internal/coverage"
	"github.com/rootlock/rootlock/internal/shorten"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/hunt"
)

// Options bound a search.
type Options struct {
	Schedules int    // to draw at most, per seed; 0: 1,000
	Turns     int    // drawn per schedule on average; 0: 40
	Whole     bool   // operations alone, from beginning to end
	Seed      uint64 // 0: several fixed ones, one after the other, until one finds something

	// Stop is asked before each schedule whether to draw no more; nil: it goes on. What
	// failed by then is shrunk all the same.
	Stop func() bool

	// ShrinkTime is how long rapid shrinks, and then how long the searches for a shorter
	// schedule go on, at most; 0: 3 s, and to their end.
	ShrinkTime time.Duration
}

// seeds are tried in this order: fixed, so that a search can be repeated; any
// others would do.
var seeds = [...]uint64{4, 3, 1, 2}

// A Result is what a search did and found. Failure is nil if it found nothing.
type Result struct {
	Failure          *Failure  // shrunk
	Drawn            int       // length of the schedule as first drawn
	Schedules, Steps uint64    // work done, shrinking included
	Tried            [2]uint64 // schedules and steps, up to the first that failed
	Duration         time.Duration
	FirstAfter       time.Duration // until the first failing schedule
	Coverage         coverage.Coverage
}

// Find searches for a schedule that breaks one of the claims, or on which the
// runner's two sides part, and shrinks it. It is for use outside tests, which
// hand [Property.Check] to rapid themselves. If the context ends, the result says what
// was found until then.
func Find(ctx context.Context, m *spec.Model, r Runner, claims spec.ClaimSet, o Options) (*Result, error) {
	if o.Seed != 0 {
		return find(ctx, m, r, claims, o)
	}
	sum := &Result{}
	for _, o.Seed = range seeds {
		one, err := find(ctx, m, r, claims, o)
		if err != nil {
			return one, err
		}
		one.FirstAfter += sum.Duration
		one.Schedules += sum.Schedules
		one.Steps += sum.Steps
		one.Duration += sum.Duration
		one.Coverage.Add(&sum.Coverage)
		if sum = one; one.Failure != nil {
			break
		}
	}
	return sum, nil
}

func find(ctx context.Context, m *spec.Model, r Runner, claims spec.ClaimSet, o Options) (*Result, error) {
	result := &Result{}
	p := property(m, r, claims, &result.Coverage)
	p.Whole = o.Whole
	did, err := hunt.Find(ctx, p, hunt.Options{Schedules: o.Schedules, Turns: o.Turns, Seed: o.Seed, Stop: o.Stop, ShrinkTime: o.ShrinkTime})
	if did == nil {
		return nil, fmt.Errorf("rootlock: %w", err)
	}
	result.Schedules, result.Steps, result.Tried, result.Duration, result.FirstAfter = did.Schedules, did.Steps, did.Tried, did.Duration, did.FirstAfter
	if p.Last == nil {
		return result, err
	}
	result.Drawn = len(p.First.Schedule)
	limited, cancel := ctx, context.CancelFunc(func() {})
	if o.ShrinkTime > 0 {
		limited, cancel = context.WithTimeout(ctx, o.ShrinkTime)
	}
	defer cancel()
	var wrong error
	if result.Failure, wrong = shrunk(limited, m, r, p.Last); wrong != nil && limited.Err() == nil {
		return nil, wrong
	}
	return result, err
}

// property is the search as package triangle/hunt wants it.
func property(m *spec.Model, r Runner, claims spec.ClaimSet, cover *coverage.Coverage) *hunt.Property[spec.State, spec.Move] {
	p := &hunt.Property[spec.State, spec.Move]{Law: m.Law(), Runner: r}
	for _, c := range spec.Claims() {
		if claims.Has(c) {
			p.Claims = append(p.Claims, c.String())
		}
	}
	var own []spec.Move
	p.MovesOf = func(thread int) []spec.Move {
		own = m.MovesOf(r.State(), uint8(thread), own[:0])
		return own
	}
	p.Began = func(s *spec.State) { cover.Begin(m, s) }
	p.Saw = func(mv spec.Move, s *spec.State) (enough bool) {
		cover.See(m, mv, s)
		// TrylockRetry begins a walk again: left alone, for ever (docs/kernel.md M10a)
		return mv.Step == spec.UnlockLeaf && s.Thread[mv.Thread-1].PC == spec.LockLeaf
	}
	return p
}

// shrunk shrinks a failure further than rapid did, and takes the schedule once
// more on the runner: what is reported has been seen. If the context ends meanwhile, the
// failure is as small as it was by then, beside an error.
func shrunk(ctx context.Context, m *spec.Model, r Runner, found *hunt.Failure[spec.Move]) (*Failure, error) {
	f := &Failure{Schedule: found.Schedule, Divergence: found.Divergence}
	if f.Divergence != nil {
		shorter, parted, err := shorten.Divergence(ctx, m, r, f.Schedule)
		if err == nil {
			f.Schedule, f.Divergence = shorter, parted
		}
		return f, err
	}
	var err error
	if f.Claim, err = spec.ClaimByName(found.Claim); err != nil {
		return nil, err
	}
	shorter, ended := shorten.Schedule(ctx, m, f.Schedule, f.Claim, nil)
	switch {
	case errors.Is(ended, shorten.ErrUnbroken): // a runner's own failure, which the model does not have
		ended = nil
	case shorter != nil:
		f.Schedule = shorter
	case ctx.Err() == nil:
		return nil, ended
	}
	if err := r.Reset(); err != nil {
		return nil, err
	}
	for _, mv := range f.Schedule {
		if err := r.Do(mv); err != nil {
			return nil, fmt.Errorf("rootlock: the shrunk schedule %s: %w", m.FormatSchedule(f.Schedule), err)
		}
	}
	if f.Conjunct, f.Values = m.Explain(r.State(), f.Claim); f.Conjunct == "" {
		return nil, fmt.Errorf("rootlock: the shrunk schedule does not break %s: %s", f.Claim, m.FormatSchedule(f.Schedule))
	}
	return f, ended
}

// A Runner takes steps: the lockstep of model and implementation, or the model
// alone. Reset returns it to the initial state.
type Runner = hunt.Runner[spec.State, spec.Move]

// A Failure is what a schedule led to.
type Failure struct {
	Schedule   spec.Schedule
	Claim      spec.Claim // broken in the last state; meaningless if Divergence is set
	Conjunct   string
	Values     string
	Divergence error // the model and the implementation part at the last move
}
