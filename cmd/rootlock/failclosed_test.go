package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/deep"
	"github.com/rootlock/rootlock/internal/engine"
	"github.com/rootlock/rootlock/internal/ledger"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/tla"
	"github.com/rootlock/rootlock/triangle/tlc"
)

// The ways in which a check can come to check nothing: each is red, and says what
// happened. TLC runs on a model that was made to be wrong, and the project's ledger
// judges what it says.
func TestFailClosed(t *testing.T) {
	if !deep.Asked() {
		t.Skip("runs of TLC; " + deep.Variable + "=1 asks for it")
	}
	in, err := tlc.Finder{}.Find(t.Context())
	if err != nil {
		if requireTLC() {
			t.Fatal(err)
		}
		t.Skipf("no TLC: %v", err)
	}
	project, err := root()
	require.NoError(t, err)
	l, err := ledger.Load(filepath.Join(project, ledger.File))
	require.NoError(t, err)
	good, err := models.Find(spec.DeepestLock, "Tiny")
	require.NoError(t, err)
	edit := func(module, old, new string) map[string][]byte {
		law, err := fs.ReadFile(tla.FS, module)
		require.NoError(t, err)
		require.Contains(t, string(law), old)
		return map[string][]byte{module: []byte(strings.ReplaceAll(string(law), old, new))}
	}
	ask := func(m *models.Model, overlay map[string][]byte) (*engine.Result, error) {
		return engine.AskTLC(t.Context(), m, engine.TLCOptions{Installation: in, Files: tla.FS, Overlay: overlay, States: 1})
	}
	configured := func(change func(c *tlc.Config)) *models.Model {
		m := *good
		m.Config = good.Config.Clone()
		change(m.Config)
		return &m
	}

	for _, test := range []struct {
		reason  string
		model   *models.Model
		overlay map[string][]byte
		want    string
	}{
		{"nothing is wrong", good, nil, ""},
		{"a bound has collapsed", configured(func(c *tlc.Config) {
			i := slices.IndexFunc(c.Constants, func(k tlc.Constant) bool { return k.Name == "MMOps" })
			c.Constants[i].Value = tlc.Int(0)
		}), nil, "DeepestLock/Tiny tlc: distinct states shrank from 578 to "},
		{"an INVARIANT line was deleted", configured(func(c *tlc.Config) {
			c.Invariants = slices.DeleteFunc(c.Invariants, func(n string) bool { return n == "NoUseAfterFree" })
		}), nil, "DeepestLock/Tiny tlc: NoUseAfterFree: holds, now not checked"},
		{"an action was renamed", good, edit("DeepestLock.tla", "ReadTail", "ReadLast"), `thread[w1].pc = "ReadLast"`},
		{"an action never fires", good, edit("MM.tla", "Unmap(m) ==", "Unmap(m) == FALSE /\\"), "DeepestLock/Tiny tlc: step Unmap never fired"},
		{"an action is never enabled, and all wait for it", good, edit("DeepestLock.tla", `/\ At(w, "ReadTail")`, `/\ FALSE`), "the model keeps NoDeadlock"},
	} {
		r, err := ask(test.model, test.overlay)
		found := ""
		if err != nil { // its counterexample is none of the law's
			found = err.Error()
		} else {
			found = strings.Join(differences(l, good, r), "\n")
		}
		if test.want == "" {
			assert.Empty(t, found, test.reason)
		} else {
			assert.Contains(t, found, test.want, test.reason)
		}
	}

	// TLC fails for a reason that is none of the model's: an error, and no verdict.
	r, err := ask(good, edit("DeepestLock.tla", "ReadTail(w) ==", "ReadTail(w) == ("))
	var failed *tlc.RunError
	require.ErrorAs(t, err, &failed)
	assert.Contains(t, err.Error(), "parse error")
	assert.Empty(t, r.Violations)
	for _, v := range r.Claims {
		assert.Equal(t, engine.NotChecked, v)
	}
}

// Neither a jar that is not there nor a suite that was left out goes unnoticed.
func TestNothingSkippedInSilence(t *testing.T) {
	t.Setenv("TLA2TOOLS_JAR", filepath.Join(t.TempDir(), "no.jar"))
	project, err := root()
	require.NoError(t, err)
	t.Chdir(project)
	code, _, complaint := rootlock(t, "tlc", "OwnLock/Tiny")
	assert.Equal(t, exitUsage, code)
	assert.Contains(t, complaint, "no.jar")

	t.Setenv("ROOTLOCK_REQUIRE_TLC", "1")
	k := &checking{app: &app{ctx: t.Context()}, cmd: &checkCmd{}}
	var setup *tlc.SetupError
	assert.ErrorAs(t, k.tlc(), &setup, "required, so that leaving it out is a failure")
	t.Setenv("ROOTLOCK_REQUIRE_TLC", "")
	require.NoError(t, k.tlc())
	require.Len(t, k.out.Skipped, 1)
	assert.Contains(t, k.out.Skipped[0].Why, "no.jar", "not required: left out, and the output says so")

	// An engine that the ledger does not know was left out.
	k = &checking{out: results{OK: true}}
	for _, p := range spec.Protocols() {
		for _, name := range []string{engine.Lockstep, engine.Sequential, engine.Linearizability, engine.Graph, engine.Graph, engine.Tour, engine.Tour, engine.Coverage, engine.Trace} {
			k.out.Results = append(k.out.Results, &engine.Result{Protocol: p.String(), Engine: name})
		}
	}
	k.complete()
	assert.True(t, k.out.OK, k.out.Differences)
	for i, r := range k.out.Results {
		some := &checking{out: results{OK: true, Results: slices.Delete(slices.Clone(k.out.Results), i, i+1)}}
		some.complete()
		assert.False(t, some.out.OK)
		require.Len(t, some.out.Differences, 1)
		assert.Contains(t, some.out.Differences[0], r.Protocol+" "+r.Engine+": ")
		assert.Contains(t, some.out.Differences[0], "something was not run")
	}

	// A graph that is not there, and one that is empty.
	dir := t.TempDir()
	edges, err := models.Find(spec.OwnLock, "Edges")
	require.NoError(t, err)
	_, _, err = engine.CompareGraphs(t.Context(), edges, os.DirFS(dir), nil)
	assert.ErrorIs(t, err, fs.ErrNotExist)
	assert.ErrorContains(t, err, "write it anew")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "OwnLockEdges.gz"), nil, 0o600))
	_, _, err = engine.CompareGraphs(t.Context(), edges, os.DirFS(dir), nil)
	assert.ErrorContains(t, err, "it is no gzip file")
	assert.False(t, errors.Is(err, fs.ErrNotExist))
}
