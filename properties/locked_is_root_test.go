package properties

import (
	"testing"

	"github.com/rootlock/rootlock/spec"
)

// LockedIsRoot: what a walker holds is the live root of what it walks.
func TestLockedIsRoot(t *testing.T) {
	testClaim(t, spec.LockedIsRoot, expected{
		spec.DeepestLock: breaks, spec.RootPointer: breaks,
		spec.RefcountedRoot: breaks, spec.RwsemRoot: keeps,
	})
}
