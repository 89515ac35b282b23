package tlc

import (
	"io/fs"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

const everything = `(* a comment
   over lines (* nested *) INIT No *)
CONSTANTS
  N = 3   \* three
  Names = {"a", "(* no comment *)"}
  Procs = {p1,
           p2}
  p1 = p1
  Step <- Step_Bug
  Nat <- [Naturals] SmallNat
  Op(1, TRUE) = <<2>>
SPECIFICATION Spec
INVARIANT TypeOK
INVARIANTS OneRoot MutualExclusion
PROPERTY WalkTerminates Mutex!Spec
CONSTRAINT Bound
ACTION_CONSTRAINT Small
SYMMETRY Perms
VIEW Seen
ALIAS Short
CHECK_DEADLOCK FALSE
`

func TestParseConfig(t *testing.T) {
	c, err := ParseConfig(everything)
	require.NoError(t, err)
	no := false
	want := &Config{
		Constants: []Constant{
			{Name: "N", Value: Int(3)},
			{Name: "Names", Value: Set(Str("a"), Str("(* no comment *)"))},
			{Name: "Procs", Value: Set(Model("p1"), Model("p2"))},
			{Name: "p1", Value: Model("p1")},
			{Name: "Step", Replacement: "Step_Bug"},
			{Name: "Nat", Replacement: "SmallNat", Module: "Naturals"},
			{Name: "Op", Args: []Value{Int(1), Bool(true)}, Value: Tuple(Int(2))},
		},
		Specification: "Spec", View: "Seen", Alias: "Short",
		Invariants:  []string{"TypeOK", "OneRoot", "MutualExclusion"},
		Properties:  []string{"WalkTerminates", "Mutex!Spec"},
		Constraints: []string{"Bound"}, ActionConstraints: []string{"Small"}, Symmetry: []string{"Perms"},
		CheckDeadlock: &no,
	}
	assert.Empty(t, cmp.Diff(want, c))
}

func TestConfigHelpers(t *testing.T) {
	c, err := ParseConfig(everything)
	require.NoError(t, err)
	before := c.String()
	d := c.WithInvariants("OneRoot").WithProperties().WithReplacement("Step", "Step_Other")
	assert.Equal(t, []string{"OneRoot"}, d.Invariants)
	assert.Empty(t, d.Properties)
	assert.Contains(t, d.String(), "Step <- Step_Other")
	assert.NotContains(t, d.String(), "Step_Bug")
	*d.CheckDeadlock = true
	d.Constraints[0] = "Changed"
	assert.Equal(t, before, c.String(), "the original stays as it is")
}

func TestParseConfigErrors(t *testing.T) {
	for _, row := range []struct {
		text   string
		line   int
		why    string
		reason string
	}{
		{"INIT Init\nINIT Other", 2, "INIT twice", "keyword twice"},
		{"\n\nSPECIFICATION", 3, "SPECIFICATION without a name", "name missing"},
		{"INIT NEXT Next", 1, "INIT without a name", "keyword instead of a name"},
		{"INVARIANTS\nPROPERTY P", 1, "INVARIANTS without a name", "empty list"},
		{"CONSTANTS\nNEXT Next", 1, "without a constant", "no constants"},
		{"CONSTANT N = 1\nFOO Bar", 2, `constant FOO: "=" or "<-" expected`, "an unknown keyword after constants"},
		{"INVARIANT\n = 3", 1, "without a name", "a value where names belong"},
		{"CONSTANT\n\n N =", 3, "constant N: a value expected", "value missing"},
		{"CONSTANT N =\nINIT Init", 2, "found the keyword INIT", "value missing before a keyword"},
		{"CONSTANT S = {1,\n2", 2, `constant S: "," or "}" expected`, "set without end"},
		{"CONSTANT N <-", 1, `an operator expected`, "replacement missing"},
		{"CONSTANT N <- [M Op", 1, `"[Module]" expected`, "bracket missing"},
		{"CHECK_DEADLOCK maybe", 1, "TRUE or FALSE", "not a truth value"},
		{"CHECK_DEADLOCK TRUE\nCHECK_DEADLOCK TRUE", 2, "twice", "said twice"},
		{"INVARIANT A, B", 1, "a keyword expected", "commas in a list"},
		{"Init Foo", 1, "not a keyword", "no keyword"},
		{"INIT A\n(* never\nended", 2, "without an end", "comment without end"},
	} {
		_, err := ParseConfig(row.text)
		var bad *ConfigFileError
		if assert.ErrorAs(t, err, &bad, row.reason) {
			assert.Contains(t, bad.Reason, row.why, row.reason)
			assert.Equal(t, row.line, bad.Line, "%s: %v", row.reason, err)
		}
	}
}

func TestConfigRoundTrip(t *testing.T) {
	name := rapid.StringMatching(`[A-Z][a-z]{1,5}[0-9]?`)
	names := rapid.SliceOfN(name, 1, 3)
	lists := rapid.OneOf(rapid.Just([]string(nil)), names)
	single := rapid.OneOf(rapid.Just(""), name)
	rapid.Check(t, func(t *rapid.T) {
		c := &Config{
			Specification: single.Draw(t, "spec"), Init: single.Draw(t, "init"), Next: single.Draw(t, "next"),
			View: single.Draw(t, "view"), Alias: single.Draw(t, "alias"),
			Invariants: lists.Draw(t, "inv"), Properties: lists.Draw(t, "prop"), Constraints: lists.Draw(t, "con"),
			ActionConstraints: lists.Draw(t, "acon"), Symmetry: lists.Draw(t, "sym"),
		}
		if check := rapid.IntRange(0, 2).Draw(t, "deadlock"); check > 0 {
			yes := check == 1
			c.CheckDeadlock = &yes
		}
		for range rapid.IntRange(0, 4).Draw(t, "constants") {
			k := Constant{Name: name.Draw(t, "name")}
			if rapid.Bool().Draw(t, "replaced") {
				k.Replacement, k.Module = name.Draw(t, "by"), single.Draw(t, "module")
			} else {
				k.Value = values().Filter(func(v Value) bool { return !negative(v) }).Draw(t, "value")
			}
			c.Constants = append(c.Constants, k)
		}
		got, err := ParseConfig(c.String())
		if err != nil {
			t.Fatalf("%v\n%s", err, c)
		}
		if diff := cmp.Diff(c, got); diff != "" {
			t.Fatalf("%s\n%s", diff, c)
		}
	})
}

// What TLC accepts in the toy models, and what it does not, we see the same way.
func TestToyConfigs(t *testing.T) {
	files, err := fs.Glob(specs(t), "*.cfg")
	require.NoError(t, err)
	require.Greater(t, len(files), 15)
	for _, name := range files {
		text, err := fs.ReadFile(specs(t), name)
		require.NoError(t, err)
		_, err = ParseConfig(string(text))
		assert.Equal(t, filepath.Base(name) == "Syntax.cfg", err != nil, "%s: %v", name, err)
	}
}

// What the pinned TLC does not read is not read here either.
func TestNegativeConstant(t *testing.T) {
	for _, text := range []string{"CONSTANT Foo = -42", "CONSTANT Foo = {1, -2}", "CONSTANT Foo = <<-1>>"} {
		_, err := ParseConfig(text)
		assert.ErrorContains(t, err, "constant Foo: a negative number", text)
	}
}
