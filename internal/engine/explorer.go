package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"
	"time"

	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/explore"
)

// manyStates is from how many states on the memory for each of them says something: below,
// it is what the explorer holds before it has begun.
const manyStates = 100_000

// Sources is the hash of the law and of the explorer that an answer came from.
var Sources = sync.OnceValue(func() string {
	sum := sha256.Sum256([]byte(spec.Sources() + explore.Sources()))
	return hex.EncodeToString(sum[:])
})

// Explore answers for a model by exhaustive search in Go: all state claims,
// NoDeadlock, and termination where the model asks for it. A model that has symmetry
// for TLC has it here. An exploration
// that was cut short holds nothing: it is an error beside the partial result.
func Explore(ctx context.Context, m *models.Model, o explore.Options) (*Result, error) {
	start := time.Now()
	r := newResult(m, Explorer)
	o.Symmetry = o.Symmetry || m.Symmetric()
	x, err := explore.Explore(ctx, m.Model.Law(), o)
	if err != nil {
		return nil, err
	}
	r.Distinct, r.Generated, r.Depth = x.Distinct, x.Generated, x.Depth
	if x.Distinct >= manyStates {
		r.BytesPerState = x.BytesPerState()
	}
	r.Broken = x.Broken
	r.Steps = map[string]uint64{}
	for _, s := range spec.Steps() {
		if n := x.Steps[s]; n > 0 {
			r.Steps[s.String()] = n
		}
	}
	for _, v := range x.Violations {
		c, err := spec.ClaimByName(v.Claim)
		if err != nil {
			return nil, err
		}
		r.violated(m.Model, c, v.Schedule, &v.State)
	}
	r.Seconds = time.Since(start).Seconds()
	if !x.Complete {
		return r, fmt.Errorf("rootlock: exploring %s: %w; after %d states nothing holds", m.FullName(), x.Stopped, x.Distinct)
	}
	for _, c := range spec.Claims() {
		if (spec.StateClaims.Has(c) && m.Protocol.Asks(c) || c == spec.NoDeadlock) && r.Claims[c.String()] == NotChecked {
			r.Claims[c.String()] = Holds
		}
	}
	if m.Live() {
		if err := terminates(ctx, m, r); err != nil {
			return r, err
		}
	}
	r.Seconds = time.Since(start).Seconds()
	return r, nil
}

// terminates decides the claims of termination under the fairness that the model assumes.
func terminates(ctx context.Context, m *models.Model, r *Result) error {
	fairness := explore.WeakThreads
	if m.Fair() {
		fairness |= explore.StrongLocks
	}
	lassos, _, err := explore.Terminates(ctx, m.Model.Law(), fairness, 0)
	if err != nil {
		return err
	}
	for _, c := range []spec.Claim{spec.WalkTerminates, spec.OperationTerminates} {
		lasso := lassos.Of(c.String())
		if lasso == nil {
			r.Claims[c.String()] = Holds
			continue
		}
		r.add(Violation{Claim: c.String(), Conjunct: c.Conjuncts()[0], Length: len(lasso.Prefix) + len(lasso.Cycle),
			Values: lasso.Describe(m.Law(), m.ThreadName(uint8(lasso.Thread)), fairness), Schedule: m.FormatSchedule(append(lasso.Prefix, lasso.Cycle...))})
	}
	return nil
}
