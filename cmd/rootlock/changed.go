package main

// What explore found, against the ledger: in the words of somebody who has edited a step.

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rootlock/rootlock/internal/engine"
	"github.com/rootlock/rootlock/internal/ledger"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/internal/report"
	"github.com/rootlock/rootlock/spec"
)

// An outcome is what exploring a model gave.
type outcome struct {
	m   *models.Model
	r   *engine.Result
	cut error // why it was not explored to its end
}

// A change is a claim of which the explorer does not say any more what the ledger says.
type change struct {
	Claim string `json:"claim"`
	Model string `json:"model,omitempty"` // if only this model's answer has changed
	Was   string `json:"was"`
	Now   string `json:"now"`
	Also  string `json:"also,omitempty"` // what has changed in single models beside that
}

func (c *change) String() string {
	text := c.Claim
	if c.Model != "" {
		text += " in " + c.Model
	}
	text = fmt.Sprintf("%s: %s, now %s", text, c.Was, c.Now)
	if c.Also != "" {
		text += "; " + c.Also
	}
	return text
}

// A delta is all in which the outcomes differ from the ledger.
type delta struct {
	changes []change // of verdicts, by claim
	others  []string // what else differs in verdicts: bounds, claims that were not checked
	counts  []string // of states and steps, in words
	counted []string // the models that these are of
	fresh   []string // models that the ledger has never seen
	foreign bool     // the bounds are those of no model that the ledger records
	broken  []string // claims that are violated where the ledger says nothing
	modules bool     // TLC was asked about other modules than these
}

// differs reports whether something is not as expected.
func (d *delta) differs() bool {
	return len(d.changes)+len(d.others)+len(d.counted)+len(d.broken) > 0
}

// against compares outcomes of one protocol with the ledger, and judges each. With
// symmetry the counts are others, and the verdicts the same.
func against(l *ledger.Ledger, list []outcome, symmetry bool) (*delta, error) {
	d := &delta{}
	var was, now []*engine.Result
	for _, o := range list {
		w, n, err := d.judge(l, o, symmetry)
		if err != nil {
			return nil, err
		}
		if w != nil {
			was, now = append(was, w), append(now, n)
		}
	}
	if len(list) == 0 {
		return d, nil
	}
	for _, c := range spec.Claims() {
		d.compare(list[0].m.Protocol, c, was, now)
	}
	slices.Sort(d.broken)
	d.broken = slices.Compact(d.broken)
	return d, nil
}

// judge compares one outcome. What the ledger said, as a result, and what is to be
// compared with it, are nil if it has never seen the model.
func (d *delta) judge(l *ledger.Ledger, o outcome, symmetry bool) (was, now *engine.Result, err error) {
	r := o.r
	var want *ledger.Entry
	if l != nil {
		want = l.Find(r.Protocol, r.Model, r.Engine)
	}
	if want == nil {
		if recorded(o.m) {
			d.fresh = append(d.fresh, r.Model)
		} else {
			d.foreign = true
		}
		for _, v := range r.Violations {
			if !spec.IsTemporal(v.Claim) || r.Model != models.Unfair {
				d.broken = append(d.broken, v.Claim)
			}
		}
		r.AsExpected = len(r.Violations) == 0 && o.cut == nil
		return nil, nil, nil
	}
	got := *r
	if symmetry {
		got.Distinct, got.Generated, got.Depth, got.Steps = want.Distinct, want.Generated, want.Depth, want.Steps
	}
	hash, err := ledger.HashOf(o.m)
	if err != nil {
		return nil, nil, err
	}
	said := &engine.Result{Protocol: want.Protocol, Model: want.Model, Engine: want.Engine, Claims: map[string]engine.Verdict{}}
	for _, c := range spec.Claims() {
		v := want.Claims[c.String()]
		if o.cut != nil && r.Claims[c.String()] != engine.Violated { // not asked to the end
			continue
		}
		said.Claims[c.String()] = v
		if v == engine.Violated {
			said.Violations = append(said.Violations, engine.Violation{Claim: c.String(), Length: want.Shortest[c.String()], Schedule: "on record"})
		}
	}
	counts := false
	for _, c := range ledger.Changes(want, ledger.Of(&got, hash)) {
		if o.cut != nil && c.Kind != ledger.Bound {
			continue // the verdicts are compared below
		}
		switch c.Kind {
		case ledger.Modules:
			d.modules = true
			continue
		case ledger.Count:
			d.counts, counts = append(d.counts, c.Text), true
		case ledger.Bound, ledger.New:
			d.others = append(d.others, c.Text)
		case ledger.Verdict:
			if strings.Contains(c.Text, "not checked") {
				d.others = append(d.others, c.Text)
			}
		}
		r.Differences = append(r.Differences, c.Text)
	}
	if counts {
		d.counted = append(d.counted, r.Model)
	}
	for _, v := range r.Violations {
		if o.cut != nil && want.Claims[v.Claim] != engine.Violated {
			r.Differences = append(r.Differences, fmt.Sprintf("%s: claim %s: expected %s, found violated", r.Name(), v.Claim, want.Claims[v.Claim]))
		}
	}
	r.AsExpected = len(r.Differences) == 0 && o.cut == nil
	return said, r, nil
}

// recorded reports whether a model is one that check records.
func recorded(m *models.Model) bool {
	list, err := models.Of(m.Protocol)
	return err == nil && slices.ContainsFunc(list, func(x *models.Model) bool { return x.Name == m.Name })
}

// compare adds the changes of a claim: first over all models, and if that is as it was,
// model by model.
func (d *delta) compare(p spec.Protocol, c spec.Claim, was, now []*engine.Result) {
	if !p.Asks(c) {
		return
	}
	w, n := engine.CellOf(was, p, c), engine.CellOf(now, p, c)
	if w.Verdict == engine.NotChecked || n.Verdict == engine.NotChecked { // told with the claims that are new
		return
	}
	before, after := saidOf(w.Verdict, w.Shortest, w.Model), saidOf(n.Verdict, n.Shortest, n.Model)
	whole := w.Verdict != n.Verdict || w.Verdict == engine.Violated && !c.Temporal() && w.Shortest.Length != n.Shortest.Length
	flipped := map[engine.Verdict][]string{} // models, by what they say now
	for i, x := range was {
		y := now[i]
		v, u := x.Claims[c.String()], y.Claims[c.String()]
		if v == "" || u == engine.NotChecked || u == "" {
			continue
		}
		a, b := saidOf(v, x.Violation(c.String()), ""), saidOf(u, y.Violation(c.String()), "")
		switch {
		case a == b:
		case !whole:
			d.changes = append(d.changes, change{Claim: c.String(), Model: y.Model, Was: held(a), Now: b})
		case v != u && (u != n.Verdict || u == engine.Violated && y.Model != n.Model):
			flipped[u] = append(flipped[u], y.Model)
		}
	}
	if whole {
		var also []string
		if names := flipped[engine.Violated]; len(names) > 0 {
			also = append(also, "also violated in "+some(names))
		}
		if names := flipped[engine.Holds]; len(names) > 0 {
			also = append(also, "now holds in "+some(names))
		}
		d.changes = append(d.changes, change{Claim: c.String(), Was: held(before), Now: after, Also: strings.Join(also, "; ")})
	}
}

// some lists names, the first few.
func some(names []string) string {
	if rest := len(names) - most; rest > 1 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), rest)
	}
	return strings.Join(names, ", ")
}

// held is a verdict in the past.
func held(text string) string {
	if text == string(engine.Holds) {
		return "held"
	}
	return text
}

// saidOf is a verdict in words: holds; violated (25 steps, Boundary).
func saidOf(v engine.Verdict, shortest *engine.Violation, model string) string {
	if v != engine.Violated || shortest == nil {
		return string(v)
	}
	where := model
	if !spec.IsTemporal(shortest.Claim) { // the length of a loop is not determined
		where = fmt.Sprintf("%d steps", shortest.Length)
		if model != "" {
			where += ", " + model
		}
	}
	if where == "" {
		return string(v)
	}
	return fmt.Sprintf("%s (%s)", v, where)
}

// most is how many lines of one kind are shown without -v.
const most = 6

// told prints a delta. It is the last that explore prints, and the first to be read.
func (a *app) told(l *ledger.Ledger, p spec.Protocol, d *delta, verbose bool) {
	a.printf("\n")
	switch {
	case l == nil:
		a.printf("there is no ledger here to compare with: every claim must hold\n")
	case d.foreign:
		a.printf("the ledger has no answer for these bounds: every claim must hold\n")
	case len(d.fresh) > 0:
		a.printf("not in the ledger: %s; new: `check --update` records it\n", some(d.fresh))
	}
	if d.modules {
		a.printf("the TLA+ modules or the configurations have changed since the ledger was written; the explorer does not read them: `check %s` asks TLC\n", p)
	}
	if verbose {
		for _, text := range d.counts {
			a.printf("%s\n", text)
		}
	}
	if n := len(d.counted); n > 0 {
		what := fmt.Sprintf("the states or steps of %d %s have changed: %s", n, plural(n, "model"), some(d.counted))
		if !verbose {
			what += " (-v says how)"
		}
		if len(d.changes)+len(d.others) == 0 {
			what = "no verdict has changed; " + what
		}
		a.printf("%s\n", what)
	}
	lines := slices.Clone(d.others)
	for _, whole := range []bool{false, true} { // what all models say weighs most, and comes last
		for i := range d.changes {
			if (d.changes[i].Model == "") == whole {
				lines = append(lines, d.changes[i].String())
			}
		}
	}
	if rest := len(lines) - most; rest > 0 && !verbose {
		a.printf("%d more changes (-v lists them)\n", rest)
		lines = lines[rest:]
	}
	for _, text := range lines {
		a.printf("%s\n", a.style.Red(text))
	}
	if l != nil && !d.differs() && !d.foreign && len(d.fresh) == 0 {
		a.printf("nothing that these models see has changed\n")
	}
}

func plural(n int, noun string) string {
	if n == 1 {
		return noun
	}
	return noun + "s"
}

// advice is the last line: whether all is as expected, and what to do next.
//
// done models were explored, and left were not: nothing is said of those.
func (a *app) advice(l *ledger.Ledger, p spec.Protocol, d *delta, done, left int) {
	switch {
	case len(d.broken) > 0 && len(d.changes)+len(d.others)+len(d.counted) == 0:
		next := "a schedule that is worth keeping goes to testdata/schedules"
		if l != nil && !d.foreign {
			next = fmt.Sprintf("if it is meant, `%s check %s --update` records it", report.Program, p)
		}
		a.printf("%s (exit status 1), and no ledger expects it: %s; %s\n", a.style.Red("violated"), strings.Join(d.broken, ", "), next)
	case d.differs():
		a.printf("%s (exit status 1): if it is meant, `%s check %s --update` records it; a mistake or a repair that is worth keeping goes to testdata/museum\n",
			a.style.Red("differs from the ledger"), report.Program, p)
	default:
		expected := "as expected"
		if left > 0 {
			expected = fmt.Sprintf("as expected in %d models, and %d were not explored", done, left)
		}
		tests := ""
		if here().dir != "" {
			tests = "; `go test ./...` asks whether tla/, spec/ and impl/ agree"
		}
		a.printf("%s (exit status 0): `%s hunt %s` goes beyond these bounds%s\n", a.style.Green(expected), report.Program, p, tests)
	}
}
