package conform

import "slices"

// A Tour takes every edge of a graph: walks from state 0, each the numbers of the
// edges that are taken one after the other.
type Tour [][]int

// Steps is the length of all walks together.
func (t Tour) Steps() (n int) {
	for _, walk := range t {
		n += len(walk)
	}
	return n
}

// NewTour finds a shortest tour: no other takes every edge in fewer steps. In these
// graphs hardly anything leads back, so that a walk ends soon and the next begins anew;
// what makes a tour long is how often the first edges are taken again. How often each
// is, is a flow of least cost; the walks are a circuit of it.
func NewTour[S any, M comparable](g *Graph[S, M]) Tour { return g.circuit(g.leastFlow()) }

// circuit makes walks that take each edge as often as left says. A walk ends where more
// arrives than leaves, and the next begins in state 0: with a state between the walks
// they are one circuit, which Hierholzer's algorithm finds.
func (g *Graph[S, M]) circuit(left [][]int) (t Tour) {
	between := len(g.States)
	ends := make([]int, between+1) // walks that end in a state; of the one between: that begin
	for i, list := range g.Edges {
		for k, e := range list {
			ends[i] -= left[i][k]
			ends[e.To] += left[i][k]
		}
	}
	ends[between], ends[0] = -ends[0], 0
	if ends[between] == 0 {
		ends[between], ends[0] = 1, 1
	}
	const begin, end = -1, -2 // the numbers of the edges from and to the state between
	type arrival struct{ state, edge int }
	next := make([]int, between) // the first edge of a state that may have something left
	var circuit []arrival        // backwards
	for stack := []arrival{{between, end}}; len(stack) > 0; {
		i := stack[len(stack)-1].state
		for i != between && next[i] < len(left[i]) && left[i][next[i]] == 0 {
			next[i]++
		}
		switch {
		case i != between && next[i] < len(left[i]):
			left[i][next[i]]--
			stack = append(stack, arrival{g.Edges[i][next[i]].To, next[i]})
		case ends[i] > 0 && i == between:
			ends[i]--
			stack = append(stack, arrival{0, begin})
		case ends[i] > 0:
			ends[i]--
			stack = append(stack, arrival{between, end})
		default:
			circuit = append(circuit, stack[len(stack)-1])
			stack = stack[:len(stack)-1]
		}
	}
	for _, a := range slices.Backward(circuit) {
		switch a.edge {
		case begin:
			t = append(t, nil)
		case end:
		default:
			t[len(t)-1] = append(t[len(t)-1], a.edge)
		}
	}
	return t
}

// Shortest reports whether a tour takes every edge, and none is shorter. How often it takes each edge is a flow; there is a cheaper one just if some
// cycle of changes to it costs less than nothing (Klein). The changes: to take an edge
// once more or, if it is taken twice, once less; to begin or end a walk.
func Shortest[S any, M comparable](g *Graph[S, M], tour Tour) bool {
	flow, ends := make([][]int, len(g.States)), make([]int, len(g.States))
	for i, list := range g.Edges {
		flow[i] = make([]int, len(list))
	}
	for _, walk := range tour {
		i := 0
		for _, k := range walk {
			flow[i][k]++
			i = g.Edges[i][k].To
		}
		ends[i]++
	}
	type change struct{ from, to, cost int }
	between := len(g.States)
	changes := []change{{between, 0, 0}}
	if len(tour) > 0 {
		changes = append(changes, change{0, between, 0})
	}
	for i, list := range g.Edges {
		changes = append(changes, change{i, between, 0})
		if ends[i] > 0 {
			changes = append(changes, change{between, i, 0})
		}
		for k, e := range list {
			if flow[i][k] == 0 {
				return false
			}
			changes = append(changes, change{i, e.To, 1})
			if flow[i][k] > 1 {
				changes = append(changes, change{e.To, i, -1})
			}
		}
	}
	cost := make([]int, between+1) // of reaching a state from anywhere (Bellman and Ford)
	for round := 0; round <= between+1; round++ {
		changed, least := false, 0
		for _, c := range changes {
			if cost[c.from]+c.cost < cost[c.to] {
				cost[c.to], changed = cost[c.from]+c.cost, true
				least = min(least, cost[c.to])
			}
		}
		if !changed {
			return true
		}
		if least < -between-1 { // less than any way without a cycle costs
			break
		}
	}
	return false
}
