package engine

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/internal/trace"
	"github.com/rootlock/rootlock/spec"
)

const kernelTraces = "../../testdata/kernel-traces"

// Operations alone keep every claim, and those of the kernel's traces leave what Linux
// left; a trace of which one state was changed, and no trace at all, are found out.
func TestAlone(t *testing.T) {
	r, err := Alone(t.Context(), spec.OwnLock, os.DirFS(kernelTraces))
	require.NoError(t, err)
	assert.Empty(t, r.Differences)
	assert.Equal(t, Holds, r.Claims["NoMissedMapping"], "what breaks a protocol is concurrency")
	assert.Equal(t, NotChecked, r.Claims["RootFreedLast"], "not asked of OwnLock")
	assert.Greater(t, r.Generated, uint64(20_000), "floor on the work done")
	assert.NotContains(t, r.Summary, "Linux")

	dir := t.TempDir()
	m, err := models.Find(spec.RootPointer, "WideWorld")
	require.NoError(t, err)
	linux := func() (*Result, error) { // without the rest of what Alone does
		r := newResult(m, Sequential)
		return r, r.linux(t.Context(), os.DirFS(dir), ".", trace.Version)
	}
	_, err = linux()
	assert.ErrorContains(t, err, "there are no kernel traces")
	good := `{"version":"2.6.36","ops":[{"op":"map","mm":0,"start":0,"len":2,"prot":0,"res":"ok"}],` +
		`"states":[{"mms":[[{"start":0,"end":2,"pgoff":0,"prot":0,"anon_vma":null,"chain":[]}],[],[],[]],"anon_vmas":[],"pages":[]}]}` + "\n"
	for _, test := range []struct {
		reason, text string
		want         []string
	}{
		{"as Linux left it", good, nil},
		{"an area that is too long", replaced(t, good, `"end":2`, `"end":3`),
			[]string{"spec differs from Linux", "impl differs from Linux", "spec reproduces no state", "impl reproduces no state"}},
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "one.jsonl.gz"), []byte(test.text), 0o600)) // gzip or not
		r, err := linux()
		if test.want != nil { // one of the two by all
			r, err = Alone(t.Context(), spec.RootPointer, os.DirFS(dir))
		}
		require.NoError(t, err, test.reason)
		require.Len(t, r.Differences, len(test.want), test.reason)
		for i, want := range test.want {
			assert.Contains(t, r.Differences[i], want, test.reason)
			assert.Equal(t, i < 2, strings.Contains(r.Differences[i], "mms[0][0].end"), test.reason)
		}
		assert.Contains(t, r.Summary, "states of Linux 2.6.36 reproduced: ")
	}
}

// The public operations are linearizable; that a wrong history is told is shown in
// internal/linear.
func TestLinearizable(t *testing.T) {
	r, err := Linearizable(t.Context(), spec.DeepestLock)
	require.NoError(t, err)
	assert.Empty(t, r.Differences)
	assert.Equal(t, uint64(2*histories), r.Schedules)
	assert.Equal(t, 2*histories, r.Linear.Histories)
	assert.Contains(t, r.Bound, "5 address spaces of 8 slots")
}

func replaced(t *testing.T, text, old, new string) string {
	t.Helper()
	require.Contains(t, text, old)
	return strings.Replace(text, old, new, 1)
}
