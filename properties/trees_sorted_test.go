package properties

import (
	"testing"

	"github.com/rootlock/rootlock/spec"
)

// TreesSorted: an interval tree answers only while its order is that of what is stored. The
// model's tree is a list in that order, of which a walk looks at all: the order is asked for
// itself.
func TestTreesSorted(t *testing.T) {
	testClaim(t, spec.TreesSorted, expected{spec.RwsemRoot: keeps})
}
