package properties

import (
	"testing"

	"github.com/rootlock/rootlock/spec"
)

// MappedReachable: the anon_vma that a mapped page names is live, and leads to every entry of the
// page. An mremap back beside an area that was never written to breaks it under all locks.
func TestMappedReachable(t *testing.T) {
	testClaim(t, spec.MappedReachable, expected{
		spec.OwnLock: breaks, spec.DeepestLock: breaks, spec.RootPointer: breaks,
		spec.TrylockRetry: breaks, spec.WalkMutex: breaks, spec.RefcountedRoot: breaks, spec.RwsemRoot: keeps,
	})
}
