package trace

import (
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

// The files, and how many sequences and states each has.
var files = []struct {
	name              string
	sequences, states int
}{
	{"named", 64, 471},
	{"core", 1000, 23838},
	{"pins-migration", 300, 7176},
	{"swap", 155, 3759},
	{"alloc-failure", 150, 3372},
}

func open(t *testing.T, name string) *Reader {
	t.Helper()
	f, err := os.Open(filepath.Join(traces, name+".jsonl.gz"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = f.Close() })
	return NewReader(name, f)
}

func specSide(t *testing.T, p spec.Protocol) Side {
	t.Helper()
	w, err := NewSpecWorld(p)
	require.NoError(t, err)
	return Side{"spec", w}
}

// Every state that Linux left is the state that the model leaves, and the
// implementation. The largest file is followed with ROOTLOCK_DEEP, and by rootlock check.
func TestBothAreLinux(t *testing.T) {
	for _, f := range files {
		t.Run(f.name, func(t *testing.T) {
			if f.name == "core" && !deep.Asked() {
				t.Skip("four seconds; " + deep.Variable + "=1 asks for it")
			}
			t.Parallel()
			results, err := Run(t.Context(), open(t, f.name), Options{}, specSide(t, spec.RootPointer), Side{"impl", NewImplWorld(impl.RootPointer)})
			require.NoError(t, err)
			require.Len(t, results, 2)
			for _, r := range results {
				assert.Zero(t, r.Differences, "%s: %+v", r.Side, r.First)
				assert.Equal(t, f.sequences, r.Sequences, r.Side)
				assert.Equal(t, f.states, r.Operations, r.Side)
				assert.Equal(t, f.states, r.States, r.Side)
			}
		})
	}
}

// Other protocols have other rules for lists, swap and references: they are not
// the traces' kernel, and a world that follows them is found out.
func TestOthersAreNot(t *testing.T) {
	for _, p := range []impl.Protocol{impl.OwnLock, impl.DeepestLock} {
		results, err := Run(t.Context(), open(t, "named"), Options{}, Side{"impl", NewImplWorld(p)})
		require.NoError(t, err)
		assert.Positive(t, results[0].Differences, p)
	}
}
