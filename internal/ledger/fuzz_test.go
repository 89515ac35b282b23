package ledger

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Whatever stands in the file, Load reads it or says shortly what is wrong.
func FuzzLoad(f *testing.F) {
	f.Add([]byte(`{"about":"x","entries":[{"protocol":"P","model":"M","engine":"tlc","claims":{"A":"holds"}}]}`))
	f.Add([]byte(`{"entries": [`))
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "ledger.json")
		require.NoError(t, os.WriteFile(path, data, 0o600))
		if _, err := Load(path); err != nil {
			require.Less(t, len(err.Error()), 3_000)
		}
	})
}
