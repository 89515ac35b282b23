package museum

import (
	"context"
	"fmt"
	"slices"

	"github.com/rootlock/rootlock/internal/engine"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/internal/museum/wire"
	"github.com/rootlock/rootlock/spec"
)

// row begins an engine's answer.
func (r *runner) row(name string, m *models.Model, claim string) Row {
	return Row{Entry: r.entry.Name, Protocol: m.Protocol.String(), Model: m.Name, Kind: r.entry.Kind, Engine: name, Claim: claim}
}

// kept reports whether full exploration found that a claim holds.
func kept(x *wire.Exploration, c spec.Claim) bool {
	return x != nil && x.Stopped == "" && !c.Temporal() && x.Violation(c.String()) == nil
}

// same reports whether full exploration found what it finds in the law.
func (r *runner) same(x *wire.Exploration) bool {
	return x.Stopped == "" && x.Distinct == r.law.Distinct && x.Generated == r.law.Generated && x.Depth == r.law.Depth
}

// instead lists the claims that break, which the law keeps, and of which the entry does not
// say so: the one that breaks first is the first.
func (r *runner) instead() (list []spec.Claim) {
	x := r.edited[r.entry.Model.Name]
	if x == nil {
		return nil
	}
	for _, c := range spec.Claims() {
		broken := Expectation{c, engine.Violated}
		if x.Violation(c.String()) != nil && r.law.Claims[c.String()] == engine.Holds && !slices.Contains(r.entry.Expect, broken) && !slices.Contains(r.entry.Also, broken) {
			list = append(list, c)
		}
	}
	slices.SortStableFunc(list, func(a, b spec.Claim) int { return x.Violation(a.String()).Length - x.Violation(b.String()).Length })
	return list
}

// expect takes a row into the result. An engine kills an entry if it sees
// something that the law does not do.
func (r *runner) expect(row *Row, want Verdict) {
	row.AsExpected, row.Expected = row.Verdict == want, want
	row.Killed = row.Verdict == engine.Violated || row.Verdict == Parts
	if !row.AsExpected {
		what := row.Claim
		if what == "" {
			what = "the edited implementation beside the law"
		}
		r.differ("%s: %s: %s, expected: %s%s", row.Engine, what, row.Verdict, want, scheduleText(row.Schedule))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.result.Rows = append(r.result.Rows, *row)
}

func scheduleText(schedule string) string {
	if schedule == "" {
		return ""
	}
	return ": " + schedule
}

// differ records something that the entry does not expect.
func (r *runner) differ(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.result.Differences = append(r.result.Differences, r.entry.Name+": "+fmt.Sprintf(format, args...))
}

// sound checks what the entry says against the law: a mistake breaks what the
// law keeps, a repair keeps what it breaks and leaves what it breaks.
func (r *runner) sound(ctx context.Context) error {
	for _, x := range slices.Concat(r.entry.Expect, r.entry.Also) {
		switch v := r.law.Claims[x.Claim.String()]; v {
		case engine.NotChecked:
			return r.entry.bad("", fmt.Errorf("%s: the model %s does not decide it for the law", x, r.entry.Model.FullName()))
		case x.Verdict:
			return r.entry.bad("", fmt.Errorf("%s: in %s that is so for the law too, so the entry shows nothing", x, r.entry.Model.FullName()))
		}
	}
	for _, left := range r.entry.Remains {
		law, err := exploreLaw(ctx, left.Model)
		if err != nil {
			return err
		}
		if v := law.Claims[left.Claim.String()]; v != engine.Violated {
			return r.entry.bad("", fmt.Errorf("remains: %s in %s: %s for the law", left.Claim, left.Model.FullName(), v))
		}
	}
	return nil
}

// claimed is the explorer's answer about one claim of the twin in a model.
func (r *runner) claimed(m *models.Model, c spec.Claim) Row {
	x := r.edited[m.Name]
	row := r.row(Explorer, m, c.String())
	row.Seconds, row.Verdict = x.Seconds, engine.Holds
	if v := x.Violation(row.Claim); v != nil {
		row.Verdict = engine.Violated
		row.Shortest, row.Conjunct, row.Values, row.Schedule = v.Length, v.Conjunct, v.Values, v.Schedule
	} else if row.Distinct = x.Distinct; x.Stopped != "" {
		row.Verdict = engine.NotChecked
	}
	return row
}

// judge judges the explorer's answer: what it says of each expected claim,
// and that nothing else differs from the law in this model.
func (r *runner) judge() {
	for _, want := range r.entry.Expect {
		row := r.claimed(r.entry.Model, want.Claim)
		r.expect(&row, want.Verdict)
	}
	for _, c := range spec.Claims() {
		r.side(c)
	}
	if len(r.entry.Expect) > 0 {
		return
	}
	x := r.edited[r.entry.Model.Name]
	row := r.row(Explorer, r.entry.Model, "")
	row.Seconds, row.Distinct, row.Verdict = x.Seconds, x.Distinct, engine.Holds
	if r.entry.Kind == NoOp && !r.same(x) { // what is unseen may leave the numbers as they are: lockstep tells it
		r.differ("explorer: %d states, %d generated, depth %d; the law has %d, %d, %d", x.Distinct, x.Generated, x.Depth, r.law.Distinct, r.law.Generated, r.law.Depth)
		row.Verdict = Parts
	}
	r.expect(&row, engine.Holds)
}

// side judges a claim that the entry does not ask every engine for.
func (r *runner) side(c spec.Claim) {
	edited := r.edited[r.entry.Model.Name]
	law, now := r.law.Claims[c.String()], engine.Holds
	switch {
	case law == engine.NotChecked, slices.ContainsFunc(r.entry.Expect, func(x Expectation) bool { return x.Claim == c }):
		return
	case edited.Violation(c.String()) != nil:
		now = engine.Violated
	case edited.Stopped != "":
		return // not decided
	}
	announced := slices.Contains(r.entry.Also, Expectation{c, now})
	switch {
	case now != law && !announced:
		schedule := ""
		if v := edited.Violation(c.String()); v != nil {
			schedule = scheduleText(v.Schedule)
		}
		r.differ("explorer: %s %s, unlike the law, and the entry does not say so (also: %s %s)%s", c, now, c, now, schedule)
	case now == law && slices.ContainsFunc(r.entry.Also, func(x Expectation) bool { return x.Claim == c }):
		r.differ("explorer: %s %s, like the law; the entry says that it differs", c, now)
	}
}

// hunted makes a row of a random search.
func (r *runner) hunted(name string, h *wire.Hunt, q *wire.Question) Row {
	row := r.row(name, r.entry.Model, h.Claim)
	row.Seconds, row.Schedules, row.Verdict = h.Seconds, h.Schedules, NotFound
	row.Shrunk, row.Schedule, row.Conjunct, row.Values = h.Length, h.Schedule, h.Conjunct, h.Values
	switch {
	case h.Divergence != "":
		row.Verdict, row.Values = Parts, h.Divergence
	case h.Length > 0:
		row.Verdict = engine.Violated
	case h.Schedules < uint64(q.Schedules) || h.Steps < h.Schedules:
		r.differ("%s drew %d schedules of %d steps in all; asked for %d", name, h.Schedules, h.Steps, q.Schedules)
	}
	return row
}

// agree compares TLC with the explorer: the same law was edited in the same way
// if the shortest counterexamples have one length and the state spaces one size.
func (r *runner) agree() {
	for i := range r.result.Rows {
		row := &r.result.Rows[i]
		x := r.edited[row.Model]
		if row.Engine != TLC || x == nil || spec.IsTemporal(row.Claim) { // lassos of different length
			continue
		}
		if v := x.Violation(row.Claim); v != nil && row.Verdict == engine.Violated && v.Length != row.Shortest {
			r.differ("the shortest counterexample to %s: explorer %d steps, TLC %d", row.Claim, v.Length, row.Shortest)
			row.AsExpected = false
		}
		if row.Verdict == engine.Holds && row.Distinct != x.Distinct {
			r.differ("explorer: %d states, TLC: %d", x.Distinct, row.Distinct)
			row.AsExpected = false
		}
	}
}
