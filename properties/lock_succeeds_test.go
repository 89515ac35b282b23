package properties

import (
	"testing"

	"github.com/rootlock/rootlock/spec"
)

// LockSucceeds: if the page stays mapped, the lock attempt returns a root.
func TestLockSucceeds(t *testing.T) {
	testClaim(t, spec.LockSucceeds, expected{
		spec.OwnLock: keeps, spec.DeepestLock: breaks, spec.RootPointer: keeps,
		spec.TrylockRetry: keeps, spec.WalkMutex: keeps, spec.RefcountedRoot: breaks, spec.RwsemRoot: keeps,
	})
}
