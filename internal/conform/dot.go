package conform

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/tlc"
)

// ReadDOT reads the graph of a model that TLC dumped: lines
//
//	-28040 [label="/\\ page = ...",style = filled]     a state; filled: an initial one
//	-28040 -> 71 [label="LockAnon",color="black"]      an edge
//
// and others, for the drawing.
func ReadDOT(r io.Reader, m *models.Model) (*Graph, error) {
	g := &Graph{Model: m.Model}
	number := map[string]int{} // by TLC's fingerprint
	type edge struct{ from, to, label string }
	var edges []edge
	initial := -1
	var parse tlc.StateParser
	in := bufio.NewScanner(r)
	in.Buffer(nil, 1<<20)
	for line := 1; in.Scan(); line++ {
		bad := func(format string, args ...any) error {
			return fmt.Errorf("rootlock: TLC's graph of %s, line %d: %s", m.FullName(), line, fmt.Sprintf(format, args...))
		}
		head, rest, ok := strings.Cut(in.Text(), ` [label="`)
		if !ok || strings.HasPrefix(head, "{") {
			continue
		}
		label, attributes, ok := unquoted(rest)
		if !ok {
			return nil, bad("the label has no end")
		}
		if from, to, ok := strings.Cut(head, " -> "); ok {
			edges = append(edges, edge{from, to, label})
			continue
		}
		if _, err := strconv.ParseInt(head, 10, 64); err != nil {
			continue
		}
		vars, err := parse.State(unescape.Replace(label))
		if err != nil {
			return nil, bad("%v", err)
		}
		s, err := models.State(m.Model, vars)
		if err != nil {
			return nil, bad("%v", err)
		}
		if _, twice := number[head]; twice {
			return nil, bad("state %s twice", head)
		}
		if strings.Contains(attributes, "filled") {
			if initial >= 0 {
				return nil, bad("a second initial state")
			}
			initial = len(g.States)
		}
		number[head] = len(g.States)
		g.States = append(g.States, s)
	}
	if err := in.Err(); err != nil {
		return nil, fmt.Errorf("rootlock: TLC's graph of %s: %w", m.FullName(), err)
	}
	if initial != 0 {
		return nil, fmt.Errorf("rootlock: TLC's graph of %s: %d states, and the initial one is not the first", m.FullName(), len(g.States))
	}
	g.Edges = make([][]Edge, len(g.States))
	for _, e := range edges {
		from, ok1 := number[e.from]
		to, ok2 := number[e.to]
		if !ok1 || !ok2 {
			return nil, fmt.Errorf("rootlock: TLC's graph of %s: edge %s -> %s between states that are not there", m.FullName(), e.from, e.to)
		}
		if e.label == "Rest" {
			if from != to {
				return nil, fmt.Errorf("rootlock: TLC's graph of %s: Rest leads from state %d to another, %d", m.FullName(), from, to)
			}
			continue
		}
		step, ok := spec.StepByName(e.label)
		if !ok {
			return nil, fmt.Errorf("rootlock: TLC's graph of %s: there is no step %q", m.FullName(), e.label)
		}
		if x := (Edge{spec.Move{Step: step}, to}); !slices.Contains(g.Edges[from], x) {
			g.Edges[from] = append(g.Edges[from], x)
		}
	}
	return g, nil
}

// unquoted cuts at the first quote that is not escaped.
func unquoted(text string) (before, after string, ok bool) {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return text[:i], text[i+1:], true
		}
	}
	return "", "", false
}

var unescape = strings.NewReplacer(`\n`, "\n", `\"`, `"`, `\\`, `\`)
