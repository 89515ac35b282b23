package properties

import (
	"testing"

	"github.com/rootlock/rootlock/spec"
)

// AncestorsReused: a fork makes a new anon_vma only where no ancestor can be taken, and takes
// none that is in use. Only where areas are in trees is anything reused.
func TestAncestorsReused(t *testing.T) {
	testClaim(t, spec.AncestorsReused, expected{spec.RwsemRoot: keeps})
}
