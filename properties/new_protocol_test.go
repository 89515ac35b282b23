package properties

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/deep"
)

// What it takes to add a protocol: RootPointer under another name, by an overlay. The
// explorer, lockstep and TLC then say of it what they say of RootPointer.
func TestNewProtocol(t *testing.T) {
	if !deep.Asked() {
		t.Skip("builds the command anew; " + deep.Variable + "=1 asks for it")
	}
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	dir := t.TempDir()
	replace := map[string]string{}
	newFiles, newLines, editedLines := 0, 0, 0
	put := func(name, text string) {
		path := filepath.Join(dir, strings.ReplaceAll(name, "/", "_"))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
		replace[filepath.Join(root, name)] = path
	}
	read := func(name string) string {
		data, err := os.ReadFile(filepath.Join(root, name))
		require.NoError(t, err)
		return string(data)
	}
	add := func(name, text string) {
		put(name, text)
		newFiles++
		newLines += strings.Count(text, "\n")
	}
	edited := map[string]string{}
	insert := func(name, after, line string) { // a line of its own
		if edited[name] == "" {
			edited[name] = read(name)
		}
		require.Equal(t, 1, strings.Count(edited[name], after), "%s: %q", name, after)
		edited[name] = strings.Replace(edited[name], after, after+line, 1)
		editedLines++
	}

	add("spec/toy.go", `package spec

// Toy is RootPointer under another name.
type toy struct{ rootPointer }

var toyProtocol = protocol{name: "Toy", rules: toy{}, steps: rootPointerProtocol.steps, notAsked: rootPointerProtocol.notAsked}
`)
	insert("spec/model.go", "\n\tRefcountedRoot\n", "\tToy\n")
	insert("spec/protocol.go", "\tRefcountedRoot: &refcountedRootProtocol,\n", "\tToy: &toyProtocol,\n")
	add("impl/toy.go", "package impl\n\n// toy is rootPointer under another name.\ntype toy struct{ rootPointer }\n")
	insert("impl/protocol.go", "\n\tRefcountedRoot\n", "\tToy\n")
	insert("impl/protocol.go", "\tRefcountedRoot: {\"RefcountedRoot\", refcountedRoot{}},\n", "\tToy: {\"Toy\", toy{}},\n")
	renamed := strings.Replace(read("tla/RootPointer.tla"), "MODULE RootPointer", "MODULE Toy", 1)
	add("tla/Toy.tla", renamed)
	add("tla/MCToy.tla", strings.ReplaceAll(read("tla/MCRootPointer.tla"), "RootPointer", "Toy"))
	add("tla/MCToy.cfg", read("tla/MCRootPointer.cfg"))
	for name, text := range edited {
		put(name, text)
	}
	t.Logf("a protocol that is another's copy: %d new files of %d lines, %d of them in Toy.tla; %d lines in %d files that there are",
		newFiles, newLines, strings.Count(renamed, "\n"), editedLines, len(edited))
	assert.LessOrEqual(t, len(edited), 3, "files to edit")
	assert.LessOrEqual(t, editedLines, 4, "lines to register it")

	data, err := json.Marshal(map[string]any{"Replace": replace})
	require.NoError(t, err)
	overlay, binary := filepath.Join(dir, "overlay.json"), filepath.Join(dir, "rootlock")
	require.NoError(t, os.WriteFile(overlay, data, 0o644))
	out, err := exec.CommandContext(t.Context(), "go", "build", "-overlay", overlay, "-o", binary, "../cmd/rootlock").CombinedOutput()
	require.NoError(t, err, "%s", out)

	run := func(args ...string) (results []map[string]any) {
		cmd := exec.CommandContext(t.Context(), binary, args...)
		cmd.Dir = root
		out, err := cmd.Output()
		if exit := new(exec.ExitError); err != nil {
			require.ErrorAs(t, err, &exit, "%v", args)
			require.Equal(t, 1, exit.ExitCode(), "%v: %s %s", args, exit.Stderr, out) // the ledger does not know it
		}
		var answer struct{ Results []map[string]any }
		require.NoError(t, json.Unmarshal(out, &answer), "%v: %s", args, out)
		require.NotEmpty(t, answer.Results, "%v", args)
		return answer.Results
	}
	same := func(args ...string) {
		toy, known := run(args...)[0], run(append([]string{args[0], strings.Replace(args[1], "Toy", "RootPointer", 1)}, args[2:]...)...)[0]
		for _, key := range []string{"distinct", "generated", "depth", "claims", "bound"} {
			assert.Equal(t, known[key], toy[key], "%v: %s", args, key)
		}
		assert.Greater(t, toy["distinct"], 500.0, "floor")
	}
	same("explore", "Toy", "--model", "Recycle", "--json")
	if os.Getenv("ROOTLOCK_REQUIRE_TLC") == "1" {
		same("tlc", "Toy/Tiny", "--json")
	}
	out, err = exec.CommandContext(t.Context(), binary, "hunt", "Toy", "--model", "Wide", "--seconds", "1").CombinedOutput()
	require.NoError(t, err, "%s", out)
	assert.Contains(t, string(out), "Toy/")
}
