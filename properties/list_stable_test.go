package properties

import (
	"testing"

	"github.com/rootlock/rootlock/spec"
)

// ListStable: no list is edited while another thread walks it.
func TestListStable(t *testing.T) {
	testClaim(t, spec.ListStable, expected{spec.OwnLock: keeps, spec.DeepestLock: keeps})
}
