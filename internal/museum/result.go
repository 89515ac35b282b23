package museum

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rootlock/rootlock/internal/engine"
)

// A Verdict is what an engine said of an entry.
type Verdict = engine.Verdict

// Verdicts of a search that is not complete.
const (
	Parts    Verdict = "parts"     // model and implementation do not do the same
	NotFound Verdict = "not found" // nothing, in as many schedules as were asked for
)

// A Row is one engine's answer about one claim of an entry. The JSON fields up
// to Seconds are a contract; fields may be added.
type Row struct {
	Entry    string  `json:"entry"`
	Protocol string  `json:"protocol"`
	Engine   string  `json:"engine"`
	Killed   bool    `json:"killed"`   // the engine tells the entry from the law
	Claim    string  `json:"claim"`    // that was asked for; "" in lockstep
	Shortest int     `json:"shortest"` // steps of the shortest counterexample (explorer, tlc)
	Shrunk   int     `json:"shrunk"`   // steps of the schedule as shrunk (rapid, lockstep)
	Seconds  float64 `json:"seconds"`  // without the build

	Kind       Kind    `json:"kind"`
	Model      string  `json:"model"`
	Asked      string  `json:"asked"`    // what the engine was asked, in words
	Found      string  `json:"found"`    // what it found, in words
	Expected   Verdict `json:"expected"` // by the entry
	Verdict    Verdict `json:"verdict"`  // what it is
	AsExpected bool    `json:"as_expected"`
	Distinct   uint64  `json:"distinct,omitempty"`  // states, in a complete search
	Schedules  uint64  `json:"schedules,omitempty"` // drawn, in a random search
	Conjunct   string  `json:"conjunct,omitempty"`  // the false part of the claim
	Values     string  `json:"values,omitempty"`    // ... and what made it false; where they part
	Schedule   string  `json:"schedule,omitempty"`
}

// words says what was asked of an engine, and what it found.
func (w *Row) words() (asked, found string) {
	switch {
	case w.Engine == Lockstep:
		asked = "random schedules on the law's model beside the edited implementation"
	case w.Engine == Rapid && w.Claim == "":
		asked = "random schedules for every claim that the law keeps, on the edited model and implementation"
	case w.Engine == Rapid:
		asked = "random schedules for " + w.Claim + ", on the edited model and implementation"
	case w.Claim == "":
		asked = "every state for every claim that the law keeps"
	default:
		asked = "every state for " + w.Claim
	}
	switch w.Verdict {
	case engine.Violated:
		found = fmt.Sprintf("%s violated in %d steps", w.Claim, w.Shortest+w.Shrunk)
	case Parts:
		if found = fmt.Sprintf("model and implementation part at step %d", w.Shrunk); w.Engine != Lockstep {
			found = "other numbers of states, moves or levels than the law's"
		}
	case engine.Holds:
		found = fmt.Sprintf("holds in %d states", w.Distinct)
	case NotFound:
		found = fmt.Sprintf("nothing in %d schedules", w.Schedules)
	default:
		found = string(w.Verdict)
	}
	return asked, found
}

// A Result is what all engines said of an entry.
type Result struct {
	Entry        *Entry
	Rows         []Row    // in the order of the entry's engines
	Differences  []string // from what the entry expects; none: as expected
	Skipped      []string // what was not asked, and why
	Broken       []string // parts of claims, as CLAIM.CONJUNCT, that the law keeps in this model and the entry does not, by the explorer
	BuildSeconds float64
	Seconds      float64
}

// OK reports whether all was as expected.
func (r *Result) OK() bool { return len(r.Differences) == 0 }

// Row is an engine's first answer, nil if it was not asked.
func (r *Result) Row(name string) *Row {
	i := slices.IndexFunc(r.Rows, func(w Row) bool { return w.Engine == name })
	if i < 0 {
		return nil
	}
	return &r.Rows[i]
}

// A matrix is the JSON object of the verb museum.
type matrix struct {
	OK      bool     `json:"ok"`
	Entries []Row    `json:"entries"`
	Kills   []Kill   `json:"conjuncts"` // by claim, and by its parts if it has several
	Unseen  []string `json:"unkilled_claims"`
	Differ  []string `json:"differences,omitempty"`
	Skipped []string `json:"skipped,omitempty"`
}

// Matrix is the results in the shape that rootlock museum --json prints; whole says that
// no entry is missing.
func Matrix(results []*Result, whole bool) any {
	m := matrix{OK: whole, Entries: []Row{}, Kills: KillMatrix(results), Unseen: Unkilled(results), Skipped: skipped(results)}
	for _, r := range results {
		m.OK = m.OK && r.OK()
		m.Entries = append(m.Entries, r.Rows...)
		m.Differ = append(m.Differ, r.Differences...)
	}
	return m
}

// skipped says what was not asked of which entries, and why.
func skipped(results []*Result) []string {
	var list []string
	names := map[string][]string{}
	for _, r := range results {
		for _, s := range r.Skipped {
			if names[s] == nil {
				list = append(list, s)
			}
			names[s] = append(names[s], r.Entry.Name)
		}
	}
	for i, s := range list {
		list[i] = fmt.Sprintf("%s (%s)", s, strings.Join(names[s], ", "))
	}
	return list
}
