package main

import (
	"fmt"
	"strings"

	"github.com/rootlock/rootlock/internal/engine"
	"github.com/rootlock/rootlock/internal/ledger"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/internal/quote"
	"github.com/rootlock/rootlock/tla"
	"github.com/rootlock/rootlock/triangle/tlc"
)

// distributed has TLC's server and its workers check one model.
func (c *tlcCmd) distributed(a *app, m *models.Model, l *ledger.Ledger, in tlc.Installation, progress func(string)) (*engine.Result, error) {
	threads := 0
	return engine.AskTLC(a.ctx, m, engine.TLCOptions{
		Installation: in, Files: tla.FS, TimeLimit: c.TimeLimit, Violated: expectedOf(l, m).Violated(),
		Progress: func(p tlc.Progress) {
			progress(fmt.Sprintf("%d states, %d to do, %d threads of workers", p.Distinct, p.Queue, threads))
		},
		Distributed: &tlc.Distributed{
			Host: c.Host, Port: c.Port, Workers: c.Workers,
			Ready: func(args []string) {
				for i, arg := range args {
					args[i] = quote.Shell(arg)
				}
				a.printf("%s: TLC's server is ready. On any machine that has the jar, a worker is\n    java %s\n", m.FullName(), strings.Join(args, " "))
			},
			Joined: func() { threads++ },
			Lost: func(err error) {
				a.printf("%s: a worker of this machine is lost (%v); the others do its work\n", m.FullName(), err)
			},
		},
	})
}

// distinctDiffers compares what does not depend on who was faster.
func distinctDiffers(l *ledger.Ledger, _ *models.Model, r *engine.Result) []string {
	want := l.Find(r.Protocol, r.Model, engine.Explorer)
	switch {
	case want == nil:
		return []string{ledger.NewEntry(r.Name())}
	case want.Distinct != r.Distinct:
		return []string{fmt.Sprintf("%s: %d distinct states, expected %d", r.Name(), r.Distinct, want.Distinct)}
	}
	return nil
}
