package triangle

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/deep"
)

// The example is small: at most 500 lines with its mistakes, of which at most 60 tie the code
// to the law. The ledger is written by a test.
func TestExampleIsSmall(t *testing.T) {
	lines := func(names ...string) (n int) {
		for _, name := range names {
			data, err := os.ReadFile(name)
			require.NoError(t, err)
			n += strings.Count(string(data), "\n")
		}
		return n
	}
	files, err := filepath.Glob("../examples/boundedbuffer/*.*")
	require.NoError(t, err)
	mistakes, err := filepath.Glob("../examples/boundedbuffer/testdata/museum/*")
	require.NoError(t, err)
	all, glue := lines(append(files, mistakes...)...), lines("../examples/boundedbuffer/code.go")
	assert.LessOrEqual(t, all, 500)
	assert.LessOrEqual(t, glue, 60)
	tutorial, err := os.ReadFile("README.md")
	require.NoError(t, err)
	assert.Contains(t, string(tutorial), fmt.Sprintf("have %d lines together", all))
	for _, name := range []string{"law.go", "buffer.go", "code.go", "Buffer.tla"} {
		assert.Contains(t, string(tutorial), fmt.Sprintf("examples/boundedbuffer/%s), %d lines)", name, lines("../examples/boundedbuffer/"+name)))
	}
}

// The example is nobody's inside: copied into another module, it builds and passes.
func TestExampleInAnotherModule(t *testing.T) {
	if !deep.Asked() {
		t.Skip("builds all of it anew; " + deep.Variable + "=1 asks for it")
	}
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS("../examples/boundedbuffer")))
	mod, err := os.ReadFile("../go.mod")
	require.NoError(t, err)
	sum, err := os.ReadFile("../go.sum")
	require.NoError(t, err)
	text := strings.Replace(string(mod), "module github.com/rootlock/rootlock", "module example.org/buffer", 1) +
		"\nrequire github.com/rootlock/rootlock v0.0.0\n\nreplace github.com/rootlock/rootlock => " + root + "\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte(text), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.sum"), sum, 0o644))
	cmd := exec.CommandContext(t.Context(), "go", "test", "-mod=mod", ".")
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	t.Logf("%s", out)
}
