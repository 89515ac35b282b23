package page

import (
	"fmt"
	"html"
	"strings"
)

// An Event is a point on the timeline.
type Event struct {
	Date, Name string
	Protocol   string   // "" if none is modelled
	What       []string // lines of text
}

// Timeline draws events below each other as SVG, in the reader's colours.
func Timeline(events []Event) string {
	const dot, text, letter = 112, 130, 7.3
	var rows strings.Builder
	y, width := 24, 0
	first, last := y-5, y
	line := func(class, s string) {
		fmt.Fprintf(&rows, `<text x="%d" y="%d"%s>%s</text>`, text, y, class, html.EscapeString(s))
		width = max(width, text+int(letter*float64(len([]rune(s)))))
		y += 18
	}
	for _, e := range events {
		last = y - 5
		fmt.Fprintf(&rows, `<text x="%d" y="%d" class="d">%s</text><circle cx="%d" cy="%d" r="6"/>`, dot-16, y, html.EscapeString(e.Date), dot, y-5)
		name := e.Name
		if e.Protocol != "" {
			name += ": " + e.Protocol
		}
		line(` class="n"`, name)
		for _, s := range e.What {
			line("", s)
		}
		y += 10
	}
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" class="timeline" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-label="Timeline">
<style>.timeline text{font:14px system-ui,sans-serif;fill:#24292f}.timeline .d{text-anchor:end;fill:#57606a}.timeline .n{font-weight:bold}.timeline circle{fill:#0969da}.timeline path{stroke:#8c959f;stroke-width:2}
@media(prefers-color-scheme:dark){.timeline text{fill:#e6edf3}.timeline .d{fill:#9198a1}.timeline circle{fill:#4493f8}}</style>
<path d="M%d %dV%d"/>%s</svg>
`, width+10, y, width+10, y, dot, first, last, rows.String())
}
