package engine

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/input"
)

// Whatever stands in a case, it is read or refused shortly.
func FuzzParseCase(f *testing.F) {
	f.Add([]byte("A story.\n-- case --\nprotocol: OwnLock\nmodel: Tiny\nviolated: OneRoot\n-- schedule --\nw1:Walk(p1)\n"))
	f.Add([]byte("-- case --\n:\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		archive, err := input.Archive(data)
		if err == nil {
			_, err = ParseCase("name", archive)
		}
		if err != nil {
			require.Less(t, len(err.Error()), 2_000)
		}
	})
}
