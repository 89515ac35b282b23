package triangle

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/deep"
)

// The example is nobody's inside: copied into another module, it builds and passes.
func TestExampleInAnotherModule(t *testing.T) {
	if !deep.Asked() {
		t.Skip("builds all of it anew; " + deep.Variable + "=1 asks for it")
	}
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	dir := t.TempDir()
	files, err := filepath.Glob("../examples/boundedbuffer/*.*")
	require.NoError(t, err)
	require.Greater(t, len(files), 5)
	for _, name := range files {
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, filepath.Base(name)), data, 0o644))
	}
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
