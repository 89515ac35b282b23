package mutant

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/rootlock/rootlock/internal/mutant/wire"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/explore"
)

// lead gives a trial of the code the schedules that lead to what the protocol breaks: to the
// first state in which each part of a claim is false, and to each way to touch what is freed,
// by each step of each operation that does: each has errors of its own to return. Random
// schedules seldom come there.
func lead(ctx context.Context, t *wire.Trial) error {
	p, err := spec.ProtocolByName(t.Protocol)
	if err != nil {
		return err
	}
	m, err := spec.NewModel(p, t.Model, t.Bounds)
	if err != nil {
		return err
	}
	g, err := explore.NewGraph(ctx, m.Law(), 0)
	if err != nil {
		return err
	}
	first := map[string]spec.Schedule{}
	note := func(what string, i uint32, more ...spec.Move) {
		if first[what] == nil {
			first[what] = append(g.Path(i), more...)
		}
	}
	var known spec.ConjunctSet
	for i := range uint32(g.Len()) {
		s := g.State(i)
		if broken := m.Broken(&s, m.Check(&s), known); broken != 0 {
			known |= broken
			note(fmt.Sprint(broken), i)
		}
		for _, e := range g.Edges(i) {
			if next := g.State(e.To); m.Crashed(&next) != 0 {
				th, was := &next.Thread[e.Move.Thread-1], &s.Thread[e.Move.Thread-1]
				note(fmt.Sprint(e.Move.Step, th.Oops, was.Op, was.Phase), i, e.Move)
			}
		}
	}
	for _, what := range slices.Sorted(maps.Keys(first)) {
		t.Leads = append(t.Leads, first[what])
	}
	return nil
}

// leadStates is how large a model may be that is searched for leads.
const leadStates = 12_000
