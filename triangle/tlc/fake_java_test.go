//go:build unix

package tlc

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/deep"
)

// fakeJava writes a shell script into an own bin directory.
func fakeJava(t *testing.T, script string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bin", "java")
	require.NoError(t, os.Mkdir(filepath.Dir(path), 0o755))
	// The write must be over before any other test forks, or the script is
	// "busy" for its own start.
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o755))
	return path
}

func readAll(t *testing.T, r io.Reader) string {
	t.Helper()
	data, err := io.ReadAll(r)
	require.NoError(t, err)
	return string(data)
}

func says(version string) string { return "echo 'openjdk version \"" + version + "\"' >&2\n" }

func TestFindJava(t *testing.T) {
	for _, row := range []struct {
		home, onPath string // scripts
		version      string
		kind         SetupKind
		detail       string
		reason       string
	}{
		{says("17.0.15"), says("21"), "17.0.15", "", "", "JAVA_HOME comes before PATH"},
		{"", says("21"), "21", "", "", "PATH alone"},
		{says("1.8.0_292"), says("11.0.2"), "11.0.2", "", "", "a JAVA_HOME that is too old does not hide a good one"},
		{"echo Picked up JAVA_TOOL_OPTIONS: -version 8 >&2\n" + says("22-ea"), "", "22-ea", "", "", "other lines, early access"},
		{"", "", "", NoJava, "PATH has no java", "no Java at all"},
		{"", says("1.8.0_292"), "", JavaTooOld, "1.8.0_292", "Java 8"},
		{says("10.0.1"), says("1.7.0"), "", JavaTooOld, "10.0.1", "both too old: both are named"},
		{"", "echo Unable to locate a Java Runtime; exit 1\n", "", JavaBroken, "Unable to locate", "the stub of macOS"},
		{"exit 0\n", "", "", JavaBroken, "printed nothing", "says nothing"},
	} {
		vars := map[string]string{}
		f := Finder{getenv: environment(vars), lookPath: noProgram}.withDefaults()
		if row.home != "" {
			vars["JAVA_HOME"] = filepath.Dir(filepath.Dir(fakeJava(t, row.home)))
		}
		if row.onPath != "" {
			path := fakeJava(t, row.onPath)
			f.lookPath = func(string) (string, error) { return path, nil }
		}
		_, version, err := f.findJava(t.Context())
		if row.kind == "" {
			assert.NoError(t, err, row.reason)
			assert.Equal(t, row.version, version, row.reason)
			continue
		}
		var missing *SetupError
		if assert.ErrorAs(t, err, &missing, row.reason) {
			assert.Equal(t, row.kind, missing.Kind, row.reason)
			assert.Contains(t, missing.Detail, row.detail, row.reason)
			assert.Contains(t, missing.Remedy, "JAVA_HOME", row.reason)
		}
	}
	f := Finder{getenv: environment(map[string]string{"JAVA_HOME": "/no/such/home"}), lookPath: noProgram}
	_, err := f.Find(t.Context())
	assert.ErrorContains(t, err, "/no/such/home/bin/java")
}

// runFake runs a fake Java and checks that the private directory is gone.
func runFake(t *testing.T, ctx context.Context, script string, limit time.Duration) (*Result, error) {
	t.Helper()
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	res, err := Run(ctx, Options{Installation: Installation{Java: fakeJava(t, script), Jar: "none"}, TimeLimit: limit,
		Module: "M", Overlay: map[string][]byte{"M.tla": nil, "M.cfg": nil}})
	left, readErr := os.ReadDir(temp)
	require.NoError(t, readErr)
	assert.Empty(t, left, "the private directory is gone")
	return res, err
}

func TestRunFailures(t *testing.T) {
	for _, row := range []struct {
		script  string
		limit   time.Duration
		verdict Verdict
		detail  string
		reason  string
	}{
		{"exit 1\n", 0, Unknown, "exit code 1", "fails without a word"},
		{"exit 0\n", 0, Unknown, "without its final message", "succeeds without a word"},
		{"echo 'Error: Could not find or load main class tlc2.TLC' >&2; exit 1\n", 0, Unknown, "main class", "not a jar of TLC: standard error is shown"},
		{"echo 'Exception in thread main java.lang.OutOfMemoryError: Java heap space' >&2; exit 3\n", 0, OutOfMemory, "Java heap space", "heap full, without a message"},
		{"echo 'Could not reserve enough space for object heap'; exit 1\n", 0, OutOfMemory, "Could not reserve", "more heap than memory"},
		{"echo '@!@!@STARTMSG 1001:1 @!@!@'; echo 'Java ran out of memory.'; echo '@!@!@ENDMSG 1001 @!@!@'; exit 255\n", 0, OutOfMemory, "ran out", "heap full, TLC says so"},
		{"kill -9 $$\n", 0, Unknown, "signal: killed", "killed from outside"},
		{"exec sleep 1000\n", time.Millisecond, TimeLimit, "1ms", "hangs"},
		{"sleep 1000 & sleep 1000\n", time.Millisecond, TimeLimit, "1ms", "hangs with children that hold the pipes"},
	} {
		t.Run(row.reason, func(t *testing.T) {
			res, err := runFake(t, t.Context(), row.script, row.limit)
			var bad *RunError
			require.ErrorAs(t, err, &bad)
			assert.Equal(t, row.verdict, bad.Verdict)
			assert.Contains(t, bad.Error(), row.detail)
			assert.NotEmpty(t, bad.Remedy)
			if res != nil { // nil if the limit came before the start
				assert.Equal(t, row.verdict, res.Verdict)
			}
		})
	}
}

func TestCancelKillsTheGroup(t *testing.T) {
	fifo := makeFifo(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	said := make(chan string)
	go func() {
		alive, err := os.Open(fifo)
		if err != nil {
			said <- err.Error()
			return
		}
		defer alive.Close()
		alive.Read(make([]byte, 1))
		cancel()
		rest, _ := io.ReadAll(alive) // until Java and its child are dead
		said <- string(rest)
	}()
	_, err := runFake(t, ctx, "exec 3>"+fifo+"\nsleep 1000 &\necho x >&3\nwait\n", 0)
	require.ErrorIs(t, err, context.Canceled)
	var bad *RunError
	require.ErrorAs(t, err, &bad)
	assert.Equal(t, Canceled, bad.Verdict)
	assert.Equal(t, "\n", <-said)
}

func TestOptionsAreChecked(t *testing.T) {
	in := Installation{Java: "java", Jar: "jar"}
	for _, row := range []struct {
		o      Options
		detail string
		reason string
	}{
		{Options{Module: "M"}, "no installation", "nothing was found"},
		{Options{Installation: in, Module: "../M"}, "not the name of a module", "a path as module"},
		{Options{Installation: in, Module: "M", Workers: -1}, "negative", "negative workers"},
		{Options{Installation: in, Module: "M", Simulate: &Simulation{}}, "does not end", "simulation without bound"},
		{Options{Installation: in, Module: "M", DumpDOT: "graph.txt"}, ".dot", "TLC would write graph.txt.dot"},
		{Options{Installation: in, Module: "M", Overlay: map[string][]byte{"../M.tla": nil}}, "plain file name", "a file outside of the directory"},
		{Options{Installation: Installation{Java: "/no/such/java", Jar: "jar"}, Module: "M"}, "starting Java", "Java is gone since it was found"},
	} {
		res, err := Run(t.Context(), row.o)
		assert.Nil(t, res, row.reason)
		assert.ErrorContains(t, err, row.detail, row.reason)
	}
}

// canceler cancels when TLC is at work, and remembers TLC's process.
type canceler struct {
	bytes.Buffer
	cancel context.CancelFunc
}

func (c *canceler) Write(p []byte) (int, error) {
	n, err := c.Buffer.Write(p)
	if bytes.Contains(c.Bytes(), []byte("ENDMSG 2190")) {
		c.cancel()
	}
	return n, err
}

func TestLiveCancel(t *testing.T) {
	if !deep.Asked() {
		t.Skip("a start of Java, and TestCancelKillsTheGroup asks the same of another program; " + deep.Variable + "=1 asks for it")
	}
	in := Need(t)
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out := &canceler{cancel: cancel}
	res, err := Run(ctx, Options{Installation: in, Files: specs(t), Module: "Endless", Workers: 1, HeapMB: 256, JVM: quickStart, rawOutput: out})
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, Canceled, res.Verdict)
	m := regexp.MustCompile(`\[pid: (\d+)\]`).FindStringSubmatch(out.String())
	require.NotNil(t, m)
	pid, err := strconv.Atoi(m[1])
	require.NoError(t, err)
	assert.ErrorIs(t, syscall.Kill(pid, 0), syscall.ESRCH, "no Java is left")
	left, err := os.ReadDir(temp)
	require.NoError(t, err)
	assert.Empty(t, left)
}

func TestMavenIsAskedFirst(t *testing.T) {
	f, asked := jarFinder(t, goodJar)
	mvn := fakeJava(t, `[ "$*" = "-q -B org.apache.maven.plugins:maven-dependency-plugin:2.8:copy -Dartifact=group:name:1 -DoutputDirectory=$PWD" ] || { echo "$*"; exit 9; }
printf '`+goodJar+`' > maven.jar
`)
	f.lookPath = func(string) (string, error) { return mvn, nil }
	var in Installation
	require.NoError(t, f.findJar(t.Context(), &in))
	assert.Equal(t, "Maven", in.JarSource)
	assert.Zero(t, asked.Load())
	onlyFile(t, f, "maven.jar")
}

func TestFailingMavenIsNamedAndPassedOver(t *testing.T) {
	failing := fakeJava(t, "echo '[ERROR] no such artifact'; exit 1\n")
	f, _ := jarFinder(t, goodJar)
	f.lookPath = func(string) (string, error) { return failing, nil }
	var in Installation
	require.NoError(t, f.findJar(t.Context(), &in))
	assert.Equal(t, "GitHub", in.JarSource)

	f, _ = jarFinder(t, "")
	f.lookPath = func(string) (string, error) { return failing, nil }
	assert.ErrorContains(t, f.findJar(t.Context(), &in), "no such artifact")
}

// Java that does not end, or does not stop talking, is not waited for, nor kept.
func TestJavaThatDoesNotAnswer(t *testing.T) {
	defer func(d time.Duration) { askLimit = d }(askLimit)
	askLimit = 50 * time.Millisecond
	_, err := javaVersion(t.Context(), fakeJava(t, "exec sleep 1000\n"))
	require.NotNil(t, err)
	assert.Equal(t, JavaBroken, err.Kind)
	assert.Contains(t, err.Detail, "has not ended within 50ms")

	askLimit = 10 * time.Second
	_, err = javaVersion(t.Context(), fakeJava(t, `awk 'BEGIN { while (i++ < 100000) printf "\033[31mxxxxxxxxxx" }'`))
	require.NotNil(t, err)
	assert.Less(t, len(err.Error()), 1000)
	assert.NotContains(t, err.Error(), "\x1b")
}

// A line without end ends the run.
func TestEndlessLine(t *testing.T) {
	res, err := runFake(t, t.Context(), "exec tr '\\0' x < /dev/zero\n", 0)
	assert.ErrorContains(t, err, "a line of more than 16 MiB")
	assert.Equal(t, Unknown, res.Verdict)
	assert.Less(t, len(err.Error()), 1000)
}

// Whoever waits for TLC that says nothing hears of its last line.
func TestQuiet(t *testing.T) {
	defer func(d time.Duration) { patience = d }(patience)
	patience = 20 * time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	said := make(chan string, 1)
	_, err := Run(ctx, Options{Installation: Installation{Java: fakeJava(t, "echo 'looking for loops'; exec sleep 1000\n"), Jar: "none"},
		Module: "M", Overlay: map[string][]byte{"M.tla": nil, "M.cfg": nil}, Quiet: func(_ time.Duration, last string) {
			if last != "" {
				select {
				case said <- last:
				default:
				}
				cancel()
			}
		}})
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, "looking for loops", <-said)

	_, err = runFake(t, t.Context(), "echo 'looking for loops'; exec sleep 1000\n", 300*time.Millisecond)
	assert.ErrorContains(t, err, "not done after 300ms; its last line: looking for loops")
}
