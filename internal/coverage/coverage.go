// Package coverage says what a search has exercised of a protocol: its steps, its pairs
// of steps by different threads, one right after the other, and the claims, each part
// by its guard. A random search is measured against whole graphs.
package coverage

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rootlock/rootlock/spec"
)

// A Coverage is what schedules of models of one protocol exercised. The zero value is
// empty. It is for one goroutine at a time.
type Coverage struct {
	steps    [spec.NumSteps]bool
	pairs    [spec.NumSteps][spec.NumSteps]bool
	asked    spec.ConjunctSet
	previous spec.Move
}

// Begin begins a schedule in its initial state.
func (c *Coverage) Begin(m *spec.Model, s *spec.State) {
	c.previous = spec.Move{}
	c.asked |= m.Asked(s, c.asked)
}

// See takes in a move and the state that it led to.
func (c *Coverage) See(m *spec.Model, mv spec.Move, s *spec.State) {
	c.Pair(c.previous, mv)
	c.Ask(m, s)
	c.previous = mv
}

// Ask takes in a state.
func (c *Coverage) Ask(m *spec.Model, s *spec.State) { c.asked |= m.Asked(s, c.asked) }

// Pair takes in two moves, one right after the other; the first may be none.
func (c *Coverage) Pair(a, b spec.Move) {
	c.steps[b.Step] = true
	if a.Thread != 0 && a.Thread != b.Thread {
		c.pairs[a.Step][b.Step] = true
	}
}

// Add takes in what another search exercised.
func (c *Coverage) Add(o *Coverage) {
	c.asked |= o.asked
	for a := range o.steps {
		c.steps[a] = c.steps[a] || o.steps[a]
		for b := range o.pairs[a] {
			c.pairs[a][b] = c.pairs[a][b] || o.pairs[a][b]
		}
	}
}

// A Part is one kind of thing that can be exercised: how many of a whole are, which are
// not, and how many others.
type Part struct {
	Exercised int      `json:"exercised"`
	Of        int      `json:"of"`
	Beyond    int      `json:"beyond"` // exercised, and not in the whole
	Missed    []string `json:"missed"`
}

func (p *Part) count(name string, in, whole bool) {
	switch {
	case whole && in:
		p.Of++
		p.Exercised++
	case whole:
		p.Of++
		p.Missed = append(p.Missed, name)
	case in:
		p.Beyond++
	}
}

func (p *Part) String() string {
	text := fmt.Sprintf("%d of %d", p.Exercised, p.Of)
	if p.Beyond > 0 {
		text += fmt.Sprintf(" and %d beyond", p.Beyond)
	}
	return text
}

// Against is a search measured against a whole.
type Against struct {
	Steps  Part `json:"steps"`
	Pairs  Part `json:"pairs"`  // a then b, by different threads
	Guards Part `json:"guards"` // parts of claims that had something to say
}

// Measure measures what was exercised against a whole.
func (c *Coverage) Measure(whole *Coverage) *Against {
	r := &Against{Steps: Part{Missed: []string{}}, Pairs: Part{Missed: []string{}}, Guards: Part{Missed: []string{}}}
	for _, a := range spec.Steps() {
		r.Steps.count(a.String(), c.steps[a], whole.steps[a])
		for _, b := range spec.Steps() {
			r.Pairs.count(a.String()+" then "+b.String(), c.pairs[a][b], whole.pairs[a][b])
		}
	}
	for i, name := range spec.AllConjuncts() {
		r.Guards.count(name, c.asked.Has(i), whole.asked.Has(i))
	}
	return r
}

func (r *Against) String() string {
	return fmt.Sprintf("%s steps, %s pairs of steps of different threads, %s guards of claims", &r.Steps, &r.Pairs, &r.Guards)
}

// Missed says what was not exercised, in words; empty if everything was.
func (r *Against) Missed() string {
	var parts []string
	for _, p := range []struct {
		what string
		part *Part
	}{{"step", &r.Steps}, {"guard", &r.Guards}, {"pair", &r.Pairs}} {
		for _, name := range p.part.Missed {
			parts = append(parts, p.what+" "+name)
		}
	}
	const most = 8
	if rest := len(parts) - most; rest > 0 {
		parts = append(slices.Clip(parts[:most]), fmt.Sprintf("and %d more", rest))
	}
	return strings.Join(parts, ", ")
}
