package tlc

import (
	"embed"
	"io/fs"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

//go:embed testdata/specs
var testdata embed.FS

func specs(t testing.TB) fs.FS {
	sub, err := fs.Sub(testdata, "testdata/specs")
	require.NoError(t, err)
	return sub
}

// toyModel is a model in testdata/specs and what TLC must make of it, now (live
// tests) and when testdata/output was recorded.
type toyModel struct {
	module, config string
	options        Options
	want           Verdict
	name           string
	states         int // in the counterexample
	lasso          *Lasso
	counts         [4]int64 // generated, distinct, queue, depth; all 0: not counted
	actions        map[string][2]int64
	specErrors     []SpecError
	message        string // part of it
	violations     int
	reason         string
}

func (m toyModel) record() string {
	name := m.module + "." + m.config
	if m.options.Continue {
		name += ".continue"
	}
	if m.options.Simulate != nil {
		name += ".simulate"
	}
	return name + ".txt"
}

var toyModels = []toyModel{
	{module: "Counter", config: "Holds", want: Holds, counts: [4]int64{18, 8, 0, 3},
		actions: map[string][2]int64{"Init": {4, 4}, "Up": {4, 12}, "Reset": {0, 2}, "Never": {0, 0}},
		reason:  "safety and liveness hold; an action that never fires is listed"},
	{module: "Counter", config: "Invariant", want: InvariantViolated, name: "BelowTwo", states: 2, violations: 1,
		counts: [4]int64{9, 5, 1, 2}, message: "Invariant BelowTwo is violated.",
		reason: "the second of two invariants is the one that is named"},
	{module: "Counter", config: "Initial", want: InvariantViolated, name: "BelowOne", states: 1, violations: 1,
		reason: "TLC prints the state inside the message and gives no counts"},
	{module: "Counter", config: "Action", want: PropertyViolated, name: "NeverDown", states: 4, violations: 1,
		counts: [4]int64{17, 8, 1, 3}, reason: "an action property is named, and has no lasso"},
	{module: "Counter", config: "Lasso", want: PropertyViolated, states: 4, lasso: &Lasso{BackTo: 1, Action: "Reset"}, violations: 1,
		counts: [4]int64{18, 8, 0, 3}, reason: "of two temporal properties TLC does not name the violated one"},
	{module: "Counter", config: "Stutter", want: PropertyViolated, name: "ReachesMax", states: 2, lasso: &Lasso{Stuttering: true}, violations: 1,
		counts: [4]int64{18, 8, 0, 3}, reason: "the only property needs no name from TLC; without fairness it stutters"},
	{module: "Counter", config: "Invariant", options: Options{Continue: true}, want: InvariantViolated, name: "BelowTwo", states: 2, violations: 4,
		counts: [4]int64{18, 8, 0, 3}, reason: "after -continue TLC says that no error has been found and exits with 0"},
	{module: "Counter", config: "Holds", options: Options{Simulate: &Simulation{Traces: 20, Depth: 10, Seed: 1}}, want: SimulationEnded,
		reason: "a simulation that found nothing does not hold"},
	{module: "Counter", config: "Invariant", options: Options{Simulate: &Simulation{Traces: 20, Depth: 10, Seed: 1}}, want: InvariantViolated,
		name: "BelowTwo", states: 3, violations: 1, reason: "a simulation finds violations"},
	{module: "Shapes", config: "Deadlock", want: Deadlock, states: 3, violations: 1, counts: [4]int64{3, 3, 0, 3}, reason: "deadlock, and every kind of value"},
	{module: "Refine", config: "AbsSpec", want: PropertyViolated, name: "AbsSpec", states: 1, violations: 1,
		message: "Property AbsInit is violated", reason: "of a refinement that fails in its initial predicate TLC names that"},
	{module: "Refine", config: "AbsStep", want: PropertyViolated, name: "AbsStep", states: 2, violations: 1, counts: [4]int64{3, 3, 1, 2},
		message: "Action property line 11, col 21", reason: "TLC gives a place for an anonymous conjunct; the only property is still known"},
	{module: "Assume", config: "Assume", want: AssumptionFalse, violations: 1, message: "Assumption line 4, col 20", reason: "a false assumption has no trace"},

	{module: "Broken", config: "Broken", want: ParseError, reason: "syntax error",
		specErrors: []SpecError{{"Broken.tla", 4, 9, `Was expecting "Expression or Instance"; Encountered "Beginning of definition" at line 4, column 9 and token "=="`}}},
	{module: "Unknown", config: "Unknown", want: ParseError, reason: "two errors of meaning",
		specErrors: []SpecError{{"Unknown.tla", 4, 14, "Unknown operator: `Missing'."}, {"Unknown.tla", 4, 33, "Unknown operator: `Gone'."}}},
	{module: "Absent", config: "Absent", want: ParseError, reason: "a module that does not exist has no place",
		specErrors: []SpecError{{File: "Absent.tla", Text: "Cannot find source file for module NoSuchModule imported in module Absent."}}},
	{module: "Nowhere", config: "Holds", want: ParseError, reason: "the main module does not exist",
		specErrors: []SpecError{{Text: "Cannot find source file for module Nowhere."}}},
	{module: "Assume", config: "Unassigned", want: ConfigError, message: "constant parameter N is not assigned", reason: "a constant without value"},
	{module: "Assume", config: "Syntax", want: ConfigError, message: "line 2", reason: "the code of the .cfg error is inside another message"},
	{module: "Assume", config: "Replacement", want: ConfigError, message: "undefined identifier Zork", reason: "a replacement that is not defined"},
	{module: "Assume", config: "Nowhere", want: ConfigError, message: "Nowhere.cfg", reason: "the configuration does not exist"},
	{module: "Unset", config: "NoInvariant", want: ConfigError, message: "invariant Gone", reason: "an invariant that is not defined"},
	{module: "Eval", config: "Eval", want: EvalError, states: 3, message: "Cannot cast", counts: [4]int64{3, 3, 0, 3}, reason: "TLC nests the explanation"},
	{module: "Unset", config: "Unset", want: EvalError, states: 2, message: "not assigned: y", counts: [4]int64{2, 1, 0, 1}, reason: "a variable without value prints as null"},
	{module: "Asserts", config: "Asserts", want: EvalError, states: 3, message: "x grew to two", counts: [4]int64{3, 3, 0, 3}, reason: "Assert is an error, with what the module printed kept apart"},
	{module: "NoInit", config: "NoInit", want: NoInitialState, counts: [4]int64{0, 0, 0, 1}, reason: "TLC reports success on nothing at all"},
}

func (m toyModel) check(t *testing.T, res *Result, err error) {
	t.Helper()
	require.NotNil(t, res, "%v", err)
	require.Equal(t, m.want, res.Verdict, "%s: %v", m.reason, err)
	if m.want.Answered() {
		require.NoError(t, err)
	} else {
		var bad *RunError
		require.ErrorAs(t, err, &bad)
		assert.Equal(t, m.want, bad.Verdict)
		assert.NotEmpty(t, bad.Remedy)
		assert.Contains(t, bad.Detail, m.message)
	}
	assert.Equal(t, m.name, res.Name)
	assert.Len(t, res.Trace, m.states)
	assert.Equal(t, m.lasso, res.Lasso)
	assert.Equal(t, m.violations, res.Violations)
	assert.Contains(t, res.Message, m.message)
	assert.Equal(t, m.counts != [4]int64{}, res.Counted)
	if res.Counted {
		assert.Equal(t, m.counts, [4]int64{res.Generated, res.Distinct, res.Queue, int64(res.Depth)}, "generated, distinct, queue, depth")
	}
	if m.specErrors != nil {
		assert.Equal(t, m.specErrors, res.SpecErrors)
	}
	if m.actions != nil {
		got := map[string][2]int64{}
		for name, a := range res.ActionTotals() {
			assert.Equal(t, name == "Init", a.Init)
			got[name] = [2]int64{a.Distinct, a.Generated}
		}
		assert.Equal(t, m.actions, got)
	}
	assert.NotEmpty(t, res.TLCVersion)
}
