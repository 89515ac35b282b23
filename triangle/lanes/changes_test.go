package lanes_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rootlock/rootlock/triangle/lanes"
)

type door uint8

func (d door) String() string { return []string{"shut", "open"}[d] }

// What has a name is shown by it, where the field is exported.
func TestChanges(t *testing.T) {
	type inner struct{ N int }
	type house struct {
		Doors [2]door
		Flag  bool
		inner
		cellar door
	}
	assert.Empty(t, lanes.Changes(&house{}, &house{}))
	assert.Equal(t, []string{"Doors[1]=open", "Flag=true", "N=2", "cellar=1"},
		lanes.Changes(&house{}, &house{Doors: [2]door{0, 1}, Flag: true, inner: inner{2}, cellar: 1}))
}
