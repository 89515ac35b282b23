package explore

// components are the strongly connected components of the graph restricted to
// some states, by Tarjan's algorithm without recursion. Afterwards inside marks
// each of these states with its component. No mark is used twice, so that an
// edge stays in its component exactly if both its ends have the same mark.
func (c *cycleSearch[S, M]) components(states []uint32) (parts [][]uint32) {
	c.marks++
	open := c.marks
	for _, i := range states {
		c.inside[i], c.order[i] = open, 0
	}
	type frame struct {
		state uint32
		edge  int // the next to follow
	}
	var stack []uint32
	var calls []frame
	visits := uint32(0)
	enter := func(i uint32) {
		visits++
		c.order[i], c.low[i] = visits, visits
		stack = append(stack, i)
		calls = append(calls, frame{state: i})
	}
	for _, root := range states {
		if c.order[root] != 0 {
			continue
		}
		for enter(root); len(calls) > 0; {
			top := &calls[len(calls)-1]
			i := top.state
			if edges := c.Edges(i); top.edge < len(edges) {
				to := edges[top.edge].To
				top.edge++
				switch {
				case c.inside[to] != open: // not among states, or its component is complete
				case c.order[to] == 0:
					enter(to)
				default:
					c.low[i] = min(c.low[i], c.order[to])
				}
				continue
			}
			calls = calls[:len(calls)-1]
			if len(calls) > 0 {
				up := calls[len(calls)-1].state
				c.low[up] = min(c.low[up], c.low[i])
			}
			if c.low[i] != c.order[i] {
				continue
			}
			at := len(stack) - 1
			for stack[at] != i {
				at--
			}
			c.marks++
			part := append([]uint32(nil), stack[at:]...)
			for _, j := range part {
				c.inside[j] = c.marks
			}
			parts, stack = append(parts, part), stack[:at]
		}
	}
	return parts
}
