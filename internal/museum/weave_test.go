package museum

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/deep"
	"github.com/rootlock/rootlock/internal/museum/wire"
	"github.com/rootlock/rootlock/triangle/museum"
)

// All entries are woven: none takes a build of its own.
func TestWovenEntries(t *testing.T) {
	w := woven(t)
	list := entries(t)
	for i := range list {
		assert.NotNil(t, w.specimen(&list[i]), list[i].Name)
	}
	spoilt := entry(t, "Posted")
	spoilt.Files[0].Edits[0].New += "\n"
	assert.Nil(t, w.specimen(spoilt), "other edits than those that were woven")
}

// A woven entry answers as one that is built alone: with both sides edited, and with the
// code alone. Of the law there is one too. One entry in six: each is a build of its own.
func TestWovenAnswers(t *testing.T) {
	if !deep.Asked() {
		t.Skip("two builds for each entry; " + deep.Variable + "=1 asks for it")
	}
	list := entries(t)
	for i := 0; i < len(list); i += 6 {
		e := &list[i]
		for _, sides := range [][]string{nil, {"impl"}} {
			alone, err := build(t.Context(), e, specimenPackage, root, t.TempDir()+"/alone", sides...)
			require.NoError(t, err)
			r := &runner{entry: e, options: Options{Schedules: 100, Seed: 1}}
			q := r.question(e.Model)
			q.Explore, q.Conform, q.Hunt = true, true, names(e.Violated())
			assert.Equal(t, answer(t, alone, q), answer(t, woven(t).specimen(e, sides...), q), "%s %v", e.Name, sides)
		}
	}
}

// answer is a specimen's: of searches what was drawn, as how much is shrunk depends on the
// time that it takes.
func answer(t *testing.T, s *specimen, q *wire.Question) *wire.Answer {
	t.Helper()
	a, err := s.ask(t.Context(), q)
	require.NoError(t, err)
	a.Exploration.Seconds = 0
	*a.Conformance = wire.Hunt{Drawn: a.Conformance.Drawn}
	for i, h := range a.Hunts {
		a.Hunts[i] = wire.Hunt{Claim: h.Claim, Drawn: h.Drawn}
	}
	return a
}

// What changes more than functions is left to a build of its own, and what does not compile
// spoils no other entry.
func TestWeaveLeavesOut(t *testing.T) {
	if !deep.Asked() {
		t.Skip("two builds; " + deep.Variable + "=1 asks for it")
	}
	constant := entry(t, "Posted")
	constant.Name = "Constant"
	constant.Files = []museum.File{{Name: "spec/deepest_lock.go", Edits: []museum.Edit{{Old: "type deepestLock struct{ oneLock }\n", New: "type deepestLock struct {\n\toneLock\n\t_ int\n}\n", Line: 1}}}}
	broken := entry(t, "PutFrees")
	edit := &broken.Files[0].Edits[0]
	edit.New += "\tnobody()\n"
	_, err := Overlay(constant, root, t.TempDir())
	require.NoError(t, err, "the edit applies")
	w, err := Weave(t.Context(), []Entry{*constant, *broken, *entry(t, "Renamed")}, root)
	require.NoError(t, err)
	defer func() { require.NoError(t, w.Close()) }()
	assert.Nil(t, w.specimen(constant))
	assert.Nil(t, w.specimen(broken))
	assert.NotNil(t, w.specimen(entry(t, "Renamed")))
	_, err = (&specimen{entry: broken, program: w.program, edits: []string{variantVariable("spec") + "=PutFrees"}}).ask(t.Context(), &wire.Question{})
	assert.ErrorContains(t, err, "this program has no museum entry PutFrees")
}
