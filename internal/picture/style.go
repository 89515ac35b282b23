package picture

import (
	_ "embed"
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

// Alone is Draw for a file of its own.
func Alone(m *spec.Model, before, s *spec.State) string {
	return strings.Replace(Draw(m, before, s), `">`, `" xmlns="http://www.w3.org/2000/svg"><style>`+colours+CSS+`</style>`, 1)
}
