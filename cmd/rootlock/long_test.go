package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// No message quotes more than a little of a long input, wherever it comes from, and each
// is one line.
func TestLongInput(t *testing.T) {
	t.Chdir("../..")
	long, dir := strings.Repeat("x", 10_000), t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	for _, args := range [][]string{
		{long}, {"explore", long}, {"explore", "OwnLock", "--model", long}, {"explore", "OwnLock", "--claim=" + long}, {"explore", "OwnLock", "--ops", long}, {"--" + long},
		{"explore", "OwnLock", "--vmas", long}, {"explore", "OwnLock", "--layout", long},
		{"tlc", long}, {"tlc", "OwnLock/" + long}, {"tlc", "--distributed", "--host", long, "OwnLock/Tiny"}, {"hunt", long}, {"museum", long}, {"export", "--as", long, "x"},
		{"trace", long}, {"replay", long}, {"replay", "--protocol", "OwnLock", "w1:" + long}, {"replay", "--protocol", "OwnLock", long + ":x"}, {"replay", "--html", long, long},
		{"replay", "--protocol", "OwnLock", write("schedule", long+":"+long)},
		{"replay", write("case.txtar", "-- case --\n"+long+"\n-- schedule --\n")}, {"replay", write("section.txtar", "x\n-- "+long+" --\n")},
		{"replay", write("a.trace", "rootlock trace 1\nprotocol "+long+"\n")}, {"replay", write("b.trace", "rootlock trace 1\nprotocol OwnLock\nmodel Tiny\nbounds x\n"+long+"\n")},
		{"replay", write("c.trace", "rootlock trace 1\nprotocol OwnLock\nmodel Tiny\nbounds x\n1 "+long+" 1 -> LockPage 1\n")},
		{"trace", write("a.jsonl", `{"`+long+`":1}`)}, {"trace", write("b.jsonl", `{"version":"`+long+`"}`)}, {"trace", write("c.jsonl", long)},
		{"replay", write("a.itf.json", "{"+long)}, {"replay", write("b.itf.json", `{"`+long+`":1}`)}, {"replay", write("c.itf.json", `{"vars":["`+long+`"],"states":[1]}`)},
		{"check", long}, {"check", "--claim", long}, {"check", "--html", long},
		{"replay", "a\nb\x1b[2J"}, {"trace", "a\nb\x1b[2J"}, {"explore", "a\nb\x1b[2J"},
	} {
		code, stdout, stderr := rootlock(t, args...)
		name := args[0][:min(len(args[0]), 20)]
		assert.Equal(t, exitUsage, code, name)
		assert.Less(t, len(stdout)+len(stderr), 2_500, "%s: %s", args[:1], stderr[:min(len(stderr), 500)])
		assert.Equal(t, 1, strings.Count(stderr, "\n"), stderr[:min(len(stderr), 500)])
		assert.NotContains(t, stderr, "\x1b")
	}
}
