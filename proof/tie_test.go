package proof

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
)

func graphOf(t *testing.T, name string) (*spec.Model, *spec.Graph) {
	t.Helper()
	m, err := models.Find(spec.RootPointer, name)
	require.NoError(t, err)
	g, err := spec.NewGraph(t.Context(), m.Model, 0)
	require.NoError(t, err)
	return m.Model, g
}

func TestTie(t *testing.T) {
	for _, name := range []string{"Tiny", "Neighbours", "Graph"} {
		t.Run(name, func(t *testing.T) { tie(t, name) })
	}
}

func tie(t *testing.T, name string) {
	m, g := graphOf(t, name)
	v, k := NewView(m), NewMachine(Branches())
	keys := make([]string, g.Len())
	views := make([]*Structure, g.Len())
	for i := range keys {
		s := g.State(uint32(i))
		x, err := v.Of(&s)
		require.NoError(t, err)
		views[i], keys[i] = x, x.Key()
	}
	taken, extra := map[string]int{}, map[string]int{}
	bad := 0
	for i := range keys {
		s := g.State(uint32(i))
		type edge struct {
			thread   int
			step, to string
		}
		missing := map[edge]bool{}
		for _, e := range g.Edges(uint32(i)) {
			missing[edge{int(e.Move.Thread), e.Move.Step.String(), keys[e.To]}] = true
		}
		law := len(missing)
		matched := map[edge]bool{}
		for th := 1; th <= m.Threads(); th++ {
			steps := []string{s.Thread[th-1].PC.String()}
			if s.Thread[th-1].PC == spec.Idle {
				steps = begins
			}
			for _, step := range steps {
				if !m.Ops.Has(spec.Map) && step == "Map" {
					continue
				}
				k.Successors(views[i], step, th, func(b *Branch, picks []int, after *Structure) {
					e := edge{th, step, after.Key()}
					if missing[e] {
						taken[b.Name]++
						matched[e] = true
						return
					}
					extra[b.Name]++
					if extra[b.Name] == 1 {
						for _, ge := range g.Edges(uint32(i)) {
							if int(ge.Move.Thread) == th && ge.Move.Step.String() == step {
								t.Logf("extra %s %v in state %d: %v", b.Name, picks, i, Differences(after, views[ge.To]))
							}
						}
					}
				})
			}
		}
		if len(matched) != law {
			bad++
			if bad < 4 {
				for _, ge := range g.Edges(uint32(i)) {
					if !matched[edge{int(ge.Move.Thread), ge.Move.Step.String(), keys[ge.To]}] {
						t.Errorf("state %d: no branch is %s", i, m.Format(ge.Move))
					}
				}
			}
		}
	}
	fmt.Println(name, "states", len(keys), "branches taken", len(taken), "bad", bad, "extra", extra)
}
