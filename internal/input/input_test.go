//go:build unix

package input

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRead(t *testing.T) {
	dir := t.TempDir()
	path, fifo, large := filepath.Join(dir, "f"), filepath.Join(dir, "fifo"), filepath.Join(dir, "large")
	require.NoError(t, os.WriteFile(path, []byte("text"), 0o600))
	require.NoError(t, syscall.Mkfifo(fifo, 0o600))
	require.NoError(t, os.WriteFile(large, nil, 0o600))
	require.NoError(t, os.Truncate(large, Most+1)) // a hole
	for _, row := range []struct{ name, want string }{
		{"f", ""}, {"fifo", "it is a pipe, and not a file"}, {".", "it is a folder"}, {"large", "more than 64 MiB"}, {"none", "no such file"},
	} {
		data, err := Read(filepath.Join(dir, row.name))
		again, errFS := ReadFS(os.DirFS(dir), row.name)
		if row.want == "" {
			require.NoError(t, err)
			require.NoError(t, errFS)
			assert.Equal(t, "text", string(data))
			assert.Equal(t, "text", string(again))
			continue
		}
		assert.ErrorContains(t, err, row.want)
		assert.ErrorContains(t, errFS, row.want)
	}
	_, err := Read("/dev/zero")
	assert.ErrorContains(t, err, "it is a device")
}

func TestOpen(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	require.NoError(t, syscall.Mkfifo(fifo, 0o600))
	go func() { _ = os.WriteFile(fifo, []byte("text"), 0) }()
	f, _, err := Open(t.Context(), fifo)
	require.NoError(t, err)
	data, err := io.ReadAll(f)
	require.NoError(t, err)
	assert.Equal(t, "text", string(data))
	require.NoError(t, f.Close())

	ctx, cancel := context.WithCancel(t.Context())
	in, out, err := os.Pipe()
	require.NoError(t, err)
	defer out.Close()
	s := Stream(ctx, in)
	cancel()
	_, err = s.Read(make([]byte, 1)) // nobody writes
	assert.ErrorIs(t, err, context.Canceled)
	require.NoError(t, s.Close())
	_, _, err = Open(ctx, fifo)
	assert.ErrorIs(t, err, context.Canceled)

	_, _, err = Open(t.Context(), t.TempDir())
	assert.ErrorContains(t, err, "it is a folder")
}
