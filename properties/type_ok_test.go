package properties

import (
	"testing"

	"github.com/rootlock/rootlock/spec"
)

// TypeOK: every field of every state is in its range.
func TestTypeOK(t *testing.T) {
	testClaim(t, spec.TypeOK, expected{
		spec.OwnLock: keeps, spec.DeepestLock: keeps, spec.RootPointer: keeps,
		spec.TrylockRetry: keeps, spec.WalkMutex: keeps, spec.RefcountedRoot: keeps, spec.RwsemRoot: keeps,
	})
}
