package tlc

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestParseValue(t *testing.T) {
	for _, row := range []struct{ text, want, reason string }{
		{"-7", "-7", "negative"},
		{" 42\n", "42", "space around"},
		{"TRUE", "TRUE", "truth value, not a model value"},
		{`"a \"q\" \\ \t\n"`, `"a \"q\" \\ \t\n"`, "escapes"},
		{"mm1", "mm1", "model value"},
		{"null", "null", "what TLC prints for a variable without value"},
		{"<<>>", "<<>>", "empty sequence"},
		{"<< 1,\n   <<2>> >>", "<<1, <<2>>>>", "TLC breaks long values into lines"},
		{"{}", "{}", "empty set"},
		{"{3, 1, 2, 1}", "{1, 2, 3}", "sets are sorted, without duplicates"},
		{"1..3", "{1, 2, 3}", "an interval is a set"},
		{"3..1", "{}", "an empty interval"},
		{"{{}, {1}}", "{{}, {1}}", "sets of sets"},
		{`[b |-> 1, a |-> [c |-> {}]]`, `[a |-> [c |-> {}], b |-> 1]`, "records are sorted by field"},
		{`("a" :> 1)`, `[a |-> 1]`, "a function on identifiers is a record"},
		{`("a b" :> 1)`, `("a b" :> 1)`, "a function on other strings is not"},
		{"(2 :> x @@ 1 :> y)", "<<y, x>>", "a function on 1..n is a tuple"},
		{"(0 :> x @@ 1 :> y)", "(0 :> x @@ 1 :> y)", "a function on 0..n is not"},
		{"(m2 :> <<1>> @@ m1 :> {})", "(m1 :> {} @@ m2 :> <<1>>)", "functions are sorted by argument"},
		{"({1} :> 1)", "({1} :> 1)", "any value is an argument"},
	} {
		v, err := ParseValue(row.text)
		if assert.NoError(t, err, row.reason) {
			assert.Equal(t, row.want, v.String(), row.reason)
		}
	}
}

func TestParseValueErrors(t *testing.T) {
	for _, row := range []struct {
		text   string
		offset int
		why    string
		reason string
	}{
		{"", 0, "a value expected", "nothing"},
		{"1 2", 2, "text after", "two values"},
		{"{1, }", 4, "a value expected", "comma before the end"},
		{"<<1, 2", 6, `">>" expected`, "no end"},
		{`"abc`, 0, "without an end", "string without end"},
		{`"abc\`, 0, "without an end", "string that ends in an escape"},
		{`"\x"`, 2, "unknown escape", "escape that TLA+ lacks"},
		{"[a |-> 1, a |-> 2]", 11, "twice", "field twice"},
		{"[1 |-> 2]", 1, "field name", "field that is no name"},
		{"(1 :> 2 @@ 1 :> 3)", 18, "twice", "argument twice"},
		{"(1 = 2)", 3, `":>"`, "not a function"},
		{"99999999999999999999", 0, "64-bit", "number too large"},
		{"-", 0, "64-bit", "sign alone"},
		{"0..99999999", 11, "interval", "interval that would fill the memory"},
		{"-9223372036854775808..9223372036854775807", 41, "interval", "interval whose length overflows"},
		{strings.Repeat("{", 10_000), 500, "nested", "nesting that would exhaust the stack"},
		{"[x \\in {1} |-> 2]", 3, `"|->"`, "unevaluated function"},
	} {
		_, err := ParseValue(row.text)
		var bad *ValueError
		if assert.ErrorAs(t, err, &bad, row.reason) {
			assert.Equal(t, row.offset, bad.Offset, row.reason)
			assert.Contains(t, bad.Reason, row.why, row.reason)
		}
	}
}

func TestValueAccessors(t *testing.T) {
	v, err := ParseValue(`[n |-> 5, s |-> "x", b |-> TRUE, m |-> mm, t |-> <<7, 8>>, set |-> {1, 2}, f |-> (0 :> 9)]`)
	require.NoError(t, err)
	field := func(name string) Value {
		got, ok := v.Field(name)
		require.True(t, ok, name)
		return got
	}
	n, ok := field("n").AsInt()
	assert.True(t, ok && n == 5)
	s, ok := field("s").AsString()
	assert.True(t, ok && s == "x")
	b, ok := field("b").AsBool()
	assert.True(t, ok && b)
	m, ok := field("m").AsModel()
	assert.True(t, ok && m == "mm")
	second, ok := field("t").Apply(Int(2))
	assert.True(t, ok && second.Equal(Int(8)))
	nine, ok := field("f").Apply(Int(0))
	assert.True(t, ok && nine.Equal(Int(9)))
	assert.True(t, field("set").Contains(Int(2)))
	assert.False(t, field("set").Contains(Int(3)))
	assert.Len(t, field("set").Elems(), 2)
	assert.Equal(t, []Pair{{Int(1), Int(7)}, {Int(2), Int(8)}}, field("t").Pairs())
	_, ok = v.Field("absent")
	assert.False(t, ok)
	_, ok = field("t").Apply(Int(3))
	assert.False(t, ok)
	_, ok = field("m").AsString()
	assert.False(t, ok, "a model value is not a string")
}

func values() *rapid.Generator[Value] {
	name := rapid.StringMatching(`[a-z][a-z0-9_]{0,3}`)
	leaf := rapid.OneOf(
		rapid.Map(rapid.Int64(), Int),
		rapid.Map(rapid.Int64Range(0, 4), Int),
		rapid.Map(rapid.String(), Str),
		rapid.Map(rapid.Bool(), Bool),
		rapid.Map(name, Model),
	)
	gen := leaf
	for range 3 {
		inner := rapid.OneOf(leaf, gen)
		list := rapid.SliceOfN(inner, 0, 4)
		gen = rapid.OneOf(leaf,
			rapid.Map(list, func(vs []Value) Value { return Tuple(vs...) }),
			rapid.Map(list, func(vs []Value) Value { return Set(vs...) }),
			rapid.Map(rapid.MapOfN(name, inner, 0, 4), Record),
			rapid.Custom(func(t *rapid.T) Value {
				var pairs []Pair
				for _, k := range list.Draw(t, "keys") {
					pairs = append(pairs, Pair{k, inner.Draw(t, "value")})
				}
				return Function(pairs...)
			}),
		)
	}
	return gen
}

func TestValueRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := values().Draw(t, "value")
		got, err := ParseValue(v.String())
		if err != nil {
			t.Fatal(err)
		}
		if !got.Equal(v) || got.String() != v.String() {
			t.Fatalf("%s came back as %s", v, got)
		}
	})
}

func TestValueOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := values().Draw(t, "a"), values().Draw(t, "b"), values().Draw(t, "c")
		if a.Compare(b) != -b.Compare(a) {
			t.Fatal("not antisymmetric")
		}
		if a.Compare(b) <= 0 && b.Compare(c) <= 0 && a.Compare(c) > 0 {
			t.Fatal("not transitive")
		}
		if (a.String() == b.String()) != a.Equal(b) {
			t.Fatal("equal values and equal texts differ")
		}
	})
}

func FuzzParseValue(f *testing.F) {
	for _, seed := range []string{`[a |-> <<1, "x\n">>, b |-> (m :> {1..3})]`, "((", "{<<", `"`, "-", "1..", "[a|->"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := ParseValue(text)
		if err != nil {
			var bad *ValueError
			if !errors.As(err, &bad) || bad.Offset < 0 || bad.Offset > len(text) {
				t.Fatalf("error without a place: %v", err)
			}
			return
		}
		again, err := ParseValue(v.String())
		if err != nil || !again.Equal(v) {
			t.Fatalf("%q gives %s, which gives %s, %v", text, v, again, err)
		}
	})
}
