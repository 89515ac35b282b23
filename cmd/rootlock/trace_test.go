package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const kernelTraces = "../../testdata/kernel-traces"

// linuxTraces is the text of a file of testdata/kernel-traces.
func linuxTraces(t *testing.T, name string) string {
	t.Helper()
	f, err := os.Open(filepath.Join(kernelTraces, name+".jsonl.gz"))
	require.NoError(t, err)
	defer func() { _ = f.Close() }()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	text, err := io.ReadAll(z)
	require.NoError(t, err)
	return string(text)
}

// aTrace writes a trace file.
func aTrace(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.jsonl")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	return path
}

func TestTrace(t *testing.T) {
	code, out, stderr := rootlock(t, "trace", filepath.Join(kernelTraces, "named.jsonl.gz"), filepath.Join(kernelTraces, "swap.jsonl.gz"))
	assert.Equal(t, exitOK, code, stderr)
	assert.Regexp(t, `(?m)^spec +\S*named.jsonl.gz: 64 sequences, 471 states equal, 0 differences, \d+\.\d\d s, [\d,]+ operations/s$`, out)
	assert.Regexp(t, `(?m)^spec +\S*swap.jsonl.gz: 155 sequences, 3,759 states equal, 0 differences`, out)
	assert.Contains(t, out, "bound: 4 mms of 16 slots, Linux 2.6.36 or 6.18, operations one at a time\n")
	assert.Empty(t, stderr)
}

func TestTraceJSON(t *testing.T) {
	path := filepath.Join(kernelTraces, "named.jsonl.gz")
	code, out, _ := rootlock(t, "--json", "trace", path)
	assert.Equal(t, exitOK, code)
	var got map[string]any
	require.NoError(t, json.Unmarshal([]byte(out), &got))
	assert.Equal(t, true, got["ok"])
	require.Len(t, got["files"], 1)
	f := got["files"].([]any)[0].(map[string]any)
	assert.Equal(t, path, f["file"])
	assert.EqualValues(t, 64, f["sequences"])
	assert.EqualValues(t, 471, f["operations"])
	assert.EqualValues(t, 0, f["spec_differences"])
	assert.Contains(t, f, "impl_differences")
	assert.Greater(t, f["seconds"], 0.0)
	assert.NotContains(t, f, "first")
}

// What differs is told with sequence, operation, field and both values, once for
// each sequence, and the command fails.
func TestTraceDiffers(t *testing.T) {
	text := linuxTraces(t, "named")
	wrong := strings.Replace(text, `"refs":0`, `"refs":5`, 1) // in the first case
	require.NotEqual(t, text, wrong)
	path := aTrace(t, wrong)

	code, out, stderr := rootlock(t, "trace", path)
	assert.Equal(t, exitFails, code, stderr)
	assert.Contains(t, out, path+":1 (one-fault): spec differs after ops[1], fault mm=0 at=1\n         anon_vmas[0].refs: the trace has 5, spec has 0\n")
	assert.Contains(t, out, "64 sequences, 468 states equal, 1 differences")

	code, out, _ = rootlock(t, "--json", "trace", path)
	assert.Equal(t, exitFails, code)
	var got traced
	require.NoError(t, json.Unmarshal([]byte(out), &got))
	assert.False(t, got.OK)
	require.NotNil(t, got.Files[0].First)
	first := *got.Files[0].First
	assert.Equal(t, "one-fault", first.Name)
	assert.Equal(t, "anon_vmas[0].refs", first.Field)
	assert.Equal(t, "5", first.Trace)
	assert.Equal(t, "0", first.Ours)
	assert.Equal(t, 1, *got.Files[0].SpecDifferences)
}

// A file that is not a trace is a matter of set-up; the others are run all the
// same, and what differs decides.
func TestTraceBadFile(t *testing.T) {
	text := linuxTraces(t, "named")
	first, _, _ := strings.Cut(text, "\n")
	bad := aTrace(t, first+"\n{}\n")
	named := filepath.Join(kernelTraces, "named.jsonl.gz")

	code, out, stderr := rootlock(t, "trace", bad, "missing.jsonl", named)
	assert.Equal(t, exitUsage, code)
	assert.Contains(t, stderr, "rootlock: "+bad+`:2: the line has no field "version"; expected version, ops, states, and perhaps name, story`+"\n")
	assert.Contains(t, stderr, `rootlock: reading trace "missing.jsonl": stat missing.jsonl: no such file or directory`)
	assert.Contains(t, out, "not checked: the rest of "+bad)
	assert.Contains(t, out, "1 sequences, 4 states equal")
	assert.Contains(t, out, "64 sequences, 471 states equal")

	code, _, stderr = rootlock(t, "trace", aTrace(t, strings.Replace(text, `"refs":0`, `"refs":5`, 1)), bad)
	assert.Equal(t, exitFails, code)
	assert.Contains(t, stderr, bad+":2: ")

	code, out, _ = rootlock(t, "--json", "trace", bad)
	assert.Equal(t, exitUsage, code)
	var got traced
	require.NoError(t, json.Unmarshal([]byte(out), &got))
	assert.False(t, got.OK)
	assert.Contains(t, got.Files[0].Error, ":2: ")

	code, _, stderr = rootlock(t, "trace")
	assert.Equal(t, exitUsage, code)
	assert.Contains(t, stderr, `expected "<file> ..."`)

	code, _, stderr = rootlock(t, "trace", t.TempDir())
	assert.Equal(t, exitUsage, code)
	assert.Contains(t, stderr, "it is a folder, and not a file")
}

// Interrupted, trace says what it did not do.
func TestTraceInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	named := filepath.Join(kernelTraces, "named.jsonl.gz")
	var out, errs bytes.Buffer
	assert.Equal(t, exitInterrupted, run(ctx, []string{"trace", named, named}, &out, &errs))
	assert.Contains(t, out.String(), "not checked: the rest of "+named)
	assert.Contains(t, out.String(), "not checked: 1 files")
	assert.Contains(t, errs.String(), "rootlock: interrupted")
}

// The kernel that runs this test, where it can be recorded: what is written is read again.
func TestTraceRunning(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"trace", "--running", "x.jsonl"}, "--running takes no files"},
		{[]string{"trace", "--record", "x.jsonl"}, "--record is for --running"},
		{[]string{"trace", "--running", "--sequences", "0"}, "--sequences is 0"},
		{[]string{"trace", "--running", "--record", t.TempDir()}, "it is a folder"},
	} {
		code, _, stderr := rootlock(t, test.args...)
		assert.Equal(t, exitUsage, code, test.args)
		assert.Contains(t, stderr, test.want)
	}
	file := filepath.Join(t.TempDir(), "two.jsonl.gz")
	code, out, stderr := rootlock(t, "trace", "--running", "--sequences", "2", "--seed", "5", "--record", file)
	if code == exitUsage {
		assert.Contains(t, stderr, "the running kernel cannot be recorded")
		t.Skip(stderr)
	}
	assert.Regexp(t, `(?m)^bound: 4 mms of 16 slots, running kernel \S+, 2 sequences from seed 5, operations one at a time$`, out)
	again, told, _ := rootlock(t, "trace", file)
	assert.Equal(t, code, again, "a file says what the kernel did")
	assert.Regexp(t, `(?m)^impl .*: 2 sequences, `, told)
}
