//go:build unix

package process

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const helper = "ROOTLOCK_PROCESS_HELPER"

// family starts a child, which says that it is there; both hold a pipe open.
func family(fifo string) *exec.Cmd {
	return exec.Command("/bin/sh", "-c", `exec 3>"$1"; sleep 1000 & echo alive >&3; wait`, "sh", fifo)
}

// TestMain: with the variable set, the program runs a family until it is killed.
func TestMain(m *testing.M) {
	if fifo := os.Getenv(helper); fifo != "" {
		c := family(fifo)
		_ = Run(exec.CommandContext(context.Background(), c.Path, c.Args[1:]...))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// Killed without a chance to say anything, a process leaves no grandchild: the pipe that
// all of the family hold open comes to its end.
func TestGrandchildrenDieToo(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "alive")
	require.NoError(t, syscall.Mkfifo(fifo, 0o600))
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), helper+"="+fifo)
	require.NoError(t, parent.Start())
	alive, err := os.Open(fifo)
	require.NoError(t, err)
	defer func() { assert.NoError(t, alive.Close()) }()
	r := bufio.NewReader(alive)
	line, err := r.ReadString('\n')
	require.NoError(t, err)
	assert.Equal(t, "alive\n", line)
	require.NoError(t, parent.Process.Kill())
	require.Error(t, parent.Wait())
	rest, err := io.ReadAll(r) // ends when the last of them has
	require.NoError(t, err)
	assert.Empty(t, rest)
}

func TestRun(t *testing.T) {
	require.NoError(t, Run(exec.CommandContext(t.Context(), "/bin/sh", "-c", "exit 0")))
	var exit *exec.ExitError
	require.ErrorAs(t, Run(exec.CommandContext(t.Context(), "/bin/sh", "-c", "exit 3")), &exit)
	assert.Equal(t, 3, exit.ExitCode())
	assert.Error(t, Run(exec.CommandContext(t.Context(), "/no/such/program")))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.ErrorIs(t, Run(exec.CommandContext(ctx, "sleep", "1000")), context.Canceled)
}
