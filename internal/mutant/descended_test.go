package mutant

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/mutant/wire"
	"github.com/rootlock/rootlock/spec"
)

// The families lead to forks that take an ancestor's anon_vma, and to one that may not.
func TestDescended(t *testing.T) {
	trials, err := descended(spec.RwsemRoot, wire.Lockstep, 1)
	require.NoError(t, err)
	trial := trials[0]
	m, err := spec.NewModel(spec.RwsemRoot, trial.Model, trial.Bounds)
	require.NoError(t, err)
	var taken []int
	for _, sch := range trial.Leads {
		s, n := m.Init(), 0
		for _, mv := range sch {
			was := s
			m.Apply(&s, mv)
			for a := range m.Objects {
				if mv.Step == spec.LinkList && s.Thread[mv.Thread-1].Op == spec.Fork && was.Anon[a].Active == 0 && was.Anon[a].NList > 0 && s.Anon[a].Active > 0 {
					n++
				}
			}
		}
		taken = append(taken, n)
	}
	assert.Equal(t, []int{1, 1, 1, 0, 0, 1, 1, 1}, taken)
}

// The homecoming needs the family's lock, and the lock is not the area's own anon_vma.
func TestHomecoming(t *testing.T) {
	trials, err := descended(spec.RwsemRoot, wire.Random, 0)
	require.NoError(t, err)
	m, err := spec.NewModel(spec.RwsemRoot, trials[1].Model, trials[1].Bounds)
	require.NoError(t, err)
	s, locked := m.Init(), 0
	for _, mv := range trials[1].Leads[0] {
		if mv.Step == spec.LockMove {
			own := s.Thread[mv.Thread-1].Anon
			assert.NotEqual(t, own, s.Anon[own-1].Root)
			locked++
		}
		m.Apply(&s, mv)
	}
	assert.Equal(t, 1, locked)
}
