package properties

import (
	"testing"

	"github.com/rootlock/rootlock/spec"
)

// NoUseAfterFree: no step touches a freed VMA or chain entry, nor trusts a recycled
// anon_vma.
func TestNoUseAfterFree(t *testing.T) {
	testClaim(t, spec.NoUseAfterFree, expected{
		spec.OwnLock: breaks, spec.DeepestLock: breaks, spec.RootPointer: breaks,
		spec.TrylockRetry: breaks, spec.WalkMutex: breaks, spec.RefcountedRoot: keeps,
	})
}
