package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/rootlock/rootlock/internal/engine"
	"github.com/rootlock/rootlock/internal/ledger"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/tla"
	"github.com/rootlock/rootlock/triangle/tlc"
)

// simulationDepth is longer than any behaviour of Wide that was seen: those that
// end before it rest.
const simulationDepth = 400

// simulated has TLC draw random behaviours of one model.
func (c *tlcCmd) simulated(a *app, m *models.Model, l *ledger.Ledger, in tlc.Installation, progress func(string)) (*engine.Result, error) {
	return simulate(a.ctx, m, brokenIn(l, m.Protocol), in, tlc.Simulation{Traces: c.Simulate, Depth: simulationDepth, Seed: c.Seed}, c.Workers, func(p tlc.Progress) {
		progress(fmt.Sprintf("%d states", p.Generated))
	})
}

func simulate(ctx context.Context, m *models.Model, broken []string, in tlc.Installation, s tlc.Simulation, workers int, progress func(tlc.Progress)) (*engine.Result, error) {
	return engine.AskTLC(ctx, m, engine.TLCOptions{Installation: in, Files: tla.FS, Violated: broken, Workers: workers, Progress: progress, Simulate: &s})
}

// brokenIn lists the claims that a protocol breaks in some model of tla/.
// Simulation is not asked of them: it would stop at the first.
func brokenIn(l *ledger.Ledger, p spec.Protocol) []string {
	var names []string
	for i := range l.Entries {
		e := &l.Entries[i]
		if e.Protocol != p.String() || e.Engine != engine.Explorer {
			continue
		}
		if m, err := models.Find(p, e.Model); err == nil && m.InTLA() {
			names = append(names, e.Violated()...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// surprises: whatever simulation finds violated is one, for it was asked only of
// what holds in all explored models.
func surprises(_ *ledger.Ledger, _ *models.Model, r *engine.Result) (list []string) {
	for _, v := range r.Violations {
		list = append(list, fmt.Sprintf("%s: %s breaks, and in no explored model of tla/: %s", r.Name(), v.Claim, v.Schedule))
	}
	return list
}
