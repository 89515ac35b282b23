package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/rootlock/rootlock/internal/engine"
	"github.com/rootlock/rootlock/internal/ledger"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/explore"
)

// A finding is what all explored models say of a claim.
type finding struct {
	Claim          string         `json:"claim"`
	Verdict        engine.Verdict `json:"verdict"`
	Model          string         `json:"model,omitempty"` // where the shortest counterexample is
	Length         int            `json:"length,omitempty"`
	Conjunct       string         `json:"conjunct,omitempty"`
	Counterexample string         `json:"counterexample,omitempty"`
	Models         int            `json:"models"` // that say so

	shortest *engine.Violation
}

var errBudget = errors.New("the budget is spent")

const (
	budgetSpent = "the budget is spent: --budget gives more"

	// longer is from when on a model's own time is the reason why it was left out.
	longer = 5 * time.Second
)

// all explores every model of a protocol, from small to large, until the budget is spent.
func (c *exploreCmd) all(a *app, l *ledger.Ledger, p spec.Protocol, show spec.ClaimSet) error {
	list, err := models.Of(p)
	if err != nil {
		return err
	}
	speed := usual()
	expected := func(m *models.Model) time.Duration {
		if n := sizeOf(l, m); n > 0 {
			return speed.time(m, n)
		}
		return math.MaxInt64
	}
	slices.SortStableFunc(list, func(x, y *models.Model) int { return cmp.Compare(expected(x), expected(y)) })

	out := results{OK: true, Results: []*engine.Result{}, Skipped: []skipped{}}
	var done []outcome
	end := time.Now().Add(c.Budget)
	bar := a.meter("exploring "+p.String(), int64(len(list)), "models")
	for i, m := range list {
		left, took := time.Until(end), expected(m)
		if i > 0 && (left <= 0 || took > left && took < math.MaxInt64) {
			why := budgetSpent
			if took > max(c.Budget, longer) && took < math.MaxInt64 {
				why = fmt.Sprintf("it takes about %.0f s: --model %s, or a larger --budget", math.Ceil(took.Seconds()), m.Name)
			}
			out.Skipped = append(out.Skipped, skipped{m.FullName(), why})
			continue
		}
		if i == 0 { // somebody who asks gets an answer
			left = max(left, time.Second)
		}
		ctx, stop := context.WithTimeoutCause(a.ctx, left, errBudget)
		r, cut := engine.Explore(ctx, m, c.options(func(s explore.Progress) {
			bar.at(int64(i), fmt.Sprintf("models; now %s: %d states", m.Name, s.Distinct))
		}))
		stop()
		if a.ctx.Err() != nil {
			out.Skipped = append(out.Skipped, skipped{fmt.Sprintf("%d models", len(list)-i), "interrupted"})
			break
		}
		if r == nil && ctx.Err() == nil {
			bar.done()
			return cut
		}
		switch {
		case errors.Is(cut, errBudget):
			out.Skipped = append(out.Skipped, skipped{m.FullName(), budgetSpent})
		case cut != nil:
			out.Skipped = append(out.Skipped, skipped{"the rest of " + m.FullName(), cut.Error()})
		}
		if r == nil || cut != nil && len(r.Violations) == 0 { // what is violated is violated
			continue
		}
		speed.learn(m, r)
		o := outcome{m, r, cut}
		if _, err := against(l, []outcome{o}, c.Symmetry); err != nil {
			return err
		}
		done = append(done, o)
		bar.done()
		a.short(o, l, c.Verbose)
		bar.at(int64(i+1), "models")
	}
	bar.done()
	return c.concludeAll(a, l, p, show, done, out)
}

// short prints one outcome in a line.
func (a *app) short(o outcome, l *ledger.Ledger, verbose bool) {
	r := o.r
	var broken []string
	for _, v := range r.Violations {
		text := fmt.Sprintf("%s %d", v.Claim, v.Length)
		if spec.IsTemporal(v.Claim) {
			text = v.Claim
		}
		broken = append(broken, text)
	}
	holding := 0
	for _, v := range r.Claims {
		if v == engine.Holds {
			holding++
		}
	}
	verdict := holdings(holding)
	if len(broken) > 0 {
		verdict = "violated: " + strings.Join(broken, ", ")
	}
	if r.Model == models.Unfair && len(broken) > 0 {
		verdict += ", where locks are not fair: not held against it"
	}
	switch {
	case o.cut != nil:
		verdict += "; not to the end"
	case l != nil && !r.AsExpected && l.Find(r.Protocol, r.Model, r.Engine) != nil:
		verdict += "; " + a.style.Red("changed")
	}
	a.printf("%-10s %11s states, depth %3d, %5.2f s  %s\n", r.Model, number(r.Distinct), r.Depth, r.Seconds, verdict)
	if verbose {
		a.printf("           bound: %s\n", r.Bound)
	}
}

// concludeAll prints claim by claim the shortest counterexample, then what has changed.
func (c *exploreCmd) concludeAll(a *app, l *ledger.Ledger, p spec.Protocol, show spec.ClaimSet, done []outcome, out results) error {
	where := map[string]*models.Model{}
	for i := range done {
		done[i].r.Differences = nil // judged again, all together
		out.Results = append(out.Results, done[i].r)
		where[done[i].m.Name] = done[i].m
	}
	d, err := against(l, done, c.Symmetry)
	if err != nil {
		return err
	}
	interrupted := a.ctx.Err() != nil
	out.OK, out.Changes, out.Findings = !d.differs() && !interrupted, d.changes, findings(out.Results, p)
	a.printf("\nover %d models, claim by claim:\n", len(done))
	a.findings(p, where, out.Findings, show, len(done))
	changed := spec.ClaimSet(0)
	for _, ch := range d.changes {
		if claim, err := spec.ClaimByName(ch.Claim); err == nil {
			changed |= claim.Set()
		}
	}
	for i := range out.Findings {
		f := &out.Findings[i]
		claim, err := spec.ClaimByName(f.Claim)
		if err == nil && f.shortest != nil && (show.Has(claim) || show == 0 && (c.Verbose || changed.Has(claim))) {
			a.artefact(where[f.Model].Model, f.shortest)
		}
	}
	if len(out.Skipped) > 0 {
		a.printf("\n")
	}
	for _, s := range gatheredReasons(out.Skipped) {
		a.printf("not explored: %s: %s\n", strings.ReplaceAll(s.What, p.String()+"/", ""), s.Why)
	}
	if interrupted {
		a.printf("interrupted: %d models explored\n", len(done))
		return errors.Join(a.ctx.Err(), a.write(out))
	}
	if len(done) == 0 {
		out.OK = false
		return errors.Join(errors.New("no model was explored to its end: a larger --budget or --max-states lets one"), a.write(out))
	}
	a.told(l, p, d, c.Verbose)
	a.advice(l, p, d, len(done), len(out.Skipped))
	if err := a.write(out); err != nil {
		return err
	}
	if !out.OK {
		return errFails
	}
	return nil
}

// findings says for each claim that the protocol is asked to have what the results say.
func findings(list []*engine.Result, p spec.Protocol) (found []finding) {
	for _, claim := range append(spec.ClaimsOf(spec.Central), spec.ClaimsOf(spec.Structural)...) {
		if !p.Asks(claim) {
			continue
		}
		cell := engine.CellOf(list, p, claim)
		f := finding{Claim: claim.String(), Verdict: cell.Verdict, shortest: cell.Shortest}
		for _, r := range list {
			if r.Claims[claim.String()] == cell.Verdict && cell.Verdict != engine.NotChecked && !(claim.Temporal() && r.Model == models.Unfair) {
				f.Models++
			}
		}
		if v := cell.Shortest; v != nil {
			f.Model, f.Length, f.Conjunct, f.Counterexample = cell.Model, v.Length, v.Conjunct, v.Schedule
		}
		found = append(found, f)
	}
	return found
}

// findings prints what is violated, each with the command that shows it, and then what
// holds.
func (a *app) findings(p spec.Protocol, where map[string]*models.Model, list []finding, show spec.ClaimSet, models int) {
	by := map[engine.Verdict][]string{}
	for i := range list {
		f := &list[i]
		claim, err := spec.ClaimByName(f.Claim)
		if err != nil || show != 0 && !show.Has(claim) {
			continue
		}
		by[f.Verdict] = append(by[f.Verdict], f.Claim)
		if f.Verdict != engine.Violated {
			continue
		}
		how := fmt.Sprintf("in %d steps", f.Length)
		if claim.Temporal() {
			how = "by a loop"
		}
		a.printf("%s  violated %s, in %s (%d of %d models violate it): %s is false\n", a.style.Red(fmt.Sprintf("%-19s", f.Claim)), how, f.Model, f.Models, models, f.Conjunct)
		m := where[f.Model]
		if sch, err := m.ParseSchedule(f.Counterexample); err == nil {
			a.printf("%21sreplay: %s\n", "", replayOf(m, sch, f.Claim))
		}
	}
	if names := by[engine.Holds]; len(names) > 0 {
		a.printf("hold: %s\n", strings.Join(names, ", "))
	}
	if names := by[engine.NotChecked]; len(names) > 0 {
		a.printf("not checked: %s\n", strings.Join(names, ", "))
	}
}

// gatheredReasons says each reason once.
func gatheredReasons(list []skipped) (out []skipped) {
	for _, s := range list {
		i := slices.IndexFunc(out, func(o skipped) bool { return o.Why == s.Why })
		if i < 0 {
			out = append(out, s)
			continue
		}
		out[i].What += ", " + s.What
	}
	return out
}
