package museum

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// Whatever stands in an entry, it is read or refused.
func FuzzLoad(f *testing.F) {
	files, err := filepath.Glob(filepath.Join(root, Dir, "N*.txtar"))
	require.NoError(f, err)
	require.NotEmpty(f, files)
	for _, name := range files {
		data, err := os.ReadFile(name)
		require.NoError(f, err)
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		_, err := Load(fstest.MapFS{"Entry.txtar": {Data: data}})
		if err != nil {
			require.Less(t, len(err.Error()), 20_000)
		}
		_, _ = ReadUnkilled(fstest.MapFS{UnkilledFile: {Data: data}})
	})
}

// An entry and the source that it edits are read with any system's ends of lines.
func TestCarriageReturns(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(root, Dir, "NoRecheck.txtar"))
	require.NoError(t, err)
	want, err := Load(fstest.MapFS{"NoRecheck.txtar": {Data: data}})
	require.NoError(t, err)
	got, err := Load(fstest.MapFS{"NoRecheck.txtar": {Data: crlf(data)}})
	require.NoError(t, err)
	require.Equal(t, want, got)

	dir := t.TempDir()
	for _, f := range want[0].Files {
		source, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(f.Name)))
		require.NoError(t, err)
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o700))
		require.NoError(t, os.WriteFile(name, crlf(source), 0o600))
	}
	_, err = Overlay(&want[0], dir, t.TempDir())
	require.NoError(t, err)
}

func crlf(text []byte) []byte { return bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n")) }
