package explore

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/triangle/law"
)

// gap is a counter whose moves are not defined in one state.
type gap struct{ counter[uint16] }

func (gap) Claims() []string           { return []string{law.TypeOK} }
func (gap) Check(s *uint16) law.Claims { return 0 }

// A law that is not defined in a state is reported, also where the batch of successors is just
// full: as many as it holds came from the state before.
func TestUndefinedBehindAFullBatch(t *testing.T) {
	l := gap{counter[uint16]{[]uint16{0, 1}, func(s uint16) (next []uint16) {
		switch s {
		case 0:
			for i := range uint16(batchSize) {
				next = append(next, 100+i)
			}
		case 1:
			_ = next[s]
		}
		return next
	}}}
	x, err := Explore(t.Context(), l, Options{Workers: 1})
	require.NoError(t, err)
	require.Len(t, x.Violations, 1)
	assert.EqualValues(t, batchSize+2, x.Distinct)
}
