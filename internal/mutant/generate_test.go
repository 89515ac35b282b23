package mutant

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const toyTypes = `
type PC uint8
const (
	Idle PC = iota
	Go
	Stop
)
type T struct { PC PC; A, B uint8; OK, Seen bool; List [4]uint8 }
func call(t *T) {}
`

func TestOperators(t *testing.T) {
	for _, c := range []struct {
		reason   string
		operator Operator
		body     string
		want     []string
	}{
		{"a condition", Negate, `if t.A == t.B { t.PC = Go }`, []string{"t.A == t.B"}},
		{"a stored bool", Negate, `t.OK = t.A > 0`, []string{"t.A > 0"}},
		{"the condition of a loop", Negate, `for i := uint8(0); i < t.A; i++ { t.B++ }`, []string{"i < t.A"}},
		{"a branch of several statements", Never, `if t.OK { t.A = 1; t.B = 1 }`, []string{"t.OK"}},
		{"a branch of one statement: to drop that is the same", Never, `if t.OK { t.A = 1 }`, nil},
		{"cases with conditions and with values", Never, "switch { case t.OK: t.A = 1 }\nswitch t.PC { case Go, Stop: t.A = 2 }", []string{"t.OK", "case Go", "case Stop"}},
		{"an assignment", Drop, `t.A = 1`, []string{"t.A = 1"}},
		{"each of several assignments", Drop, `t.A, t.B = 1, 2`, []string{"t.A = 1", "t.B = 2"}},
		{"a call, an increment", Drop, `call(t); t.A++`, []string{"call(t)", "t.A++"}},
		{"an early return", Drop, `if t.OK { return }; t.A = 1`, []string{"return", "t.A = 1"}},
		{"a return at the end does nothing", Drop, `if t.OK { t.A = 1; return }`, []string{"t.A = 1"}},
		{"continue and break", Drop, `for range t.A { if t.OK { continue }; break }`, []string{"continue", "break"}},
		{"history is no law", Drop, `t.Seen = true; for range t.A { t.Seen = t.OK }`, nil},
		{"nor is what is deferred for its sake", Drop, `defer func() { if t.Seen { call(t) } }(); defer func() { t.A = 1 }()`, []string{"defer func() { t.A = 1 }()"}},
		{"a definition must stay", Drop, `x := t.A; _ = x`, nil},
		{"two stores of which one reads the other", Swap, `t.A = t.B; t.B = 0`, []string{"t.A = t.B => t.B = 0"}},
		{"two stores that know nothing of each other", Swap, `t.A = 1; t.B = 0`, nil},
		{"a store and a call on the same", Swap, `t.A = 1; call(t)`, []string{"t.A = 1 => call(t)"}},
		{"constants of one type", Sibling, `if t.OK { t.PC = Go } else { t.PC = Stop }`, []string{"t.PC = Go [Go] => Stop", "t.PC = Stop [Stop] => Go"}},
		{"a constant alone has no sibling", Sibling, `t.PC = Go`, nil},
		{"fields of one type", Sibling, `t.List[0] = t.A; t.List[1] = t.B`, []string{"t.List[0] = t.A [t.A] => B", "t.List[1] = t.B [t.B] => A"}},
		{"off by one", Constant, `t.A = t.B + 1`, []string{"t.B + 1 [1] => 2", "t.B + 1 [1] => 0"}},
		{"not below nothing", Constant, `t.A = 0`, []string{"t.A = 0 [0] => 1"}},
		{"true and false", Constant, `t.OK = true`, []string{"t.OK = true [true] => false"}},
		{"both ways, and one side alone", Connect, `if t.OK && t.A > 0 { t.B = 1 }`, []string{"t.OK && t.A > 0 => t.OK || (t.A > 0)", "t.OK && t.A > 0 => t.OK", "t.OK && t.A > 0 => t.A > 0"}},
		{"a bound; the whole has been negated", Compare, `if t.A < t.B { t.PC = Go }`, []string{"t.A < t.B => t.A <= t.B"}},
		{"a part is compared the other way round too", Compare, `if t.OK || t.A == 1 { t.PC = Go }`, []string{"t.A == 1 => t.A != 1"}},
		{"plus and minus", Arith, `t.A = t.A + t.B; t.B -= t.A; t.A--`, []string{"t.A + t.B => t.A - t.B", "t.B -= t.A => t.B += t.A", "t.A-- => t.A++"}},
	} {
		t.Run(string(c.operator)+" "+c.reason, func(t *testing.T) {
			g := toy(t, toyTypes+"func Step(t *T) {\n"+c.body+"\n}\n")
			assert.Equal(t, c.want, changes(g, c.operator))
		})
	}
}

// What is mutated is what Step comes to, through interfaces too.
func TestReach(t *testing.T) {
	g := toy(t, toyTypes+`
type rules interface { take(t *T) }
type one struct{}
func (one) take(t *T) { t.A = 7 }
type other struct{}
func (other) take(a, b int) int { a = 8; return a }
func Step(t *T, r rules) { r.take(t); helper(t) }
func helper(t *T) { t.A = 9 }
func Seen(t *T) { t.A = 10 }
func alien(t *T) { t.A = 11 }
`)
	assert.Equal(t, []string{"t.A = 7", "r.take(t)", "helper(t)", "t.A = 9"}, changes(g, Drop))
	var names []string
	for _, m := range g.mutants {
		if m.Operator == Drop {
			names = append(names, m.Func)
		}
	}
	assert.Equal(t, []string{"one.take", "Step", "Step", "helper"}, names)
	_, err := newGenerator(g.source, choice{roots: []string{"Leap"}})
	assert.EqualError(t, err, "rootlock: no function Leap in spec: was it renamed? Mutants begin there")
}

// Mutants that look alike are told apart by their order; what is native is left alone.
func TestKeys(t *testing.T) {
	g := toy(t, toyTypes+"var hooks bool\nfunc Step(t *T) {\nt.A = 1\nt.A = 1\nif hooks { t.B = 2 }\n}\n")
	assert.Equal(t, []string{"t.A = 1", "t.A = 1 #2"}, changes(g, Drop))
	for _, m := range g.mutants {
		assert.NotContains(t, m.Was, "t.B")
	}
}

// The real sources have mutants of every operator, at least so many, each with a key of its own.
func TestFloor(t *testing.T) {
	for side, floor := range map[Side]int{Law: 2500, Code: 1000} {
		all, err := Generate(t.Context(), root, side)
		require.NoError(t, err)
		assert.GreaterOrEqual(t, len(all), floor)
		keys, operators := map[string]bool{}, map[Operator]bool{}
		for _, m := range all {
			assert.False(t, keys[m.Key()], m.Key())
			keys[m.Key()], operators[m.Operator] = true, true
			assert.NotContains(t, m.Key(), between)
		}
		assert.Len(t, operators, len(Operators()))
	}
}
