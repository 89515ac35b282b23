package museum

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/rootlock/rootlock/internal/engine"
	"github.com/rootlock/rootlock/internal/hunt"
	"github.com/rootlock/rootlock/internal/lockstep"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
)

// What the law itself answers does not change while this process runs.
var law = struct {
	mu       sync.Mutex
	explored map[string]*engine.Result
	hunted   map[string]*hunt.Result
}{explored: map[string]*engine.Result{}, hunted: map[string]*hunt.Result{}}

// exploreLaw is the explorer's answer for the law in a model.
func exploreLaw(ctx context.Context, m *models.Model) (*engine.Result, error) {
	law.mu.Lock()
	defer law.mu.Unlock()
	if r := law.explored[m.FullName()]; r != nil {
		return r, nil
	}
	r, err := engine.Explore(ctx, m, spec.ExploreOptions{})
	if err == nil {
		law.explored[m.FullName()] = r
	}
	return r, err
}

// huntLaw looks on the law for what a repair is said to keep.
func huntLaw(ctx context.Context, m *models.Model, c spec.Claim, o hunt.Options) (_ *hunt.Result, err error) {
	law.mu.Lock()
	defer law.mu.Unlock()
	key := fmt.Sprint(m.FullName(), c, o)
	if r := law.hunted[key]; r != nil {
		return r, nil
	}
	run, err := lockstep.New(m.Model)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, run.Close()) }()
	r, err := hunt.Find(ctx, m.Model, run, c.Set(), o)
	if err == nil {
		law.hunted[key] = r
	}
	return r, err
}
