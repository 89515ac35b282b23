package properties

import (
	"testing"

	"github.com/rootlock/rootlock/spec"
)

// ListStable: nobody edits a list while another thread reads it, or a chain that it found through it. The
// sketch does, where it looks for the root (docs/kernel.md F5).
func TestListStable(t *testing.T) {
	testClaim(t, spec.ListStable, expected{
		spec.OwnLock: keeps, spec.DeepestLock: breaks, spec.RootPointer: keeps,
		spec.TrylockRetry: keeps, spec.WalkMutex: keeps, spec.RefcountedRoot: keeps, spec.RwsemRoot: keeps,
	})
}
