package properties

import (
	"testing"

	"github.com/rootlock/rootlock/spec"
)

// MutualExclusion: at most one thread is inside a family. The sketch reads a list and a chain under the
// leaf's lock, while others edit them under the root's (docs/kernel.md F5).
func TestMutualExclusion(t *testing.T) {
	testClaim(t, spec.MutualExclusion, expected{
		spec.DeepestLock: breaks, spec.RootPointer: keeps,
		spec.RefcountedRoot: keeps, spec.RwsemRoot: keeps,
	})
}
