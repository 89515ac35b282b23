package trace

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/deep"
	"github.com/rootlock/rootlock/spec"
)

// recorder is the kernel that runs this test, where its rules are those that the law has.
func recorder(t *testing.T) *Recorder {
	t.Helper()
	release, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	if !strings.HasPrefix(string(release), Running+".") {
		t.Skipf("the rules for merging are those of Linux %s; here runs %q: rootlock trace --running compares all the same", Running, strings.TrimSpace(string(release)))
	}
	r, err := NewRecorder()
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(r.Close)
	return r
}

// What the running kernel does with areas and pages, operation by operation, RwsemRoot's law and
// code do too.
func TestRunningKernel(t *testing.T) {
	r := recorder(t)
	sides, err := Sides()
	require.NoError(t, err)
	operations, results := 0, map[string]int{}
	for seed := range uint64(deep.Or(6, 1_000)) {
		q, err := r.Draw(rand.New(rand.NewPCG(seed, 7)), 60)
		require.NoError(t, err)
		operations += len(q.Ops)
		for _, op := range q.Ops {
			results[op.Name+" "+op.Res]++
		}
		for _, side := range sides {
			if short, m, err := r.Shorten(q, side); m != nil {
				require.NoError(t, err)
				line, err := short.MarshalLine()
				require.NoError(t, err)
				t.Fatalf("seed %d: %s: %s: kernel %s, ours %s\n%s", seed, m.Side, m.Field, m.Trace, m.Ours, line)
			}
		}
	}
	t.Logf("%d operations: %v", operations, results)
	for _, want := range []string{"map ok", "unmap ok", "protect ok", "move ok", "keep ok", "fork ok", "exit ok", "fault new", "fault kept", "fault cow"} {
		assert.NotZero(t, results[want], want)
	}
}

// A protocol with other rules is found out, and the sequence is made short.
func TestRunningKernelIsNoOther(t *testing.T) {
	if !deep.Asked() {
		t.Skip("four seconds; " + deep.Variable + "=1 asks for it")
	}
	r := recorder(t)
	old, err := NewSpecWorld(spec.RootPointer)
	require.NoError(t, err)
	side := Side{Name: "2.6.36", World: old}
	for seed := range uint64(50) {
		q, err := r.Draw(rand.New(rand.NewPCG(seed, 7)), 60)
		require.NoError(t, err)
		short, m, err := r.Shorten(q, side)
		require.NoError(t, err)
		if m == nil || m.Field == "error" { // keep, which it does not have
			continue
		}
		assert.LessOrEqual(t, len(short.Ops), 8)
		assert.NotNil(t, Follow(short, side))
		t.Logf("%s: kernel %s, 2.6.36 %s, after %v", m.Field, m.Trace, m.Ours, short.Ops)
		return
	}
	t.Fatal("2.6.36 has the rules of the running kernel")
}

// The recorded file is followed, on any machine, and what was changed in it is found.
func TestRecorded(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(traces, Running, "running.jsonl.gz"))
	require.NoError(t, err)
	sides, err := Sides()
	require.NoError(t, err)
	results, err := Run(t.Context(), NewReader("running", bytes.NewReader(data)), Options{}, sides...)
	require.NoError(t, err)
	for _, r := range results {
		assert.Zero(t, r.Differences, "%s: %+v", r.Side, r.First)
		assert.Equal(t, 200, r.Sequences)
		assert.Greater(t, r.States, 8_000)
	}
	old := []Side{{Name: "2.6.36", World: sides[0].World}}
	results, err = Run(t.Context(), NewReader("running", bytes.NewReader(data)), Options{}, old...)
	require.NoError(t, err)
	assert.Positive(t, results[0].Differences)

	keptOffset, err := os.ReadFile("testdata/kept-offset.jsonl.gz")
	require.NoError(t, err)
	kept, err := Run(t.Context(), NewReader("kept-offset", strings.NewReader(string(keptOffset))), Options{}, sides...)
	require.NoError(t, err)
	for _, r := range kept {
		require.NotNil(t, r.First, "6.18 leaves the page offset of a source that stays, 7.2 does not")
		assert.Equal(t, Mismatch{r.Side, 1, "", 6, "move mm=0 start=14 len=1 to=10", "mms[0][2].end", "11", "12"}, *r.First)
	}

	in := NewReader("running", bytes.NewReader(data))
	q, err := in.Next()
	require.NoError(t, err)
	line, err := q.MarshalLine()
	require.NoError(t, err)
	again, err := decode(line)
	require.NoError(t, err)
	again.Line = q.Line
	assert.Equal(t, q, again, "what is written is read")
	for _, change := range []struct{ old, new, want string }{
		{`"end":`, `"End":`, "mms"},
		{`"version":"6.18"`, `"version":"6.19"`, `"6.19"`},
		{`"pages":[`, `"pages":[{"at":[[0,99]]},`, "at"},
		{`{"mms":`, `{"anon_vmas":[],"mms":`, "anon_vmas"},
	} {
		require.Contains(t, string(line), change.old)
		_, err := decode(bytes.Replace(line, []byte(change.old), []byte(change.new), 1))
		assert.ErrorContains(t, err, change.want, change.new)
	}
	for i := range q.States {
		s := &q.States[i]
		if len(s.Pages) > 0 && len(s.Pages[0].At) > 1 { // a page that two share is said to be two
			s.Pages = append(s.Pages, Page{Mapping: None, At: s.Pages[0].At[1:]})
			s.Pages[0].At = s.Pages[0].At[:1]
			m := Follow(q, sides[0])
			require.NotNil(t, m)
			assert.Equal(t, i, m.OpIndex)
			return
		}
	}
	t.Fatal("the first sequence has no page that is shared")
}
