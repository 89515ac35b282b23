package main

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/deep"
)

// start starts the command in the project's folder, with a folder of its own for temporary
// files.
func start(t *testing.T, tmp string, args ...string) (cmd *exec.Cmd, stdout, stderr *bytes.Buffer) {
	t.Helper()
	project, err := root()
	require.NoError(t, err)
	stdout, stderr = new(bytes.Buffer), new(bytes.Buffer)
	cmd = exec.CommandContext(t.Context(), "rootlock", args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = project, stdout, stderr
	cmd.Env = append(os.Environ(), "TMPDIR="+tmp)
	require.NoError(t, cmd.Start())
	return cmd, stdout, stderr
}

func names(t *testing.T, dir string) (list []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

// Killed at a random moment, whoever writes leaves the old file or the new one, whole; and
// what else it leaves is cleared away by the next who writes there.
func TestKilledWhileWriting(t *testing.T) {
	const schedule = "testdata/schedules/recycled-leaf.txtar"
	dir, tmp := t.TempDir(), t.TempDir()
	const old = "what was there"
	for _, verb := range []struct {
		args []string
		out  string
		was  string // "": it is not there before
		last string // how a whole file ends
	}{
		{[]string{"replay", schedule, "--html"}, "page.html", old, "</html>"},
		{[]string{"shrink", schedule, "-o"}, "short.txtar", "", "w1:ReadTail"},
	} {
		path := filepath.Join(dir, verb.out)
		reset := func() {
			_ = os.Remove(path)
			if verb.was != "" {
				require.NoError(t, os.WriteFile(path, []byte(verb.was), 0o600))
			}
		}
		args := append(verb.args, path)
		reset()
		begun := time.Now()
		cmd, _, stderr := start(t, tmp, args...)
		require.NoError(t, cmd.Wait(), stderr)
		usual := time.Since(begun)
		whole, err := os.ReadFile(path)
		require.NoError(t, err)
		require.True(t, strings.HasSuffix(strings.TrimSpace(string(whole)), verb.last), "%.100q", whole[max(0, len(whole)-100):])

		n := deep.Or(4, 50)
		olds, news, leftovers := 0, 0, 0
		r := rand.New(rand.NewPCG(9, 9))
		for range n {
			reset()
			cmd, _, _ := start(t, tmp, args...)
			time.Sleep(time.Duration(r.Int64N(int64(usual) * 11 / 10)))
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
			switch now, err := os.ReadFile(path); {
			case errors.Is(err, os.ErrNotExist):
				require.Empty(t, verb.was)
				olds++
			default:
				require.NoError(t, err)
				if string(now) == verb.was {
					olds++
				} else {
					require.Equal(t, string(whole), string(now))
					news++
				}
			}
			for _, name := range names(t, dir) {
				if name != verb.out {
					leftovers++
				}
			}
		}
		t.Logf("%s: killed %d times: %d old, %d new, %d files left over", verb.args[0], n, olds, news, leftovers)
		reset()
		cmd, _, stderr = start(t, tmp, args...)
		require.NoError(t, cmd.Wait(), stderr)
		assert.Equal(t, []string{verb.out}, names(t, dir), "the next run clears away")
		require.NoError(t, os.Remove(path))
	}
	assert.Empty(t, names(t, tmp))
}

// Interrupted at a random moment, a verb ends soon and in order, with 130, or with what it
// would have said if it was about to end; and leaves nothing behind.
func TestInterruptedAtRandom(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no process can be sent an interrupt")
	}
	verbs := [][]string{
		{"check", "RootPointer", "--quick"}, {"explore", "OwnLock", "--model", "Full"}, {"museum", "NoRecheck", "--no-tlc"},
		{"hunt", "RootPointer", "--seconds", "5"}, {"explore", "RootPointer", "--budget", "5s"}, {"trace", "testdata/kernel-traces/core.jsonl.gz"},
		{"shrink", "testdata/schedules/moved-behind-the-walker.txtar"},
	}
	tmp := t.TempDir()
	r := rand.New(rand.NewPCG(13, 0))
	codes := map[int]int{}
	slowest := time.Duration(0)
	for i := range deep.Or(3, 40) {
		args := verbs[i%len(verbs)]
		if r.IntN(2) == 0 {
			args = append([]string{"--json"}, args...)
		}
		cmd, stdout, stderr := start(t, tmp, args...)
		time.Sleep(time.Duration(100+r.IntN(deep.Or(250, 900))) * time.Millisecond) // from the time on at which it listens
		require.NoError(t, cmd.Process.Signal(os.Interrupt))
		sent := time.Now()
		_ = cmd.Wait()
		slowest = max(slowest, time.Since(sent))
		code := cmd.ProcessState.ExitCode()
		codes[code]++
		assert.Contains(t, []int{exitOK, exitFails, exitInterrupted, -1}, code, "%s: %s", args, stderr)
		assert.NotContains(t, stderr.String(), "goroutine ", args)
		if code == exitInterrupted {
			assert.Contains(t, stderr.String(), "rootlock: interrupted")
		}
		if args[0] == "--json" && code >= 0 {
			assert.Regexp(t, `(?s)^\{.*\}\n$`, stdout.String(), args)
		}
		assert.Empty(t, names(t, tmp), args)
	}
	t.Logf("exit codes %v; the slowest to end took %v", codes, slowest)
	assert.Less(t, slowest, 30*time.Second)
}

// timed is what differs between two runs that do the same.
var timed = regexp.MustCompile(`[0-9.]+ s, [0-9,]+(?: operations)?/s|"seconds": [0-9.e-]+|[0-9.]+ s elapsed`)

// The same seed has the same bytes, but for times, however many processors there are.
func TestSameBytes(t *testing.T) {
	project, err := root()
	require.NoError(t, err)
	t.Chdir(project)
	const schedule = "testdata/schedules/recycled-leaf.txtar"
	first := map[string]string{}
	old := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(old)
	n := deep.Or(1, 34)
	for i := range n {
		for _, processors := range []int{1, 8, 2}[:deep.Or(2, 3)] {
			runtime.GOMAXPROCS(processors)
			for _, args := range [][]string{
				{"replay", schedule}, {"replay", schedule, "--html=-"}, {"export", schedule, "--as=tla"}, {"export", schedule, "--as=json"},
				{"shrink", schedule}, {"explore", "DeepestLock", "--model", "Tiny", "--workers", "4"}, {"explore", "OwnLock", "--model", "Tiny", "--json"},
				{"hunt", "OwnLock", "--model", "Tiny", "--seconds", "60", "--claim", "NoBadFree", "--seed", "7"},
			} {
				code, stdout, stderr := rootlock(t, args...)
				require.Less(t, code, exitUsage, stderr)
				stdout = timed.ReplaceAllString(stdout, "")
				name := strings.Join(args, " ")
				if i == 0 && processors == 1 {
					first[name] = stdout
				}
				require.Equal(t, first[name], stdout, "%s: run %d with %d processors", name, i, processors)
			}
		}
	}
	t.Logf("%d command lines, %d runs of each", len(first), deep.Or(2, 3)*n)
}
