package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/rootlock/rootlock/internal/engine"
	"github.com/rootlock/rootlock/internal/ledger"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
)

type exploreCmd struct {
	Protocol string `arg:"" help:"OwnLock, DeepestLock, TrylockRetry, WalkMutex, RootPointer or RefcountedRoot."`
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
		claim, err := p.AskedClaim(name)
		if err != nil {
			return err
		}
		show |= claim.Set()
	}
	if err := notNegative("--workers", c.Workers); err != nil {
		return err
	}
	l, err := ledgerHere()
	if err != nil {
		return err
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
		c.judge(l, m, r)
	}
	out.OK = r.AsExpected
	a.line(r)
	a.printf("         %.1f bytes per distinct state\n", r.BytesPerState)
	for i := range r.Violations {
		if claim, err := spec.ClaimByName(r.Violations[i].Claim); err == nil && (show == 0 || show.Has(claim)) {
			a.artefact(m.Model, &r.Violations[i])
		}
	}
	for _, s := range out.Skipped {
		a.printf("not checked: %s: %s\n", s.What, s.Why)
	}
	for _, d := range r.Differences {
		a.printf("%s\n", a.style.Red(d))
	}
	if err := a.write(out); err != nil {
		return err
	}
	switch {
	case cut != nil && (a.ctx.Err() != nil || len(r.Violations) == 0):
		return cut
	case cut != nil: // what is violated is violated
		a.complain(cut)
		return errFails
	case !r.AsExpected:
		return errFails
	}
	return nil
}

// judge compares with the ledger where it can. With symmetry the counts are
// others, and the verdicts the same.
func (c *exploreCmd) judge(l *ledger.Ledger, m *models.Model, r *engine.Result) {
	r.AsExpected = len(r.Violations) == 0
	if l == nil {
		return
	}
	want := l.Find(r.Protocol, r.Model, r.Engine)
	if want == nil || want.Bound != r.Bound {
		return
	}
	got := *r
	if c.Symmetry {
		got.Distinct, got.Generated, got.Depth, got.Steps = want.Distinct, want.Generated, want.Depth, want.Steps
	}
	r.Differences = differences(l, m, &got)
	r.AsExpected = len(r.Differences) == 0
}

// ledgerHere is the project's ledger. Outside the project, or before there is a
// ledger, it is nil; a damaged one is an error.
func ledgerHere() (*ledger.Ledger, error) {
	dir, err := root()
	if err != nil {
		return nil, nil
	}
	l, err := ledger.Load(filepath.Join(dir, ledger.File))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return l, err
}

// notNegative checks a flag that counts something.
func notNegative(flag string, n int) error {
	if n < 0 {
		return fmt.Errorf("%s is %d; it must not be negative", flag, n)
	}
	return nil
}
