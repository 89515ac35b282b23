package main

import (
	"github.com/rootlock/rootlock/internal/engine"
	"github.com/rootlock/rootlock/internal/ledger"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/tla"
)

type exploreCmd struct {
	Protocol string `arg:"" help:"OwnLock or DeepestLock."`
	boundFlags
	Claim     []string `placeholder:"NAME" help:"Show only these claims' counterexamples."`
	Symmetry  bool     `help:"Count states that differ only in the names of objects as one."`
	Workers   int      `help:"Goroutines; 0: one per core."`
	MaxStates uint64   `placeholder:"N" help:"Give up after so many states."`
}

// Run explores one model. At bounds that the ledger knows the result must be the
// ledger's; at others every claim must hold.
func (c *exploreCmd) Run(a *app) error {
	p, err := spec.ProtocolByName(c.Protocol)
	if err != nil {
		return err
	}
	m, err := c.model(p)
	if err != nil {
		return err
	}
	show := spec.ClaimSet(0)
	for _, name := range c.Claim {
		claim, err := spec.ClaimByName(name)
		if err != nil {
			return err
		}
		show |= claim.Set()
	}
	bar := a.meter("exploring "+m.FullName(), 0, "states")
	r, err := engine.Explore(a.ctx, m, spec.ExploreOptions{Workers: c.Workers, Symmetry: c.Symmetry, MaxStates: c.MaxStates, Progress: bar.exploring})
	bar.done()
	if r == nil {
		return err
	}
	out := results{Results: []*engine.Result{r}, Skipped: []skipped{}}
	cut := err
	if cut != nil {
		r.AsExpected = false
		out.Skipped = append(out.Skipped, skipped{"the rest of " + m.FullName(), cut.Error()})
	} else {
		c.judge(m, r)
	}
	out.OK = r.AsExpected
	a.line(r)
	a.printf("         %.1f bytes per distinct state\n", r.BytesPerState)
	for i := range r.Violations {
		if claim, err := spec.ClaimByName(r.Violations[i].Claim); err == nil && (show == 0 || show.Has(claim)) {
			a.artefact(m.Model, &r.Violations[i])
		}
	}
	for _, d := range r.Differences {
		a.printf("%s\n", a.style.Red(d))
	}
	if err := a.write(out); err != nil {
		return err
	}
	switch {
	case cut != nil:
		return cut
	case !r.AsExpected:
		return errFails
	}
	return nil
}

// judge compares with the ledger where it can.
func (c *exploreCmd) judge(m *models.Model, r *engine.Result) {
	if dir, err := root(); err == nil && !c.Symmetry {
		if l, err := ledger.Load(dir + "/" + ledger.File); err == nil {
			if want := l.Find(r.Protocol, r.Model, r.Engine); want != nil && want.Bound == r.Bound {
				hash, _ := ledger.Hash(tla.FS, r.Protocol, m.File)
				r.Differences = ledger.Compare(want, ledger.Of(r, hash))
				r.AsExpected = len(r.Differences) == 0
				return
			}
		}
	}
	r.AsExpected = len(r.Violations) == 0
}
