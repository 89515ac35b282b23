package conform

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/rootlock/rootlock/triangle/law"
	"github.com/rootlock/rootlock/triangle/tlc"
)

// ReadDOT reads the graph of a law that TLC dumped: lines
//
//	-28040 [label="/\\ page = ...",style = filled]     a state; filled: an initial one
//	-28040 -> 71 [label="LockAnon",color="black"]      an edge
//
// and others, for the drawing. state translates a state. An edge of the action Rest leads
// from a state to itself, and is left out: it is nobody's step.
func ReadDOT[S any, M comparable](r io.Reader, l law.Law[S, M], state func(vars map[string]tlc.Value) (S, error)) (*Graph[S, M], error) {
	g := &Graph[S, M]{Law: l, StepsOnly: true}
	number := map[string]int{} // by TLC's fingerprint
	type edge struct{ from, to, label string }
	var edges []edge
	initial := -1
	var parse tlc.StateParser
	in := bufio.NewScanner(r)
	in.Buffer(nil, 1<<20)
	for line := 1; in.Scan(); line++ {
		bad := func(format string, args ...any) error {
			return fmt.Errorf("TLC's graph, line %d: %s", line, fmt.Sprintf(format, args...))
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
		s, err := state(vars)
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
		return nil, fmt.Errorf("TLC's graph: %w", err)
	}
	if initial != 0 {
		return nil, fmt.Errorf("TLC's graph: %d states, and the initial one is not the first", len(g.States))
	}
	g.Edges = make([][]Edge[M], len(g.States))
	for _, e := range edges {
		from, ok1 := number[e.from]
		to, ok2 := number[e.to]
		if !ok1 || !ok2 {
			return nil, fmt.Errorf("TLC's graph: edge %s -> %s between states that are not there", e.from, e.to)
		}
		if e.label == "Rest" {
			if from != to {
				return nil, fmt.Errorf("TLC's graph: Rest leads from state %d to another, %d", from, to)
			}
			continue
		}
		step := slices.Index(l.Steps(), e.label)
		if step < 0 {
			return nil, fmt.Errorf("TLC's graph: the action %q is no step of the law; its steps are %s", e.label, strings.Join(l.Steps(), ", "))
		}
		if x := (Edge[M]{Step: step, To: to}); !slices.Contains(g.Edges[from], x) {
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
