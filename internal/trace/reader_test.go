package trace

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

	"github.com/rootlock/rootlock/spec"
)

// A small good line, to be spoilt.
const good = `{"version":"2.6.36","ops":[{"op":"map","mm":0,"start":0,"len":4,"prot":0,"res":"ok"},{"op":"fault","mm":0,"at":1,"res":"new"}],"states":[` +
	`{"mms":[[{"start":0,"end":4,"pgoff":0,"prot":0,"anon_vma":null,"chain":[]}],[],[],[]],"anon_vmas":[],"pages":[]},` +
	`{"mms":[[{"start":0,"end":4,"pgoff":0,"prot":0,"anon_vma":0,"chain":[0]}],[],[],[]],"anon_vmas":[{"root":0,"list":["0:0"],"refs":0,"slot":0}],"pages":[{"mapping":0,"index":1,"at":[[0,1]],"walk":[[0,1,1]]}]}]}` + "\n"

// Each file that is not a trace is refused, with the line, what is wrong and what
// is expected.
func TestBadFiles(t *testing.T) {
	spoil := func(old, new string) string {
		require.Contains(t, good, old)
		return good + strings.Replace(good, old, new, 1)
	}
	const fault = `{"op":"fault","mm":0,"at":1,"res":"new"}`
	op := func(text string) string { return spoil(fault, text) }
	zip := zipped(good + good)
	for _, test := range []struct {
		reason, text, want string
	}{
		{"empty", "", "x:1: the file is empty; expected one sequence per line"},
		{"empty gzip", zipped(""), "x:1: the file is empty; expected one sequence per line"},
		{"an empty line", good + "\n" + good, "x:2: the line is empty; expected one sequence per line"},
		{"not JSON", "module x\n", `x:1: not JSON (invalid character 'm' looking for beginning of value); expected a sequence {"version":"2.6.36","ops":[...],"states":[...]}`},
		{"a truncated line", good + good[:40], "x:2: not JSON (unexpected end of JSON input); expected a sequence"},
		{"two values on a line", strings.TrimSpace(good) + good, "x:1: not JSON (invalid character '{' after top-level value)"},
		{"binary", "\x00\x01\x02\n", `x:1: not JSON (invalid character '\x00'`},
		{"truncated gzip", zip[:len(zip)-20], "x:1: the gzip data end in the middle; expected a complete file"},
		{"gzip without its trailer", zip[:len(zip)-8], "x:3: the gzip data end in the middle; expected a complete file"},
		{"a gzip header alone", zip[:5], "x:1: damaged gzip data (unexpected EOF); expected a complete file"},
		{"a wrong checksum", zip[:len(zip)-8] + "\x00\x00\x00\x00" + zip[len(zip)-4:], "x:3: damaged gzip data (gzip: invalid checksum); expected a complete file"},
		{"garbage behind gzip", zip + "garbage that is long", "x:3: damaged gzip data (gzip: invalid header); expected a complete file"},
		{"not an object", good + "[]\n", "x:2: the line is not an object; expected version, ops, states, and perhaps name, story"},

		{"another kernel", spoil("2.6.36", "2.6.34"), `x:2: version is "2.6.34"; expected "2.6.36"`},
		{"no version", spoil(`"version":"2.6.36",`, ""), `x:2: the line has no field "version"; expected version, ops, states, and perhaps name, story`},
		{"an unknown field", spoil(`"version"`, `"author":1,"version"`), `x:2: the line has an unknown field "author"; expected version, ops, states, and perhaps name, story`},
		{"a field in another case", spoil(`"ops"`, `"Ops"`), `x:2: the line has an unknown field "Ops"`},
		{"a field twice", spoil(`"ops"`, `"version":"2.6.36","ops"`), `x:2: the line has the field "version" twice`},
		{"a name that is no string", spoil(`"ops"`, `"name":7,"ops"`), "x:2: name is 7; expected a string"},
		{"no operation", good + `{"version":"2.6.36","ops":[],"states":[]}`, "x:2: ops is empty; expected at least one operation"},
		{"ops that are no array", good + `{"version":"2.6.36","ops":null,"states":[]}`, "x:2: ops is null; expected an array"},
		{"a state too few", spoil(","+fault, ""), "x:2: 2 states for 1 ops; expected one state after each operation"},

		{"an unknown operation", op(`{"op":"madvise","mm":0,"res":"ok"}`), `x:2: ops[1].op is "madvise"; the operations are exit, fault, fork, keep, map, mig1, mig2, move, pin, protect, read, swapdrop, swapout, unmap, unpin`},
		{"an operation without name", op(`{"mm":0,"res":"ok"}`), `x:2: ops[1] has no field "op"`},
		{"an argument too few", op(`{"op":"fault","mm":0,"res":"new"}`), `x:2: ops[1] has no field "at"; fault has op, mm, at, res, and perhaps fail`},
		{"no result", op(`{"op":"fault","mm":0,"at":1}`), `x:2: ops[1] has no field "res"; fault has op, mm, at, res, and perhaps fail`},
		{"an argument of another operation", op(`{"op":"exit","mm":0,"len":1,"res":"ok"}`), `x:2: ops[1] has a field "len"; exit has op, mm, res`},
		{"an unknown argument", op(`{"op":"exit","mm":0,"size":1,"res":"ok"}`), `x:2: ops[1] has an unknown field "size"`},
		{"a failure where nothing is allocated", op(`{"op":"exit","mm":0,"fail":1,"res":"ok"}`), `x:2: ops[1] has a field "fail"; exit has op, mm, res`},
		{"failures count from 1", op(`{"op":"fault","mm":0,"at":1,"fail":0,"res":"new"}`), "x:2: ops[1].fail is 0; expected a number from 1 to 2147483647"},
		{"an unknown result", op(`{"op":"fault","mm":0,"at":1,"res":"fine"}`), `x:2: ops[1] has res "fine"; the results of fault are new, cow,`},
		{"a result of another operation", op(`{"op":"exit","mm":0,"res":"enomem"}`), `x:2: ops[1] has res "enomem"; the results of exit are ok`},
		{"mm 4", op(`{"op":"fault","mm":4,"at":1,"res":"new"}`), "x:2: ops[1].mm is 4; expected a number from 0 to 3"},
		{"slot -1", op(`{"op":"fault","mm":0,"at":-1,"res":"new"}`), "x:2: ops[1].at is -1; expected a number from 0 to 15"},
		{"a slot that is no whole number", op(`{"op":"fault","mm":0,"at":1.0,"res":"new"}`), "x:2: ops[1].at is 1.0; expected a number from 0 to 15"},
		{"a slot that is null", op(`{"op":"fault","mm":0,"at":null,"res":"new"}`), "x:2: ops[1].at is null; expected a number from 0 to 15"},
		{"a slot that is a string", op(`{"op":"fault","mm":0,"at":"1","res":"new"}`), "x:2: ops[1].at is a string; expected a number from 0 to 15"},
		{"length 0", op(`{"op":"unmap","mm":0,"start":1,"len":0,"res":"ok"}`), "x:2: ops[1].len is 0; expected a number from 1 to 16"},
		{"beyond the last slot", op(`{"op":"unmap","mm":0,"start":14,"len":3,"res":"ok"}`), "x:2: ops[1] ends at slot 17; expected at most 16"},
		{"moved beyond the last slot", op(`{"op":"move","mm":0,"start":0,"len":3,"to":14,"res":"ok"}`), "x:2: ops[1] moves to slots up to 17; expected at most 16"},
		{"protection 3", op(`{"op":"protect","mm":0,"start":0,"len":4,"prot":3,"res":"ok"}`), "x:2: ops[1].prot is 3; expected a number from 0 to 2"},
		{"a pin that there is not", op(`{"op":"unpin","handle":0,"res":"ok"}`), "x:2: ops[1].handle is 0; the state before has 0 pins"},
		{"a migration that there is not", op(`{"op":"mig2","handle":1,"res":"ok"}`), "x:2: ops[1].handle is 1; the state before has 0 migrations"},

		{"five mms", spoil("[],[],[]]", "[],[],[],[]]"), "x:2: states[0].mms has 5 elements; expected 4"},
		{"an mm that is null", spoil("[],[],[]]", "[],null,[]]"), "x:2: states[0].mms[2] is null; expected an array"},
		{"an area without end", spoil(`"end":4,`, ""), `x:2: states[0].mms[0][0] has no field "end"; expected start, end, pgoff, prot, anon_vma, chain`},
		{"an empty area", spoil(`"start":0,"end":4`, `"start":4,"end":4`), "x:2: states[0].mms[0][0] is [4,4); expected areas that are not empty"},
		{"areas that overlap", spoil(`"chain":[]}`, `"chain":[]},{"start":3,"end":5,"pgoff":0,"prot":0,"anon_vma":null,"chain":[]}`), "x:2: states[0].mms[0][1] is [3,5); expected areas that are not empty, in address order, without overlap"},
		{"an anon_vma that there is not", spoil(`"anon_vma":null`, `"anon_vma":0`), "x:2: states[0].mms[0][0].anon_vma is 0; the state has 0 anon_vmas"},
		{"a chain to nowhere", spoil(`"chain":[0]`, `"chain":[0,1]`), "x:2: states[1].mms[0][0].chain[1] is 1; the state has 1 anon_vmas"},
		{"a chain with null", spoil(`"chain":[0]`, `"chain":[null]`), "x:2: states[1].mms[0][0].chain[0] is null; expected a number"},
		{"a root that there is not", spoil(`"root":0`, `"root":7`), "x:2: states[1].anon_vmas[0].root is 7; the state has 1 anon_vmas"},
		{"a root that is null: 2.6.34", spoil(`"root":0`, `"root":null`), "x:2: states[1].anon_vmas[0].root is null; expected a number"},
		{"a VMA that there is not", spoil(`"0:0"`, `"0:1"`), `x:2: states[1].anon_vmas[0].list[0] is "0:1"; no area of mm 0 starts there`},
		{"a VMA that is no name", spoil(`"0:0"`, `"0:00"`), `x:2: states[1].anon_vmas[0].list[0] is "0:00"; expected "mm:start"`},
		{"a mapping that there is not", spoil(`"mapping":0`, `"mapping":1`), "x:2: states[1].pages[0].mapping is 1; the state has 1 anon_vmas"},
		{"half a place", spoil("[[0,1]]", "[[0]]"), "x:2: states[1].pages[0].at[0] has 1 elements; expected 2"},
		{"a place too long", spoil("[[0,1]]", "[[0,1,2]]"), "x:2: states[1].pages[0].at[0][2] is one too many; expected 2 numbers"},
		{"a visit that finds what there is not", spoil("[[0,1,1]]", "[[0,1,3]]"), "x:2: states[1].pages[0].walk[0][2] is 3; expected a number from 0 to 2"},
		{"a pin of what there is not", spoil(`"pages":[]`, `"pages":[],"pins":[0]`), "x:2: states[0].pins[0] is 0; the state has 0 anon_vmas"},
		{"a migration of what there is not", spoil(`"pages":[]`, `"pages":[],"migrations":[{"page":0,"anon_vma":0}]`), "x:2: states[0].migrations[0].page is 0; the state has 0 pages"},
		{"a swap cache of what there is not", spoil(`"pages":[]`, `"pages":[],"swap":[{"cache":2,"at":[]}]`), "x:2: states[0].swap[0].cache is 2; the state has 0 pages"},
		{"a swap entry without cache", spoil(`"pages":[]`, `"pages":[],"swap":[{"at":[]}]`), `x:2: states[0].swap[0] has no field "cache"; expected cache, at`},
	} {
		t.Run(test.reason, func(t *testing.T) {
			r := NewReader("x", strings.NewReader(test.text))
			err := error(nil)
			n := 0
			for err == nil {
				if _, err = r.Next(); err == nil {
					n++
				}
			}
			var format *FormatError
			require.ErrorAs(t, err, &format)
			assert.Contains(t, err.Error(), "rootlock: "+test.want)
			assert.Equal(t, n+1, format.Line, "the lines before it are read")
			_, again := r.Next()
			assert.Equal(t, err, again, "an error stays")
		})
	}
}

func zipped(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, text)
	_ = z.Close()
	return b.String()
}

// What is read, written again, is what was in the file: reading loses nothing.
func TestReadingLosesNothing(t *testing.T) {
	read := 0
	for _, f := range files {
		if f.name == "core" { // as alloc-failure, and long
			continue
		}
		r := open(t, f.name)
		for {
			q, err := r.Next()
			if err == io.EOF {
				break
			}
			require.NoError(t, err)
			states, err := json.Marshal(q.States)
			require.NoError(t, err)
			require.True(t, bytes.HasSuffix(bytes.TrimSpace(r.buf), []byte(`"states":`+string(states)+"}")), "%s:%d", f.name, q.Line)
			read += len(q.States)
		}
	}
	assert.Equal(t, 471+7176+3759+3372, read)
}

// Without gzip, without a line end at the end and with blanks it is the same.
func TestPlainFile(t *testing.T) {
	spaced := strings.NewReplacer(`"0:0"`, ` "0:0" `, ":", " : ", ",", " ,\t").Replace(strings.TrimSpace(good))
	for _, text := range []string{good + good, zipped(good) + zipped(good), good + strings.TrimSpace(good), good + spaced, good + strings.Replace(good, `"op":`, `"o\u0070":`, 1)} {
		r, err := Run(t.Context(), NewReader("plain", strings.NewReader(text)), Options{}, specSide(t, spec.RootPointer))
		require.NoError(t, err, text)
		assert.Equal(t, 4, r[0].States)
		assert.Equal(t, 2, r[0].Sequences)
	}
}

// A line without end is refused before it fills the memory.
func TestEndlessLine(t *testing.T) {
	_, err := NewReader("x", io.MultiReader(strings.NewReader("{"), blanks{})).Next()
	assert.ErrorContains(t, err, "rootlock: x:1: the line is longer than 8388608 bytes; expected one sequence")
}

type blanks struct{}

func (blanks) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// What was compared before a file turns out to be bad, or the run is stopped, is
// told with the error.
func TestRunStops(t *testing.T) {
	r, err := Run(t.Context(), NewReader("x", strings.NewReader(good+"bad\n")), Options{}, specSide(t, spec.RootPointer))
	require.ErrorContains(t, err, "rootlock: x:2: not JSON")
	assert.Equal(t, 2, r[0].States)

	ctx, cancel := context.WithCancel(t.Context())
	r, err = Run(ctx, open(t, "named"), Options{Progress: func(n int) {
		if n == 10 {
			cancel()
		}
	}}, specSide(t, spec.RootPointer))
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, 10, r[0].Sequences)
}

// FuzzReader: no input makes the reader panic or lose count.
func FuzzReader(f *testing.F) {
	f.Add([]byte(good))
	f.Add([]byte(zipped(good)))
	f.Add([]byte("{}\n[]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r := NewReader("x", bytes.NewReader(data))
		for line := 1; ; line++ {
			q, err := r.Next()
			if err != nil {
				return
			}
			require.Equal(t, line, q.Line)
			require.Len(t, q.States, len(q.Ops))
		}
	})
}

// The files here are those that the README of theirs tells of.
func TestFiles(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(traces, "*.jsonl.gz"))
	require.NoError(t, err)
	assert.Len(t, paths, len(files))
	text, err := os.ReadFile(filepath.Join(traces, "README.md"))
	require.NoError(t, err)
	for _, p := range paths {
		assert.Contains(t, string(text), "`"+filepath.Base(p)+"`")
	}
}
