package trace

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/impl"
	"github.com/rootlock/rootlock/internal/deep"
	"github.com/rootlock/rootlock/spec"
)

const traces = "../../testdata/kernel-traces"

// The files, how many sequences and states each has, and of how many sequences a run takes
// one that is not deep.
var files = []struct {
	name              string
	sequences, states int
	oneIn             int
}{
	{"named", 64, 471, 1},
	{"core", 1000, 23838, 40},
	{"pins-migration", 300, 7176, 5},
	{"swap", 155, 3759, 5},
	{"alloc-failure", 150, 3372, 5},
}

func open(t *testing.T, name string) *Reader {
	t.Helper()
	f, err := os.Open(filepath.Join(traces, name+".jsonl.gz"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = f.Close() })
	return NewReader(name, f)
}

// oneIn is a file with one of n sequences.
func oneIn(t *testing.T, n int, name string) *Reader {
	t.Helper()
	if n == 1 {
		return open(t, name)
	}
	f, err := os.Open(filepath.Join(traces, name+".jsonl.gz"))
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	text, err := io.ReadAll(z)
	require.NoError(t, err)
	var some []byte
	i := 0
	for line := range bytes.Lines(text) {
		if i%n == 0 {
			some = append(some, line...)
		}
		i++
	}
	return NewReader(name, bytes.NewReader(some))
}

func specSide(t *testing.T, p spec.Protocol) Side {
	t.Helper()
	w, err := NewSpecWorld(p)
	require.NoError(t, err)
	return Side{Name: "spec", World: w}
}

// Every state that Linux left is the state that the model leaves, and the
// implementation. All sequences of the larger files are followed with ROOTLOCK_DEEP, and by
// rootlock check.
func TestBothAreLinux(t *testing.T) {
	for _, f := range files {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			n := deep.Or(f.oneIn, 1)
			results, err := Run(t.Context(), oneIn(t, n, f.name), Options{}, specSide(t, spec.RootPointer), Side{Name: "impl", World: NewImplWorld(impl.RootPointer)})
			require.NoError(t, err)
			require.Len(t, results, 2)
			for _, r := range results {
				assert.Zero(t, r.Differences, "%s: %+v", r.Side, r.First)
				assert.Equal(t, (f.sequences+n-1)/n, r.Sequences, r.Side)
				assert.Equal(t, r.States, r.Operations, r.Side)
				if n == 1 {
					assert.Equal(t, f.states, r.States, r.Side)
				} else {
					assert.Greater(t, r.States, f.states/n*4/5, r.Side)
				}
			}
		})
	}
}

// Other protocols have other rules for lists, swap and references: they are not
// the traces' kernel, and a world that follows them is found out.
func TestOthersAreNot(t *testing.T) {
	for _, p := range []impl.Protocol{impl.OwnLock, impl.DeepestLock} {
		results, err := Run(t.Context(), open(t, "named"), Options{}, Side{Name: "impl", World: NewImplWorld(p)})
		require.NoError(t, err)
		assert.Positive(t, results[0].Differences, p)
	}
}
