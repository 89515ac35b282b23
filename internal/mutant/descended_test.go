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
	trial, err := descended(spec.RwsemRoot, wire.Lockstep, 1)
	require.NoError(t, err)
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
