package spec

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/deep"
	"github.com/rootlock/rootlock/triangle/explore"
)

// erase takes the history out of a state.
func (s *State) erase() { s.History, s.Stale = [MaxThreads]History{}, [MaxPages]bool{} }

// No step and no guard reads the history: the law without it has the same graph, state by
// state and edge by edge, once the history is erased from the states. The twin for tla/
// is TestErasure in triangle/tlc.
func TestErasure(t *testing.T) {
	remembered := 0
	for name, m := range smallModels(t) {
		if m.Protocol != DeepestLock && m.Protocol != RwsemRoot && !deep.Asked() {
			continue
		}
		without := m.WithoutHistory()
		kinds := map[uint64]bool{}
		var moves, same []Move
		var u, want, got State
		for s := range explorePlainlyOnce(name, m).states {
			u = *s
			u.erase()
			kinds[digest(&u)] = true
			if *s != u {
				remembered++
			}
			moves, same = m.Moves(s, moves[:0]), without.Moves(&u, same[:0])
			if !slices.Equal(moves, same) {
				require.Equal(t, moves, same, name)
			}
			for _, mv := range moves {
				want, got = *s, u
				m.Apply(&want, mv)
				want.erase()
				if without.Apply(&got, mv); got != want {
					require.Equal(t, want, got, "%s: %s", name, m.Format(mv))
				}
			}
		}
		bare, err := explore.Explore(t.Context(), without.Law(), explore.Options{})
		require.NoError(t, err)
		assert.EqualValues(t, len(kinds), bare.Distinct, name)
	}
	assert.Greater(t, remembered, 10_000, "floor: states with a history")
}

// A step that asks the history is found.
func TestErasureFindsAReader(t *testing.T) {
	m := mustModel(t, DeepestLock, Bounds{MMs: 1, VMAs: 2, Objects: 2, Pages: 1, Walkers: 1, Slots: 2, MMOps: 1, WalkerOps: 1, Ops: AllOps()})
	m = withRules(m, curious{})
	without := m.WithoutHistory()
	differ := false
	for s := range explorePlainly(m).states {
		for _, mv := range m.Moves(s, nil) {
			want, got := *s, *s
			m.Apply(&want, mv)
			want.erase()
			got.erase()
			without.Apply(&got, mv)
			differ = differ || got != want
		}
	}
	assert.True(t, differ)
}

// curious gives up where the page was unmapped once since the operation began.
type curious struct{ deepestLock }

func (curious) leafLocked(m *Model, s *State, th *Thread) {
	th.PC = ReadFirst
	for w := m.MMs; w < int(m.threads); w++ {
		if &s.Thread[w] == th && !s.History[w].Steady {
			th.Root, th.PC = 0, UnlockLeaf
		}
	}
}
