package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/deep"
	"github.com/rootlock/rootlock/internal/engine"
	"github.com/rootlock/rootlock/internal/ledger"
	"github.com/rootlock/rootlock/spec"
)

// Every command in FINDINGS.md prints what stands beside it. What others run is not
// run again: of an entry of the museum, the entry must say so; of Full and of TLC's
// complete runs, the ledger, and of a model that is explored, too, unless everything is asked.
func TestFindings(t *testing.T) {
	project, err := root()
	require.NoError(t, err)
	t.Chdir(project)
	text, err := os.ReadFile("FINDINGS.md")
	require.NoError(t, err)
	assert.LessOrEqual(t, strings.Count(string(text), "\n"), 155, "three pages")
	l, err := ledger.Load(ledger.File)
	require.NoError(t, err)
	ran := map[string]int{}
	for line := range strings.Lines(string(text)) {
		line, ok := strings.CutPrefix(strings.TrimSpace(line), "rootlock ")
		if !ok {
			continue
		}
		command, want, ok := strings.Cut(line, "#")
		require.True(t, ok, "%q does not say what it prints", line)
		args := strings.Fields(command)
		var out string
		switch {
		case args[0] == "museum":
			data, err := os.ReadFile(filepath.Join("testdata", "museum", args[1]+".txtar"))
			require.NoError(t, err)
			for line := range strings.Lines(string(data)) {
				if strings.HasPrefix(line, "expect: ") {
					out += line
				}
			}
		case slices.Contains(args, "Full"):
			out = l.Find(args[1], "Full", engine.Explorer).Bound
		case args[0] == "tlc" && len(args) == 2:
			protocol, model, _ := strings.Cut(args[1], "/")
			out = ledgerSays(l.Find(protocol, model, engine.TLC))
		case args[0] == "explore" && (len(args) == 4 || args[4] == "--claim") && !deep.Asked():
			out = ledgerSays(l.Find(args[1], args[3], engine.Explorer))
		case args[0] == "tlc" && (!requireTLC() || !deep.Asked()):
			continue
		default:
			var complaint string
			if args[0] == "museum" { // by TLC: internal/museum's own tests
				args = append(args, "--no-tlc")
			}
			_, out, complaint = rootlock(t, args...)
			ran["program, "+args[0]]++
			require.NotContains(t, complaint, "rootlock: ", line)
		}
		for part := range strings.SplitSeq(want, ", ") {
			assert.Contains(t, out, strings.TrimSpace(part), line)
		}
		ran[args[0]]++
	}
	assert.GreaterOrEqual(t, ran["replay"], 10)
	assert.GreaterOrEqual(t, ran["explore"], 8)
	assert.GreaterOrEqual(t, ran["museum"], 10)
	assert.NotZero(t, ran["program, explore"], "what the ledger does not know is explored")
}

// ledgerSays is what explore and tlc say of a model, by its entry in the ledger.
func ledgerSays(e *ledger.Entry) string {
	var violated, temporal []string
	holding := 0
	for _, v := range e.Claims { // TLC's has one more, the refinement
		if v == engine.Holds {
			holding++
		}
	}
	for _, c := range spec.Claims() {
		switch name := c.String(); {
		case e.Claims[name] == engine.Violated && spec.IsTemporal(name):
			temporal = append(temporal, name+" is violated")
		case e.Claims[name] == engine.Violated:
			violated = append(violated, fmt.Sprintf("%s (%d steps)", name, e.Shortest[name]))
		}
	}
	return fmt.Sprintf("%s; %d claims hold\n%s\n", strings.Join(violated, ", "), holding, strings.Join(temporal, "\n"))
}
