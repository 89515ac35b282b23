//go:build unix

package tlc

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A fifo that a process holds open for writing tells when that process is gone:
// then its reader meets the end. So no test waits for a time to pass.
func makeFifo(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "alive")
	require.NoError(t, syscall.Mkfifo(path, 0o600))
	return path
}

// helperProcess runs the fake Java named by the environment until it is killed.
func helperProcess() {
	_, err := Run(context.Background(), Options{Installation: Installation{Java: os.Getenv(helperVariable), Jar: "none"},
		Module: "M", Overlay: map[string][]byte{"M.tla": nil}})
	fmt.Fprintln(os.Stderr, "the fake Java ended by itself:", err)
	os.Exit(1)
}

func TestJavaDiesWithItsParent(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux can do this")
	}
	fifo := makeFifo(t)
	java := fakeJava(t, "exec 3>"+fifo+"\necho alive >&3\nexec sleep 1000\n")
	helper := exec.Command(os.Args[0], "-test.run=^$")
	helper.Env = append(os.Environ(), helperVariable+"="+java, "TMPDIR="+t.TempDir())
	require.NoError(t, helper.Start())
	alive, err := os.Open(fifo) // waits until the fake Java opens its end
	require.NoError(t, err)
	defer alive.Close()
	line, err := bufio.NewReader(alive).ReadString('\n')
	require.NoError(t, err)
	assert.Equal(t, "alive\n", line)
	require.NoError(t, helper.Process.Kill())
	require.Error(t, helper.Wait())
	assert.Empty(t, readAll(t, alive)) // returns when the fake Java is dead
}
