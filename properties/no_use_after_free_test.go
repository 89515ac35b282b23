package properties

import (
	"testing"

	"github.com/rootlock/rootlock/spec"
)

// NoUseAfterFree: no thread touches a freed area or chain entry, nor, outside a lookup under RCU, an
// anon_vma that is not live. Where a migration pins what was freed, it touches it later.
func TestNoUseAfterFree(t *testing.T) {
	testClaim(t, spec.NoUseAfterFree, expected{
		spec.OwnLock: breaks, spec.DeepestLock: breaks, spec.RootPointer: breaks,
		spec.TrylockRetry: breaks, spec.WalkMutex: breaks, spec.RefcountedRoot: breaks, spec.RwsemRoot: keeps,
	})
}
