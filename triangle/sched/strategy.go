package sched

import (
	"math/rand/v2"
	"runtime/debug"
	"slices"
)

func stack() []byte { return debug.Stack() }

// depthFirst runs all schedules with at most bound preemptions. With no bound
// (negative) it uses sleep sets (Godefroid, 1996): of the schedules that differ
// in the order of independent steps alone it runs one, and begins some others
// that it leaves when it notices.
//
// The two are not combined: the schedule that stands for the others may be one
// that the bound leaves out.
type depthFirst struct {
	bound int

	path  []node
	depth int

	arrivals  int       // run.arrivals
	asleep    threadSet // of the next node: threads whose next step would only repeat
	redundant bool      // the schedule was left because all that could go on are asleep
	cut       bool      // the bound left some schedule out
	exhausted bool
}

// A node is one step of the present schedule, and what else might be done there.
type node struct {
	options     []option // those that are to be tried
	hash        uint64   // of what led here
	next        int      // which one is taken now
	preemptions int      // before it
	stays       int      // explorer.stays
	asleep      threadSet
	wide        threadSet // whose step from here led some thread to Gosched: then who goes first depends on all that happened before
}

func (d *depthFirst) pick(e *explorer) int {
	if d.bound < 0 && d.depth > 0 && e.run.arrivals != d.arrivals {
		last := &d.path[d.depth-1]
		last.wide.add(int(last.options[last.next].thread))
		d.asleep = threadSet{}
	}
	d.arrivals = e.run.arrivals
	if d.depth == len(d.path) && !d.grow(e) {
		d.redundant = true
		return -1
	}
	n := &d.path[d.depth]
	d.depth++
	o := n.options[n.next]
	i := slices.Index(e.options, o)
	if i < 0 || n.hash != e.s.Hash() {
		return len(e.options)
	}
	if d.bound < 0 {
		d.asleep = threadSet{}
		taken := &e.run.threads[o.thread-1]
		for id := 1; id <= len(e.run.threads); id++ {
			before := slices.ContainsFunc(n.options[:n.next], func(p option) bool { return int(p.thread) == id })
			if (n.asleep.has(id) || before && !n.wide.has(id)) && id != int(o.thread) && e.run.independent(&e.run.threads[id-1], taken) {
				d.asleep.add(id)
			}
		}
	}
	return i
}

func (d *depthFirst) done() bool { return d.depth >= len(d.path) }

// grow adds the node of the next step.
func (d *depthFirst) grow(e *explorer) bool {
	preemptions := 0
	if d.depth > 0 {
		last := &d.path[d.depth-1]
		preemptions = last.preemptions + last.cost(last.options[last.next])
	}
	d.path = slices.Grow(d.path, 1)[:d.depth+1]
	n := &d.path[d.depth]
	*n = node{options: n.options[:0], hash: e.s.Hash(), preemptions: preemptions, stays: e.stays, asleep: d.asleep}
	for _, o := range e.options {
		switch {
		case d.bound < 0 && n.asleep.has(int(o.thread)):
		case d.bound >= 0 && preemptions+n.cost(o) > d.bound:
			d.cut = true
		default:
			n.options = append(n.options, o)
		}
	}
	if len(n.options) == 0 {
		d.path = d.path[:d.depth]
		return false
	}
	return true
}

func (n *node) cost(o option) int {
	if n.stays != 0 && n.stays != int(o.thread) {
		return 1
	}
	return 0
}

// backtrack goes on to the next schedule. It reports false if that was the last.
func (d *depthFirst) backtrack() bool {
	for len(d.path) > 0 {
		n := &d.path[len(d.path)-1]
		if n.next++; n.next < len(n.options) {
			return true
		}
		d.path = d.path[:len(d.path)-1]
	}
	d.exhausted = true
	return false
}

// simplest is the schedule without preemptions that comes first.
type simplest struct{}

func (simplest) pick(*explorer) int { return 0 }
func (simplest) done() bool         { return true }

// lots draws each step.
type lots struct{ random *rand.Rand }

func (l *lots) done() bool { return true }

func (l *lots) pick(e *explorer) int { return l.random.IntN(len(e.options)) }

// priorities is probabilistic concurrency testing (Burckhardt et al., ASPLOS
// 2010): each thread has a random priority, the highest goes first, and at
// depth-1 random steps the thread that would go falls below all others.
type priorities struct {
	random *rand.Rand
	of     map[uint8]float64
	falls  []int // the steps
	lowest float64
}

func (p *priorities) done() bool { return true }

const pctDepth = 3

func newPriorities(random *rand.Rand, steps int) *priorities {
	p := &priorities{random: random, of: map[uint8]float64{}}
	for range pctDepth - 1 {
		p.falls = append(p.falls, random.IntN(max(steps, 1)))
	}
	return p
}

func (p *priorities) pick(e *explorer) int {
	i := p.highest(e)
	if slices.Contains(p.falls, len(e.decisions)) {
		p.lowest--
		p.of[e.options[i].thread] = p.lowest
		i = p.highest(e)
	}
	return i
}

func (p *priorities) highest(e *explorer) int {
	best, among := 0, 0
	for i, o := range e.options {
		if _, ok := p.of[o.thread]; !ok {
			p.of[o.thread] = p.random.Float64()
		}
		switch a, b := p.of[o.thread], p.of[e.options[best].thread]; {
		case a > b:
			best, among = i, 1
		case a == b: // the ways of one Select
			if among++; p.random.IntN(among) == 0 {
				best = i
			}
		}
	}
	return best
}
