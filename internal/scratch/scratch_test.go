//go:build unix

package scratch

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const helper = "ROOTLOCK_SCRATCH_HELPER"

// TestMain: with the variable set, the program makes a folder and a file and waits to be
// killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv(helper); dir != "" {
		d, err := MakeDir("test")
		f, err2 := MakeFile(dir, "page.html")
		fmt.Println(d.Path, f.Name(), err, err2)
		select {}
	}
	os.Exit(m.Run())
}

// What a process leaves that was killed is cleared away by the next; what one that lives
// has made is not, nor what bears another name.
func TestLeftovers(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	start := func() (*exec.Cmd, string, string) {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), helper+"="+temp)
		out, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		line, err := bufio.NewReader(out).ReadString('\n')
		require.NoError(t, err)
		var dir, file, err1, err2 string
		_, err = fmt.Sscan(line, &dir, &file, &err1, &err2)
		require.NoError(t, err, line)
		return cmd, dir, file
	}
	killed, lostDir, lostFile := start()
	require.NoError(t, killed.Process.Kill())
	require.Error(t, killed.Wait())
	require.FileExists(t, filepath.Join(lostFile))
	require.NoError(t, os.WriteFile(filepath.Join(temp, ".page.html-mine"), nil, 0o600))
	require.NoError(t, os.Mkdir(filepath.Join(temp, "rootlock-notes-2026"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(temp, "rootlock-history-1.html"), nil, 0o600))

	lives, dir, file := start()
	assert.NoDirExists(t, lostDir)
	assert.NoFileExists(t, lostFile)
	sweeping.Clear()
	d, err := MakeDir("test")
	require.NoError(t, err)
	f, err := MakeFile(temp, "page.html")
	require.NoError(t, err)
	assert.DirExists(t, dir)
	assert.FileExists(t, file)
	assert.FileExists(t, filepath.Join(temp, ".page.html-mine"))
	assert.DirExists(t, filepath.Join(temp, "rootlock-notes-2026"))
	assert.FileExists(t, filepath.Join(temp, "rootlock-history-1.html"))
	require.NoError(t, lives.Process.Kill())
	require.Error(t, lives.Wait())
	require.NoError(t, d.Remove())
	require.NoError(t, f.Close())
	assert.NoDirExists(t, d.Path)
}

// Many who make and clear away at once never take from each other what is held.
func TestAtOnce(t *testing.T) {
	temp := t.TempDir()
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 50 {
				f, err := MakeFile(temp, "x")
				if assert.NoError(t, err) {
					assert.FileExists(t, f.Name())
					assert.NoError(t, os.Remove(f.Name()))
					assert.NoError(t, f.Close())
				}
			}
		})
	}
	group.Wait()
}

func TestNoTemporaryFolder(t *testing.T) {
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "none"))
	_, err := MakeDir("test")
	assert.ErrorContains(t, err, "name another with TMPDIR")
}
