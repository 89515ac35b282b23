package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/rootlock/rootlock/internal/engine"
	"github.com/rootlock/rootlock/internal/ledger"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/internal/tlc"
	"github.com/rootlock/rootlock/tla"
)

// distribute has TLC's server and workers check models, one after the other.
func (c *tlcCmd) distribute(a *app, chosen []*models.Model, l *ledger.Ledger, in tlc.Installation) error {
	for _, m := range chosen {
		if m.Live() {
			return fmt.Errorf("%s asks for liveness, and TLC's server checks safety only: rootlock tlc %s", m.FullName(), m.FullName())
		}
	}
	out := results{OK: true, Results: []*engine.Result{}, Skipped: []skipped{}}
	for _, m := range chosen {
		r, err := engine.AskTLC(a.ctx, m, c.distributed(a, m, l, in))
		if err != nil {
			if a.ctx.Err() != nil {
				a.summary(&out, "models not checked any more", len(chosen)-len(out.Results))
			}
			return errors.Join(err, a.write(out))
		}
		r.Differences = distinctDiffers(l, r)
		r.AsExpected = len(r.Differences) == 0
		out.OK = out.OK && r.AsExpected
		out.Results = append(out.Results, r)
		a.line(r)
		for _, d := range r.Differences {
			a.printf("         %s\n", a.style.Red(d))
		}
	}
	if err := a.write(out); err != nil {
		return err
	}
	if !out.OK {
		return errFails
	}
	return nil
}

// distributed says how one model is run.
func (c *tlcCmd) distributed(a *app, m *models.Model, l *ledger.Ledger, in tlc.Installation) engine.TLCOptions {
	bar := a.meter("TLC", 1, "models")
	threads := 0
	return engine.TLCOptions{
		Installation: in, Files: tla.FS, TimeLimit: c.TimeLimit, Violated: expectedViolations(l, m),
		Progress: func(p tlc.Progress) {
			bar.at(0, fmt.Sprintf("%s: %d states, %d to do, %d threads of workers", m.FullName(), p.Distinct, p.Queue, threads))
		},
		Distributed: &tlc.Distributed{
			Host: c.Host, Port: c.Port, Workers: c.Workers,
			Ready: func(args []string) {
				bar.done()
				a.printf("%s: TLC's server is ready. On any machine that has the jar, a worker is\n    java %s\n", m.FullName(), strings.Join(args, " "))
				if c.Host == "" {
					a.printf("    (for other machines than this one say --host)\n")
				}
			},
			Joined: func() { threads++ },
			Lost: func(err error) {
				a.printf("%s: a worker of this machine is lost (%v); the others do its work\n", m.FullName(), err)
			},
		},
	}
}

// expectedViolations are the claims that the ledger expects to be violated.
func expectedViolations(l *ledger.Ledger, m *models.Model) []string {
	for _, name := range []string{engine.TLC, engine.Explorer} {
		if want := l.Find(m.Protocol.String(), m.Name, name); want != nil {
			return want.Violated()
		}
	}
	return nil
}

// distinctDiffers compares what does not depend on who was faster.
func distinctDiffers(l *ledger.Ledger, r *engine.Result) []string {
	want := l.Find(r.Protocol, r.Model, engine.Explorer)
	switch {
	case want == nil:
		return []string{r.Name() + " is not in the ledger"}
	case want.Distinct != r.Distinct:
		return []string{fmt.Sprintf("%s: %d distinct states, expected %d", r.Name(), r.Distinct, want.Distinct)}
	}
	return nil
}
