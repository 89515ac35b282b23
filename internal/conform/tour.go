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

// NewTour finds a short tour. In these graphs hardly anything leads back, so that a
// walk ends soon and the next begins anew; what makes a tour long is how often the
// first edges are taken again. Each state is to be entered as often as its edges must
// be left by, and the tour is made from the end: state by state, against the edges,
// the visits that a state lacks are asked of that predecessor which has most to spare,
// or else is nearest to the beginning.
func NewTour(g *Graph) Tour {
	n := len(g.States)
	type in struct{ from, edge int }
	enters := make([][]in, n)
	flow := make([][]int, n) // how often each edge is to be taken
	out := make([]int, n)    // of a state, in all
	for i, list := range g.Edges {
		flow[i] = make([]int, len(list))
		for k, e := range list {
			if e.To != i {
				enters[e.To] = append(enters[e.To], in{i, k})
			}
			flow[i][k] = 1
		}
		out[i] = len(list)
	}
	depth := g.depths()
	order, back := g.topological()
	entered := func(i int) (sum int) {
		for _, e := range enters[i] {
			sum += flow[e.from][e.edge]
		}
		return sum
	}
	for _, i := range slices.Backward(order) {
		loops := 0
		for k, e := range g.Edges[i] {
			if e.To == i {
				loops += flow[i][k]
			}
		}
		for lack := out[i] - loops - entered(i); lack > 0 && i != 0; {
			best, spare := in{from: -1}, 0
			for _, e := range enters[i] {
				if back[[2]int{e.from, e.edge}] {
					continue
				}
				s := entered(e.from) - out[e.from]
				if best.from < 0 || max(s, 0) > spare || max(s, 0) == spare && depth[e.from] < depth[best.from] {
					best, spare = e, max(s, 0)
				}
			}
			take := lack
			if spare > 0 {
				take = min(lack, spare)
			}
			flow[best.from][best.edge] += take
			out[best.from] += take
			lack -= take
		}
	}
	return g.walks(flow)
}

// walks decomposes the flow: every walk goes on as long as something is left to take.
func (g *Graph) walks(left [][]int) (t Tour) {
	from, by := g.pathEdges()
	next := func(i int) int {
		best := -1
		for k := range left[i] {
			if left[i][k] > 0 && (best < 0 || left[i][k] > left[i][best]) {
				best = k
			}
		}
		return best
	}
	taken := make([][]bool, len(g.States))
	for i := range taken {
		taken[i] = make([]bool, len(g.Edges[i]))
	}
	missing := g.Size()
	follow := func(walk []int, i int) {
		for k := next(i); k >= 0; k = next(i) {
			left[i][k]--
			if !taken[i][k] {
				taken[i][k] = true
				missing--
			}
			walk = append(walk, k)
			i = g.Edges[i][k].To
		}
		t = append(t, walk)
	}
	for next(0) >= 0 && missing > 0 {
		follow(nil, 0)
	}
	for i := range g.States { // cut off by a cycle: go there, and on
		for missing > 0 && slices.Contains(taken[i], false) {
			var walk []int
			for j := i; j != 0; j = from[j] {
				walk = append(walk, by[j])
			}
			slices.Reverse(walk)
			k := slices.Index(taken[i], false)
			left[i][k] = max(left[i][k], 1)
			for o := range left[i] {
				if o != k && taken[i][o] {
					left[i][o] = 0
				}
			}
			follow(walk, i)
		}
	}
	return t
}

// depths is the length of a shortest path to each state.
func (g *Graph) depths() []int {
	depth := make([]int, len(g.States))
	from, _ := g.pathEdges()
	for _, i := range breadthFirst(g)[1:] {
		depth[i] = depth[from[i]] + 1
	}
	return depth
}

// pathEdges is paths with the numbers of edges.
func (g *Graph) pathEdges() (from, by []int) {
	from, by = make([]int, len(g.States)), make([]int, len(g.States))
	seen := make([]bool, len(g.States))
	seen[0] = true
	for _, i := range breadthFirst(g) {
		for k, e := range g.Edges[i] {
			if !seen[e.To] {
				seen[e.To], from[e.To], by[e.To] = true, i, k
			}
		}
	}
	return from, by
}

// topological orders the states so that edges lead forward, but for those that close
// a cycle, which it lists.
func (g *Graph) topological() (order []int, back map[[2]int]bool) {
	back = map[[2]int]bool{}
	const (
		white = iota
		grey
		black
	)
	colour := make([]uint8, len(g.States))
	type frame struct{ state, edge int }
	stack := []frame{{0, 0}}
	colour[0] = grey
	for len(stack) > 0 {
		f := &stack[len(stack)-1]
		if f.edge == len(g.Edges[f.state]) {
			colour[f.state] = black
			order = append(order, f.state)
			stack = stack[:len(stack)-1]
			continue
		}
		i, k := f.state, f.edge
		f.edge++
		switch to := g.Edges[i][k].To; colour[to] {
		case white:
			colour[to] = grey
			stack = append(stack, frame{to, 0})
		case grey:
			back[[2]int{i, k}] = true
		}
	}
	slices.Reverse(order)
	return order, back
}
