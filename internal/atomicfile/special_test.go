//go:build unix

package atomicfile

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

func TestSymbolicLink(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "far"), 0o700))
	target, link := filepath.Join(dir, "far", "target"), filepath.Join(dir, "link")
	require.NoError(t, os.Symlink(filepath.Join("far", "target"), link))
	for _, text := range []string{"one", "two"} { // the target is not there yet, and is
		require.NoError(t, Write(t.Context(), link, []byte(text)))
		content(t, target, text)
		info, err := os.Lstat(link)
		require.NoError(t, err)
		assert.NotZero(t, info.Mode()&os.ModeSymlink)
	}
	assert.ErrorContains(t, Check(link, target), "read by the same command")
	loop := filepath.Join(dir, "loop")
	require.NoError(t, os.Symlink("loop", loop))
	assert.ErrorContains(t, Write(t.Context(), loop, nil), "it leads nowhere")
}

func TestMode(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	require.NoError(t, Write(t.Context(), path, nil))
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, newMode(), info.Mode(), "umask's")
	require.NoError(t, os.Chmod(path, 0o640))
	require.NoError(t, Write(t.Context(), path, []byte("x")))
	info, err = os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o640), info.Mode(), "the old file's")
}

// A pipe and a device are written to, and stay.
func TestSpecial(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	require.NoError(t, syscall.Mkfifo(fifo, 0o600))
	require.NoError(t, Check(fifo))
	assert.True(t, Special(fifo))
	read := make(chan string)
	go func() {
		f, err := os.Open(fifo)
		if err != nil {
			read <- err.Error()
			return
		}
		defer f.Close()
		data, _ := io.ReadAll(f)
		read <- string(data)
	}()
	require.NoError(t, Write(t.Context(), fifo, []byte("page")))
	assert.Equal(t, "page", <-read)
	assert.True(t, Special(fifo))
	require.NoError(t, Write(t.Context(), os.DevNull, []byte("page")))
	if Special("/dev/full") {
		assert.ErrorContains(t, Write(t.Context(), "/dev/full", []byte("page")), "no space left")
	}

	ctx, cancel := context.WithCancel(t.Context()) // nobody reads
	cancel()
	assert.ErrorIs(t, Write(ctx, fifo, []byte("page")), context.Canceled)
}
