package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/rootlock/rootlock/internal/engine"
	"github.com/rootlock/rootlock/internal/ledger"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/explore"
)

type exploreCmd struct {
	Protocol string `arg:"" optional:"" help:"One of ${protocols}."`
	boundFlags
	Budget    time.Duration `default:"10s" help:"Without --model or bounds: how long to go on, from the smallest model to the largest."`
	Claim     []string      `placeholder:"NAME" help:"Show only these claims' counterexamples."`
	List      bool          `help:"List the models: what each is for, its size, and how long it takes. Nothing is checked."`
	Verbose   bool          `short:"v" help:"Also the bounds of each model, every counterexample as lanes, and each count of states and steps that has changed."`
	Symmetry  bool          `help:"Count states that differ only in the names of objects as one."`
	Workers   int           `help:"How many goroutines explore; 0: one per core."`
	MaxStates uint64        `placeholder:"N" help:"Give up a model after N states."`
}

// Run explores all models of a protocol, or one. At bounds that the ledger knows the
// result must be the ledger's; at others every claim must hold.
func (c *exploreCmd) Run(a *app) error {
	l, err := ledgerHere()
	if err != nil {
		return err
	}
	if c.List {
		return c.list(a, l)
	}
	if c.Protocol == "" {
		return fmt.Errorf(`expected "<protocol>": which protocol? one of %s`, protocolNames(spec.Protocols()))
	}
	p, err := spec.ProtocolByName(c.Protocol)
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
	if err := countedWorkers(c.Workers, mostThreads()); err != nil {
		return err
	}
	if c.Budget <= 0 {
		return fmt.Errorf("--budget is %v; it must be positive", c.Budget)
	}
	if c.Model == "" && !c.bounded() {
		return c.all(a, l, p, show)
	}
	m, err := c.model(p)
	if err != nil {
		return err
	}
	return c.one(a, l, m, show)
}

func protocolNames(list []spec.Protocol) string {
	return strings.ReplaceAll(strings.Trim(fmt.Sprint(list), "[]"), " ", ", ")
}

func (c *exploreCmd) options(progress func(explore.Progress)) explore.Options {
	return explore.Options{Workers: c.Workers, Symmetry: c.Symmetry, MaxStates: c.MaxStates, Progress: progress}
}

// one explores one model.
func (c *exploreCmd) one(a *app, l *ledger.Ledger, m *models.Model, show spec.ClaimSet) error {
	bar := a.meter("exploring "+m.FullName(), 0, "states")
	r, cut := engine.Explore(a.ctx, m, c.options(bar.exploring))
	bar.done()
	if r == nil {
		return cut
	}
	if cut == nil && r.Generated <= 1 {
		return fmt.Errorf("nothing can happen in this world (%s): that claims hold in it says nothing; give it operations that may begin", m.Bounds)
	}
	d, err := against(l, []outcome{{m, r, cut}}, c.Symmetry)
	if err != nil {
		return err
	}
	out := results{Results: []*engine.Result{r}, Skipped: []skipped{}, Changes: d.changes}
	if cut != nil {
		out.Skipped = append(out.Skipped, skipped{"the rest of " + m.FullName(), cut.Error()})
	}
	out.OK = r.AsExpected
	a.line(r)
	if r.BytesPerState > 0 {
		a.printf("         %.1f bytes per distinct state\n", r.BytesPerState)
	}
	for i := range r.Violations {
		if claim, err := spec.ClaimByName(r.Violations[i].Claim); err == nil && (show == 0 || show.Has(claim)) {
			a.artefact(m.Model, &r.Violations[i])
		}
	}
	for _, s := range out.Skipped {
		a.printf("not checked: %s: %s\n", s.What, s.Why)
	}
	if cut == nil {
		a.told(l, m.Protocol, d, c.Verbose)
		a.advice(l, m.Protocol, d, 1, 0)
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

// notNegative checks a flag that counts something.
func notNegative(flag string, n int) error {
	if n < 0 {
		return fmt.Errorf("%s is %d; it must not be negative", flag, n)
	}
	return nil
}
