package english

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestProblems(t *testing.T) {
	long := strings.Repeat("word ", Most)
	for text, want := range map[string]string{
		"Short. " + long + "more.":                "31 words: " + long + "more.",
		long + "\nmore.":                          "31 words",
		"- " + long + "more":                      "31 words",
		"| cell | " + long + "more |":             "31 words",
		"Whoever looks for a page gets no lock.":  `"Whoever"`,
		"So it is that the root was freed.":       `"So it is that"`,
		"[" + long + "more](somewhere), and back": "33 words",
		"# Heading whatever it says":              `"whatever it"`,
		"Nothing here (" + long + "\n\nmore).":    "32 words", // the parenthesis is not closed in its paragraph
	} {
		if list := Problems(text); assert.NotEmpty(t, list, text) {
			assert.Contains(t, strings.Join(list, "\n"), want, text)
		}
	}
	for _, text := range []string{
		long + "\n\nmore.",
		long[5:] + "end. More.",
		long[5:] + "end: more and more.",
		"    " + long + "more, in a sample",
		"```\n" + long + "more\n```",
		"Say `" + long + "more` and go on.",
		"- " + long + "\n- more",
		"| " + long + " | more |",
		"See [this](https://example.com/a/b/c) e.g. " + long[:len(long)/2],
		"A file of 1.7.3 has it.",
		"<!-- " + long + long + " -->",
	} {
		assert.Empty(t, Problems(text), text)
	}
	assert.Equal(t, []string{"One.", "Two;", "three", "Four X", "Five"}, Sentences("One. Two;\nthree\n\n# Four `code`\n\n- Five\n"))
}
