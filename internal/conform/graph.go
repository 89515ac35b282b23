package conform

import (
	"context"
	"fmt"
	"io/fs"

	"github.com/rootlock/rootlock/internal/coverage"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/conform"
	"github.com/rootlock/rootlock/triangle/tlc"
)

// A Graph is the graph of a model: see triangle/conform.
type Graph struct {
	conform.Graph[spec.State, spec.Move]
	Model *spec.Model
}

// An Edge is an edge of a Graph.
type Edge = conform.Edge[spec.Move]

// Models are those whose graphs are compared, of tla/, for every protocol. Graph has
// every operation, one for each thread, in 6,000 to 8,000 states; Edges goes deeper, two
// operations of an mm beside a migration, in 14,000 to 25,000.
var Models = []string{"Graph", "Edges"}

// File is where the graph of a model is kept in testdata/graphs.
func File(m *spec.Model) string { return m.Protocol.String() + m.Name + ".gz" }

// limit keeps a mistake in the bounds of a model from filling the memory.
const limit = 200_000

// Explore makes the graph of a model.
func Explore(ctx context.Context, m *spec.Model) (*Graph, error) {
	g, err := conform.Explore(ctx, m.Law(), limit)
	if err != nil {
		return nil, fmt.Errorf("rootlock: graph of %s: %w", m.Name, err)
	}
	return &Graph{*g, m}, nil
}

// Dump has TLC make the graph of a model. It checks nothing.
func Dump(ctx context.Context, m *models.Model, in tlc.Installation, files fs.FS) (*Graph, error) {
	g, err := conform.Dump(ctx, m.Law(), tlc.Options{Installation: in, Files: files, Overlay: map[string][]byte{m.File: []byte(m.Config.String())},
		Module: m.Module(), Config: m.File, JVM: []string{"-XX:TieredStopAtLevel=1"}}, stateOf(m.Model)) // it ends before it would be worth better code
	if err != nil {
		return nil, fmt.Errorf("rootlock: %s: %w", m.FullName(), err)
	}
	return &Graph{*g, m.Model}, nil
}

func stateOf(m *spec.Model) func(vars map[string]tlc.Value) (spec.State, error) {
	return func(vars map[string]tlc.Value) (spec.State, error) { return models.State(m, vars) }
}

// A Difference is where two graphs part.
type Difference struct {
	conform.Difference[spec.Move]
	m *spec.Model
}

// Report says where the graphs part, for people, who know them as a and b.
func (d *Difference) Report(a, b string) string {
	return fmt.Sprintf("rootlock: %s/%s: %s", d.m.Protocol, d.m.Name, d.Difference.Report(d.m.Format, a, b))
}

// Compare compares two graphs: nil if they are equal.
func Compare(a, b *Graph) *Difference {
	if d := conform.Compare(&a.Graph, &b.Graph); d != nil {
		return &Difference{*d, a.Model}
	}
	return nil
}

// NewTour finds a shortest tour of a graph.
func NewTour(g *Graph) Tour { return conform.NewTour(&g.Graph) }

// Coverage is what the whole graph exercises.
func (g *Graph) Coverage() *coverage.Coverage {
	c := &coverage.Coverage{}
	into := make([][]spec.Move, len(g.States)) // one move for each step and thread
	seen := map[[3]int]bool{}
	for i, edges := range g.Edges {
		c.Ask(g.Model, &g.States[i])
		for _, e := range edges {
			key := [3]int{e.To, int(e.Move.Thread), int(e.Move.Step)}
			if !seen[key] {
				seen[key] = true
				into[e.To] = append(into[e.To], e.Move)
			}
		}
	}
	for i, edges := range g.Edges {
		for _, e := range edges {
			c.Pair(spec.Move{}, e.Move)
			for _, before := range into[i] {
				c.Pair(before, e.Move)
			}
		}
	}
	return c
}
