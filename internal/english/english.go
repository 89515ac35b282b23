// Package english finds what makes a text hard to read, as far as a program can: sentences
// that are too long, and turns of phrase that must be read twice.
package english

import (
	"fmt"
	"regexp"
	"strings"
)

// Most is how many words a sentence may have.
const Most = 30

// turns are what must be read twice: inversions for effect, words that hide a name, and "but"
// for "except".
var turns = regexp.MustCompile(`(?i)\b(so it is that|it is that|that one's|that there (?:is|are) (?:not|none)|whoever|whatever it|wherever it|none but|be it |lest |whence|thereof|therein)\b|, but (?:to|under) `)

// Problems lists the sentences of a text that are too long, and the turns of phrase in it. The
// text is Markdown or a Go comment: code, tables' rules, addresses and headings' marks are no
// words.
func Problems(text string) (list []string) {
	for _, s := range Sentences(text) {
		if n := len(strings.Fields(s)); n > Most {
			list = append(list, fmt.Sprintf("%d words: %s", n, s))
		}
		if at := turns.FindString(s); at != "" {
			list = append(list, fmt.Sprintf("%q: %s", at, s))
		}
	}
	return list
}

var (
	fence   = regexp.MustCompile("(?ms)^```.*?^```$")
	comment = regexp.MustCompile(`(?s)<!--.*?-->`)
	tag     = regexp.MustCompile(`<[a-z/][^>\n]*>`)
	link    = regexp.MustCompile(`!?\[([^\]\n]*)\]\([^)\n]*\)`)
	code    = regexp.MustCompile("`[^`\n]*`")
	item    = regexp.MustCompile(`^(?:[-*] |\d+\. )`)
	end     = regexp.MustCompile(`[.!?:;]["')*]*(?:\s|$)`)
)

// Sentences are those of a text, without its code. A colon and a semicolon end one, too: what
// stands before can be read alone.
func Sentences(text string) (list []string) {
	for _, remove := range []*regexp.Regexp{fence, comment, tag} {
		text = remove.ReplaceAllString(text, "")
	}
	text = link.ReplaceAllString(code.ReplaceAllString(text, "X"), "$1")
	var paragraph []string
	flush := func() {
		whole := strings.Join(strings.Fields(strings.Join(paragraph, " ")), " ")
		paragraph = nil
		for whole != "" {
			at := end.FindStringIndex(whole)
			if at == nil {
				at = []int{0, len(whole)}
			}
			if s := strings.TrimSpace(whole[:at[1]]); s != "" {
				list = append(list, s)
			}
			whole = whole[at[1]:]
		}
	}
	for line := range strings.Lines(text) {
		bare := strings.TrimSpace(line)
		switch {
		case bare == "" || strings.HasPrefix(line, "    ") || strings.HasPrefix(line, "\t"):
			flush()
		case strings.HasPrefix(bare, "#") || strings.HasPrefix(bare, "|"):
			flush()
			for cell := range strings.SplitSeq(strings.TrimLeft(bare, "# "), "|") {
				paragraph = []string{cell}
				flush()
			}
		case item.MatchString(bare):
			flush()
			paragraph = []string{item.ReplaceAllString(bare, "")}
		default:
			paragraph = append(paragraph, bare)
		}
	}
	flush()
	return list
}
