package explore

import "math/bits"

// A goal is something that a fair cycle must do for a thread.
type goal struct {
	thread int
	lock   bool // take a lock; otherwise: step, or pass a state where it cannot
}

// fairLoop makes a cycle from the first state of a fair component back to it
// that is fair by itself: a shortest one, then one that does one more of the
// things that the last failed to do, and so on.
func (c *cycleSearch[S, M]) fairLoop(part []uint32) []M {
	if len(part) == 1 {
		return nil
	}
	var goals []goal
	for {
		path := c.tour(part[0], goals)
		var d debts
		at := part[0]
		for _, taken := range path {
			c.add(&d, at, func(e Edge[M]) bool { return e == taken })
			at = taken.To
		}
		weak, strong := c.weak(&d), d.strong()
		switch {
		case c.fairness&WeakThreads != 0 && weak != 0:
			goals = append(goals, goal{thread: bits.TrailingZeros64(weak)})
		case c.fairness&StrongLocks != 0 && strong != 0:
			goals = append(goals, goal{thread: bits.TrailingZeros64(strong), lock: true})
		default:
			sch := make([]M, len(path))
			for i, e := range path {
				sch[i] = e.Move
			}
			return sch
		}
	}
}

// tour goes from start to the nearest fulfilment of each goal in turn, and back.
func (c *cycleSearch[S, M]) tour(start uint32, goals []goal) (path []Edge[M]) {
	at := start
	extend := func(accept func(Edge[M]) bool) {
		path = append(path, c.shortest(at, accept)...)
		at = path[len(path)-1].To
	}
	for _, g := range goals {
		extend(func(e Edge[M]) bool {
			if g.lock {
				return c.law.Thread(e.Move) == g.thread && c.live.Locks(e.Move)
			}
			return c.law.Thread(e.Move) == g.thread || !c.canStep(e.To, g.thread)
		})
	}
	if at != start || len(path) == 0 {
		extend(func(e Edge[M]) bool { return e.To == start })
	}
	return path
}

func (c *cycleSearch[S, M]) canStep(i uint32, thread int) bool {
	for _, e := range c.Edges(i) {
		if e.To != i && c.law.Thread(e.Move) == thread && !c.live.Begins(e.Move) {
			return true
		}
	}
	return false
}

// shortest is a shortest path from a state, of one edge at least, inside its
// component, whose last edge is accepted. The component has one.
func (c *cycleSearch[S, M]) shortest(from uint32, accept func(Edge[M]) bool) []Edge[M] {
	type visit struct {
		edge Edge[M]
		last int // index of the visit before
	}
	visits := []visit{{Edge[M]{To: from}, -1}}
	known := map[uint32]bool{from: true}
	for v := 0; ; v++ {
		i := visits[v].edge.To
		for _, e := range c.Edges(i) {
			if e.To == i || c.inside[e.To] != c.inside[from] {
				continue
			}
			if accept(e) {
				path := []Edge[M]{e}
				for ; v > 0; v = visits[v].last {
					path = append([]Edge[M]{visits[v].edge}, path...)
				}
				return path
			}
			if !known[e.To] {
				known[e.To] = true
				visits = append(visits, visit{e, v})
			}
		}
	}
}
