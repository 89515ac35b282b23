package conform_test

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/deep"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/museum"
)

// A wrong state that looks right (testdata/hidden.txtar) passes the tour and is told by
// the endings.
func TestHiddenState(t *testing.T) {
	if !deep.Asked() {
		t.Skip("builds these tests anew; " + deep.Variable + "=1 asks for it")
	}
	archive, err := txtar.ParseFile("testdata/hidden.txtar")
	require.NoError(t, err)
	files, err := museum.Edits(archive)
	require.NoError(t, err)
	overlay, err := museum.Overlay("../..", t.TempDir(), files...)
	require.NoError(t, err)
	binary := filepath.Join(t.TempDir(), "conform.test")
	out, err := exec.CommandContext(t.Context(), "go", "test", "-c", "-overlay", overlay, "-o", binary, ".").CombinedOutput()
	require.NoError(t, err, "%s", out)
	run := func(name string) (string, error) {
		cmd := exec.CommandContext(t.Context(), binary, "-test.run", name+"/^"+spec.RootPointer.String()+"$/^Edges$", "-test.v", "-sample", "1")
		out, err := cmd.CombinedOutput()
		return string(bytes.TrimSpace(out)), err
	}
	text, err := run("^TestDrive$")
	assert.NoError(t, err, "the tour is to miss it: %s", text)
	assert.Regexp(t, `(\d{5}) of \d{5} states, (\d{5}) of \d{5} edges`, text, "floor on the work done")
	text, err = run("^TestEndings$")
	assert.Error(t, err, "the endings are to tell it: %s", text)
	assert.Contains(t, text, "model and implementation part at step ")
}
