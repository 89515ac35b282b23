package export

import (
	"fmt"
	"html"
	"strings"

	"github.com/rootlock/rootlock/internal/watch"
	"github.com/rootlock/rootlock/spec"
)

// The layout of a picture, in its units: a row for each step.
const (
	svgRow    = 26  // height
	svgTop    = 46  // of the first row
	svgNumber = 34  // width of the numbers
	svgLetter = 7.9 // width of a letter
	svgLeast  = 14  // letters that a column has room for, at least
)

// The picture follows the reader's colours, light or dark.
const svgStyle = `<style>
text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:#24292f}
.n{fill:#8c959f;text-anchor:end}.h{font-weight:bold;text-anchor:middle}.s{text-anchor:middle;fill:#fff}.c{fill:#57606a}
.l{stroke:#d0d7de}.k{stroke:#bf8700;stroke-width:4}.m{fill:#0969da}.w{fill:#1a7f37}.b{fill:#cf222e}.x{fill:#cf222e;font-weight:bold}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.c{fill:#9198a1}.s{fill:#fff}.l{stroke:#3d444d}.m{fill:#1f6feb}.w{fill:#238636}.b{fill:#da3633}.x{fill:#ff7b72}.n{fill:#6e7681}}
</style>
`

// SVG draws the schedule: a column for each thread, a row for each step with what it changed,
// a thick line where a thread holds a lock, and what is violated in the end.
func (s *Schedule) SVG() ([]byte, error) {
	m := s.Model.Model
	letters := svgLeast
	for _, mv := range s.Moves {
		_, step, _ := strings.Cut(m.Format(mv), ":")
		letters = max(letters, len(step))
	}
	column := int(svgLetter*float64(letters)) + 26
	lane := map[uint8]int{} // by thread: the middle of its column
	var threads []uint8
	for t := uint8(1); int(t) <= m.Threads(); t++ {
		for _, mv := range s.Moves {
			if mv.Thread == t && lane[t] == 0 {
				threads = append(threads, t)
				lane[t] = svgNumber + column*len(threads) - column/2
			}
		}
	}
	notesAt := svgNumber + column*len(threads) + 12
	width := notesAt + 240
	var rows strings.Builder
	state := m.Init()
	before := state
	held := map[uint8]bool{}
	err := m.Run(&state, s.Moves, func(i int, after *spec.State) {
		mv := s.Moves[i]
		y := svgTop + svgRow*i
		for _, t := range threads {
			class := "l"
			if watch.Holds(m, after, t) && held[t] {
				class = "k"
			}
			fmt.Fprintf(&rows, "<path class=\"%s\" d=\"M%d %dv%d\"/>\n", class, lane[t], y-svgRow/2, svgRow)
			held[t] = watch.Holds(m, after, t)
		}
		class := "m"
		if m.IsWalker(mv.Thread) {
			class = "w"
		}
		broken := s.Break != nil && (s.Break.Step == i+1 || s.Break.Step == 0 && i == len(s.Moves)-1)
		if broken {
			class = "b"
		}
		_, step, _ := strings.Cut(m.Format(mv), ":")
		fmt.Fprintf(&rows, "<text class=\"n\" x=\"%d\" y=\"%d\">%d</text><rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"20\" rx=\"5\"/><text class=\"s\" x=\"%d\" y=\"%d\">%s</text>\n",
			svgNumber-10, y+5, i+1, class, lane[mv.Thread]-column/2+6, y-10, column-12, lane[mv.Thread], y+5, html.EscapeString(step))
		note := strings.Join(watch.Changes(m, mv.Thread, &before, after), "; ")
		before = *after
		if broken {
			fmt.Fprintf(&rows, "<text class=\"x\" x=\"%d\" y=\"%d\">%s is violated</text>\n", notesAt, y+5, s.Break.Claim)
			note = s.Break.Claim + " is violated"
		} else {
			fmt.Fprintf(&rows, "<text class=\"c\" x=\"%d\" y=\"%d\">%s</text>\n", notesAt, y+5, html.EscapeString(note))
		}
		width = max(width, notesAt+int(svgLetter*float64(len(note)))+20)
	})
	if err != nil {
		return nil, err
	}
	height := svgTop + svgRow*len(s.Moves)
	title := "A schedule of " + m.Protocol.String()
	if s.Break != nil {
		title = fmt.Sprintf("%s breaks %s in %d steps", m.Protocol, s.Break.Claim, len(s.Moves))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\" aria-label=\"%s\">\n<title>%s</title>\n%s",
		width, height, width, height, title, title, svgStyle)
	for _, t := range threads {
		what := "a process"
		if m.IsWalker(t) {
			what = "a walker"
		} else if int(t) > m.MMs {
			what = "its second thread"
		}
		fmt.Fprintf(&b, "<text class=\"h\" x=\"%d\" y=\"16\">%s, %s</text>\n", lane[t], m.ThreadName(t), what)
	}
	b.WriteString(rows.String() + "</svg>\n")
	return []byte(b.String()), nil
}
