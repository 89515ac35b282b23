package wire

import (
	"context"
	"errors"

	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/explore"
)

// Explore answers what a question asks of exhaustive search.
func Explore(ctx context.Context, m *spec.Model, q *Question) (*Exploration, error) {
	x, err := explore.Explore(ctx, m.Law(), explore.Options{})
	if err != nil {
		return nil, err
	}
	a := &Exploration{Distinct: x.Distinct, Generated: x.Generated, Depth: x.Depth, Seconds: x.Duration.Seconds(), Broken: x.Broken}
	if !x.Complete {
		if !errors.Is(x.Stopped, explore.ErrNotTyped) {
			return nil, x.Stopped
		}
		a.Stopped = x.Stopped.Error()
	}
	for i := range x.Violations {
		v := &x.Violations[i]
		w := Violation{Claim: v.Claim, Length: len(v.Schedule), Schedule: m.FormatSchedule(v.Schedule)}
		claim, err := spec.ClaimByName(v.Claim)
		if err != nil {
			return nil, err
		}
		w.Conjunct, w.Values = m.Explain(&v.State, claim)
		a.Violations = append(a.Violations, w)
	}
	if !q.Live || !x.Complete {
		return a, nil
	}
	fairness := explore.WeakThreads
	if q.Fair {
		fairness |= explore.StrongLocks
	}
	lassos, stats, err := explore.Terminates(ctx, m.Law(), fairness, 0)
	if err != nil {
		return nil, err
	}
	a.Seconds += stats.Duration.Seconds()
	for _, lasso := range lassos {
		claim, err := spec.ClaimByName(lasso.Claim)
		if err != nil {
			return nil, err
		}
		a.Violations = append(a.Violations, Violation{
			Claim: lasso.Claim, Conjunct: claim.Conjuncts()[0], Length: len(lasso.Prefix) + len(lasso.Cycle),
			Values: lasso.Describe(m.Law(), m.ThreadName(uint8(lasso.Thread)), fairness), Schedule: m.FormatSchedule(append(lasso.Prefix, lasso.Cycle...)),
		})
	}
	return a, nil
}
