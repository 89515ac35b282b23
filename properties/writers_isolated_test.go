package properties

import (
	"testing"

	"github.com/rootlock/rootlock/spec"
)

// WritersIsolated: a writable entry is the only entry of its page. In these models nothing breaks it; in
// Full OwnLock does, where a migration entry is left behind.
func TestWritersIsolated(t *testing.T) {
	testClaim(t, spec.WritersIsolated, expected{
		spec.OwnLock: keeps, spec.DeepestLock: keeps, spec.RootPointer: keeps,
		spec.TrylockRetry: keeps, spec.WalkMutex: keeps, spec.RefcountedRoot: keeps,
	})
}
