package spec

import (
	"context"
	"errors"
	"fmt"
)

// A Graph is all reachable states of a small model and all moves between them,
// held in memory: what a search for cycles needs, and a comparison with TLC's.
// State 0 is the initial one; states are numbered breadth first, so that the
// numbers do not fall along Parent.
type Graph struct {
	m       *Model
	packing *packing
	packed  []uint64
	edges   []Edge   // by state
	first   []uint32 // edges of state i: edges[first[i]:first[i+1]]
	parent  []uint32 // the state that i was found from
	by      []Move   // ... by this move
}

// An Edge is a move and the state that it leads to.
type Edge struct {
	Move Move
	To   uint32
}

// ErrTooLarge is wrapped by the error for a graph that exceeds its limit.
var ErrTooLarge = errors.New("too many states to hold the graph")

// NewGraph explores m on one processor. It fails with ErrTooLarge beyond limit
// states; 0 stands for five million (about 100 bytes each, and 8 for each move). Where the
// law is not defined, see Explore, there is no graph.
func NewGraph(ctx context.Context, m *Model, limit int) (g *Graph, err error) {
	if limit <= 0 {
		limit = 5_000_000
	}
	g = &Graph{m: m, packing: newPacking(m), first: []uint32{0}}
	number := map[fingerprint]uint32{}
	buf := make([]uint64, g.words())
	reach := func(s *State, from uint32, by Move) (uint32, error) {
		f, fits := g.packing.fingerprint(s, buf)
		if !fits {
			return 0, fmt.Errorf("rootlock: graph of %s: %s is outside the bounds", m.Name, g.packing.stray(s))
		}
		n, known := number[f]
		if known {
			return n, nil
		}
		if n = uint32(len(number)); int(n) >= limit {
			return 0, fmt.Errorf("rootlock: graph of %s: %w: more than %d", m.Name, ErrTooLarge, limit)
		}
		number[f] = n
		g.packed = append(g.packed, buf...)
		g.parent, g.by = append(g.parent, from), append(g.by, by)
		return n, nil
	}
	s := m.Init()
	if _, err := reach(&s, 0, Move{}); err != nil {
		return nil, err
	}
	var moves []Move
	i := uint32(0)
	defer func() {
		if v := recover(); v != nil {
			mustBeLaws(v)
			g, err = nil, fmt.Errorf("rootlock: graph of %s: after %s the law is not defined: %v", m.Name, m.FormatSchedule(g.Path(i)), v)
		}
	}()
	for ; int(i) < g.Len(); i++ {
		if i%1024 == 0 && ctx.Err() != nil {
			return nil, fmt.Errorf("rootlock: graph of %s: %w", m.Name, context.Cause(ctx))
		}
		s := g.State(i)
		moves = m.Moves(&s, moves[:0])
		for _, mv := range moves {
			succ := s
			m.Apply(&succ, mv)
			to, err := reach(&succ, i, mv)
			if err != nil {
				return nil, err
			}
			g.edges = append(g.edges, Edge{mv, to})
		}
		g.first = append(g.first, uint32(len(g.edges)))
	}
	return g, nil
}

func (g *Graph) words() int { return len(g.packing.words) }

// Len is the number of states.
func (g *Graph) Len() int { return len(g.parent) }

// Edges are the moves from state i, in canonical order; a move that changes
// nothing leads back to i.
func (g *Graph) Edges(i uint32) []Edge { return g.edges[g.first[i]:g.first[i+1]] }

// State is the state with number i.
func (g *Graph) State(i uint32) (s State) {
	g.packing.unpack(g.packed[int(i)*g.words():(int(i)+1)*g.words()], &s)
	return s
}

// Path is a shortest schedule from the initial state to state i.
func (g *Graph) Path(i uint32) Schedule {
	var back Schedule
	for ; i != 0; i = g.parent[i] {
		back = append(back, g.by[i])
	}
	sch := make(Schedule, 0, len(back))
	for j := len(back) - 1; j >= 0; j-- {
		sch = append(sch, back[j])
	}
	return sch
}
