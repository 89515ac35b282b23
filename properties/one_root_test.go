package properties

import (
	"testing"

	"github.com/rootlock/rootlock/spec"
)

// OneRoot: all VMAs related through any anon_vma end in the same root: the mail's
// "simple constraint".
func TestOneRoot(t *testing.T) {
	testClaim(t, spec.OneRoot, expected{
		spec.OwnLock: keeps, spec.DeepestLock: keeps, spec.RootPointer: keeps,
		spec.TrylockRetry: keeps, spec.WalkMutex: keeps, spec.RefcountedRoot: keeps,
	})
}
