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

func (r *run) judgeLaw(ctx context.Context, w *worker, result *Result) error {
	work := uint64(0)
	var same []int // trials that count as the law does
	for n, i := range r.order {
		t := &r.trials[i]
		if slices.Contains(t.more, result.Number) {
			same = append(same, i)
		}
		if !t.asked[result.Number] {
			continue
		}
		if work += t.law.Counts.Generated; work > r.options.Work && result.Verdict != Unreached && n > 0 {
			break
		}
		q := &wire.Question{Mutant: result.Number, Trial: i, Kept: t.law.Kept, States: 4*t.law.Counts.Distinct + 1000, Calls: calls(t)}
		a, err := w.ask(ctx, q)
		if err != nil {
			return err
		}
		result.Seconds += a.Seconds
		differs := a.Panics || a.Hangs || !a.Counts.Equal(&t.law.Counts)
		if a.Claim == "" && t.ends && differs && !a.Panics && !a.Hangs {
			q.Live = true
			l, err := w.ask(ctx, q)
			if err != nil {
				return err
			}
			result.Seconds += l.Seconds
			a.Claim, a.Length = l.Claim, l.Length
		}
		if a.Claim != "" {
			result.take(ByClaim, t, a)
			return nil
		}
		switch {
		case result.Verdict != Unreached && result.Verdict != Survives:
		case a.Hangs:
			result.take(Hangs, t, a)
		case a.Panics:
			result.take(Panics, t, a)
		case differs:
			result.take(ByCounts, t, a)
		default:
			result.take(Survives, t, a)
		}
		if !differs {
			same = append(same, i)
		}
	}
	if result.Verdict.Killed() {
		return nil
	}
	seen := map[string]bool{}
	for _, i := range same {
		t := &r.trials[i]
		if seen[t.Model] || t.law.Counts.Distinct > graphStates {
			continue // one protocol of each model: what counts alike there is mostly alike
		}
		seen[t.Model] = true
		a, err := w.ask(ctx, &wire.Question{Mutant: result.Number, Trial: i, Graph: true, Calls: 30*t.compared + 1_000_000})
		if err != nil {
			return err
		}
		result.Seconds += a.Seconds
		result.Verdict = Survives
		if a.Differs || a.Panics || a.Hangs {
			result.take(ByGraph, t, a)
			return nil
		}
	}
	return nil
}

// graphStates is how large a model's graph may be that is compared state by state.
const graphStates = 8_000

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
		default:
			result.take(Survives, t, a)
			continue
		}
		return nil
	}
	return nil
}

// take notes what a trial has shown.
func (r *Result) take(v Verdict, t *trial, a *wire.Answer) {
	r.Verdict, r.Trial, r.Claim, r.Length, r.Said = v, t.Trial, a.Claim, a.Length, a.Said
	if v == Survives {
		r.Trial = wire.Trial{Protocol: t.Protocol, Model: t.Model, Bounds: spec.Bounds{}}
	}
}
