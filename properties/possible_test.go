package properties

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/deep"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/explore"
)

// An operation begins where it is possible, and nowhere else: in all states of small models,
// and on random schedules of large ones. That is no claim, but what no claim can say: a guard
// that is too narrow only takes behaviours away.
func TestPossible(t *testing.T) {
	most := deep.Or(300, 50_000) // states of a model
	for _, p := range spec.Protocols() {
		t.Run(p.String(), func(t *testing.T) {
			states := 0
			ask := func(m *models.Model, choices [][]spec.Move, s *spec.State) {
				states++
				if mv, unlike := m.Unlike(s, choices); unlike {
					t.Fatalf("%s: is %s possible? By the world %v; by its guard %q", m.FullName(), m.Format(mv), m.Possible(s, mv), m.WhyNot(s, mv))
				}
			}
			for _, m := range smallModels(t, p) {
				x, err := explore.Explore(t.Context(), m.Law(), explore.Options{Workers: 1, MaxStates: uint64(most)})
				require.NoError(t, err)
				if !x.Complete {
					continue
				}
				g, err := explore.NewGraph(context.Background(), m.Law(), 0)
				require.NoError(t, err)
				choices := m.Operations()
				for i := range uint32(g.Len()) {
					s := g.State(i)
					ask(m, choices, &s)
				}
			}
			for _, name := range []string{"Wide", "WideNeighbours", "WideWorld"} {
				m, err := models.Find(p, name)
				require.NoError(t, err)
				choices := m.Operations()
				rng := rand.New(rand.NewPCG(5, uint64(p)))
				for range deep.Or(10, 20) {
					s := m.Init()
					for range 200 {
						ask(m, choices, &s)
						moves := m.Moves(&s, nil)
						if len(moves) == 0 {
							break
						}
						m.Apply(&s, moves[rng.IntN(len(moves))])
					}
				}
			}
			assert.Greater(t, states, deep.Or(5_000, 10_000), "floor on the work done")
			t.Logf("%d states", states)
		})
	}
}
