package atomicfile

import (
	"io/fs"
	"os"
	"path/filepath"
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
	require.NoError(t, Write(path, []byte("three")))
	content(t, path, "three")

	assert.ErrorContains(t, Write(filepath.Join(dir, "no", "f"), nil), "nothing has changed")
	assert.Error(t, Write(dir, nil), "a folder is no file")
	list, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, list, 1, "nothing is left behind")
}

func content(t *testing.T, path, want string) {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, want, string(data))
}
