package main

import (
	"context"
	"errors"
	"hash/fnv"
	"hash/maphash"
	"io"
	"slices"

	"github.com/rootlock/rootlock/internal/mutant/active"
	"github.com/rootlock/rootlock/internal/mutant/wire"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/explore"
)

// exploration asks all claims of the model, until one breaks that the law keeps.
func exploration(m *spec.Model, q *wire.Question, a *wire.Answer) error {
	x, err := explore.Explore(context.Background(), m.Law(), explore.Options{Workers: 1, MaxStates: q.States, StopOn: q.Kept})
	if err != nil {
		return err
	}
	a.Counts = wire.Counts{Distinct: x.Distinct, Generated: x.Generated, Depth: x.Depth, PerStep: x.Steps}
	if x.Stopped != nil {
		a.Counts.Stopped = x.Stopped.Error()
	}
	for i := range x.Violations {
		v := &x.Violations[i]
		if slices.Contains(q.Kept, v.Claim) && (a.Claim == "" || len(v.Schedule) < a.Length) {
			a.Claim, a.Length = v.Claim, len(v.Schedule)
		}
	}
	for _, c := range spec.Claims() {
		if q.Mutant == 0 && !c.Temporal() && m.Protocol.Asks(c) && x.Violation(c.String()) == nil {
			a.Kept = append(a.Kept, c.String())
		}
	}
	return nil
}

// claims is the set of claims with these names.
func claims(names []string) (set spec.ClaimSet, err error) {
	for _, name := range names {
		c, err := spec.ClaimByName(name)
		if err != nil {
			return 0, err
		}
		set |= c.Set()
	}
	return set, nil
}

// live asks whether every operation ends where threads and locks are fair.
func live(m *spec.Model, q *wire.Question, a *wire.Answer) error {
	lassos, _, err := explore.Terminates(context.Background(), m.Law(), explore.WeakThreads|explore.StrongLocks, int(q.States))
	switch {
	case errors.Is(err, explore.ErrTooLarge):
		return nil
	case err != nil: // the law is not defined everywhere: that is a violation, not a cycle
		return nil
	case len(lassos) > 0:
		a.Claim, a.Length = lassos[0].Claim, len(lassos[0].Prefix)+len(lassos[0].Cycle)
	}
	return nil
}

// graph compares the graph with the law's, and what each state refuses. Both are numbered
// breadth first, so that equal graphs have equal numbers.
func (s *subject) graph(m *spec.Model, q *wire.Question, a *wire.Answer) error {
	g, err := explore.NewGraph(context.Background(), m.Law(), 0)
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
	graph    *explore.Graph[spec.State, spec.Move]
	refusals []uint64
}

// refusalStates is how many states of a graph are asked what they refuse.
const refusalStates = 60

// refusals are hashes of why each state does not let each thread take each step.
func refusals(m *spec.Model, g *explore.Graph[spec.State, spec.Move]) (list []uint64) {
	for i := 0; i < g.Len(); i += 1 + g.Len()/refusalStates {
		s := g.State(uint32(i))
		var asked spec.Schedule
		for t := uint8(1); int(t) <= m.Threads(); t++ {
			asked = append(asked, nearby(m, &s, t)...)
		}
		list = append(list, whyNot(m, &s, asked))
	}
	return list
}

// nearby are the moves that a thread may be asked to take: within the bounds, and too far in
// each argument, as a schedule from outside may ask.
func nearby(m *spec.Model, s *spec.State, t uint8) (list []spec.Move) {
	for _, step := range spec.Steps() {
		if !step.Begins() && step != s.Thread[t-1].PC && step != spec.FailAlloc {
			continue
		}
		choices := m.Choices(t, step)
		list = append(list, choices...)
		for k := range mvArgs(choices) {
			for _, from := range []spec.Move{choices[0], choices[len(choices)/2]} { // of which one or none has room
				for _, far := range []uint8{0, choices[len(choices)-1].Args[k] + 1, 255} {
					from.Args[k] = far
					list = append(list, from)
				}
			}
		}
	}
	return list
}

// whyNot is a hash of why a state does not let moves be taken, and of what the threads' next
// steps are about.
func whyNot(m *spec.Model, s *spec.State, moves []spec.Move) uint64 {
	hash := fnv.New64a()
	for t := uint8(1); int(t) <= m.Threads(); t++ {
		_, _ = hash.Write([]byte{m.Object(s, t)})
	}
	for _, nobody := range []uint8{0, uint8(m.Threads() + 1)} {
		_, _ = io.WriteString(hash, m.Refusal(s, spec.Move{Thread: nobody, Step: spec.Walk}))
	}
	for _, mv := range moves {
		_, _ = io.WriteString(hash, m.Refusal(s, mv)+"\n")
	}
	return hash.Sum64()
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

// narrows asks whether every move of the model is one of the law's and leads where the law
// leads. Then every state is one of the law's too, and no claim about states can tell.
func narrows(m *spec.Model, q *wire.Question, a *wire.Answer) error {
	g, err := explore.NewGraph(context.Background(), m.Law(), int(q.States))
	if err != nil {
		a.Differs = true
		return nil
	}
	active.N = 0
	for i := range uint32(g.Len()) {
		s := g.State(i)
		for _, e := range g.Edges(i) {
			if next, ok := m.Next(s, e.Move); !ok || next != g.State(e.To) {
				a.Differs = true
				return nil
			}
		}
	}
	return nil
}

// begins asks in every state whether an operation can begin where it is possible, and
// nowhere else.
func begins(m *spec.Model, q *wire.Question, a *wire.Answer) error {
	g, err := explore.NewGraph(context.Background(), m.Law(), int(q.States))
	if err != nil { // too large, or not defined everywhere: that is another's to say
		return nil
	}
	operations := m.Operations()
	for i := range uint32(g.Len()) {
		s := g.State(i)
		if mv, unlike := m.Unlike(&s, operations); unlike {
			a.Differs, a.Said, a.Length = true, m.Format(mv), len(g.Path(i))
			return nil
		}
	}
	return nil
}

// A pair is a state of the law and the mutant's after the same schedule.
type pair struct{ law, own spec.State }

// alike explores pairs. If the two always are alike, only registers differ that nobody reads.
func alike(m *spec.Model, q *wire.Question, a *wire.Answer) error {
	seed := maphash.MakeSeed()
	seen := map[[2]uint64]bool{}
	level := []pair{{m.Init(), m.Init()}}
	for len(level) > 0 {
		var next []pair
		for i := range level {
			p := &level[i]
			active.N = 0
			moves := m.Moves(&p.law, nil)
			active.N = q.Mutant
			if !similar(m, p, moves) || uint64(len(seen)) > q.States {
				a.Differs = true
				return nil
			}
			for _, mv := range moves {
				succ := after(m, p, mv, q.Mutant)
				key := [2]uint64{maphash.Comparable(seed, succ.law), maphash.Comparable(seed, succ.own)}
				if !seen[key] {
					seen[key] = true
					next = append(next, succ)
				}
			}
		}
		level = next
	}
	return nil
}

// after is the pair after a move.
func after(m *spec.Model, p *pair, mv spec.Move, mutant uint32) (succ pair) {
	succ = *p
	active.N = 0
	m.Apply(&succ.law, mv)
	active.N = mutant
	m.Apply(&succ.own, mv)
	return succ
}

// similar reports whether the mutant offers these moves, which are the law's, and nothing is
// otherwise but registers.
func similar(m *spec.Model, p *pair, moves []spec.Move) bool {
	if p.law.World != p.own.World || m.Check(&p.law) != m.Check(&p.own) || !slices.Equal(m.Moves(&p.own, nil), moves) {
		return false
	}
	for t := range m.Threads() {
		if p.law.Thread[t].PC != p.own.Thread[t].PC {
			return false
		}
	}
	return true
}
