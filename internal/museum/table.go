package museum

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/rootlock/rootlock/internal/engine"
	"github.com/rootlock/rootlock/internal/models"
)

// A TableRow is a line of the kill matrix: an entry and a claim, with a cell for each of
// Engines. Entry and Kind stand in an entry's first row alone.
type TableRow struct {
	Entry, Kind, Model, Claim string
	Cells                     []string
}

// Rows are the rows of one entry.
func Rows(r *Result) (rows []TableRow) {
	for i, l := range r.lines() {
		row := TableRow{Model: l.model.FullName(), Claim: l.text}
		if i == 0 {
			row.Entry, row.Kind = r.Entry.Name, string(r.Entry.Kind)
		}
		for _, engine := range Engines() {
			row.Cells = append(row.Cells, r.cell(engine, l, i == 0))
		}
		rows = append(rows, row)
	}
	return rows
}

// Table prints the kill matrix: a line for each entry and claim, a column for
// each engine.
func Table(w io.Writer, results []*Result) error { return PartTable(w, results, 0) }

// PartTable is Table where some of the entries that were asked for could not be shown.
func PartTable(w io.Writer, results []*Result, missing int) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "entry\tkind\tmodel\tclaim\t%s\n", strings.Join(Engines(), "\t"))
	for _, r := range results {
		for _, row := range Rows(r) {
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", row.Entry, row.Kind, row.Model, row.Claim, strings.Join(row.Cells, "\t"))
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if err := killTable(w, results); err != nil {
		return err
	}
	for _, s := range skipped(results) {
		fmt.Fprintf(w, "not asked: %s\n", s)
	}
	differ := 0
	for _, r := range results {
		for _, d := range r.Differences {
			fmt.Fprintf(w, "NOT as expected: %s\n", d)
		}
		if !r.OK() {
			differ++
		}
	}
	summary := "all as expected"
	switch {
	case differ > 0 && missing > 0:
		summary = fmt.Sprintf("%d NOT as expected, and %d could not be shown", differ, missing)
	case differ > 0:
		summary = fmt.Sprintf("%d NOT as expected", differ)
	case missing > 0:
		summary = fmt.Sprintf("NOT all: %d could not be shown", missing)
	case len(results) == 0:
		summary = "there is nothing to judge"
	}
	_, err := fmt.Fprintf(w, "%d entries shown: %s\n", len(results), summary)
	return err
}

// A line of an entry: a claim in a model; claim "" for an entry that has none.
type line struct {
	model       *models.Model
	claim, text string
}

func (r *Result) lines() []line {
	e := r.Entry
	var list []line
	for _, x := range e.Expect {
		list = append(list, line{e.Model, x.Claim.String(), x.String()})
	}
	for _, x := range e.Remains {
		list = append(list, line{x.Model, x.Claim.String(), x.Claim.String() + " still violated"})
	}
	if len(list) == 0 {
		list = append(list, line{e.Model, "", "as the law"})
	}
	return list
}

// cell says what an engine found. Lockstep has no claim: it stands in the first
// line. A remaining claim is not hunted.
func (r *Result) cell(name string, l line, first bool) string {
	if !r.Entry.Asks(name) {
		return "-"
	}
	for _, row := range r.Rows {
		if row.Engine != name || row.Model != l.model.Name || row.Claim != l.claim && (row.Claim != "" || !first) {
			continue
		}
		verdict := string(row.Verdict)
		switch row.Verdict {
		case engine.Violated:
			verdict = fmt.Sprintf("%d steps", row.Shortest+row.Shrunk)
		case Parts:
			verdict = fmt.Sprintf("parts at %d", row.Shrunk)
		case engine.Holds:
			verdict = fmt.Sprintf("holds (%d states)", row.Distinct)
		case NotFound:
			verdict = fmt.Sprintf("not found (%d)", row.Schedules)
		}
		if !row.AsExpected {
			verdict = "UNEXPECTED " + verdict
		}
		return fmt.Sprintf("%s, %.2f s", verdict, row.Seconds)
	}
	if !first && (name == Lockstep || name == Rapid) {
		return ""
	}
	return "not asked"
}

// killTable prints the kill matrix by claim: which mistakes break each claim and each part
// of one, those that nothing else sees marked with a star.
func killTable(w io.Writer, results []*Result) error {
	if !slices.ContainsFunc(results, func(r *Result) bool { return r.Entry.Kind == Mistake && r.Broken != nil }) {
		return nil
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "\nclaim\tkilled by the mistakes (* nothing else sees it)\n")
	var rest []string
	for _, k := range KillMatrix(results) {
		if len(k.Kills) == 0 {
			rest = append(rest, k.Name())
			continue
		}
		name := k.Claim
		if k.Conjunct != "" {
			name = "  " + k.Conjunct
		}
		kills := make([]string, len(k.Kills))
		for i, entry := range k.Kills {
			kills[i] = entry
			if slices.Contains(k.Sole, entry) {
				kills[i] += "*"
			}
		}
		fmt.Fprintf(t, "%s\t%s\n", name, strings.Join(kills, " "))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if len(rest) > 0 {
		fmt.Fprintf(w, "broken by none of these mistakes: %s\n", strings.Join(rest, ", "))
	}
	_, err := fmt.Fprintln(w)
	return err
}

// Unkilled lists the claims that no mistake breaks: of which nothing shows that they can fail.
func Unkilled(results []*Result) []string {
	list := []string{}
	for _, k := range KillMatrix(results) {
		if k.Conjunct == "" && len(k.Kills) == 0 {
			list = append(list, k.Claim)
		}
	}
	return list
}
