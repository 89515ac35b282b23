package engine

import (
	"fmt"
	"strings"

	"github.com/rootlock/rootlock/internal/conform"
	"github.com/rootlock/rootlock/internal/coverage"
)

// Cover measures what the random search of a protocol (the result of Hunt) exercised,
// against all that its whole graphs do. A step or a guard that a graph has and the search
// never came to is a difference; so is less than pairsWanted of the pairs.
func Cover(found *Result, whole *coverage.Coverage) *Result {
	r := &Result{Protocol: found.Protocol, Model: found.Model, Engine: Coverage, Claims: map[string]Verdict{}, AsExpected: true,
		Schedules: found.Schedules, Generated: found.Generated, Bound: "against the whole graphs of " + strings.Join(conform.Models, " and ")}
	c := found.coverage.Measure(whole)
	r.Coverage, r.Summary = c, c.String()
	missed := c.Missed()
	if missed != "" {
		r.Summary += "; not exercised: " + missed
	}
	if len(c.Steps.Missed)+len(c.Guards.Missed) > 0 || float64(c.Pairs.Exercised) < pairsWanted*float64(c.Pairs.Of) {
		r.Differences = append(r.Differences, fmt.Sprintf("%s: the random search does not exercise %s", r.Name(), missed))
	}
	return r
}

// pairsWanted is the part of a graph's pairs of steps that a random search must come to.
const pairsWanted = 0.9
