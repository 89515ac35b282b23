package conform

import "math"

// leastFlow is how often each edge is taken by a shortest tour: at least once, with as
// many arrivals in each state as departures or more, but for state 0, where walks begin.
// It is a flow of least cost, found by the primal-dual method: as long as some state
// lacks arrivals, what it lacks is sent along the cheapest ways from state 0 and from
// the states that have arrivals to spare, as much as fits at one cost, then at the next.
func (g *Graph[S, M]) leastFlow() [][]int {
	n := len(g.States)
	spare := make([]int, n) // arrivals that nothing leaves by, if each edge is taken once
	for i, list := range g.Edges {
		spare[i] -= len(list)
		for _, e := range list {
			spare[e.To]++
		}
	}
	source, sink := n, n+1
	f := newFlow(n + 2)
	for _, list := range g.Edges {
		for range list {
			f.arcs = append(f.arcs, arc{}, arc{}) // those of the graph come first, in order
		}
	}
	k := 0
	for i, list := range g.Edges {
		for _, e := range list {
			f.set(k, i, e.To, math.MaxInt32, 1)
			k++
		}
	}
	f.add(source, 0, math.MaxInt32)
	for i := 1; i < n; i++ {
		switch {
		case spare[i] > 0:
			f.add(source, i, spare[i])
		case spare[i] < 0:
			f.add(i, sink, -spare[i])
		}
	}
	for f.raise(source, sink) {
		for f.levels(source, sink) {
			clear(f.next)
			for f.push(source, sink, math.MaxInt32) > 0 {
			}
		}
	}
	taken := make([][]int, n)
	k = 0
	for i, list := range g.Edges {
		taken[i] = make([]int, len(list))
		for j := range list {
			taken[i][j] = 1 + f.arcs[2*k+1].room
			k++
		}
	}
	return taken
}

// A flow is a network with what flows through it. Arc k^1 is the reverse of arc k.
type flow struct {
	arcs  []arc
	from  [][]int32 // arcs, by the node that they leave
	price []int     // potentials: no arc with room costs less than their difference
	level []int32   // distance over arcs that cost just that; of those, the ones to the next level are used
	next  []int32   // of from: the first arc that may still be used
}

type arc struct {
	to, room, cost int
}

func newFlow(nodes int) *flow {
	return &flow{from: make([][]int32, nodes), price: make([]int, nodes), level: make([]int32, nodes), next: make([]int32, nodes)}
}

// set makes the k-th pair of arcs.
func (f *flow) set(k, i, j, room, cost int) {
	f.arcs[2*k], f.arcs[2*k+1] = arc{j, room, cost}, arc{i, 0, -cost}
	f.from[i] = append(f.from[i], int32(2*k))
	f.from[j] = append(f.from[j], int32(2*k+1))
}

// add makes another pair of arcs, which costs nothing.
func (f *flow) add(i, j, room int) {
	f.arcs = append(f.arcs, arc{}, arc{})
	f.set(len(f.arcs)/2-1, i, j, room, 0)
}

// raise raises the prices until a way to the sink is the cheapest there is; false: there
// is none. Distances are small numbers, so that a list for each is the priority queue.
func (f *flow) raise(source, sink int) bool {
	const far = math.MaxInt
	distance := make([]int, len(f.from))
	for i := range distance {
		distance[i] = far
	}
	distance[source] = 0
	queue := [][]int32{{int32(source)}}
	for d := 0; d < len(queue); d++ {
		for k := 0; k < len(queue[d]); k++ { // grows while it is read
			i := int(queue[d][k])
			if distance[i] != d {
				continue
			}
			for _, a := range f.from[i] {
				to := f.arcs[a].to
				if e := d + f.over(i, a); f.arcs[a].room > 0 && e < distance[to] {
					distance[to] = e
					for len(queue) <= e {
						queue = append(queue, nil)
					}
					queue[e] = append(queue[e], int32(to))
				}
			}
		}
	}
	if distance[sink] == far {
		return false
	}
	for i, d := range distance {
		f.price[i] += min(d, distance[sink])
	}
	return true
}

// over is what arc a from node i costs over the difference of the prices.
func (f *flow) over(i int, a int32) int { return f.arcs[a].cost + f.price[i] - f.price[f.arcs[a].to] }

// levels finds the distances over arcs that have room and cost just the difference of
// the prices; false: the sink is not reached.
func (f *flow) levels(source, sink int) bool {
	for i := range f.level {
		f.level[i] = -1
	}
	f.level[source] = 0
	for queue := []int{source}; len(queue) > 0; queue = queue[1:] {
		i := queue[0]
		for _, a := range f.from[i] {
			if to := f.arcs[a].to; f.level[to] < 0 && f.arcs[a].room > 0 && f.over(i, a) == 0 {
				f.level[to] = f.level[i] + 1
				queue = append(queue, to)
			}
		}
	}
	return f.level[sink] >= 0
}

// push sends up to much from node i to the sink, level by level, and reports how much
// that was.
func (f *flow) push(i, sink, much int) int {
	if i == sink {
		return much
	}
	for ; int(f.next[i]) < len(f.from[i]); f.next[i]++ {
		a := f.from[i][f.next[i]]
		to := f.arcs[a].to
		if f.level[to] != f.level[i]+1 || f.arcs[a].room == 0 || f.over(i, a) != 0 {
			continue
		}
		if sent := f.push(to, sink, min(much, f.arcs[a].room)); sent > 0 {
			f.arcs[a].room -= sent
			f.arcs[a^1].room += sent
			return sent
		}
	}
	return 0
}
