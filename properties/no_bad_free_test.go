package properties

import (
	"testing"

	"github.com/rootlock/rootlock/spec"
)

// NoBadFree: an anon_vma is freed only while it is live, unlisted, unreferred to and locked by
// nobody but a lookup. Without a second look at page_mapped a migration takes its reference
// between the unlink that found none and the free.
func TestNoBadFree(t *testing.T) {
	testClaim(t, spec.NoBadFree, expected{
		spec.OwnLock: breaks, spec.DeepestLock: breaks, spec.RootPointer: breaks,
		spec.TrylockRetry: breaks, spec.WalkMutex: breaks, spec.RefcountedRoot: breaks, spec.RwsemRoot: keeps,
	})
}
