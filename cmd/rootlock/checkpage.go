package main

// check --html: the whole check as a page, and a page for each claim that breaks.

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rootlock/rootlock/internal/engine"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/internal/museum"
	"github.com/rootlock/rootlock/internal/page"
	"github.com/rootlock/rootlock/internal/watch"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/explore"
)

// pages is the folder of the counterexamples' pages, beside the check's own.
func pages(path string) string { return strings.TrimSuffix(path, filepath.Ext(path)) + "-pages" }

// link leads to a file beside the page, whatever its name.
func link(folder, name string) string {
	u := url.URL{Path: folder + "/" + name}
	return u.String()
}

// html writes the page of the check and those of the counterexamples; it comes last, so
// that every link leads somewhere.
func (k *checking) html(dir, path, summary string) error {
	c := page.Check{OK: k.out.OK, Cut: k.out.Cut, Summary: summary, Differences: k.out.Differences, Engines: museum.Engines()}
	all := slices.Concat(k.out.Results, k.recorded())
	if !alone(path) {
		if err := os.MkdirAll(pages(path), 0o777); err != nil {
			return err
		}
	}
	for _, p := range k.only.columns() {
		c.Protocols = append(c.Protocols, p.String())
	}
	for _, kind := range []spec.ClaimKind{spec.Central, spec.Structural} {
		group := page.VerdictGroup{Title: map[spec.ClaimKind]string{spec.Central: "Central: a breach is harm", spec.Structural: "Structural: how a protocol works"}[kind]}
		for _, claim := range k.only.rows(kind) {
			row := page.VerdictRow{Claim: claim.String(), Meaning: claim.Meaning()}
			for _, p := range k.only.columns() {
				cell, err := k.cell(path, all, p, claim)
				if err != nil {
					return err
				}
				row.Cells = append(row.Cells, cell)
			}
			group.Rows = append(group.Rows, row)
		}
		if kind == spec.Structural && k.only.claims == 0 {
			row := page.VerdictRow{Claim: engine.Refinement, Meaning: strings.ReplaceAll(engine.RefinementMeaning, "`", "") + " TLC answers."}
			for _, p := range k.only.columns() {
				row.Cells = append(row.Cells, cellView(spec.MutualExclusion, engine.RefinementCell(all, p)))
			}
			group.Rows = append(group.Rows, row)
		}
		if len(group.Rows) > 0 {
			c.Verdicts = append(c.Verdicts, group)
		}
	}
	c.Steps = stepRows(k.out.Results, k.only.columns())
	for _, r := range k.out.Results {
		did, verdict := describe(r)
		c.Results = append(c.Results, page.ResultRow{Engine: r.Engine, Model: r.Protocol + "/" + r.Model, Did: did, Verdict: verdict, Bound: r.Bound, Unexpected: !r.AsExpected})
		if r.Coverage != nil {
			c.Coverage = append(c.Coverage, page.CoverageRow{Protocol: r.Protocol, Steps: r.Coverage.Steps.String(), Pairs: r.Coverage.Pairs.String(),
				Guards: r.Coverage.Guards.String(), Missed: r.Coverage.Missed()})
		}
	}
	c.Charts = []page.Chart{sizes(all, k.only.columns()), times(k.out.Results, k.only.columns())}
	for _, s := range k.skippedByReason() {
		c.Skipped = append(c.Skipped, s.What+": "+s.Why)
		if strings.HasPrefix(s.What, "TLC on all") {
			c.NoTLC = strings.TrimPrefix(s.Why, "rootlock: TLC set-up: ")
		}
	}
	if err := k.kills(dir, &c); err != nil {
		return err
	}
	var b bytes.Buffer
	if err := c.Write(&b); err != nil {
		return err
	}
	return k.put(path, b.Bytes())
}

// cell is a cell of the page's table, and writes the page that it leads to.
func (k *checking) cell(path string, all []*engine.Result, p spec.Protocol, claim spec.Claim) (page.VerdictCell, error) {
	cell := engine.CellOf(all, p, claim)
	out := cellView(claim, cell)
	if cell.Shortest == nil || k.out.Cut != "" && cell.Shortest.Schedule == "" { // what was cut explores nothing
		return out, nil
	}
	m, err := models.Find(p, cell.Model)
	if err != nil {
		return out, err
	}
	v, err := k.schedule(m, claim, cell.Shortest)
	if err != nil {
		return out, err
	}
	out.Conjunct, out.Values = v.Conjunct, v.Values
	if alone(path) {
		return out, nil
	}
	name := fmt.Sprintf("%s-%s.html", p, claim)
	out.Link = link(filepath.Base(pages(path)), name)
	return out, k.counterexample(filepath.Join(pages(path), name), link("..", filepath.Base(path)), m, v)
}

// cellView is a cell in words.
func cellView(claim spec.Claim, cell engine.Cell) page.VerdictCell {
	out := page.VerdictCell{Kind: page.Unknown, Text: "not checked"}
	switch cell.Verdict {
	case engine.NotAsked:
		return page.VerdictCell{Kind: page.Unasked, Text: "not asked"}
	case engine.Holds:
		out.Kind, out.Text = page.Holds, "holds"
	case engine.Violated:
		out.Kind, out.Text = page.Broken, "broken"
		if claim.Temporal() { // whose counterexample is not on record
			out.Text = "never ends"
		} else if cell.Shortest != nil {
			out.Text = fmt.Sprintf("broken in %d", cell.Shortest.Length)
		}
	}
	if len(cell.Engines) > 0 {
		out.By = "Found by: " + strings.Join(cell.Engines, ", ") + "."
	}
	return out
}

// schedule is a violation with its schedule: an answer on record has none, and the
// explorer finds it again.
func (k *checking) schedule(m *models.Model, claim spec.Claim, v *engine.Violation) (*engine.Violation, error) {
	if v.Schedule != "" {
		return v, nil
	}
	r, err := engine.Explore(k.ctx, m, explore.Options{StopOn: []string{claim.String()}})
	if r == nil {
		return nil, err
	}
	again := r.Violation(claim.String())
	if again == nil || again.Length != v.Length {
		return nil, errors.Join(fmt.Errorf("%s: the ledger has a counterexample to %s of %d steps, and the explorer does not find it again", m.FullName(), claim, v.Length), err)
	}
	return again, nil
}

// counterexample writes the page of a violation, to which the page home leads.
func (a *app) counterexample(path, home string, m *models.Model, v *engine.Violation) error {
	sch, err := m.ParseSchedule(v.Schedule)
	if err != nil {
		return err
	}
	seen, err := watch.Observe(m.Model, sch)
	if err != nil {
		return err
	}
	l := &loaded{m: m, sch: sch, breaks: seen.Breaks()}
	if spec.IsTemporal(v.Claim) {
		f, _ := (&scheduleArgs{}).fairness(m, v.Claim)
		if b := seen.Never(v.Claim, f); b != nil {
			l.breaks = append(l.breaks, *b)
		}
	}
	l.chief = watch.Chief(l.breaks, len(sch), v.Claim)
	return l.page(a, path, home)
}

// stepRows counts by step what the explorer's models generated.
func stepRows(results []*engine.Result, protocols []spec.Protocol) (rows []page.StepRow) {
	taken := map[string]map[string]uint64{}
	for _, p := range protocols {
		taken[p.String()] = map[string]uint64{}
	}
	for _, r := range results {
		if r.Engine == engine.Explorer {
			for step, n := range r.Steps {
				taken[r.Protocol][step] += n
			}
		}
	}
	for _, s := range spec.Steps() {
		row := page.StepRow{Step: s.String(), Does: s.Does()}
		for _, p := range protocols {
			text := ""
			if p.Has(s) {
				text = number(taken[p.String()][s.String()])
			}
			row.Taken = append(row.Taken, text)
		}
		rows = append(rows, row)
	}
	return rows
}

// sizes is the chart of the models' distinct states, the largest first.
func sizes(results []*engine.Result, protocols []spec.Protocol) page.Chart {
	c := page.Chart{Title: "Distinct states of each model", Unit: "distinct states"}
	of := map[string]map[string]float64{}
	for _, r := range results {
		if strings.HasPrefix(r.Engine, engine.Explorer) && r.Distinct > 0 {
			if of[r.Model] == nil {
				of[r.Model] = map[string]float64{}
			}
			of[r.Model][r.Protocol] = float64(r.Distinct)
		}
	}
	largest := func(model string) float64 { return slices.Max(slices.Collect(maps.Values(of[model]))) }
	c.Names = slices.SortedFunc(maps.Keys(of), func(a, b string) int { return cmp.Or(cmp.Compare(largest(b), largest(a)), cmp.Compare(a, b)) })
	for _, p := range protocols {
		s := page.Series{Name: p.String()}
		for _, model := range c.Names {
			s.Values = append(s.Values, of[model][p.String()])
		}
		c.Series = append(c.Series, s)
	}
	return c
}

// times is the chart of the seconds that each engine took for each protocol.
func times(results []*engine.Result, protocols []spec.Protocol) page.Chart {
	c := page.Chart{Title: "Seconds of each engine, over all models", Unit: "seconds"}
	of := map[[2]string]float64{}
	for _, r := range results {
		if r.Seconds > 0 && !slices.Contains(c.Names, r.Engine) {
			c.Names = append(c.Names, r.Engine)
		}
		of[[2]string{r.Engine, r.Protocol}] += r.Seconds
	}
	slices.Sort(c.Names)
	for _, p := range protocols {
		s := page.Series{Name: p.String()}
		for _, name := range c.Names {
			s.Values = append(s.Values, of[[2]string{name, p.String()}])
		}
		c.Series = append(c.Series, s)
	}
	return c
}

// shows reports whether an entry of the museum is about what is selected.
func (s selection) shows(e *museum.Entry) bool {
	return slices.Contains(s.columns(), e.Protocol) && (s.claims == 0 || slices.ContainsFunc(e.Expect, func(x museum.Expectation) bool { return s.has(x.Claim) }))
}

// kills shows the museum: by the engines in Go, and with --all by TLC.
func (k *checking) kills(dir string, c *page.Check) error {
	if k.out.Cut != "" {
		c.NoMuseum = "Not shown: the check is not whole."
		return nil
	}
	if dir == "" {
		c.NoMuseum = "Not shown: the museum builds edited copies of the source, and needs a checkout."
		return nil
	}
	if k.cmd.Quick {
		c.NoMuseum = "Not shown: --quick. Without it, check --html shows all entries to the engines in Go, and with --all to TLC."
		return nil
	}
	entries, err := museum.Load(os.DirFS(filepath.Join(dir, museum.Dir)))
	if err != nil {
		return err
	}
	var list []museum.Entry
	for i := range entries {
		if k.only.shows(&entries[i]) {
			list = append(list, entries[i])
		}
	}
	if len(list) == 0 {
		c.NoMuseum = "Not shown: no entry is about " + k.only.String() + "."
		return nil
	}
	o, err := museumOptions(k.ctx, dir, !k.cmd.All, "check --html --all asks TLC")
	if err != nil {
		return err
	}
	results, failed := k.museum(list, o)
	if failed != nil || k.ctx.Err() != nil {
		return errors.Join(failed, k.ctx.Err())
	}
	for _, r := range results {
		for _, row := range museum.Rows(r) {
			c.Museum = append(c.Museum, page.KillRow{Entry: row.Entry, Kind: row.Kind, Model: row.Model, Claim: row.Claim, Title: r.Entry.Title(), Cells: row.Cells, Unexpected: !r.OK()})
		}
		for _, d := range r.Differences {
			k.printf("%s\n", k.style.Red(d))
			k.out.Differences = append(k.out.Differences, d)
		}
		k.out.OK = k.out.OK && r.OK()
	}
	c.OK, c.Differences = k.out.OK, k.out.Differences
	return nil
}
