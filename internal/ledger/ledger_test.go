package ledger

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/engine"
)

func entry() Entry {
	return Entry{Protocol: "OwnLock", Model: "Tiny", Engine: "tlc", Bound: "1 mm", Hash: "abc", Distinct: 702, Generated: 1217, Depth: 41,
		Claims:   map[string]engine.Verdict{"TypeOK": engine.Holds, "LockedIsRoot": engine.Violated},
		Shortest: map[string]int{"LockedIsRoot": 10}, Steps: map[string]uint64{"Walk": 5, "LockLeaf": 7}}
}

// Every kind of difference is told.
func TestEveryDifferenceIsRed(t *testing.T) {
	want := entry()
	assert.Empty(t, Compare(&want, entry()))
	assert.Equal(t, []string{"OwnLock/Tiny tlc is not in the ledger"}, Compare(nil, entry()))
	for _, test := range []struct {
		reason string
		change func(*Entry)
		want   string
	}{
		{"a collapsed model", func(e *Entry) { e.Distinct = 8 }, "distinct states shrank from 702 to 8"},
		{"a larger model", func(e *Entry) { e.Generated = 2000 }, "generated states grew from 1217 to 2000"},
		{"a shallower model", func(e *Entry) { e.Depth = 40 }, "depth shrank from 41 to 40"},
		{"a deleted INVARIANT line", func(e *Entry) { e.Claims["TypeOK"] = engine.NotChecked }, "claim TypeOK was not checked; expected: holds"},
		{"a claim that vanished", func(e *Entry) { delete(e.Claims, "TypeOK") }, "claim TypeOK was not checked; expected: holds"},
		{"a claim that is broken now", func(e *Entry) { e.Claims["TypeOK"] = engine.Violated }, "claim TypeOK: expected holds, found violated"},
		{"a claim that holds where it must not", func(e *Entry) { e.Claims["LockedIsRoot"] = engine.Holds; e.Shortest = nil }, "claim LockedIsRoot: expected violated, found holds"},
		{"a new claim", func(e *Entry) { e.Claims["OneRoot"] = engine.Holds }, "claim OneRoot is not in the ledger (found: holds)"},
		{"a longer way to the bug", func(e *Entry) { e.Shortest["LockedIsRoot"] = 12 }, "the shortest counterexample to LockedIsRoot has 12 steps; expected 10"},
		{"an action that never fires", func(e *Entry) { delete(e.Steps, "LockLeaf") }, "step LockLeaf never fired; expected 7 times"},
		{"a renamed action", func(e *Entry) { delete(e.Steps, "LockLeaf"); e.Steps["TakeLeaf"] = 7 }, "step TakeLeaf fired 7 times and is not in the ledger"},
		{"an action that fires less", func(e *Entry) { e.Steps["Walk"] = 4 }, "step Walk fired 4 times; expected 5"},
		{"other bounds", func(e *Entry) { e.Bound = "2 mms" }, "the bounds are 2 mms; expected 1 mm"},
		{"an edited module", func(e *Entry) { e.Hash = "abd" }, "the TLA+ modules or the configuration changed"},
	} {
		got := entry()
		got.Claims, got.Steps, got.Shortest = maps.Clone(got.Claims), maps.Clone(got.Steps), maps.Clone(got.Shortest)
		test.change(&got)
		assert.Contains(t, strings.Join(Compare(&want, got), "\n"), "OwnLock/Tiny tlc: "+test.want, test.reason)
	}
}

func TestSaveAndLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.json")
	l := &Ledger{}
	l.Put(entry())
	changed := entry()
	changed.Depth = 42
	l.Put(changed)
	require.NoError(t, l.Save(path))
	back, err := Load(path)
	require.NoError(t, err)
	assert.Equal(t, []Entry{changed}, back.Entries, "Put replaces")
	left, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	assert.Len(t, left, 1, "no temporary file stays")
}

func TestBadFiles(t *testing.T) {
	dir := t.TempDir()
	l := &Ledger{}
	l.Put(entry())
	good := filepath.Join(dir, "good.json")
	require.NoError(t, l.Save(good))
	data, err := os.ReadFile(good)
	require.NoError(t, err)
	for _, test := range []struct{ reason, text, want string }{
		{"truncated", string(data[:len(data)/2]), "unexpected EOF"},
		{"empty", "", "line 1: EOF"},
		{"foreign", `{"packages": []}`, `unknown field "packages"`},
		{"not JSON", "verdicts: none\n", "invalid character"},
		{"no entries", `{"about": "", "entries": []}`, "no entries"},
		{"two documents", string(data) + string(data), "more after the end"},
		{"an entry without states", strings.Replace(string(data), `"distinct": 702`, `"distinct": 0`, 1), "entry 1 (OwnLock/Tiny tlc) lacks"},
		{"a wrong type", strings.Replace(string(data), `"depth": 41`, `"depth": "deep"`, 1), "cannot unmarshal"},
	} {
		path := filepath.Join(dir, "bad.json")
		require.NoError(t, os.WriteFile(path, []byte(test.text), 0o644))
		_, err := Load(path)
		assert.ErrorContains(t, err, test.want, test.reason)
		assert.ErrorContains(t, err, "restore it", "%s: what to do", test.reason)
		assert.ErrorContains(t, err, ", line ", "%s: where", test.reason)
	}
	_, err = Load(filepath.Join(dir, "absent.json"))
	assert.ErrorContains(t, err, "there is no ledger at")

	// A failing write changes nothing.
	err = l.Save(filepath.Join(dir, "no such folder", "ledger.json"))
	assert.ErrorContains(t, err, "nothing has changed")
}

func TestHash(t *testing.T) {
	files := fstest.MapFS{"World.tla": {Data: []byte("a")}, "MCOne.tla": {Data: []byte("b")}, "One.tla": {Data: []byte("c")}, "MCTwo.tla": {Data: []byte("d")}, "Two.tla": {Data: []byte("e")}, "MCOneX.cfg": {Data: []byte("f")}}
	hash := func() string {
		h, err := Hash(files, "One", "MCOneX.cfg")
		require.NoError(t, err)
		return h
	}
	before := hash()
	for _, name := range []string{"World.tla", "MCOne.tla", "One.tla", "MCOneX.cfg"} {
		old := files[name]
		files[name] = &fstest.MapFile{Data: []byte("other")}
		assert.NotEqual(t, before, hash(), name)
		files[name] = old
	}
	files["Two.tla"] = &fstest.MapFile{Data: []byte("other")}
	assert.Equal(t, before, hash(), "another protocol's module")
	_, err := Hash(files, "One", "MCOneY.cfg")
	assert.Error(t, err)
}
