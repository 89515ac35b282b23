package mutant

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/mutant/wire"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/explore"
)

var update = flag.Bool("update", false, "write the counts of the scarce models anew")

// The scarce models come to code of the law that those of the catalogue do not. So their
// counts are kept, as those of the others are in the ledger, and a mistake there that breaks
// no claim is seen.
func TestScarceCounts(t *testing.T) {
	var b strings.Builder
	b.WriteString("# What the explorer counts in the models of internal/mutant, with RootPointer: distinct states,\n" +
		"# generated, levels, and how often each step is taken; - is an operation less. go test ./internal/mutant -update writes it.\n")
	for _, name := range slices.Sorted(maps.Keys(scarce)) {
		list, err := fitting(t.Context(), []wire.Trial{{Protocol: spec.RootPointer.String(), Model: name, Bounds: scarce[name]}}, 100_000)
		require.NoError(t, err)
		require.Len(t, list, 1)
		m, err := spec.NewModel(spec.RootPointer, list[0].Model, list[0].Bounds)
		require.NoError(t, err)
		x, err := explore.Explore(t.Context(), m.Law(), explore.Options{Workers: 2})
		require.NoError(t, err)
		fmt.Fprintf(&b, "\n%s %d %d %d\n", m.Name, x.Distinct, x.Generated, x.Depth)
		for _, s := range spec.Steps() {
			if n := x.Steps[s]; n > 0 {
				fmt.Fprintf(&b, "\t%s %d\n", s, n)
			}
		}
	}
	path := filepath.Join(root, "testdata", "mutants", "counts.txt")
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(b.String()), 0o644))
	}
	kept, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(kept), b.String())
}
