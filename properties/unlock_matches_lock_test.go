package properties

import (
	"testing"

	"github.com/rootlock/rootlock/spec"
)

// UnlockMatchesLock: a thread unlocks what it holds.
func TestUnlockMatchesLock(t *testing.T) {
	testClaim(t, spec.UnlockMatchesLock, expected{
		spec.OwnLock: keeps, spec.DeepestLock: keeps, spec.RootPointer: keeps,
		spec.TrylockRetry: keeps, spec.WalkMutex: keeps, spec.RefcountedRoot: keeps, spec.RwsemRoot: keeps,
	})
}
