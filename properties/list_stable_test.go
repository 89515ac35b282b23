package properties

import (
	"testing"

	"github.com/rootlock/rootlock/spec"
)

// ListStable: no list is edited while another thread walks it. DeepestLock breaks it
// through a recycled leaf: the walker holds the root of the family that the
// object has left, and its new family edits its list. No model of the first hour
// was large enough to show it; random schedules were.
func TestListStable(t *testing.T) {
	testClaim(t, spec.ListStable, expected{
		spec.OwnLock: keeps, spec.DeepestLock: breaks, spec.RootPointer: keeps,
		spec.TrylockRetry: keeps, spec.WalkMutex: keeps, spec.RefcountedRoot: keeps,
	})
}
