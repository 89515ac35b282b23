package engine

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/deep"
	"github.com/rootlock/rootlock/internal/models"
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

// The lock that a protocol is to implement keeps its own word.
func TestFamilyMutex(t *testing.T) {
	if !deep.Asked() {
		t.Skip("a run of TLC; " + deep.Variable + "=1 asks for it")
	}
	res, err := tlc.Run(t.Context(), tlc.Options{Installation: installation(t), Files: tla.FS, Module: "FamilyMutex", Config: "FamilyMutex.cfg", Workers: 1, JVM: []string{"-XX:TieredStopAtLevel=1"}})
	require.NoError(t, err)
	assert.Equal(t, tlc.Holds, res.Verdict)
	assert.EqualValues(t, 13, res.Distinct, "of 27: no family, one family or two are held")
}

func ask(t *testing.T, in tlc.Installation, m *models.Model, config *tlc.Config) *tlc.Result {
	t.Helper()
	res, err := tlc.Run(t.Context(), tlc.Options{Installation: in, Files: tla.FS, Overlay: map[string][]byte{m.File: []byte(config.String())},
		Module: m.Module(), Config: m.File, Workers: 1, JVM: []string{"-XX:TieredStopAtLevel=1"}})
	require.NoError(t, err)
	require.Equal(t, tlc.Holds, res.Verdict)
	return res
}
