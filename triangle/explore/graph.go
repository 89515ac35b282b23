package explore

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/rootlock/rootlock/triangle/law"
)

// A Graph is all reachable states of a small law and all moves between them,
// held in memory: what a search for cycles needs, and a comparison with TLC's.
// States are numbered breadth first from 0, the initial ones first; the
// numbers do not fall on the way back to an initial state.
type Graph[S any, M comparable] struct {
	*form[S, M]
	packed []uint64
	edges  []Edge[M] // by state
	first  []uint32  // edges of state i: edges[first[i]:first[i+1]]
	parent []uint32  // the state that i was found from; i itself if it is initial
	by     []M       // ... by this move
}

// An Edge is a move and the state that it leads to.
type Edge[M comparable] struct {
	Move M
	To   uint32
}

// ErrTooLarge is wrapped by the error for a graph that exceeds its limit.
var ErrTooLarge = errors.New("too many states to hold the graph")

// NewGraph explores l on one processor. It fails with ErrTooLarge beyond limit
// states; 0 stands for five million (about 100 bytes each, and 8 for each move). Where the
// law is not defined, see [Explore], there is no graph.
func NewGraph[S any, M comparable](ctx context.Context, l law.Law[S, M], limit int) (g *Graph[S, M], err error) {
	if limit <= 0 {
		limit = 5_000_000
	}
	f, err := newForm(l, false)
	if err != nil {
		return nil, err
	}
	g = &Graph[S, M]{form: f, first: []uint32{0}}
	number := map[fingerprint]uint32{}
	buf := make([]uint64, g.words)
	reach := func(s *S, from uint32, by M) (uint32, error) {
		f, fits := g.fingerprint(s, buf)
		n, known := number[f]
		if known {
			return n, nil
		}
		if !fits || !g.packer.Within(s) {
			return 0, errors.New("a state is outside the bounds")
		}
		if n = uint32(len(number)); int(n) >= limit {
			return 0, fmt.Errorf("%w: more than %d", ErrTooLarge, limit)
		}
		number[f] = n
		g.packed = append(g.packed, buf...)
		g.parent, g.by = append(g.parent, from), append(g.by, by)
		return n, nil
	}
	for _, s := range l.Initial() {
		var none M
		if _, err := reach(&s, uint32(len(number)), none); err != nil {
			return nil, err
		}
	}
	var moves []M
	var s, succ S // the law's methods let them escape: not new ones for every state
	i := uint32(0)
	defer func() {
		if v := recover(); v != nil {
			g, err = nil, fmt.Errorf("after %s the law is not defined: %s", law.Text(l, g.Path(i)), law.Recovered(v))
		}
	}()
	for ; int(i) < g.Len(); i++ {
		if i%1024 == 0 && ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		g.unpack(i, &s)
		moves = l.Moves(&s, moves[:0])
		for _, mv := range moves {
			succ = s
			l.Apply(&succ, mv)
			to, err := reach(&succ, i, mv)
			if err != nil {
				return nil, fmt.Errorf("after %s: %w", law.Text(l, append(g.Path(i), mv)), err)
			}
			g.edges = append(g.edges, Edge[M]{mv, to})
		}
		g.first = append(g.first, uint32(len(g.edges)))
	}
	return g, nil
}

// Len is the number of states.
func (g *Graph[S, M]) Len() int { return len(g.parent) }

// EdgeCount is the number of edges.
func (g *Graph[S, M]) EdgeCount() int { return len(g.edges) }

// Edges are the moves from state i, in the law's order; a move that changes
// nothing leads back to i.
func (g *Graph[S, M]) Edges(i uint32) []Edge[M] { return g.edges[g.first[i]:g.first[i+1]] }

// State is the state with number i.
func (g *Graph[S, M]) State(i uint32) (s S) {
	g.unpack(i, &s)
	return s
}

func (g *Graph[S, M]) unpack(i uint32, s *S) {
	g.packer.Unpack(g.packed[int(i)*g.words:(int(i)+1)*g.words], s)
}

// Path is a shortest schedule from an initial state to state i.
func (g *Graph[S, M]) Path(i uint32) []M {
	sch := []M{}
	for ; g.parent[i] != i; i = g.parent[i] {
		sch = append(sch, g.by[i])
	}
	slices.Reverse(sch)
	return sch
}
