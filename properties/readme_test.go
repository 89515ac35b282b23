package properties

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/engine"
	"github.com/rootlock/rootlock/internal/ledger"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/internal/report"
	"github.com/rootlock/rootlock/spec"
)

var update = flag.Bool("update", false, "rewrite the generated parts of README.md and STEPS.md; read the difference")

// The generated parts of the documents are up to date: the verdict table comes
// from the ledger, the counterexample from its schedule, the steps from spec.
func TestDocuments(t *testing.T) {
	stale(t, "../README.md", "verdicts", verdicts(t))
	stale(t, "../README.md", "lanes", lanes(t, "../testdata/schedules/recycled-leaf.txtar"))
	stale(t, "../STEPS.md", "steps", steps())
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

func verdicts(t *testing.T) string {
	l, err := ledger.Load("../" + ledger.File)
	require.NoError(t, err)
	var b strings.Builder
	b.WriteString("| claim |")
	for _, p := range spec.Protocols() {
		fmt.Fprintf(&b, " %s |", p)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(spec.Protocols())) + "\n")
	for _, c := range append(spec.Claims(), spec.NumClaims) {
		name := engine.Refinement
		if c < spec.NumClaims {
			name = c.String()
		}
		fmt.Fprintf(&b, "| `%s` |", name)
		for _, p := range spec.Protocols() {
			fmt.Fprintf(&b, " %s |", verdict(l, p, name))
		}
		b.WriteString("\n")
	}
	return b.String()
}

func verdict(l *ledger.Ledger, p spec.Protocol, claim string) string {
	var largest uint64
	models, shortest := map[string]bool{}, 0
	where, size := "", uint64(0)
	for _, e := range l.Entries {
		if e.Protocol != p.String() || e.Model == "LiveWeak" {
			continue
		}
		switch e.Claims[claim] {
		case engine.Holds:
			models[e.Model] = true
			largest = max(largest, e.Distinct)
		case engine.Violated:
			if n := e.Shortest[claim]; shortest == 0 || n < shortest || n == shortest && e.Distinct < size {
				shortest, where, size = n, e.Model, e.Distinct
			}
		}
	}
	switch {
	case shortest > 0:
		return fmt.Sprintf("**violated** in %d steps (%s)", shortest, where)
	case len(models) == 0:
		return "not checked"
	case len(models) == 1:
		return fmt.Sprintf("holds in 1 model of %s states", thousands(largest))
	}
	return fmt.Sprintf("holds in %d models of up to %s states", len(models), thousands(largest))
}

func thousands(n uint64) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}

func lanes(t *testing.T, path string) string {
	c := readCase(t, path)
	p, err := spec.ProtocolByName(c.Protocol)
	require.NoError(t, err)
	m, err := models.Find(p, c.Model)
	require.NoError(t, err)
	sch, err := m.ParseSchedule(c.Schedule)
	require.NoError(t, err)
	var out strings.Builder
	out.WriteString("```\n")
	require.NoError(t, report.Lanes(&out, m.Model, sch, &report.Break{Claim: c.Violated}, report.Plain))
	out.WriteString("```\n")
	return out.String()
}

func steps() string {
	var b strings.Builder
	b.WriteString("| step | models | does | only in |\n|---|---|---|---|\n")
	for _, s := range spec.Steps() {
		fmt.Fprintf(&b, "| `%s` | `%s` | %s | %s |\n", s, s.Kernel(), strings.ReplaceAll(s.Does(), "|", "\\|"), onlyIn(s))
	}
	return b.String()
}

// onlyIn says where a step is, if it is not everywhere.
func onlyIn(s spec.Step) string {
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
