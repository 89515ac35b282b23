package mutant

import (
	"context"
	"slices"

	"github.com/rootlock/rootlock/internal/mutant/wire"
	"github.com/rootlock/rootlock/spec"
)

// judge shows a mutant to the trials in which its code runs, until one tells it from the
// code as it is: of the law by a claim, and failing that by anything else.
func (r *run) judge(ctx context.Context, w *worker, m *Mutant) (*Result, error) {
	result := &Result{Mutant: m, Verdict: Unreached, Equivalent: r.argued.of(m)}
	var err error
	if r.side == Law {
		err = r.judgeLaw(ctx, w, result)
	} else {
		err = r.judgeCode(ctx, w, result)
	}
	return result, err
}

// calls is how often a mutant may ask in a trial who it is.
func calls(t *trial) uint64 { return 30*t.law.Calls + 1_000_000 }

func (r *run) judgeCode(ctx context.Context, w *worker, result *Result) error {
	work := uint64(0)
	for _, i := range r.order {
		t := &r.trials[i]
		if !t.asked[result.Number] {
			continue
		}
		if work += t.law.Counts.Generated; work > r.options.Steps && result.Verdict != Unreached {
			break
		}
		a, err := w.ask(ctx, &wire.Question{Mutant: result.Number, Trial: i, Calls: calls(t)})
		if err != nil {
			return err
		}
		result.Seconds += a.Seconds
		switch {
		case a.Hangs:
			result.take(Hangs, t, a)
		case a.Panics:
			result.take(Panics, t, a)
		case a.Differs:
			result.take(Parts, t, a)
		case a.Bytes:
			result.weaker(ByBytes, t, a)
			continue
		default:
			result.weaker(Survives, t, a)
			continue
		}
		return nil
	}
	return nil
}

// strength orders the verdicts: what says more comes later.
var strength = []Verdict{Unreached, Survives, ByBytes, ByGraph, ByCounts, ByTraces, ByBegins, Hangs, Panics}

// weaker notes what a trial has shown, unless more is known already.
func (r *Result) weaker(v Verdict, t *trial, a *wire.Answer) {
	if slices.Index(strength, v) > slices.Index(strength, r.Verdict) {
		r.take(v, t, a)
	}
}

// take notes what a trial has shown.
func (r *Result) take(v Verdict, t *trial, a *wire.Answer) {
	if v == ByClaim { // what was seen before holds in smaller worlds only
		r.Narrows, r.Alike = false, false
	}
	r.Verdict, r.Trial, r.Claim, r.Length, r.Said = v, t.Trial, a.Claim, a.Length, a.Said
	if v == Survives {
		r.Trial = wire.Trial{Protocol: t.Protocol, Model: t.Model, Bounds: spec.Bounds{}}
	}
}
