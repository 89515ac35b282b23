package properties

import (
	"testing"

	"github.com/rootlock/rootlock/spec"
)

// NothingHeldAtRest: an idle thread holds no lock.
func TestNothingHeldAtRest(t *testing.T) {
	testClaim(t, spec.NothingHeldAtRest, expected{
		spec.OwnLock: keeps, spec.DeepestLock: keeps, spec.RootPointer: keeps,
		spec.TrylockRetry: keeps, spec.WalkMutex: keeps, spec.RefcountedRoot: keeps, spec.RwsemRoot: keeps,
	})
}
