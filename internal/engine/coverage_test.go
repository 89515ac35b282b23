package engine

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/conform"
	"github.com/rootlock/rootlock/internal/coverage"
	"github.com/rootlock/rootlock/internal/deep"
	"github.com/rootlock/rootlock/internal/hunt"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
)

// crippled is a generator that never has some moves to draw from.
type crippled struct {
	hunt.ModelRunner
	never func(spec.Move) bool
}

func (r *crippled) Moves() []spec.Move { return slices.DeleteFunc(r.ModelRunner.Moves(), r.never) }

// The random search is measured against whole graphs. A generator that is crippled is
// told, and how.
func TestCover(t *testing.T) {
	if !deep.Asked() {
		t.Skip("random schedules of four worlds; " + deep.Variable + "=1 asks for it")
	}
	p := spec.RootPointer
	whole := &coverage.Coverage{}
	var list []*spec.Model
	for _, name := range append(slices.Clone(conform.Models), "Wide") {
		m, err := models.Find(p, name)
		require.NoError(t, err)
		list = append(list, m.Model)
		if name == "Wide" {
			continue
		}
		g, err := conform.Explore(t.Context(), m.Model)
		require.NoError(t, err)
		whole.Add(g.Coverage())
	}
	for _, test := range []struct {
		name  string
		never func(spec.Move) bool
		says  string
	}{
		{"whole", func(spec.Move) bool { return false }, ""},
		{"no fork", func(mv spec.Move) bool { return mv.Step == spec.Fork }, "step Fork"},
		{"one walk", func(mv spec.Move) bool { return mv.Step == spec.Walk || mv.Step == spec.Pin }, "step Walk"},
		{"nothing is migrated", func(mv spec.Move) bool { return mv.Step == spec.Migrate }, "guard NoMissedMapping.NoMigrationLeft"},
	} {
		t.Run(test.name, func(t *testing.T) {
			found := &Result{Protocol: p.String(), Model: "Wide", Engine: Lockstep}
			for _, m := range list {
				h, err := hunt.Find(t.Context(), m, &crippled{*hunt.Alone(m), test.never}, 0, hunt.Options{Schedules: keptSchedules})
				require.NoError(t, err)
				found.Generated += h.Steps
				found.coverage.Add(&h.Coverage)
			}
			r := Cover(found, whole)
			t.Log(r.Summary)
			if test.says == "" {
				assert.Empty(t, r.Differences)
				assert.Empty(t, r.Coverage.Steps.Missed)
				assert.Empty(t, r.Coverage.Guards.Missed)
				assert.Greater(t, r.Coverage.Pairs.Of, 500)
				return
			}
			require.Len(t, r.Differences, 1)
			assert.Contains(t, r.Differences[0], test.says)
			assert.Contains(t, r.Differences[0], "the random search does not exercise")
		})
	}

	// A search that does nothing.
	r := Cover(&Result{Protocol: p.String(), Model: "Wide", Engine: Lockstep}, whole)
	require.Len(t, r.Differences, 1)
	assert.Zero(t, r.Coverage.Steps.Exercised+r.Coverage.Pairs.Exercised+r.Coverage.Guards.Exercised)
}
