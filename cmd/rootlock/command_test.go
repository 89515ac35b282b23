package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/rootlock/rootlock/internal/deep"
)

// rootlock runs the command in this process.
func rootlock(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	var out, err bytes.Buffer
	code = run(t.Context(), args, &out, &err)
	return code, out.String(), err.String()
}

// shellWords splits a line as a shell does: blanks separate, single quotes hold
// together. What else a shell would do with a line must not occur in it.
func shellWords(t *testing.T, line string) (words []string) {
	t.Helper()
	var word strings.Builder
	quoted, begun := false, false
	for _, c := range line {
		switch {
		case c == '\'':
			quoted, begun = !quoted, true
		case c == ' ' && !quoted:
			if begun {
				words = append(words, word.String())
			}
			word.Reset()
			begun = false
		default:
			require.False(t, !quoted && strings.ContainsRune("\"\\$`;&|<>()*?[]#~!{}\t\n", c), "%q means something to a shell: %s", c, line)
			word.WriteRune(c)
			begun = true
		}
	}
	require.False(t, quoted, "an open quote: %s", line)
	if begun {
		words = append(words, word.String())
	}
	return words
}

// The printed command alone brings the same violation back: for every
// counterexample of every small model, and of bounds that no model has.
func TestPrintedCommandReplays(t *testing.T) {
	work := 0
	for _, explore := range [][]string{
		{"OwnLock", "--model", "Tiny"},
		{"OwnLock", "--model", "Small"},
		{"OwnLock", "--model", "Recycle"},
		{"TrylockRetry", "--model", "LivePair"},
		{"OwnLock", "--model", "LiveWeak"},
		{"DeepestLock", "--model", "Recycle"},
		{"DeepestLock", "--model", "Pins"},
		{"DeepestLock", "--model", "LiveWeak"},
		{"OwnLock", "--model", "Small", "--mm-ops", "1", "--objects", "4"},
		{"OwnLock", "--model", "Neighbours", "--ops", "Fault,Migrate,SplitAbove,Unmap"},
		{"DeepestLock", "--model", "LiveWeak", "--walkers", "3"},
	} {
		t.Run(strings.Join(explore, " "), func(t *testing.T) {
			if model := explore[2]; len(explore) == 3 && (model == "Small" || model == "Pins") && !deep.Asked() {
				t.Skip("TestReplayCommandRoundTrip asks this model; " + deep.Variable + "=1 asks for every field")
			}
			// As JSON, to know what to expect; as text, for the line.
			_, found, _ := rootlock(t, append([]string{"--json", "explore"}, explore...)...)
			var out results
			require.NoError(t, json.Unmarshal([]byte(found), &out))
			require.Len(t, out.Results, 1)
			want := out.Results[0].Violations
			require.NotEmpty(t, want)
			_, text, _ := rootlock(t, append([]string{"explore"}, explore...)...)
			i := 0
			for line := range strings.Lines(text) {
				line, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "replay: ")
				if !ok {
					continue
				}
				words := shellWords(t, line)
				require.Equal(t, []string{"go", "run", "./cmd/rootlock", "replay"}, words[:4])
				code, again, complaint := rootlock(t, append([]string{"--json"}, words[3:]...)...)
				require.Equal(t, exitFails, code, "%s\n%s", line, complaint)
				var got replayed
				require.NoError(t, json.Unmarshal([]byte(again), &got))
				assert.Equal(t, want[i].Claim, got.Violated, line)
				assert.Equal(t, want[i].Conjunct, got.Conjunct, line)
				assert.Equal(t, want[i].Values, got.Values, line)
				assert.Equal(t, want[i].Schedule, got.Schedule, line)
				assert.Equal(t, want[i].Length, got.At, line)
				assert.Equal(t, out.Results[0].Bound, got.Bound, line)
				assert.Equal(t, line, got.Command, "and says the same command")
				i++
			}
			assert.Equal(t, len(want), i, "one command per violation")
			work += i
		})
	}
	assert.Greater(t, work, deep.Or(15, 20), "floor on the work done")
}

// So does each command that explore prints for a claim over all models, and the one that
// hunt prints.
func TestCommandsOfAllModels(t *testing.T) {
	for _, args := range [][]string{{"explore", "OwnLock", "--budget", "1ms"}, {"hunt", "OwnLock", "--model", "Tiny", "--seconds", "20", "--claim", "NoBadFree"}} {
		_, text, _ := rootlock(t, args...)
		claims := regexp.MustCompile(`(?m)^(\w+) +(?:violated in|is violated: )[^\n]*\n +?replay: (.*)$|^(\w+) is violated: [^\n]*\nreplay: (.*)$`).FindAllStringSubmatch(text, -1)
		require.NotEmpty(t, claims, text)
		for _, c := range claims {
			claim, line := cmp.Or(c[1], c[3]), cmp.Or(c[2], c[4])
			code, again, complaint := rootlock(t, append([]string{"--json"}, shellWords(t, line)[3:]...)...)
			require.Equal(t, exitFails, code, "%s\n%s", line, complaint)
			var got replayed
			require.NoError(t, json.Unmarshal([]byte(again), &got))
			assert.Equal(t, claim, got.Violated, line)
		}
	}
}

// After an interrupt there is a summary, one JSON object, and exit code 130.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, args := range [][]string{{"explore", "OwnLock", "--model", "Full"}, {"check"}} {
		var out, err bytes.Buffer
		assert.Equal(t, exitInterrupted, run(ctx, append(args, "--json"), &out, &err), args)
		var got results
		require.NoError(t, json.Unmarshal(out.Bytes(), &got), "%s: %s", args, out.String())
		assert.False(t, got.OK, "nothing was established")
		assert.NotEmpty(t, got.Skipped, "%s: what was not checked", args)
		assert.Contains(t, err.String(), "interrupted")
	}
	schedule := filepath.Join("..", "..", "testdata", "schedules", "recycled-leaf.txtar")
	for _, test := range []struct {
		args []string
		says string
	}{
		{[]string{"museum", "--no-tlc"}, `^interrupted: 0 entries shown, [1-9][0-9]* not`},
		{[]string{"shrink", schedule}, `^interrupted: DeepestLock/Recycle, NoRecycledTrusted: from 19 steps to [0-9]+ so far, .*\nreplay: go run `},
		{[]string{"check"}, `CUT, interrupted: [0-9]+ of [0-9]+ tasks not done`},
		{[]string{"explore", "OwnLock"}, `^not explored: [0-9]+ models: interrupted\ninterrupted: 0 models explored`},
		{[]string{"hunt", "OwnLock"}, `^interrupted: what was found until then stands above`},
	} {
		var out, err bytes.Buffer
		assert.Equal(t, exitInterrupted, run(ctx, test.args, &out, &err), test.args)
		assert.Regexp(t, `(?m)`+test.says, out.String())
		assert.Contains(t, err.String(), "rootlock: interrupted")
		out.Reset()
		assert.Equal(t, exitInterrupted, run(ctx, append(test.args, "--json"), &out, &err), test.args)
		var got struct{ OK *bool }
		require.NoError(t, json.Unmarshal(out.Bytes(), &got), "%s: %s", test.args, out.String())
		require.NotNil(t, got.OK)
		assert.False(t, *got.OK, test.args)
	}
}

// cutting cancels as soon as something is written that holds a text.
type cutting struct {
	bytes.Buffer
	at     string
	cancel context.CancelFunc
}

func (c *cutting) Write(p []byte) (int, error) {
	n, err := c.Buffer.Write(p)
	if bytes.Contains(c.Bytes(), []byte(c.at)) { // it may come in pieces
		c.cancel()
	}
	return n, err
}

func (c *cutting) WriteString(s string) (int, error) { return c.Write([]byte(s)) }

// Interrupted, check keeps its verdicts: table, JSON and page are of what was done, and
// say that they are cut.
func TestCheckInterrupted(t *testing.T) {
	project, err := root()
	require.NoError(t, err)
	t.Chdir(project)
	path := filepath.Join(t.TempDir(), "all.html")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out := &cutting{at: "OwnLock/Neighbours", cancel: cancel}
	var errs bytes.Buffer
	assert.Equal(t, exitInterrupted, run(ctx, []string{"check", "OwnLock", "--quick", "--html", path}, out, &errs))
	text := out.String()
	assert.Regexp(t, `^explorer OwnLock/Tiny `, text, "from small to large")
	assert.Regexp(t, `(?m)^claim +OwnLock$`, text, "the table")
	assert.Regexp(t, `(?m)^NoMissedMapping +in 19 +E`, text)
	assert.Regexp(t, `\nNOT the whole check: only OwnLock: [2-9] results .*: CUT, interrupted: [0-9]+ of [0-9]+ tasks not done.*\nwrote .*all.html and `, text)
	assert.NotContains(t, text, "was not run")
	page, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Regexp(t, `<title>rootlock check: Not the whole check \(interrupted: [0-9]+ of [0-9]+ tasks not done\)\. So far: 1 protocol, 24 claims: [1-9][0-9]* cells broken, all known</title>`, string(page))
	assert.Contains(t, string(page), `all-pages/OwnLock-NoMissedMapping.html"`)
	assert.NotContains(t, string(page), "RootPointer", "it was not asked for")

	ctx, stop := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer stop()
	out = &cutting{at: "{", cancel: func() {}}
	assert.Equal(t, exitInterrupted, run(ctx, []string{"--json", "check", "OwnLock", "--quick"}, out, &errs))
	var got results
	require.NoError(t, json.Unmarshal(out.Bytes(), &got))
	assert.Regexp(t, `^interrupted: [0-9]+ of [0-9]+ tasks not done$`, got.Cut)
	assert.False(t, got.OK)
	assert.NotEmpty(t, got.Results)
}
