package mutant

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEquivalents(t *testing.T) {
	m := &Mutant{Side: Law, File: "spec/mm.go", Func: "prepare", Operator: Drop, Was: "return"}
	e, err := parseEquivalents("e.txt", "# of the law\n\nspec/mm.go prepare drop: return :: it says so\nimpl/walk.go f drop: x :: of the other side\n")
	require.NoError(t, err)
	assert.Equal(t, "it says so", e.of(m))
	assert.NoError(t, e.match([]*Mutant{m}, []Side{Law}), "a mutant of a side that is not asked may exist")
	assert.EqualError(t, e.match([]*Mutant{m}, Sides()),
		"rootlock: e.txt:4: there is no such mutant: impl/walk.go f drop: x; the code has changed, and the argument must follow")

	for text, want := range map[string]string{
		"spec/mm.go prepare drop: return":                 "e.txt:1: a line is FILE FUNCTION OPERATOR",
		"\nspec/mm.go prepare drop: return :: ":           "e.txt:2: a line is FILE FUNCTION OPERATOR",
		" :: an argument about nothing":                   "e.txt:1: a line is FILE FUNCTION OPERATOR",
		"a drop: b :: once\n# and\na drop: b :: or twice": "e.txt:3: a drop: b stands here twice",
	} {
		_, err := parseEquivalents("e.txt", text)
		assert.ErrorContains(t, err, want)
	}
	e, err = parseEquivalents("e.txt", "tla/X f drop: x :: of no side at all")
	require.NoError(t, err)
	assert.ErrorContains(t, e.match(nil, []Side{Law}), "e.txt:1: there is no such mutant")
}
