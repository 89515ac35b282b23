package properties

import (
	"testing"

	"github.com/rootlock/rootlock/spec"
)

// WritersIsolated: a writable entry is the only entry of its page. OwnLock leaves a
// migration entry behind; whoever asks whether the page is its own does not see that entry, and
// writes.
func TestWritersIsolated(t *testing.T) {
	testClaim(t, spec.WritersIsolated, expected{
		spec.OwnLock: breaks, spec.DeepestLock: keeps, spec.RootPointer: keeps,
		spec.TrylockRetry: keeps, spec.WalkMutex: keeps, spec.RefcountedRoot: keeps, spec.RwsemRoot: keeps,
	})
}
