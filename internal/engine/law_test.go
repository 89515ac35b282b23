package engine

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/deep"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/tla"
	"github.com/rootlock/rootlock/triangle/explore"
	"github.com/rootlock/rootlock/triangle/tlc"
)

// No step of tla/ reads the history: where Record is replaced by Forget, TLC finds the
// states that the law in Go has without a history, whose graph TestErasure in spec compares
// edge by edge.
func TestErasureByTLC(t *testing.T) {
	in := installation(t)
	if !deep.Asked() {
		t.Skip("two runs of TLC; " + deep.Variable + "=1 asks for it")
	}
	for _, name := range []string{"OwnLock/Tiny", "RootPointer/Graph"} {
		m, err := models.FindFull(name)
		require.NoError(t, err)
		full, err := explore.Explore(t.Context(), m.Model.Law(), explore.Options{})
		require.NoError(t, err)
		bare, err := explore.Explore(t.Context(), m.WithoutHistory().Law(), explore.Options{})
		require.NoError(t, err)
		assert.Less(t, bare.Distinct, full.Distinct, "there is a history to erase")
		res := ask(t, in, m, m.Config.WithInvariants().WithProperties().WithReplacement("Record", "Forget"))
		assert.EqualValues(t, bare.Distinct, res.Distinct, name)
		assert.EqualValues(t, bare.Depth, res.Depth, name)
	}
}

// The locks that a protocol is to implement keep their own word, and without readers they
// are the same.
func TestFamilyLocks(t *testing.T) {
	if !deep.Asked() {
		t.Skip("runs of TLC; " + deep.Variable + "=1 asks for them")
	}
	config, err := fs.ReadFile(tla.FS, "FamilyRwlock.cfg")
	require.NoError(t, err)
	alone := strings.Replace(string(config), "Readers = {t1, t2}", "Readers = {}", 1)
	require.NotEqual(t, alone, string(config))
	alone += "PROPERTY IsMutex\n"
	for _, test := range []struct {
		module, config string
		overlay        map[string][]byte
		states         int64 // of 27
	}{
		{"FamilyMutex", "FamilyMutex.cfg", nil, 13},
		{"FamilyRwlock", "FamilyRwlock.cfg", nil, 17}, // the readers are in none or either: 9; and where the third thread is in one of two: 4
		{"FamilyRwlock", "Alone.cfg", map[string][]byte{"Alone.cfg": []byte(alone)}, 13},
	} {
		res, err := tlc.Run(t.Context(), tlc.Options{Installation: installation(t), Files: tla.FS, Overlay: test.overlay, Module: test.module, Config: test.config, Workers: 1, JVM: []string{"-XX:TieredStopAtLevel=1"}})
		require.NoError(t, err)
		assert.Equal(t, tlc.Holds, res.Verdict, test.config)
		assert.Equal(t, test.states, res.Distinct, test.config)
	}
}

// Who shares a lock that a process has alone, or takes one alone that is shared, does not
// implement it; nor does who goes from one family to another.
func TestRefinementBroken(t *testing.T) {
	in := installation(t)
	if !deep.Asked() {
		t.Skip("runs of TLC; " + deep.Variable + "=1 asks for them")
	}
	m, err := models.Find(spec.RwsemRoot, "Tiny")
	require.NoError(t, err)
	for _, mistake := range []struct{ name, text string }{
		{"MayRead", "(a) == TRUE"},
		{"TakeAlone", "(t, a, r) == anon[a].lock = None /\\ anon' = [anon EXCEPT ![a].lock = t] /\\ Become(t, [r EXCEPT !.held = a])"},
		{"Family", "(t) == IF IsInside(t) THEN CHOOSE a \\in Objects : (a = anon[thread[t].anon].root) # (thread[t].pc = \"Visit\") ELSE None"},
	} {
		module := "---- MODULE Broken ----\nEXTENDS MCRwsemRoot\n" + mistake.name + "_Broken" + mistake.text + "\n====\n"
		config := m.Config.WithInvariants().WithProperties(Refinement).WithReplacement(mistake.name, mistake.name+"_Broken")
		res, err := tlc.Run(t.Context(), tlc.Options{Installation: in, Files: tla.FS, Module: "Broken", Config: "Broken.cfg", Workers: 1, JVM: []string{"-XX:TieredStopAtLevel=1"},
			Overlay: map[string][]byte{"Broken.tla": []byte(module), "Broken.cfg": []byte(config.String())}})
		require.NoError(t, err)
		assert.Equal(t, tlc.PropertyViolated, res.Verdict, "%s: %v", mistake.name, res.Finding)
	}
}

func ask(t *testing.T, in tlc.Installation, m *models.Model, config *tlc.Config) *tlc.Result {
	t.Helper()
	res, err := tlc.Run(t.Context(), tlc.Options{Installation: in, Files: tla.FS, Overlay: map[string][]byte{m.File: []byte(config.String())},
		Module: m.Module(), Config: m.File, Workers: 1, JVM: []string{"-XX:TieredStopAtLevel=1"}})
	require.NoError(t, err)
	require.Equal(t, tlc.Holds, res.Verdict)
	return res
}
