package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/rootlock/rootlock/internal/engine"
	"github.com/rootlock/rootlock/internal/ledger"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/tla"
	"github.com/rootlock/rootlock/triangle/tlc"
)

type tlcCmd struct {
	Models      []string      `arg:"" optional:"" name:"model" help:"Models, like OwnLock/Small; default: all that the ledger has TLC's answer for."`
	Workers     int           `help:"TLC's worker threads. With one (the default) counts and counterexamples are repeatable. A model that asks for liveness always has one: with more this TLC misses violations." default:"1"`
	TimeLimit   time.Duration `help:"How long each run of TLC may take." placeholder:"10m"`
	Distributed bool          `help:"TLC's own server hands the states to workers: to --workers processes here, and to any on other machines. The command that starts a worker elsewhere is printed. Safety only."`
	Host        string        `help:"Needed with --distributed: the name under which workers reach this machine. TLC's server always listens on every network interface, and lets anybody in." placeholder:"NAME"`
	Port        int           `help:"With --distributed: where the server listens." placeholder:"10997"`
	Simulate    int           `help:"Draw N random behaviours instead of looking at all states. The default is every protocol's model Wide, far too large to explore. Safety only." placeholder:"N"`
	Seed        int64         `help:"With --simulate: seed of the random numbers." default:"1"`
	List        bool          `help:"List the models and their bounds. Nothing is checked."`
}

// listTLC lists models with their bounds.
func (a *app) listTLC(all []*models.Model) error {
	type line struct {
		Model string `json:"model"` // as the command line has it
		Bound string `json:"bound"`
		InTLA bool   `json:"in_tla"` // else it is for explore only
	}
	var list []line
	for _, m := range all {
		list = append(list, line{m.FullName(), m.Bounds.String(), m.InTLA()})
		where := ""
		if !m.InTLA() {
			where = "; not in tla/: for explore only"
		}
		a.printf("%-24s %s%s\n", m.FullName(), m.Bounds, where)
	}
	return a.write(struct {
		OK     bool   `json:"ok"`
		Models []line `json:"models"`
	}{true, list})
}

// Run checks models with TLC and compares with the ledger.
func (c *tlcCmd) Run(a *app) error {
	all, err := models.All()
	if err != nil {
		return err
	}
	if c.List {
		return a.listTLC(all)
	}
	most := mostThreads()
	if c.Distributed {
		most = mostProcesses()
	}
	if err := countedWorkers(c.Workers, most); err != nil {
		return err
	}
	switch {
	case c.Distributed && len(c.Models) == 0:
		return errors.New("--distributed needs the model that is to be distributed, like OwnLock/Full")
	case c.Distributed && c.Simulate > 0:
		return errors.New("--distributed looks at all states and --simulate at random behaviours: choose one")
	case c.Distributed && c.Host == "":
		return fmt.Errorf("--distributed needs --host NAME, by which workers find this machine (localhost, if all are here): TLC's server is not local; %s", (&tlc.Distributed{Port: c.Port}).Listens())
	case c.Distributed && (c.Port < 0 || c.Port > 65535):
		return fmt.Errorf("--port is %d; ports are 1 to 65535", c.Port)
	case !c.Distributed && (c.Host != "" || c.Port != 0):
		return errors.New("--host and --port are for --distributed")
	}
	if err := notNegative("--simulate", c.Simulate); err != nil {
		return err
	}
	if c.Distributed {
		if err := tlc.CheckHost(a.ctx, c.Host); err != nil {
			return fmt.Errorf("--host: %w", err)
		}
	}
	if c.TimeLimit < 0 {
		return fmt.Errorf("--time-limit is %v; it must not be negative", c.TimeLimit)
	}
	var chosen []*models.Model
	for _, name := range c.Models {
		m, err := c.find(name)
		if err != nil {
			return err
		}
		if (c.Distributed || c.Simulate > 0) && m.Live() {
			return fmt.Errorf("%s asks for liveness, and this checks safety only: rootlock tlc %s", m.FullName(), m.FullName())
		}
		if !m.InTLA() && !m.Wide() {
			return fmt.Errorf("TLC has nothing to read for %s: there is no tla/%s; rootlock explore %s --model %s", m.FullName(), models.ClaimsFile(m.Protocol), m.Protocol, m.Name)
		}
		if !m.InTLA() {
			return fmt.Errorf("%s is a model of the wide world (merging, mprotect, mremap, swap, failing allocations), which tla/ does not have: rootlock explore %s --model %s", m.FullName(), m.Protocol, m.Name)
		}
		chosen = append(chosen, m)
	}
	l, err := here().ledger()
	if err != nil {
		return err
	}
	switch {
	case len(chosen) > 0:
	case c.Simulate > 0:
		for _, p := range spec.Protocols() {
			m, err := models.Beyond(p)
			if err != nil {
				return err
			}
			chosen = append(chosen, m)
		}
	default:
		for _, m := range all {
			if l.Find(m.Protocol.String(), m.Name, engine.TLC) != nil {
				chosen = append(chosen, m)
			}
		}
	}
	in, err := tlc.Finder{}.Find(a.ctx)
	if err != nil {
		return err
	}
	if len(chosen) == 0 {
		return errors.New("the ledger has TLC's answer for no model: name models")
	}
	if c.Distributed {
		a.complain(fmt.Errorf("TLC's server is not local: %s", (&tlc.Distributed{Port: c.Port}).Listens()))
	}
	if n := live(chosen); n > 0 && c.Workers > 1 {
		a.printf("one worker, not %d, for the %d %s that ask for liveness: with more this TLC misses violations\n", c.Workers, n, plural(n, "model"))
	}
	a.printf("TLC %s (%s), Java %s\n", in.TLCVersion, in.JarSource, in.JavaVersion)
	ask, judge := c.here, differences
	switch {
	case c.Distributed:
		ask, judge = c.distributed, distinctDiffers
	case c.Simulate > 0:
		ask, judge = c.simulated, surprises
	}
	out := results{OK: true, Results: []*engine.Result{}, Skipped: []skipped{}}
	bar := a.meter("TLC", int64(len(chosen)), "models")
	defer bar.done()
	for i, m := range chosen {
		r, err := ask(a, m, l, in, func(what string) { bar.at(int64(i), m.FullName()+": "+what) })
		if err != nil {
			out.OK = false
			if a.ctx.Err() != nil {
				a.summary(&out, "models not checked any more", len(chosen)-i)
			}
			return errors.Join(err, a.write(out))
		}
		r.Differences = judge(l, m, r)
		r.AsExpected = len(r.Differences) == 0
		out.OK = out.OK && r.AsExpected
		out.Results = append(out.Results, r)
		bar.done()
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

// here has one TLC check one model.
func (c *tlcCmd) here(a *app, m *models.Model, l *ledger.Ledger, in tlc.Installation, progress func(string)) (*engine.Result, error) {
	return askTLC(a.ctx, m, l, in, engine.TLCOptions{Workers: c.Workers, TimeLimit: c.TimeLimit, Quiet: a.quiet(m), Progress: func(p tlc.Progress) {
		progress(fmt.Sprintf("%d states, depth %d", p.Distinct, p.Depth))
	}})
}

// quiet tells that TLC has said nothing for long.
func (a *app) quiet(m *models.Model) func(time.Duration, string) {
	return func(silent time.Duration, last string) {
		if last == "" {
			last = "none"
		}
		fmt.Fprintf(a.stderr, "%s: TLC has printed nothing for %v; its last line: %s\n", m.FullName(), silent, last)
	}
}

// live counts the models that ask for liveness.
func live(list []*models.Model) (n int) {
	for _, m := range list {
		if m.Live() {
			n++
		}
	}
	return n
}

// find finds a model; for simulation also a protocol's Wide.
func (c *tlcCmd) find(name string) (*models.Model, error) {
	if protocol, ok := strings.CutSuffix(name, "/Wide"); ok && c.Simulate > 0 {
		p, err := spec.ProtocolByName(protocol)
		if err != nil {
			return nil, err
		}
		return models.Beyond(p)
	}
	return models.FindFull(name)
}

// summary says after an interrupt what was not done.
func (a *app) summary(out *results, what string, n int) {
	out.OK = false
	out.Skipped = append(out.Skipped, skipped{fmt.Sprintf("%d %s", n, what), "interrupted"})
	a.printf("interrupted: %d results, %d %s\n", len(out.Results), n, what)
}

// askTLC asks the claims that the ledger expects to be violated one by one.
func askTLC(ctx context.Context, m *models.Model, l *ledger.Ledger, in tlc.Installation, o engine.TLCOptions) (*engine.Result, error) {
	o.Installation, o.Files = in, tla.FS
	want := expectedOf(l, m)
	o.Violated, o.States = want.Violated(), want.Distinct
	return engine.AskTLC(ctx, m, o)
}

// expectedOf is what the ledger expects of TLC, or else of the explorer; the zero
// entry if it knows neither.
func expectedOf(l *ledger.Ledger, m *models.Model) *ledger.Entry {
	for _, name := range []string{engine.TLC, engine.Explorer} {
		if want := l.Find(m.Protocol.String(), m.Name, name); want != nil {
			return want
		}
	}
	return &ledger.Entry{}
}

// differences compares a result with the ledger.
func differences(l *ledger.Ledger, m *models.Model, r *engine.Result) []string {
	hash, err := ledger.HashOf(m)
	if err != nil {
		return []string{err.Error()}
	}
	return ledger.Compare(l.Find(r.Protocol, r.Model, r.Engine), ledger.Of(r, hash))
}

// requireTLC reports whether a missing TLC is a failure.
func requireTLC() bool { return os.Getenv("ROOTLOCK_REQUIRE_TLC") == "1" }

// disagree compares the two engines' answers for one model with each other.
func disagree(x, y *engine.Result) []string {
	var list []string
	say := func(format string, args ...any) {
		list = append(list, fmt.Sprintf("%s/%s: explorer and TLC disagree: ", x.Protocol, x.Model)+fmt.Sprintf(format, args...))
	}
	for name, v := range x.Claims {
		if w := cmp.Or(y.Claims[name], engine.NotChecked); v != w { // on record there may be claims fewer
			say("%s: %s, %s", name, v, w)
		}
		if v, w := x.Violation(name), y.Violation(name); v != nil && w != nil && !spec.IsTemporal(name) && v.Length != w.Length {
			say("the shortest counterexample to %s: %d steps, %d", name, v.Length, w.Length)
		}
	}
	if x.Distinct != y.Distinct || x.Generated != y.Generated || x.Depth != y.Depth {
		say("%d distinct, %d generated, depth %d; %d, %d, %d", x.Distinct, x.Generated, x.Depth, y.Distinct, y.Generated, y.Depth)
	}
	if y.Steps != nil {
		for _, s := range spec.Steps() {
			if n, k := x.Steps[s.String()], y.Steps[s.String()]; n != k {
				say("step %s fired %d times, %d", s, n, k)
			}
		}
	}
	return list
}

// entryOf is the ledger's entry for a result.
func entryOf(m *models.Model, r *engine.Result) (ledger.Entry, error) {
	hash, err := ledger.HashOf(m)
	e := ledger.Of(r, hash)
	if m.Large() && r.Engine == engine.Explorer {
		e.Law = engine.Sources()
	}
	return e, err
}
