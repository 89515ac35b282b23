package mutant

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/deep"
)

// small is a run of a sample over small models, which takes seconds: more of both in a
// deep run.
func small(side Side) Options {
	o := Options{Root: root, Sides: []Side{side}, Sample: 6, Seed: 1, Workers: 2,
		Models: []string{"Tiny"}, States: 8000, Edges: 300, Schedules: 15}
	if side == Code {
		o.Models = append(o.Models, "WideWorld", "Today") // more threads than address spaces
	}
	if deep.Asked() {
		o.Sample, o.Schedules, o.Models = 24, 100, []string{"Graph", "Tiny", "Stack", "WideWorld"}
	}
	return o
}

func TestRunLaw(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	o := small(Law)
	r, err := Run(t.Context(), o)
	require.NoError(t, err)
	require.Len(t, r.Results, o.Sample)
	tally := r.Tallies()[0]
	assert.GreaterOrEqual(t, tally.By[ByClaim], o.Sample/5, tally)
	assert.GreaterOrEqual(t, tally.Killed(), o.Sample*2/5, tally)
	assert.Empty(t, r.Refuted())
	nothingLeft(t)

	if deep.Asked() {
		o.Workers = 1
		again, err := Run(t.Context(), o)
		require.NoError(t, err)
		assert.Equal(t, verdicts(r), verdicts(again), "the same seed gives the same report, however many work at it")
	}

	var out strings.Builder
	require.NoError(t, Table(&out, r))
	assert.Regexp(t, fmt.Sprint(o.Sample)+` of \d+ mutants shown in \d+ s\nspec: \d+ mutants, killed by claims \d+ \(\d+\.\d %\)`, out.String())
}

// Each class has a mutant that belongs there.
func TestClasses(t *testing.T) {
	if !deep.Asked() {
		t.Skip("its mutants are shown to many models; " + deep.Variable + "=1 asks for it")
	}
	t.Setenv("TMPDIR", t.TempDir())
	o := small(Law)
	o.Models, o.Wander = []string{"Tiny", "RandomOnePage", "Traces"}, 2
	want := map[string]string{
		"spec/mm.go copyEntry drop: e.Writable = false":                                     "WritersIsolated",
		"spec/mm.go Thread.linked negate: th.New == 0":                                      "TypeOK", // a step panics
		"spec/mm.go checkOwn drop: th.PC = MovePage":                                        "traces",
		"spec/operation.go begins never: m.IsWalker(t)":                                     "possible, narrows",
		"spec/adjust.go adjust constant: th.Anon = 0 [0] => 1":                              "graph, registers",
		"spec/operation.go rangeFree connect: a.Life == Mapped && a.MM == mm => a.MM == mm": "equivalent",
	}
	for key := range want {
		o.Only = append(o.Only, key)
	}
	r, err := Run(t.Context(), o)
	require.NoError(t, err)
	got := map[string]string{}
	for _, x := range r.Results {
		got[x.Key()] = x.seenBy()
	}
	assert.Equal(t, want, got)
	tally := r.Tallies()[0]
	assert.Equal(t, 1, tally.Narrow)
	assert.Equal(t, 1, tally.Alike)

	o.Only = []string{"spec/mm.go nobody drop: nothing"}
	_, err = Run(t.Context(), o)
	assert.EqualError(t, err, "rootlock: there is no such mutant: spec/mm.go nobody drop: nothing")
}

func TestRunCode(t *testing.T) {
	if !deep.Asked() {
		t.Skip("builds the code with all its mutants; " + deep.Variable + "=1 asks for it")
	}
	t.Setenv("TMPDIR", t.TempDir())
	o := small(Code)
	o.Patience = 20 * time.Second // one of these waits for ever
	r, err := Run(t.Context(), o)
	require.NoError(t, err)
	require.Len(t, r.Results, o.Sample)
	tally := r.Tallies()[0]
	assert.GreaterOrEqual(t, tally.Killed(), o.Sample*3/5, tally)
	assert.Empty(t, r.Refuted())
	for _, x := range r.Results {
		row := x.Row()
		assert.Equal(t, "generated", row.Kind)
		assert.Equal(t, "lockstep", row.Engine)
		assert.NotZero(t, row.Line)
	}
	nothingLeft(t)
}

func verdicts(r *Report) (list []string) {
	for _, x := range r.Results {
		list = append(list, x.Key()+": "+x.seenBy()+" in "+x.where())
	}
	return list
}

func nothingLeft(t *testing.T) {
	t.Helper()
	left, err := os.ReadDir(os.Getenv("TMPDIR"))
	require.NoError(t, err)
	for _, f := range left {
		assert.NotContains(t, f.Name(), "rootlock-")
	}
}

// Interrupted, Run says what is missing, and leaves no process (see TestMain) and no file.
func TestCancel(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	o := small(Law)
	o.Sample = 20
	o.Progress = func(done, _ int) {
		if done == 1 {
			cancel()
		}
	}
	r, err := Run(ctx, o)
	require.ErrorIs(t, err, context.Canceled)
	require.NotNil(t, r)
	assert.Equal(t, o.Sample, len(r.Results)+r.Missing)
	assert.NotEmpty(t, r.Results)
	assert.GreaterOrEqual(t, r.Missing, 10)
	assert.False(t, r.OK())
	nothingLeft(t)
}

// A mutant that does not compile is an error with file and line, however it was rewritten.
func TestDoesNotCompile(t *testing.T) {
	g, err := generate(t.Context(), root, Code)
	require.NoError(t, err)
	var last *Mutant
	for _, fn := range mustFunctions(t, g) {
		if fn.name == "AddressSpace.merge" {
			g.function = fn
			st := fn.decl.Body.List[len(fn.decl.Body.List)-1]
			last = g.mutant(Drop, st, "", "")
			g.wrapInstead(last, st, "nobody()")
		}
	}
	require.NotNil(t, last)
	_, err = g.build(t.Context(), root, t.TempDir())
	assert.ErrorContains(t, err, "rootlock: mutants of impl do not compile, which is no kill:")
	assert.Regexp(t, `impl/adjust\.go:\d+:\d+: undefined: nobody`, err.Error())
	assert.Contains(t, err.Error(), fmtLine(last))
}

func mustFunctions(t *testing.T, g *generator) []function {
	t.Helper()
	list, err := g.functions(g.choice)
	require.NoError(t, err)
	return list
}

func fmtLine(m *Mutant) string { return fmt.Sprintf("%s:%d:", m.File, m.Line) }
