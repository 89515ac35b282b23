package properties

import (
	"testing"

	"github.com/rootlock/rootlock/spec"
)

// LockedIsRoot: what a walker holds is the live root of what it walks, for as long as
// it walks.
func TestLockedIsRoot(t *testing.T) {
	testClaim(t, spec.LockedIsRoot, expected{
		spec.OwnLock: breaks, spec.DeepestLock: breaks, spec.RootPointer: breaks,
		spec.TrylockRetry: breaks, spec.WalkMutex: breaks, spec.RefcountedRoot: breaks,
	})
}
