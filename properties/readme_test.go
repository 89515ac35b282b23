package properties

import (
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/engine"
	"github.com/rootlock/rootlock/internal/export"
	"github.com/rootlock/rootlock/internal/ledger"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/internal/watch"
	"github.com/rootlock/rootlock/spec"
)

var update = flag.Bool("update", false, "rewrite the generated parts of README.md and STEPS.md; read the difference")

// The generated parts of the documents are up to date: the verdict tables come
// from the ledger, the counterexample from its schedule, the steps from spec.
func TestDocuments(t *testing.T) {
	l, err := ledger.Load("../" + ledger.File)
	require.NoError(t, err)
	stale(t, "../README.md", "protocols", protocols(t, l))
	stale(t, "../VERDICTS.md", "central", verdicts(l, spec.Central))
	stale(t, "../VERDICTS.md", "structural", verdicts(l, spec.Structural))
	stale(t, "../VERDICTS.md", "claims", meanings())
	lanesPicture(t, "recycled-leaf")
	stale(t, "../STEPS.md", "steps", steps())
	for _, p := range spec.Protocols() {
		endOfPage(t, l, p, p.String(), "NoBadFree      == FreesUnused(Freed)\n")
	}
	endOfPage(t, l, spec.RwsemRoot, "RwsemRootFaulters", "OperationDone == [][\\A t \\in Thread : C!Ends(t) => DidItsWork(t)]_vars\n")
	text, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	assert.LessOrEqual(t, bytes.Count(text, []byte("\n")), 150, "README.md is to stay under 150 lines")
}

// stale compares what stands between two markers with what should.
func stale(t *testing.T, path, name, want string) {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	begin, end := "<!-- "+name+": generated -->\n", "<!-- /"+name+" -->"
	before, rest, ok := strings.Cut(string(data), begin)
	got, after, ok2 := strings.Cut(rest, end)
	require.True(t, ok && ok2, "%s has no part %q", path, name)
	if *update && got != want {
		require.NoError(t, os.WriteFile(path, []byte(before+begin+want+end+after), 0o644))
		return
	}
	assert.Equal(t, want, got, "%s is stale: go test ./properties -run Documents -update", path)
}

// endOfPage keeps the end of a protocol's page in tla/, behind its last line: what holds in
// every model, as theorems, and the sizes of the models.
func endOfPage(t *testing.T, l *ledger.Ledger, p spec.Protocol, name, last string) {
	path := "../tla/" + name + ".tla"
	list, err := models.Of(p)
	require.NoError(t, err)
	list = slices.DeleteFunc(list, func(m *models.Model) bool { return m.Page() != name })
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	page, _, ok := strings.Cut(string(data), last)
	require.True(t, ok, "%s has no line %q", path, last)
	want := page + last + theorems(l, list) + sizes(l, list)
	if *update && want != string(data) {
		require.NoError(t, os.WriteFile(path, []byte(want), 0o644))
		return
	}
	assert.Equal(t, want, string(data), "%s is stale: go test ./properties -run Documents -update", path)
}

// theorems lists the claims that hold in every model of tla/ that asks them.
func theorems(l *ledger.Ledger, list []*models.Model) string {
	held, broken := map[string]bool{}, map[string]bool{}
	for _, m := range list {
		e := l.Find(m.Protocol.String(), m.Name, engine.TLC)
		if !m.InTLA() || m.Name == models.Unfair || e == nil {
			continue
		}
		for claim, v := range e.Claims {
			held[claim] = held[claim] || v == engine.Holds
			broken[claim] = broken[claim] || v == engine.Violated
		}
	}
	var b strings.Builder
	b.WriteString("\n\\* What TLC found no counterexample to, in the models below. Not proved.\n")
	write := func(claim, form string) {
		if held[claim] && !broken[claim] {
			fmt.Fprintf(&b, "THEOREM "+form+"\n", claim)
		}
	}
	for _, c := range spec.Claims() {
		switch {
		case c.Temporal():
			write(c.String(), "LiveSpec => %s")
		case c == spec.OperationDone:
			write(c.String(), "Spec => %s")
		case c != spec.NoDeadlock:
			write(c.String(), "Spec => []%s")
		}
	}
	write(engine.Refinement, "Spec => %s")
	return b.String() + "\n" + strings.Repeat("=", 100) + "\n"
}

// sizes is the table of the models that were checked, by size.
func sizes(l *ledger.Ledger, list []*models.Model) string {
	type row struct {
		m *models.Model
		e *ledger.Entry
	}
	var rows []row
	for _, m := range list {
		if e := l.Find(m.Protocol.String(), m.Name, engine.Explorer); m.InTLA() && e != nil {
			rows = append(rows, row{m, e})
		}
	}
	slices.SortStableFunc(rows, func(a, b row) int { return cmp.Compare(a.e.Distinct, b.e.Distinct) })
	var b strings.Builder
	fmt.Fprintf(&b, "(%s\n", strings.Repeat("*", 99))
	about := `Sizes checked by TLC 1.7.3 and, with the same counts, by the explorer of spec/; Full by the explorer
alone. The operations stand in models/. Depth in states, as TLC counts. Symmetry: states that differ
in the names of areas and objects alone count as one.`
	if len(rows) > 0 && rows[0].m.Page() != rows[0].m.Protocol.String() {
		about = `Sizes checked by TLC 1.7.3 and, with the same counts, by the explorer of spec/. The operations stand
in models/. MMs: processes, and how many of them have a second thread. Depth in states, as TLC
counts.`
	}
	b.WriteString(about + `

model       MMs VMAs Objects Pages Walkers Slots MMOps WalkerOps Layout       distinct  generated depth
`)
	budget := func(n int) string {
		if n == spec.Unlimited {
			return "any"
		}
		return strconv.Itoa(n)
	}
	for _, r := range rows {
		m := r.m
		symmetric := ""
		if m.Symmetric() {
			symmetric = " symmetry"
		}
		mms := strconv.Itoa(m.MMs)
		if m.Faulters > 0 {
			mms += "+" + strconv.Itoa(m.Faulters)
		}
		line := fmt.Sprintf("%-11s %3s %4d %7d %5d %7d %5d %5s %9s %-10s %10d %10d %5d%s", m.Name, mms, m.VMAs, m.Objects, m.Pages, m.Walkers, m.Slots, budget(m.MMOps), budget(m.WalkerOps),
			m.Layout, r.e.Distinct, r.e.Generated, r.e.Depth, symmetric)
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	fmt.Fprintf(&b, "%s)\n", strings.Repeat("*", 99))
	return b.String()
}

// lanesPicture keeps the picture of a schedule in docs.
func lanesPicture(t *testing.T, name string) {
	c := readCase(t, "../testdata/schedules/"+name+".txtar")
	p, err := spec.ProtocolByName(c.Protocol)
	require.NoError(t, err)
	m, err := models.Find(p, c.Model)
	require.NoError(t, err)
	sch, err := m.ParseSchedule(c.Schedule)
	require.NoError(t, err)
	drawn := &export.Schedule{Model: m, Moves: sch, Break: &watch.Break{Claim: c.Violated}}
	want, err := drawn.SVG()
	require.NoError(t, err)
	path := "../docs/pictures/" + name + ".svg"
	if *update {
		require.NoError(t, os.WriteFile(path, want, 0o644))
	}
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got), "%s is stale: go test ./properties -run Documents -update", path)
}

func steps() string {
	var b strings.Builder
	b.WriteString("| step | 2.6.34 to 3.0 | 7.2 | does | only in |\n|---|---|---|---|---|\n")
	for _, s := range spec.Steps() {
		today := ""
		if s.Today() != "" {
			today = "`" + s.Today() + "`"
		}
		fmt.Fprintf(&b, "| `%s` | `%s` | %s | %s | %s |\n", s, s.Kernel(), today, strings.ReplaceAll(s.Does(), "|", "\\|"), onlyIn(s))
	}
	return b.String()
}

// onlyIn says where a step is, if it is not everywhere.
func onlyIn(s spec.Step) string {
	if slices.Contains(besides, s) {
		return "`spec/`, `impl/`; in `tla/` RwsemRoot"
	}
	if s.Wide() {
		return "`spec/`, `impl/`"
	}
	var names []string
	for _, p := range spec.Protocols() {
		if p.Has(s) {
			names = append(names, p.String())
		}
	}
	if len(names) == len(spec.Protocols()) {
		return ""
	}
	return strings.Join(names, ", ")
}
