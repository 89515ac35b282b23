package properties

import (
	"testing"

	"github.com/rootlock/rootlock/spec"
)

// RootFreedLast: no object outlives its root. Nothing in either protocol keeps a root
// for a child that is pinned (F6, M12).
func TestRootFreedLast(t *testing.T) {
	testClaim(t, spec.RootFreedLast, expected{
		spec.OwnLock: breaks, spec.DeepestLock: breaks, spec.RootPointer: breaks,
		spec.TrylockRetry: breaks, spec.WalkMutex: breaks, spec.RefcountedRoot: breaks,
	})
}
