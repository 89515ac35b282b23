//go:build unix

package museum

import (
	"bufio"
	"context"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Cancelled in the middle of a build, Run leaves no process and no file. A fifo
// that all of them hold open for writing tells when they are gone.
func TestCancel(t *testing.T) {
	bin, temp := t.TempDir(), t.TempDir()
	fifo := filepath.Join(bin, "alive")
	require.NoError(t, syscall.Mkfifo(fifo, 0o600))
	script := "#!/bin/sh\nexec 3>" + fifo + "\nsleep 1000 &\necho alive >&3\nwait\n"
	require.NoError(t, os.WriteFile(filepath.Join(bin, "go"), []byte(script), 0o700))
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	t.Setenv("TMPDIR", temp)

	ctx, cancel := context.WithCancel(t.Context())
	e := entry(t, "Posted")
	e.Engines = []string{Explorer}
	done := make(chan error)
	go func() {
		_, err := Run(ctx, e, Options{Root: root})
		done <- err
	}()
	alive, err := os.Open(fifo) // waits until the false go opens its end
	require.NoError(t, err)
	defer alive.Close()
	r := bufio.NewReader(alive)
	line, err := r.ReadString('\n')
	require.NoError(t, err)
	assert.Equal(t, "alive\n", line)
	cancel()
	assert.ErrorIs(t, <-done, context.Canceled)
	rest, err := io.ReadAll(r) // ends when the last of them has
	require.NoError(t, err)
	assert.Empty(t, rest)
	left, err := os.ReadDir(temp)
	require.NoError(t, err)
	assert.Empty(t, left)
}

func TestCancelledBefore(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	results, err := RunAll(ctx, entries(t), Options{Root: root}, 2, nil)
	assert.ErrorIs(t, err, context.Canceled)
	assert.Empty(t, results)
}
