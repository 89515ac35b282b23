package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/deep"
)

// full is a standard output that has no room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

// Every verb says that its standard output was full, as text and as JSON: nothing that was
// not written is taken for written.
func TestFullStandardOutput(t *testing.T) {
	project, err := root()
	require.NoError(t, err)
	t.Chdir(project)
	const schedule = "testdata/schedules/freed-leaf.txtar"
	for _, args := range [][]string{
		{"--help"}, {"replay", "--help"},
		{"replay", schedule}, {"replay", schedule, "--html", "-"},
		{"export", schedule, "--as", "tla"}, {"export", schedule, "--as", "json"},
		{"shrink", schedule}, {"shrink", schedule, "-o", "-"},
		{"explore", "OwnLock", "--model", "Tiny"}, {"explore", "--list"},
		{"hunt", "OwnLock", "--model", "Tiny", "--seconds", "0.02"},
		{"trace", "testdata/kernel-traces/named.jsonl.gz"},
		{"tlc", "--list"},
		{"museum", "NoRecheck", "--no-tlc", "--kind", "mistake"},
		{"check", "OwnLock", "--quick"},
	} {
		if (args[0] == "museum" || args[0] == "check") && !deep.Asked() { // they build, and run for long
			continue
		}
		for _, as := range [][]string{nil, {"--json"}} {
			if slices.Contains(args, "-") && as != nil {
				continue
			}
			var errs bytes.Buffer
			assert.Equal(t, exitUsage, run(t.Context(), append(args, as...), full{}, &errs), "%s %s", args, as)
			assert.Contains(t, errs.String(), "writing standard output: no space left on device", "%s %s", args, as)
		}
	}
}

// hostile are values that no flag and no argument has a use for.
func hostile() []string {
	return []string{
		"", " ", "-1", "0", "1e9", "NaN", "-0x1", "99999999999999999999", "1s", "\x00", "\x1b[2Jx", "a\nb\r", "\u202egnp.exe\u009b31m", "\xff\xfe",
		strings.Repeat("x", 5000), strings.Repeat("9", 300), "/nowhere/\x1b]0;x\a/y", "../..", ".", "/dev/full/x", "%s%n%d", "<script>alert(1)</script>",
	}
}

// behaves runs a command line and wants an exit code that is documented; errors of lines
// that are not long; nothing that commands a terminal; and with --json one object, which is
// not ok unless the code is 0.
func behaves(t *testing.T, ctx context.Context, args ...string) (code int) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(ctx, args, &out, &errs)
	what := fmt.Sprintf("%.300q: %d: %.1000q", args, code, errs.String())
	require.Contains(t, []int{exitOK, exitFails, exitUsage, exitInterrupted}, code, what)
	for _, text := range []string{out.String(), errs.String()} {
		at := strings.IndexFunc(text, func(r rune) bool {
			return r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r))
		})
		require.Negative(t, at, what)
		require.True(t, utf8.ValidString(text), what)
	}
	if code == exitUsage {
		require.True(t, strings.HasPrefix(errs.String(), "rootlock: "), what)
	}
	for line := range strings.Lines(errs.String()) {
		require.Less(t, len(line), 2000, what)
	}
	if slices.Contains(args, "--json") {
		var object struct{ OK *bool }
		require.NoError(t, json.Unmarshal(out.Bytes(), &object), what)
		if code != exitOK {
			require.NotNil(t, object.OK, what)
			require.False(t, *object.OK, what)
		}
	}
	return code
}

// aProject makes a folder that is taken for the project's, and goes there.
func aProject(t *testing.T) {
	t.Helper()
	project, err := root()
	require.NoError(t, err)
	dir := t.TempDir()
	for _, name := range []string{"go.mod", "testdata/ledger.json", "testdata/museum/NoRecheck.txtar", "testdata/schedules/freed-leaf.txtar"} {
		data, err := os.ReadFile(filepath.Join(project, name))
		require.NoError(t, err)
		require.NoError(t, os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), data, 0o644))
	}
	t.Chdir(dir)
}

// Every flag of every verb is given each hostile value, and so is every argument. Who
// takes it is interrupted before the work.
func TestHostileArguments(t *testing.T) {
	aProject(t)
	parser, err := newParser(&cli{})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	argument := map[string][]string{"explore": {"OwnLock"}, "hunt": {"OwnLock"}, "tlc": {"OwnLock/Tiny"}, "museum": {"NoRecheck"},
		"trace": {"testdata/ledger.json"}, "check": {"OwnLock"}}
	inputs := 0
	for _, verb := range parser.Model.Children {
		given := argument[verb.Name]
		if given == nil {
			given = []string{"testdata/schedules/freed-leaf.txtar"}
		}
		if verb.Name == "export" {
			given = append(given, "--as=mermaid")
		}
		given = append([]string{verb.Name}, given...)
		for i, value := range hostile() {
			var lines [][]string
			for _, flag := range verb.Flags {
				if !flag.IsBool() {
					lines = append(lines, append(slices.Clone(given), "--"+flag.Name+"="+value))
				}
			}
			alone := append([]string{verb.Name}, given[2:]...)
			lines = append(lines, append(alone, "--", value))
			for j, line := range lines {
				if (i+j/2)%16 != 0 && !deep.Asked() {
					continue
				}
				if (i+j)%2 == 0 {
					line = append([]string{"--json"}, line...)
				}
				behaves(t, ctx, line...)
				inputs++
			}
		}
	}
	assert.Greater(t, inputs, deep.Or(120, 1_000))
	t.Logf("%d command lines", inputs)
}

// spoil changes a text in one of the ways in which files come to be wrong.
func spoil(r *rand.Rand, text string) string {
	lines := strings.SplitAfter(text, "\n")
	pick := func() *string { return &lines[r.IntN(len(lines))] }
	word := func(change func(string) string) {
		line := pick()
		words := strings.Split(*line, " ")
		i := r.IntN(len(words))
		words[i] = change(words[i])
		*line = strings.Join(words, " ")
	}
	switch r.IntN(10) {
	case 0:
		return text[:r.IntN(len(text)+1)]
	case 1:
		*pick() = ""
	case 2:
		line := pick()
		*line += *line
	case 3:
		a, b := pick(), pick()
		*a, *b = *b, *a
	case 4:
		word(func(string) string { return hostile()[r.IntN(len(hostile()))] })
	case 5:
		word(func(w string) string { return w + hostile()[r.IntN(len(hostile()))] })
	case 6:
		b := []byte(text)
		for range 1 + r.IntN(3) {
			if len(b) > 0 {
				b[r.IntN(len(b))] = byte(r.IntN(256))
			}
		}
		return string(b)
	case 7:
		return strings.ReplaceAll(text, "\n", "\r\n")
	case 8:
		digit := func(c rune) bool { return '0' <= c && c <= '9' }
		word(func(w string) string {
			return strings.Map(func(c rune) rune {
				if digit(c) {
					return '0' + rune(r.IntN(10))
				}
				return c
			}, w)
		})
	case 9:
		i := r.IntN(len(text) + 1)
		return text[:i] + hostile()[r.IntN(len(hostile()))] + text[i:]
	}
	return strings.Join(lines, "")
}

// Schedules, recorded traces and kernel traces that were spoilt at random are read by
// every verb that reads them.
func TestSpoiltFiles(t *testing.T) {
	project, err := root()
	require.NoError(t, err)
	read := func(name string) string {
		data, err := os.ReadFile(filepath.Join(project, name))
		require.NoError(t, err)
		return string(data)
	}
	named := strings.SplitAfterN(linuxTraces(t, "named"), "\n", 4)
	dir := t.TempDir()
	aProject(t)
	n := deep.Or(60, 400)
	codes := map[int]int{}
	r := rand.New(rand.NewPCG(16, 1))
	for i := range n {
		kind := []struct {
			ending, text string
			verbs        [][]string
		}{
			{"txtar", read("testdata/schedules/freed-leaf.txtar"), [][]string{{"replay"}, {"replay", "--html=-"}, {"export", "--as=tla"}, {"shrink"}}},
			{"txt", "# a walk\nw1:Walk(p1) w1:ReadMapping\nw1:CheckMapped w1:LockLeaf\n", [][]string{{"replay", "--protocol=OwnLock", "--model=Tiny"}, {"export", "--as=go", "--protocol=OwnLock", "--model=Tiny"}}},
			{"trace", read("testdata/traces/OwnLock-Pins-rest.trace"), [][]string{{"replay"}, {"export", "--as=json"}, {"export", "--as=mermaid"}, {"shrink"}}},
			{"jsonl", strings.Join(named[:3], ""), [][]string{{"trace"}}},
		}[i%4]
		text := kind.text
		for range 1 + r.IntN(3) {
			text = spoil(r, text)
		}
		path := filepath.Join(dir, "a\x1b[31m b\u202e."+kind.ending)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
		args := slices.Clone(kind.verbs[r.IntN(len(kind.verbs))])
		if r.IntN(2) == 0 && !slices.Contains(args, "--html=-") {
			args = append([]string{"--json"}, args...)
		}
		codes[behaves(t, t.Context(), append(args, path)...)]++
	}
	t.Logf("exit codes: %v", codes)
	assert.NotZero(t, codes[exitUsage])
}
