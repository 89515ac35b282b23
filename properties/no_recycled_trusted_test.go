package properties

import (
	"testing"

	"github.com/rootlock/rootlock/spec"
)

// NoRecycledTrusted: nobody takes a reference on an anon_vma that was freed since the page named
// it, or walks its list for a page that was mapped all the time. The page of RootPointer and
// RefcountedRoot that breaks it has strayed by mremap.
func TestNoRecycledTrusted(t *testing.T) {
	testClaim(t, spec.NoRecycledTrusted, expected{
		spec.OwnLock: breaks, spec.DeepestLock: breaks, spec.RootPointer: breaks,
		spec.TrylockRetry: breaks, spec.WalkMutex: breaks, spec.RefcountedRoot: breaks, spec.RwsemRoot: keeps,
	})
}
