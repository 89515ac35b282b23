package wire

import (
	"context"
	"errors"

	"github.com/rootlock/rootlock/spec"
)

// Explore answers what a question asks of exhaustive search.
func Explore(ctx context.Context, m *spec.Model, q *Question) (*Exploration, error) {
	x, err := spec.Explore(ctx, m, spec.ExploreOptions{})
	if err != nil {
		return nil, err
	}
	a := &Exploration{Distinct: x.Distinct, Generated: x.Generated, Depth: x.Depth, Seconds: x.Duration.Seconds(), Broken: x.Broken.Names()}
	if !x.Complete {
		if !errors.Is(x.Stopped, spec.ErrNotTyped) {
			return nil, x.Stopped
		}
		a.Stopped = x.Stopped.Error()
	}
	for i := range x.Violations {
		v := &x.Violations[i]
		w := Violation{Claim: v.Claim.String(), Length: len(v.Schedule), Schedule: m.FormatSchedule(v.Schedule)}
		w.Conjunct, w.Values = m.Explain(&v.State, v.Claim)
		a.Violations = append(a.Violations, w)
	}
	if !q.Live || !x.Complete {
		return a, nil
	}
	fairness := spec.WeakThreads
	if q.Fair {
		fairness |= spec.StrongLocks
	}
	lassos, stats, err := spec.CheckTermination(ctx, m, fairness, 0)
	if err != nil {
		return nil, err
	}
	a.Seconds += stats.Duration.Seconds()
	for _, lasso := range lassos {
		a.Violations = append(a.Violations, Violation{
			Claim: lasso.Claim.String(), Conjunct: lasso.Claim.Conjuncts()[0], Length: len(lasso.Prefix) + len(lasso.Cycle),
			Values: lasso.Describe(m, fairness), Schedule: m.FormatSchedule(append(lasso.Prefix, lasso.Cycle...)),
		})
	}
	return a, nil
}
