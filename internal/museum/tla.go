package museum

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/rootlock/rootlock/internal/engine"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/tla"
	"github.com/rootlock/rootlock/triangle/tlc"
)

// text is the root module that TLC checks: the model's own with the override.
func (e *Entry) text() string {
	return fmt.Sprintf("---- MODULE %s ----\nEXTENDS %s\n\n%s\n====\n", e.Module(), e.Model.Module(), strings.TrimSpace(e.Definitions))
}

// config is a model's configuration with the override, asking these claims and
// nothing else.
func (e *Entry) config(m *models.Model, claims []string) *tlc.Config {
	c := m.Config.WithInvariants().WithProperties()
	for _, r := range e.Replacements {
		c = c.WithReplacement(r.Name, r.Replacement)
	}
	deadlock := false
	for _, name := range claims {
		switch name {
		case spec.NoDeadlock.String():
			deadlock = true
		case spec.WalkTerminates.String(), spec.OperationTerminates.String(), spec.OperationDone.String():
			c.Properties = append(c.Properties, name)
		default:
			c.Invariants = append(c.Invariants, name)
		}
	}
	c.CheckDeadlock = &deadlock
	return c
}

// quick: a short run is over before Java's second compiler pays.
var quick = []string{"-XX:TieredStopAtLevel=1"}

// shortRun is the number of states below which a complete run is short.
const shortRun = 10_000

// askTLC has TLC check claims of the entry in a model, in one run.
func (e *Entry) askTLC(ctx context.Context, in tlc.Installation, m *models.Model, claims, jvm []string) (*tlc.Result, error) {
	config := e.Module() + ".cfg"
	r, err := tlc.Run(ctx, tlc.Options{Installation: in, Files: tla.FS, Module: e.Module(), Config: config, Workers: 1, JVM: jvm, NoCounts: true,
		Overlay: map[string][]byte{
			e.Module() + ".tla": []byte(e.text()),
			config:              []byte(e.config(m, claims).String()),
		}})
	var bad *tlc.RunError
	if errors.As(err, &bad) && bad.Verdict != tlc.Canceled {
		return nil, e.bad(definitionsSection, err)
	}
	return r, err
}

// tlcBroken asks for each claim that is broken in a run of its own.
func (r *runner) tlcBroken(ctx context.Context, in tlc.Installation, m *models.Model, claims []spec.Claim, want Verdict) error {
	for _, c := range claims {
		start := time.Now()
		res, err := r.entry.askTLC(ctx, in, m, []string{c.String()}, quick)
		if err != nil {
			return err
		}
		row := r.row(TLC, m, c.String())
		row.Seconds = time.Since(start).Seconds()
		row.Verdict = engine.Holds
		if res.Verdict.Violated() {
			row.Verdict = engine.Violated
			row.Shortest = len(res.Trace) - 1
			if name := reported(res); name != c.String() {
				r.differ("TLC was asked for %s and reports %s", c, name)
				row.Claim = name
			}
		} else {
			row.Distinct = uint64(res.Distinct)
		}
		r.expect(&row, want)
	}
	return nil
}

// reported names the claim that TLC found violated; of temporal properties it is asked for
// one at a time.
func reported(res *tlc.Result) string {
	if res.Verdict == tlc.Deadlock {
		return spec.NoDeadlock.String()
	}
	return res.Name
}

// tlcKept asks for claims that the entry is to keep, all in one complete run,
// whose size must be the explorer's.
func (r *runner) tlcKept(ctx context.Context, in tlc.Installation, claims []string) error {
	start := time.Now()
	var jvm []string
	if r.law.Distinct < shortRun {
		jvm = quick
	}
	res, err := r.entry.askTLC(ctx, in, r.entry.Model, claims, jvm)
	if err != nil {
		return err
	}
	for i, c := range claims {
		row := r.row(TLC, r.entry.Model, c)
		row.Seconds = time.Since(start).Seconds()
		row.Verdict, row.Distinct = engine.Holds, uint64(res.Distinct)
		if res.Verdict.Violated() {
			if reported(res) != c {
				continue // not decided: another claim ended the run
			}
			row.Verdict, row.Shortest, row.Distinct = engine.Violated, len(res.Trace)-1, 0
		}
		if row.Verdict == engine.Holds && r.entry.Kind != Repair {
			if i > 0 {
				continue // one row says it for all
			}
			row.Claim = ""
		}
		r.expect(&row, engine.Holds)
	}
	return nil
}
