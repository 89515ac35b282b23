package museum

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"

	"github.com/rootlock/rootlock/internal/engine"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/internal/museum/wire"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/explore"
)

// What the law itself answers does not change while this process runs.
var law = struct {
	mu       sync.Mutex
	explored map[string]*engine.Result
	hunted   map[string]*wire.Hunt
}{explored: map[string]*engine.Result{}, hunted: map[string]*wire.Hunt{}}

// exploreLaw is the explorer's answer for the law in a model.
func exploreLaw(ctx context.Context, m *models.Model) (*engine.Result, error) {
	law.mu.Lock()
	defer law.mu.Unlock()
	if r := law.explored[m.FullName()]; r != nil {
		return r, nil
	}
	r, err := engine.Explore(ctx, m, explore.Options{})
	if err == nil {
		law.explored[m.FullName()] = r
	}
	return r, err
}

// huntLaw looks on the law for what a repair is said to mend, with the search
// that the repair must survive. It asks a specimen without edits: rapid's
// settings are those of the process, and a test has its own.
func (r *runner) huntLaw(ctx context.Context, c spec.Claim) (*wire.Hunt, error) {
	law.mu.Lock()
	defer law.mu.Unlock()
	q := r.question(r.entry.Model)
	q.Hunt = []string{c.String()}
	key := fmt.Sprintf("%+v", q)
	if h := law.hunted[key]; h != nil {
		return h, nil
	}
	unedited := &Entry{Name: "(the law)"}
	s := r.options.Woven.specimen(unedited)
	if s == nil {
		var err error
		if s, err = build(ctx, unedited, specimenPackage, r.options.Root, filepath.Join(r.dir, "law")); err != nil {
			return nil, err
		}
	}
	a, err := s.ask(ctx, q)
	if err != nil {
		return nil, err
	}
	law.hunted[key] = &a.Hunts[0]
	return &a.Hunts[0], nil
}
