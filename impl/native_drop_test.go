package impl

// The last reference on a family.

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestDropFreesItsOwnRoot: a pin is the last thing that keeps a child's object and,
// through it, the root. Once the object is freed it is another family's, at once if there are
// others about; then its root is not the one to free (drop_anon_vma remembers it).
func TestDropFreesItsOwnRoot(t *testing.T) {
	s := New(Options{Protocol: RootPointer})
	var families sync.WaitGroup
	for range 8 {
		families.Go(func() {
			for range 4000 {
				parent := s.NewAddressSpace()
				assert.NoError(t, parent.Map(0, 1))
				assert.NoError(t, parent.Write(0, 0, []byte("page")))
				child, err := parent.Fork()
				assert.NoError(t, err)
				pin, err := child.Pin(0)
				assert.NoError(t, err)
				assert.NoError(t, child.Exit())
				assert.NoError(t, parent.Exit())
				assert.NoError(t, pin.Release())
			}
		})
	}
	families.Wait()
	require.Zero(t, live(s), "objects leaked")
}
