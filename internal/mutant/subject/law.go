package main

import (
	"context"
	"errors"
	"hash/fnv"
	"slices"

	"github.com/rootlock/rootlock/internal/mutant/wire"
	"github.com/rootlock/rootlock/spec"
)

// explore asks all claims of the model, until one breaks that the law keeps.
func explore(m *spec.Model, q *wire.Question, a *wire.Answer) error {
	var kept spec.ClaimSet
	for _, name := range q.Kept {
		c, err := spec.ClaimByName(name)
		if err != nil {
			return err
		}
		kept |= c.Set()
	}
	x, err := spec.Explore(context.Background(), m, spec.ExploreOptions{Workers: 1, MaxStates: q.States, StopOn: kept})
	if err != nil { // a state outside the bounds that no claim objects to
		a.Panics, a.Said = true, err.Error()
		return nil
	}
	a.Counts = wire.Counts{Distinct: x.Distinct, Generated: x.Generated, Depth: x.Depth, PerStep: slices.Clone(x.PerStep[:])}
	if x.Stopped != nil {
		a.Counts.Stopped = x.Stopped.Error()
	}
	for i := range x.Violations {
		v := &x.Violations[i]
		if kept.Has(v.Claim) && (a.Claim == "" || len(v.Schedule) < a.Length) {
			a.Claim, a.Length = v.Claim.String(), len(v.Schedule)
		}
	}
	for _, c := range spec.Claims() {
		if q.Mutant == 0 && !c.Temporal() && m.Protocol.Asks(c) && x.Violation(c) == nil {
			a.Kept = append(a.Kept, c.String())
		}
	}
	return nil
}

// live asks whether every operation ends where threads and locks are fair.
func live(m *spec.Model, q *wire.Question, a *wire.Answer) error {
	lassos, _, err := spec.CheckTermination(context.Background(), m, spec.WeakThreads|spec.StrongLocks, int(q.States))
	switch {
	case errors.Is(err, spec.ErrTooLarge):
		return nil
	case err != nil:
		a.Panics, a.Said = true, err.Error()
		return nil
	case len(lassos) > 0:
		a.Claim, a.Length = lassos[0].Claim.String(), len(lassos[0].Prefix)+len(lassos[0].Cycle)
	}
	return nil
}

// graph compares the graph with the law's, and what each state refuses. Both are numbered
// breadth first, so that equal graphs have equal numbers.
func (s *subject) graph(m *spec.Model, q *wire.Question, a *wire.Answer) error {
	g, err := spec.NewGraph(context.Background(), m, 0)
	if err != nil {
		a.Differs = true
		return nil
	}
	law := s.law[q.Trial]
	a.Differs = g.Len() != law.graph.Len()
	for i := range uint32(min(g.Len(), law.graph.Len())) {
		if a.Differs || g.State(i) != law.graph.State(i) || !slices.Equal(g.Edges(i), law.graph.Edges(i)) {
			a.Differs = true
			return nil
		}
	}
	a.Differs = !slices.Equal(refusals(m, law.graph), law.refusals)
	return nil
}

// A lawGraph is what a mutant's graph is compared with.
type lawGraph struct {
	graph    *spec.Graph
	refusals []uint64
}

// refusalStates is how many states of a graph are asked what they refuse.
const refusalStates = 60

// refusals are hashes of why each state does not let each thread take each step: within the bounds,
// and once too far in each argument, as a schedule from outside may ask.
func refusals(m *spec.Model, g *spec.Graph) (list []uint64) {
	for i := 0; i < g.Len(); i += 1 + g.Len()/refusalStates {
		s, hash := g.State(uint32(i)), fnv.New64a()
		ask := func(mv spec.Move) {
			_, _ = hash.Write([]byte(m.Refusal(&s, mv)))
			_, _ = hash.Write([]byte{0})
		}
		for t := uint8(1); int(t) <= m.Threads(); t++ {
			for _, step := range spec.Steps() {
				if !step.Begins() && step != s.Thread[t-1].PC && step != spec.FailAlloc {
					continue
				}
				choices := m.Choices(t, step)
				for _, mv := range choices {
					ask(mv)
				}
				for k := range mvArgs(choices) {
					for _, far := range []uint8{0, choices[len(choices)-1].Args[k] + 1} {
						mv := choices[0]
						mv.Args[k] = far
						ask(mv)
					}
				}
			}
		}
		list = append(list, hash.Sum64())
	}
	return list
}

// mvArgs is how many arguments the moves of a step have.
func mvArgs(choices []spec.Move) (n int) {
	for k := range choices[0].Args {
		if choices[len(choices)-1].Args[k] > 0 {
			n = k + 1
		}
	}
	return n
}
