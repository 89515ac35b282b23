package properties

import (
	"testing"

	"github.com/rootlock/rootlock/spec"
)

// OperationDone: an operation that ends without an error has done its work; one that fails for
// want of memory has left nothing half done.
func TestOperationDone(t *testing.T) {
	testClaim(t, spec.OperationDone, expected{
		spec.OwnLock: keeps, spec.DeepestLock: keeps, spec.RootPointer: keeps,
		spec.TrylockRetry: keeps, spec.WalkMutex: keeps, spec.RefcountedRoot: keeps, spec.RwsemRoot: keeps,
	})
}
