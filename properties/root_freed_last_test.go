package properties

import (
	"testing"

	"github.com/rootlock/rootlock/spec"
)

// RootFreedLast: no object outlives its root. Nothing in the sketch keeps a root for a child that is pinned
// (docs/kernel.md F6, M12); 3.0 frees the root first, and then asks whether its lock is held.
func TestRootFreedLast(t *testing.T) {
	testClaim(t, spec.RootFreedLast, expected{
		spec.DeepestLock:    breaks,
		spec.RefcountedRoot: breaks, spec.RwsemRoot: keeps,
	})
}
