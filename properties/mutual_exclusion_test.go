package properties

import (
	"testing"

	"github.com/rootlock/rootlock/spec"
)

// MutualExclusion: no two threads hold the family of one page. With a lock per object
// it is not even asked for: a fork and a walk hold different locks of one family.
func TestMutualExclusion(t *testing.T) {
	testClaim(t, spec.MutualExclusion, expected{
		spec.OwnLock: breaks, spec.DeepestLock: keeps, spec.RootPointer: keeps,
		spec.TrylockRetry: breaks, spec.WalkMutex: breaks, spec.RefcountedRoot: keeps,
	})
}
