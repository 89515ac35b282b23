package picture

import (
	_ "embed"
	"fmt"
	"html"
	"strings"

	"github.com/rootlock/rootlock/spec"
)

// CSS is the look of a picture in a page that has the colours as --ink, --soft and so on.
//
//go:embed picture.css
var CSS string

// colours are those of a picture that stands alone.
const colours = `:root{--ink:#1b1f24;--paper:#fff;--soft:#f2f4f7;--line:#8a94a3;--bad:#b3001b;--mark:#fff0b3;--held:#d9e8ff;--accent:#0b57d0}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ee;--paper:#14171b;--soft:#1f242b;--line:#6f7a89;--bad:#ff8a94;--mark:#4a3f12;--held:#1d3557;--accent:#8ab4ff}}
`

// Pair draws the states before and after a step below each other, each under a line of text,
// for a file of its own.
func Pair(m *spec.Model, before, after *spec.State, under [2]string) string {
	const caption = 26
	var body strings.Builder
	width, y := 0, 0
	for i, d := range []*drawing{draw(m, before, before), draw(m, before, after)} {
		fmt.Fprintf(&body, `<text x="4" y="%d" class="name">%s</text><svg x="0" y="%d" width="%d" height="%d">%s%s</svg>`,
			y+16, html.EscapeString(under[i]), y+caption, d.width, d.height, d.back.String(), d.front.String())
		width = max(width, d.width, widthOf(under[i])+8)
		y += caption + d.height + gap
	}
	return fmt.Sprintf("<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"drawn\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\" aria-label=\"%s\">\n<style>\n%s%s</style>\n%s</svg>\n",
		width, y, width, y, html.EscapeString(under[0]+" "+Say(m, before)+" "+under[1]+" "+Say(m, after)), colours, CSS, body.String())
}
