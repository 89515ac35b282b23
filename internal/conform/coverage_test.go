package conform

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rootlock/rootlock/internal/coverage"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
)

// A whole graph exercises all of itself; a conjunct that is false in a state is asked
// there; and a walk along a tour exercises no pair that the graph does not have.
func TestCoverage(t *testing.T) {
	falsified := map[string]bool{}
	some(t, func(t *testing.T, m *models.Model, g *Graph) {
		whole := g.Coverage()
		full := whole.Measure(whole)
		assert.Empty(t, full.Missed())
		assert.Zero(t, full.Steps.Beyond+full.Pairs.Beyond+full.Guards.Beyond)
		assert.Greater(t, full.Pairs.Of, 100)

		names := spec.AllConjuncts()
		for i := range g.States {
			s := &g.States[i]
			asked := m.Asked(s, 0)
			for broken := m.Check(s); broken != 0; broken &= broken - 1 {
				for _, c := range spec.Claims() {
					if !broken.Has(c) {
						continue
					}
					name, _ := m.Explain(s, c)
					falsified[name] = true
					assert.True(t, asked.Has(slices.Index(names, c.String()+"."+name)), "%s.%s is false and not asked", c, name)
				}
			}
		}

		var walked coverage.Coverage
		for _, walk := range tourOf(g) {
			i := 0
			walked.Begin(m.Model, &g.States[0])
			for _, k := range walk {
				e := g.Edges[i][k]
				i = e.To
				walked.See(m.Model, e.Move, &g.States[i])
			}
		}
		r := walked.Measure(whole)
		assert.Zero(t, r.Steps.Beyond+r.Pairs.Beyond+r.Guards.Beyond)
		assert.Empty(t, r.Steps.Missed)
		assert.Empty(t, r.Guards.Missed)
		t.Logf("%s: the whole: %s; a tour: %s", m.FullName(), full, r)
	})
	assert.GreaterOrEqual(t, len(falsified), 5, "floor on the work done: %v", falsified)
}
