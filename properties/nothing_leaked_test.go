package properties

import (
	"testing"

	"github.com/rootlock/rootlock/spec"
)

// NothingLeaked: when all processes are gone and nothing is pinned, every object is free.
func TestNothingLeaked(t *testing.T) {
	testClaim(t, spec.NothingLeaked, expected{
		spec.OwnLock: keeps, spec.DeepestLock: keeps, spec.RootPointer: keeps,
		spec.TrylockRetry: keeps, spec.WalkMutex: keeps, spec.RefcountedRoot: keeps, spec.RwsemRoot: keeps,
	})
}
