package picture

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/rootlock/rootlock/spec"
)

// Series draws states that follow each other, for one page. What several pictures have in
// common is written once, and the others refer to it. That saves a third of the bytes, or more.
func Series(m *spec.Model, states []spec.State) []string {
	frame := FrameOf(m, states)
	list := make([]string, len(states))
	for i := range states {
		list[i] = frame.Draw(m, &states[max(i-1, 0)], &states[i])
	}
	return share(list)
}

// element is one shape, or one line of text: a picture is a row of them.
var element = regexp.MustCompile(`<(?:rect|path) [^>]*/>|<text [^>]*>[^<]*</text>`)

// share groups neighbours that are never seen apart, and writes each group once.
func share(pictures []string) []string {
	type pair struct{ first, second string }
	seen, together := map[string]int{}, map[pair]int{}
	for _, p := range pictures {
		last := ""
		for _, e := range element.FindAllString(p, -1) {
			seen[e]++
			together[pair{last, e}]++
			last = e
		}
	}
	ids := map[string]string{}
	out := make([]string, len(pictures))
	for i, p := range pictures {
		var b strings.Builder
		group, last, done := "", "", 0
		end := func() {
			switch id := ids[group]; {
			case seen[last] == 1 || len(group) < 60: // a reference would be no shorter
				b.WriteString(group)
			case id == "":
				ids[group] = fmt.Sprint("g", len(ids))
				fmt.Fprintf(&b, `<g id="%s" class="drawn">%s</g>`, ids[group], group) // where a copy stands, the style sees only what is in the group
			default:
				fmt.Fprintf(&b, `<use href="#%s"/>`, id)
			}
			group, last = "", ""
		}
		for _, at := range element.FindAllStringIndex(p, -1) {
			e := p[at[0]:at[1]]
			if n := together[pair{last, e}]; last != "" && (n != seen[last] || n != seen[e]) {
				end()
			}
			if group == "" {
				b.WriteString(p[done:at[0]])
			}
			group, last, done = group+e, e, at[1]
		}
		end()
		b.WriteString(p[done:])
		out[i] = b.String()
	}
	return out
}
