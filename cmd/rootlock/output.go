package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/rootlock/rootlock/internal/engine"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/internal/report"
	"github.com/rootlock/rootlock/internal/watch"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/explore"
)

// results is the JSON object of check, explore and tlc.
type results struct {
	OK      bool             `json:"ok"`
	Results []*engine.Result `json:"results"`
	Skipped []skipped        `json:"skipped"`

	Cut         string    `json:"cut,omitempty"` // check: why it is not whole; the rest is of what was done
	Differences []string  `json:"differences,omitempty"`
	Findings    []finding `json:"findings,omitempty"` // explore, of several models: by claim
	Changes     []change  `json:"changes,omitempty"`  // explore: verdicts that are not the ledger's
}

// skipped is what was not done, and why.
type skipped struct {
	What string `json:"what"`
	Why  string `json:"why"`
}

// write keeps v as the one JSON object, if JSON is asked for; it is written at the end,
// with the error, if there is one.
func (a *app) write(v any) error {
	if a.json {
		a.object = v
	}
	return nil
}

// A faulty object is one that an error belongs to; it may be nil.
type faulty struct {
	object any
	err    string
}

// MarshalJSON puts the error into the object. An object with an error is not ok.
func (f faulty) MarshalJSON() ([]byte, error) {
	fields := map[string]json.RawMessage{}
	if f.object != nil {
		data, err := json.Marshal(f.object)
		if err == nil {
			err = json.Unmarshal(data, &fields)
		}
		if err != nil {
			return nil, err
		}
	}
	text, err := json.Marshal(f.err)
	fields["ok"], fields["error"] = json.RawMessage("false"), text
	if err != nil {
		return nil, err
	}
	return json.Marshal(fields)
}

// flush writes the JSON object.
func (a *app) flush() error {
	if a.object == nil {
		return nil
	}
	e := json.NewEncoder(a.stdout)
	e.SetIndent("", "  ")
	if err := e.Encode(a.object); err != nil && a.out.Err() == nil { // else that is said
		return err
	}
	return nil
}

// number writes n with thousands separators.
func number(n uint64) string {
	digits := strconv.FormatUint(n, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// line prints one result with its bound: what was explored stands beside what
// holds.
func (a *app) line(r *engine.Result) {
	did, verdict := describe(r)
	a.printf("%-8s %-22s %s\n         %s\n         bound: %s\n", r.Engine, r.Protocol+"/"+r.Model, did, verdict, r.Bound)
}

// describe says what an engine did and what it found.
func describe(r *engine.Result) (did, verdict string) {
	var broken []string
	for _, v := range r.Violations {
		broken = append(broken, fmt.Sprintf("%s (%d steps)", v.Claim, v.Length))
	}
	holding := 0
	for _, v := range r.Claims {
		if v == engine.Holds {
			holding++
		}
	}
	verdict = holdings(holding)
	if len(broken) > 0 {
		verdict = fmt.Sprintf("violated: %s; %s", strings.Join(broken, ", "), verdict)
	}
	what := fmt.Sprintf("%s states, %s generated, depth %d", number(r.Distinct), number(r.Generated), r.Depth)
	if r.Summary != "" {
		verdict = r.Summary
	}
	switch r.Engine {
	case engine.Graph:
		what = fmt.Sprintf("%s states, %s edges", number(r.Distinct), number(r.Generated))
	case engine.Tour:
		what = fmt.Sprintf("%s states, %s steps", number(r.Distinct), number(r.Generated))
	case engine.Lockstep, engine.Sequential, engine.Coverage:
		what = fmt.Sprintf("%s schedules, %s steps", number(r.Schedules), number(r.Generated))
	case engine.Linearizability:
		what = fmt.Sprintf("%s histories, %s operations", number(r.Schedules), number(r.Generated))
	case engine.Simulation:
		what = fmt.Sprintf("%s behaviours, %s states", number(r.Schedules), number(r.Generated))
	case engine.Trace:
		what = fmt.Sprintf("%s traces, %s steps", number(r.Schedules), number(r.Generated))
		verdict = "the law accepts what the code did, and nothing that was tampered with"
		if len(r.Differences) > 0 {
			verdict = fmt.Sprintf("%d differences", len(r.Differences))
		}
	}
	rate := ""
	if r.Seconds > 0 {
		rate = fmt.Sprintf(", %s/s", number(uint64(float64(r.Generated)/r.Seconds)))
	}
	return fmt.Sprintf("%s, %.2f s%s", what, r.Seconds, rate), verdict
}

// holdings says how many claims hold.
func holdings(n int) string {
	if n == 1 {
		return "1 claim holds"
	}
	return fmt.Sprintf("%d claims hold", n)
}

// artefact prints a counterexample: lanes, the false conjunct, the command.
func (a *app) artefact(m *spec.Model, v *engine.Violation) {
	sch, err := m.ParseSchedule(v.Schedule)
	if err != nil || a.json {
		return
	}
	b := &watch.Break{Claim: v.Claim, Conjunct: v.Conjunct, Values: v.Values}
	if w, err := watch.Observe(m, sch); err == nil && spec.IsTemporal(v.Claim) {
		if loop := w.Loop(explore.WeakThreads); loop != nil {
			b.Back = loop.Back
		}
	}
	a.printf("\n")
	if err := report.Lanes(a.stdout, m, sch, b, a.style); err != nil {
		a.printf("%v\n", err)
	}
	report.Tell(a.stdout, b, a.style)
	a.printf("replay: %s\n", report.ClaimCommand(m, sch, v.Claim))
}

// replayOf is the complete line that shows a counterexample again.
func replayOf(m *models.Model, sch spec.Schedule, claim string) string {
	return report.ClaimCommand(m.Model, sch, claim)
}

// letters stand for the engines in the verdict table, small ones for answers on record.
var letters = []struct{ engine, letter string }{{engine.Explorer, "E"}, {engine.TLC, "T"}, {engine.Lockstep, "L"}, {engine.Simulation, "S"},
	{engine.Explorer + engine.OnRecord, "e"}, {engine.TLC + engine.OnRecord, "t"}}

// table prints the verdict of each protocol on each claim, over all results: the steps
// of the shortest counterexample, or that the claim holds, and who says so.
func (a *app) table(list []*engine.Result, only selection) {
	if a.json {
		return
	}
	protocols := only.columns()
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprint(w, "claim")
	for _, p := range protocols {
		fmt.Fprintf(w, "\t%s", p)
	}
	fmt.Fprintln(w)
	row := func(c spec.Claim) {
		fmt.Fprint(w, c)
		for _, p := range protocols {
			text, by := cellText(c, engine.CellOf(list, p, c))
			if by != "" {
				text = fmt.Sprintf("%-5s %s", text, by)
			}
			fmt.Fprintf(w, "\t%s", text)
		}
		fmt.Fprintln(w)
	}
	for _, c := range only.rows(spec.Central) {
		row(c)
	}
	if structural := only.rows(spec.Structural); len(structural) > 0 {
		fmt.Fprintln(w, "-- structural:"+strings.Repeat("\t", len(protocols)))
		for _, c := range structural {
			row(c)
		}
	}
	_ = w.Flush()
	a.printf("%s\n", tableKey)
}

// tableKey is how the table is read.
const tableKey = "in N: violated; the shortest counterexample has N steps. never: an operation does not end. -: not checked.\n" +
	"Above the line: central claims, whose breach is harm. Below: structural claims, which say how a protocol works; one that works otherwise is not asked.\n" +
	"Who says so: E explorer, T TLC, L random schedules on model and code, S TLC's simulation; e, t: the ledger, which has the answer to the same question."

// cellText is a cell of the verdict table, and by whom.
func cellText(c spec.Claim, cell engine.Cell) (text, by string) {
	for _, l := range letters {
		if slices.Contains(cell.Engines, l.engine) {
			by += l.letter
		}
	}
	switch cell.Verdict {
	case engine.Violated:
		if c.Temporal() { // whose counterexample is not on record
			return "never", by
		}
		if cell.Shortest == nil {
			return "breaks", by
		}
		return fmt.Sprintf("in %d", cell.Shortest.Length), by
	case engine.NotAsked:
		return string(engine.NotAsked), ""
	case engine.Holds:
		return "holds", by
	}
	return "-", by
}
