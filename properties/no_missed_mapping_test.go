package properties

import (
	"testing"

	"github.com/rootlock/rootlock/spec"
)

// NoMissedMapping: a completed walk visited every entry that maps the page, and after a
// migration no migration entry is left: the bug that started the thread (docs/kernel.md
// M10).
func TestNoMissedMapping(t *testing.T) {
	testClaim(t, spec.NoMissedMapping, expected{
		spec.OwnLock: breaks, spec.DeepestLock: breaks, spec.RootPointer: breaks,
		spec.TrylockRetry: breaks, spec.WalkMutex: breaks, spec.RefcountedRoot: breaks, spec.RwsemRoot: keeps,
	})
}
