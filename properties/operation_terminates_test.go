package properties

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/spec"
)

// OperationTerminates: every operation of a process ends, if threads run and locks are
// fair. After the sketch's oops nothing ends any more.
func TestOperationTerminates(t *testing.T) {
	for _, p := range spec.Protocols() {
		t.Run(p.String(), func(t *testing.T) {
			for _, model := range []string{"Live", "LivePair"} {
				m, found := lassos(t, p, model, fair)
				lasso := found.Of(spec.OperationTerminates.String())
				if p != spec.DeepestLock || model != "Live" {
					assert.Nil(t, lasso)
					continue
				}
				require.NotNil(t, lasso)
				assert.NotZero(t, m.Crashed(&lasso.State))
			}
		})
	}
}
