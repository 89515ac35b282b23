package atomicfile

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWrite(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	require.NoError(t, Create(path, []byte("one")))
	assert.ErrorIs(t, Create(path, []byte("two")), fs.ErrExist)
	content(t, path, "one")
	require.NoError(t, Write(t.Context(), path, []byte("three")))
	content(t, path, "three")

	assert.ErrorContains(t, Write(t.Context(), filepath.Join(dir, "no", "f"), nil), "there is no folder")
	assert.ErrorContains(t, Write(t.Context(), dir, nil), "it is a folder")
	assert.ErrorContains(t, Write(t.Context(), path+"/f", nil), "not a directory")
	list, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, list, 1, "nothing is left behind")

	long := filepath.Join(dir, strings.Repeat("x", 250))
	require.NoError(t, Write(t.Context(), long, []byte("long")))
	content(t, long, "long")
}

func TestCheck(t *testing.T) {
	dir := t.TempDir()
	in := filepath.Join(dir, "in")
	require.NoError(t, os.WriteFile(in, []byte("input"), 0o600))
	readonly := filepath.Join(dir, "ro")
	require.NoError(t, os.WriteFile(readonly, nil, 0o400))
	for _, row := range []struct{ path, want, reason string }{
		{filepath.Join(dir, "new"), "", "a new file"},
		{in + "2/", "name a file", "a name that only a folder can have"},
		{"", "name a file", "no name"},
		{dir, "it is a folder", "a folder"},
		{in, "read by the same command", "the input"},
		{filepath.Join(dir, ".", "in"), "read by the same command", "the input by another name"},
		{readonly, "it is read-only", "a read-only file, also for root"},
		{filepath.Join(dir, "none", "f"), "there is no folder", "a folder that is not there"},
		{filepath.Join(in, "f"), "not a directory", "a file instead of a folder"},
	} {
		if err := Check(row.path, in); row.want == "" {
			assert.NoError(t, err, row.reason)
		} else {
			assert.ErrorContains(t, err, row.want, row.reason)
		}
	}
	list, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, list, 2, "nothing was made")
}

func content(t *testing.T, path, want string) {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, want, string(data))
}
