package properties

import (
	"testing"

	"github.com/rootlock/rootlock/spec"
)

// NoDeadlock: something moves, or everything rests.
func TestNoDeadlock(t *testing.T) {
	testClaim(t, spec.NoDeadlock, expected{
		spec.OwnLock: keeps, spec.DeepestLock: keeps, spec.RootPointer: keeps,
		spec.TrylockRetry: keeps, spec.WalkMutex: keeps, spec.RefcountedRoot: keeps, spec.RwsemRoot: keeps,
	})
}
