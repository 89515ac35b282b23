package properties

import (
	"testing"

	"github.com/rootlock/rootlock/spec"
)

// ChainsMatchLists: between operations chains and lists agree. Where an object is freed twice its next
// life loses it.
func TestChainsMatchLists(t *testing.T) {
	testClaim(t, spec.ChainsMatchLists, expected{
		spec.OwnLock: breaks, spec.DeepestLock: breaks, spec.RootPointer: keeps,
		spec.TrylockRetry: breaks, spec.WalkMutex: breaks, spec.RefcountedRoot: keeps, spec.RwsemRoot: keeps,
	})
}
