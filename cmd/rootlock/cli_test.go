package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/ledger"
)

// call runs the command line in the project's folder.
func call(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	t.Chdir("../..")
	var out, errs bytes.Buffer
	code = run(t.Context(), args, &out, &errs)
	return code, out.String(), errs.String()
}

const lost = "mm1:SplitBelow(v1,1) mm1:CopyVMA mm1:LinkChain mm1:LockAnon mm1:LinkList mm1:UnlockAnon mm1:StoreStart w1:Walk(p1) w1:ReadMapping w1:CheckMapped w1:LockLeaf w1:NextEntry w1:ReadStart w1:ReadPgoff w1:NextEntry w1:ReadStart w1:ReadPgoff w1:NextEntry w1:UnlockRoot"

// Each wrong argument gives one clear line on standard error, nothing on
// standard output, and exit 2.
func TestBadInput(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
		return path
	}
	story := "A story.\n"
	for _, test := range []struct {
		reason string
		args   []string
		want   string
	}{
		{"unknown verb", []string{"frobnicate"}, `unknown verb "frobnicate"; the verbs are check, explore, hunt, tlc, replay, shrink, export, trace, play, prove, museum`},
		{"unknown flag", []string{"check", "--fast"}, "unknown flag --fast"},
		{"unknown protocol", []string{"explore", "NoLock"}, `unknown protocol "NoLock"; the protocols are OwnLock, DeepestLock, RootPointer, TrylockRetry, WalkMutex, RefcountedRoot, RwsemRoot`},
		{"unknown model", []string{"explore", "OwnLock", "--model", "Huge"}, `unknown model "Huge" of OwnLock; its models are`},
		{"unknown claim", []string{"explore", "OwnLock", "--claim", "NoBugs"}, `unknown claim "NoBugs"; the claims are`},
		{"a flag that wants a number", []string{"explore", "OwnLock", "--vmas", "many"}, "--vmas"},
		{"bounds beyond the State", []string{"explore", "OwnLock", "--vmas", "65"}, "VMAs is 65; a State holds 1 to 64"},
		{"unknown layout", []string{"explore", "OwnLock", "--layout", "Square"}, `unknown layout "Square"; the layouts are OnePage, Mapped, Neighbours`},
		{"unknown operation", []string{"explore", "OwnLock", "--ops", "Walk,Jump"}, `unknown operation "Jump"`},
		{"too many states", []string{"explore", "OwnLock", "--model", "Recycle", "--max-states", "100"}, "stopped at the limit of states"},
		{"no protocol", []string{"replay", "w1:Walk(p1)"}, "which protocol?"},
		{"no such file", []string{"replay", "lost.txtar"}, "it is neither a file"},
		{"an unknown thread, with position", []string{"replay", "--protocol", "OwnLock", "w1:Walk(p1) w7:LockLeaf"}, `line 1, column 13: "w7:LockLeaf": unknown thread "w7"`},
		{"a syntax error", []string{"replay", "--protocol", "OwnLock", "w1:Walk(p1"}, "missing )"},
		{"an empty schedule", []string{"replay", "--protocol", "OwnLock", write("empty.txt", "# nothing\n")}, "the schedule has no step"},
		{"a step that is not enabled: which guard, which values", []string{"replay", "--protocol", "OwnLock", "w1:Walk(p1) w1:LockLeaf"}, "move 2: w1:LockLeaf is not enabled: AtStep is false: the next step of w1 is ReadMapping"},
		{"a truncated case", []string{"replay", write("a.txtar", story+"-- case --\nprotocol: OwnLock\n")}, "it has no section schedule"},
		{"a foreign section", []string{"replay", write("b.txtar", story+"-- recipe --\n")}, `unknown section "recipe"`},
		{"an unknown key", []string{"replay", write("c.txtar", story+"-- case --\ncolour: red\n")}, `section case, line 1: "colour: red"`},
		{"a case without a story", []string{"replay", write("d.txtar", "-- case --\nprotocol: OwnLock\nmodel: Tiny\n-- schedule --\nw1:Walk(p1)\n")}, "it tells no story"},
		{"unknown TLC model", []string{"tlc", "OwnLock/Huge"}, `unknown model "OwnLock/Huge"; the models of OwnLock are`},
	} {
		t.Run(test.reason, func(t *testing.T) {
			code, stdout, stderr := call(t, test.args...)
			assert.Equal(t, exitUsage, code)
			if test.reason != "too many states" { // that one says how far it came
				assert.Empty(t, stdout)
				assert.Equal(t, 1, strings.Count(strings.TrimRight(stderr, "\n"), "\n")+1, "one line: %s", stderr)
			}
			assert.Contains(t, stderr, test.want)
			assert.True(t, strings.HasPrefix(stderr, "rootlock: "), stderr)
		})
	}
}

// Outside a checkout what rewrites the ledger or builds edited code says so, and how.
func TestOutsideTheProject(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, args := range [][]string{{"check", "--update"}, {"museum"}, {"museum", "--generated"}} {
		var out, errs bytes.Buffer
		assert.Equal(t, exitUsage, run(t.Context(), args, &out, &errs))
		assert.Regexp(t, `^rootlock: `+args[0]+`.* needs a checkout, because it .*; clone github.com/rootlock/rootlock with git, cd there, and run it there: go run ./cmd/rootlock `+args[0], errs.String())
	}
}

// A damaged ledger stops check before anything else is done, and stays as it is.
func TestBadLedger(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module github.com/rootlock/rootlock\n"), 0o644))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "testdata"), 0o755))
	path := filepath.Join(dir, ledger.File)
	require.NoError(t, os.WriteFile(path, []byte(`{"entries": [`), 0o644))
	t.Chdir(dir)
	var out, errs bytes.Buffer
	assert.Equal(t, exitUsage, run(t.Context(), []string{"check"}, &out, &errs))
	assert.Contains(t, errs.String(), "ledger.json, line 1: unexpected EOF")
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, `{"entries": [`, string(data))
}

func TestExplore(t *testing.T) {
	code, out, _ := call(t, "explore", "OwnLock", "--model", "Tiny", "--claim", "NoMissedMapping")
	assert.Equal(t, exitOK, code, "violated as the ledger expects")
	assert.Contains(t, out, "696 states, 1,212 generated, depth 41")
	assert.Contains(t, out, "bound: 1 mm, 2 VMAs")
	assert.Contains(t, out, "NoMissedMapping is violated: WalkComplete is false")

	code, out, _ = call(t, "explore", "OwnLock", "--model", "Tiny", "--mm-ops", "2")
	assert.Equal(t, exitFails, code, "bounds that the ledger does not know: a violated claim fails")
	assert.Contains(t, out, "--mm-ops 2", "the replay command carries the bounds")
}

func TestExploreJSON(t *testing.T) {
	code, out, _ := call(t, "explore", "DeepestLock", "--model", "Tiny", "--json")
	assert.Equal(t, exitOK, code)
	var got struct {
		OK      bool
		Results []map[string]any
		Skipped []any
	}
	require.NoError(t, json.Unmarshal([]byte(out), &got), "one JSON object and nothing else")
	assert.True(t, got.OK)
	require.Len(t, got.Results, 1)
	for _, key := range []string{"protocol", "model", "engine", "bound", "distinct", "generated", "depth", "seconds", "claims", "counterexample", "as_expected"} {
		assert.Contains(t, got.Results[0], key)
	}
}

// The command that a failure prints shows the failure again: it is split as a
// shell splits it, and run.
func TestReplayCommandRoundTrip(t *testing.T) {
	for _, args := range [][]string{
		{"explore", "OwnLock", "--model", "Small"},
		{"explore", "DeepestLock", "--model", "Pins"},
		{"explore", "DeepestLock", "--model", "Tiny", "--mms", "2", "--ops", "Fork,Exit,Pin,Unpin,Walk"},
	} {
		_, out, _ := call(t, args...)
		lines := regexp.MustCompile(`(?m)^(\w+) is violated: (\w+) is false: (.*)\nreplay: go run \./cmd/rootlock (.*)$`).FindAllStringSubmatch(out, -1)
		require.NotEmpty(t, lines, "%v prints its counterexamples: %s", args, out)
		for _, l := range lines {
			code, again, stderr := call(t, shellSplit(t, l[4])...)
			assert.Equal(t, exitFails, code, stderr)
			assert.Contains(t, again, l[2]+" is false: "+l[3], "the same conjunct with the same values")
			assert.Contains(t, again, "<- "+l[1])
		}
	}
}

// shellSplit splits words at blanks, and leaves what stands in single quotes
// whole.
func shellSplit(t *testing.T, line string) []string {
	t.Helper()
	parts := strings.Split(line, "'")
	require.Len(t, parts, 3, line)
	return append(strings.Fields(parts[0]), parts[1])
}

func TestReplay(t *testing.T) {
	code, out, _ := call(t, "replay", "--protocol", "OwnLock", "--model", "Tiny", lost, "--json")
	assert.Equal(t, exitFails, code)
	var got replayed
	require.NoError(t, json.Unmarshal([]byte(out), &got))
	assert.Equal(t, "NoMissedMapping", got.Violated)
	assert.Equal(t, "WalkComplete", got.Conjunct)
	assert.Equal(t, lost, got.Schedule)
	assert.Equal(t, replayStep{"mm1", "SplitBelow", "v1,1"}, got.Steps[0])
	assert.Len(t, got.Steps, 19)

	code, out, _ = call(t, "replay", "--protocol", "OwnLock", "--model", "Tiny", "w1:Walk(p1)")
	assert.Equal(t, exitOK, code)
	assert.Contains(t, out, "no claim breaks")
}

// Every case worth keeping still does what its story says.
func TestReplayCases(t *testing.T) {
	cases, err := filepath.Glob("../../testdata/schedules/*.txtar")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(cases), 7)
	for _, path := range cases {
		path, err := filepath.Abs(path)
		require.NoError(t, err)
		t.Run(filepath.Base(path), func(t *testing.T) {
			code, out, stderr := call(t, "replay", path)
			assert.Equal(t, exitOK, code, "%s%s", out, stderr)
		})
	}
}

func TestReplayOfWrongExpectation(t *testing.T) {
	path := filepath.Join(t.TempDir(), "wrong.txtar")
	require.NoError(t, os.WriteFile(path, []byte("A story.\n-- case --\nprotocol: OwnLock\nmodel: Tiny\nviolated: OneRoot\n-- schedule --\n"+lost+"\n"), 0o644))
	code, out, _ := call(t, "replay", path)
	assert.Equal(t, exitFails, code)
	assert.Contains(t, out, "expected: OneRoot")
}

// Interrupted, check says what it did not do.
func TestInterrupt(t *testing.T) {
	t.Chdir("../..")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, errs bytes.Buffer
	code := run(ctx, []string{"check"}, &out, &errs)
	assert.Equal(t, exitInterrupted, code)
	assert.Contains(t, out.String(), "tasks not done")
	assert.Contains(t, errs.String(), "rootlock: interrupted")
}
