package mutant

import "testing"

// Whatever stands in the file of arguments, it is read or refused.
func FuzzParseEquivalents(f *testing.F) {
	f.Add("# comment\nspec/mm.go F op: a => b :: because\n")
	f.Fuzz(func(_ *testing.T, text string) { _, _ = parseEquivalents("name", text) })
}
