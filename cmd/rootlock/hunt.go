package main

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/rootlock/rootlock/internal/engine"
	"github.com/rootlock/rootlock/internal/ledger"
	"github.com/rootlock/rootlock/internal/lockstep"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/internal/report"
	"github.com/rootlock/rootlock/spec"
)

type huntCmd struct {
	Protocol string   `arg:"" help:"One of ${protocols}."`
	Model    string   `placeholder:"NAME" help:"Hunt in this model; default: Wide, WideMapped, WideNeighbours and WideWorld by turns, under RwsemRoot also Today and Moves; all are far too large to explore."`
	Claim    []string `placeholder:"NAME" help:"Hunt only for these claims; default: all that a finite schedule can break."`
	Seconds  float64  `default:"10" help:"How long to draw schedules. The time to shrink what is found comes on top."`
	Seed     uint64   `default:"1" help:"Seed of the random numbers. The same seed draws the same schedules."`
}

// Run draws random schedules until the time is over.
func (c *huntCmd) Run(a *app) error {
	p, err := spec.ProtocolByName(c.Protocol)
	if err != nil {
		return err
	}
	if !(c.Seconds > 0 && c.Seconds <= math.MaxInt32) { // NaN too
		return fmt.Errorf("--seconds is %v; it must be positive", c.Seconds)
	}
	h := engine.Hunter{Claims: (spec.StateClaims | spec.NoDeadlock.Set()) & p.Asked(), Time: time.Duration(c.Seconds * float64(time.Second)), Seed: c.Seed}
	if len(c.Claim) > 0 {
		h.Claims = 0
	}
	for _, name := range c.Claim {
		claim, err := p.AskedClaim(name)
		if err != nil {
			return err
		}
		if claim.Temporal() {
			return fmt.Errorf("no finite schedule breaks %s: rootlock explore %s --model Live", claim, p)
		}
		h.Claims |= claim.Set()
	}
	names := engine.Hunts(p)
	if c.Model != "" {
		names = []string{c.Model}
	}
	var list []*models.Model
	for _, name := range names {
		m, err := models.Find(p, name)
		if err != nil {
			return err
		}
		list = append(list, m)
	}
	l, err := ledgerHere()
	if err != nil {
		return err
	}
	known := brokenBy(l, p)

	a.printf("hunting in %s/%s for %v s, seed %d\n", p, strings.Join(names, ", "), c.Seconds, c.Seed)
	bar := a.meter("hunt", 0, "schedules")
	defer bar.done()
	h.Drawn = func(schedules, steps uint64) { bar.at(int64(schedules), fmt.Sprintf("schedules, %d steps", steps)) }
	h.Found = func(m *models.Model, v *engine.Violation) {
		bar.done()
		a.artefact(m.Model, v)
		if where := known[v.Claim]; where != "" {
			a.printf("the ledger expects it: %s\n", where)
		}
	}
	h.Parted = func(m *models.Model, sch spec.Schedule, err error) {
		bar.done()
		a.parted(m, sch, err)
	}
	found, err := h.Hunt(a.ctx, list)
	bar.done()
	if found == nil {
		return err
	}
	return c.conclude(a, p, list, found, known, err)
}

// conclude prints what was done, what was found, and what that means.
func (c *huntCmd) conclude(a *app, p spec.Protocol, list []*models.Model, found []*engine.Result, known map[string]string, err error) error {
	out := results{OK: true, Results: found, Skipped: []skipped{}}
	var surprises []string
	broken, drawn := 0, uint64(0)
	a.printf("\n")
	for _, r := range found {
		a.line(r)
		r.AsExpected = len(r.Differences) == 0
		broken += len(r.Violations)
		drawn += r.Schedules
		for _, v := range r.Violations {
			if known[v.Claim] == "" {
				r.AsExpected = false
				surprises = append(surprises, v.Claim)
				r.Differences = append(r.Differences, fmt.Sprintf("%s: %s is violated; by the ledger no model violates it", r.Name(), v.Claim))
			}
		}
		out.OK = out.OK && r.AsExpected
	}
	a.exercised(p, list, found)
	if a.ctx.Err() != nil {
		out.OK = false
		out.Skipped = append(out.Skipped, skipped{"the rest of the hunt", "interrupted"})
		a.printf("interrupted: what was found until then stands above\n")
		return errors.Join(err, a.write(out))
	}
	if err != nil {
		return errors.Join(err, a.write(out))
	}
	if drawn == 0 { // a search that has not begun says nothing
		out.OK = false
		return errors.Join(errors.New("no schedule was drawn in the time: --seconds gives more"), a.write(out))
	}
	switch {
	case len(surprises) > 0:
		a.printf("%s (exit status 1): %s, which no ledger expects. A schedule that is worth keeping goes to testdata/schedules: rootlock shrink -o FILE\n",
			a.style.Red("a claim is violated"), strings.Join(surprises, ", "))
	case !out.OK:
		a.printf("%s (exit status 1): make spec/ and impl/ agree; the replay command above shows where they part\n", a.style.Red("model and implementation part"))
	case broken > 0:
		a.printf("%s (exit status 0): all that broke is what the ledger expects of %s\n", a.style.Green("as expected"), p)
	default:
		a.printf("%s (exit status 0): nothing broke in what was drawn, which proves nothing; --seed draws others, --seconds more\n", a.style.Green("as expected"))
	}
	if err := a.write(out); err != nil {
		return err
	}
	if !out.OK {
		return errFails
	}
	return nil
}

// parted shows where model and implementation part, and how to see it again.
func (a *app) parted(m *models.Model, sch spec.Schedule, err error) {
	a.printf("\n")
	if !a.json {
		if err := report.Lanes(a.stdout, m.Model, sch, nil, a.style); err != nil {
			a.printf("%v\n", err)
		}
	}
	a.printf("%s\n", a.style.Red(err.Error()))
	var d *lockstep.Divergence
	if errors.As(err, &d) {
		a.printf("%s", d.Diff())
	}
	a.printf("replay: %s\n", report.Command(m.Model, sch))
}

// exercised says which steps were taken, and which the code was seen to refuse.
func (a *app) exercised(p spec.Protocol, list []*models.Model, found []*engine.Result) {
	taken, refused := map[string]uint64{}, map[string]uint64{}
	for _, r := range found {
		for s, n := range r.Steps {
			taken[s] += n
		}
		for s, n := range r.Refused {
			refused[s] += n
		}
	}
	of, did := 0, 0
	var never, waits, free []string
	for _, s := range spec.Steps() {
		if !p.Has(s) || !slices.ContainsFunc(list, func(m *models.Model) bool { return possible(m, s) }) {
			continue
		}
		if of++; taken[s.String()] > 0 {
			did++
		} else {
			never = append(never, s.String())
		}
		switch n := refused[s.String()]; {
		case n > 0:
			waits = append(waits, fmt.Sprintf("%s %s", s, number(n)))
		case s.TakesLock():
			free = append(free, s.String())
		}
	}
	a.printf("steps taken: %d of %d%s\n", did, of, andThese("; never: ", never))
	a.printf("refused while another thread held the lock, by the code as by the model: %s%s\n", cmp.Or(strings.Join(waits, ", "), "nothing"), andThese("; never: ", free))
}

func andThese(before string, names []string) string {
	if len(names) == 0 {
		return ""
	}
	return before + strings.Join(names, ", ")
}

// possible reports whether a step may be taken in a model, as far as its operations say.
func possible(m *models.Model, s spec.Step) bool {
	if s.Begins() {
		return m.Ops.Has(s)
	}
	return !s.Wide() || models.Wider(m.Bounds)
}

// brokenBy says of each claim that a protocol breaks, by the ledger, in which model it
// breaks soonest.
func brokenBy(l *ledger.Ledger, p spec.Protocol) map[string]string {
	known, steps := map[string]string{}, map[string]int{}
	if l == nil {
		return known
	}
	for i := range l.Entries {
		e := &l.Entries[i]
		if e.Protocol != p.String() || e.Engine != engine.Explorer {
			continue
		}
		for _, claim := range slices.Sorted(maps.Keys(e.Claims)) {
			n := e.Shortest[claim]
			if e.Claims[claim] == engine.Violated && (known[claim] == "" || n < steps[claim]) {
				known[claim], steps[claim] = fmt.Sprintf("%s is violated in %s, in %d steps", claim, e.Model, n), n
			}
		}
	}
	return known
}
