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

	"github.com/rootlock/rootlock/internal/ledger"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/internal/report"
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
