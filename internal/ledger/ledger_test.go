package ledger

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/engine"
	"github.com/rootlock/rootlock/triangle/ledger"
)

func entry() Entry {
	return Entry{Protocol: "OwnLock", Model: "Tiny", Engine: "tlc", Bound: "1 mm", Hash: "abc", Found: ledger.Found{Distinct: 702, Generated: 1217, Depth: 41,
		Claims:   map[string]engine.Verdict{"TypeOK": engine.Holds, "LockedIsRoot": engine.Violated},
		Shortest: map[string]int{"LockedIsRoot": 10}, Steps: map[string]uint64{"Walk": 5, "LockLeaf": 7}}}
}

// Every kind of difference is told.
func TestEveryDifferenceIsRed(t *testing.T) {
	want := entry()
	assert.Empty(t, Compare(&want, entry()))
	assert.Equal(t, []string{"OwnLock/Tiny tlc is not in the ledger: new: `check --update` records it"}, Compare(nil, entry()))
	for _, test := range []struct {
		reason string
		change func(*Entry)
		want   string
	}{
		{"a collapsed model", func(e *Entry) { e.Distinct = 8 }, "distinct states shrank from 702 to 8"},
		{"a larger model", func(e *Entry) { e.Generated = 2000 }, "generated states grew from 1217 to 2000"},
		{"a shallower model", func(e *Entry) { e.Depth = 40 }, "depth shrank from 41 to 40"},
		{"a deleted INVARIANT line", func(e *Entry) { e.Claims["TypeOK"] = engine.NotChecked }, "TypeOK: holds, now not checked"},
		{"a claim that vanished", func(e *Entry) { delete(e.Claims, "TypeOK") }, "TypeOK: holds, now not claimed"},
		{"a claim that is broken now", func(e *Entry) { e.Claims["TypeOK"], e.Shortest["TypeOK"] = engine.Violated, 12 }, "TypeOK: holds, now violated (12 steps)"},
		{"a claim that holds where it must not", func(e *Entry) { e.Claims["LockedIsRoot"] = engine.Holds; e.Shortest = nil }, "LockedIsRoot: violated (10 steps), now holds"},
		{"a new claim", func(e *Entry) { e.Claims["OneRoot"] = engine.Holds }, "claim OneRoot is not in the ledger (found: holds): new: `check --update` records it"},
		{"a longer way to the bug", func(e *Entry) { e.Shortest["LockedIsRoot"] = 12 }, "LockedIsRoot: violated (10 steps), now violated (12 steps)"},
		{"a violation that nothing shows", func(e *Entry) { e.Shortest = nil }, "LockedIsRoot: violated (10 steps), now violated"},
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

// The file is as Save writes it, byte for byte.
func TestTheFile(t *testing.T) {
	l, err := Load("../../" + File)
	require.NoError(t, err)
	require.Greater(t, len(l.Entries), 100, "floor")
	path := filepath.Join(t.TempDir(), "ledger.json")
	require.NoError(t, l.Save(path))
	want, err := os.ReadFile("../../" + File)
	require.NoError(t, err)
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.True(t, string(want) == string(got))
}

// What is done to a ledger is not in one that is read later: the text that was read last is
// not parsed again.
func TestLoadedTwice(t *testing.T) {
	first, err := Load("../../" + File)
	require.NoError(t, err)
	kept := first.clone()
	e := first.Find("OwnLock", "Tiny", engine.TLC)
	for _, touched := range []any{e.Claims, e.Shortest, e.Steps, e.Schedules} {
		require.NotEmpty(t, touched)
	}
	clear(e.Claims)
	clear(e.Shortest)
	clear(e.Steps)
	clear(e.Schedules)
	first.Entries[0].Depth++
	for range 2 {
		again, err := Load("../../" + File)
		require.NoError(t, err)
		require.Equal(t, kept, again)
		again.Put(entry())
	}
}

func TestBadFiles(t *testing.T) {
	dir := t.TempDir()
	l := &Ledger{}
	l.Put(entry())
	good := filepath.Join(dir, "good.json")
	require.NoError(t, l.Save(good))
	data, err := os.ReadFile(good)
	require.NoError(t, err)
	text := string(data)
	edit := func(old, new string) string {
		require.Contains(t, text, old)
		return strings.Replace(text, old, new, 1)
	}
	entry := text[strings.Index(text, "    {\n"):strings.Index(text, "\n  ]")]
	for _, test := range []struct {
		reason, text string
		line         int
		want         string
	}{
		{"truncated", text[:len(text)/2], 1 + strings.Count(text[:len(text)/2], "\n"), "unexpected EOF"},
		{"empty", "", 1, "EOF"},
		{"foreign", "{\n \"packages\": []}", 2, `unknown field "packages"`},
		{"not JSON", "verdicts: none\n", 1, "invalid character"},
		{"a comma too many", edit("702,", "702,,"), 10, "invalid character ','"},
		{"no entries", `{"about": "", "entries": []}`, 1, "no entries"},
		{"two documents", text + text, 27, "more after the end"},
		{"a brace at the end", text + "}", 27, "more after the end"},
		{"an entry without states", edit(`"distinct": 702`, `"distinct": 0`), 5, "entry 1 (OwnLock/Tiny tlc): it lacks states or depth"},
		{"fewer generated than distinct states", edit(`"generated": 1217`, `"generated": 1`), 5, "it lacks states or depth"},
		{"an entry without hash", edit(`"hash": "abc"`, `"hash": ""`), 5, "it lacks a protocol, model, engine, bound or hash"},
		{"a wrong type", edit(`"depth": 41`, `"depth": "deep"`), 12, "cannot unmarshal"},
		{"a negative count", edit(`"distinct": 702`, `"distinct": -702`), 10, "cannot unmarshal"},
		{"a misspelt verdict", edit(`"violated"`, `"violatde"`), 5, `LockedIsRoot: "violatde" is no verdict`},
		{"a violation without counterexample", edit(`"LockedIsRoot": 10`, `"LockedIsRoot": 0`), 5, "LockedIsRoot is violated, and no counterexample has a length"},
		{"a counterexample to what holds", edit(`"LockedIsRoot": "violated"`, `"LockedIsRoot": "holds"`), 5, "LockedIsRoot has a counterexample and is not violated"},
		{"an entry twice", edit(entry, entry+",\n"+entry), 26, "entry 2 (OwnLock/Tiny tlc): it stands there twice"},
		{"a field twice", edit(`"depth": 41`, "\"depth\": 40,\n      \"depth\": 41"), 12, "from here on it was edited"},
		{"a claim twice", edit(`"TypeOK": "holds"`, "\"TypeOK\": \"violated\",\n        \"TypeOK\": \"holds\""), 15, "from here on it was edited"},
		{"a field in capitals", edit(`"depth"`, `"Depth"`), 12, "from here on it was edited"},
	} {
		path := filepath.Join(dir, "bad.json")
		require.NoError(t, os.WriteFile(path, []byte(test.text), 0o644))
		_, err := Load(path)
		assert.ErrorContains(t, err, test.want, test.reason)
		assert.ErrorContains(t, err, "restore it", "%s: what to do", test.reason)
		assert.ErrorContains(t, err, fmt.Sprintf(", line %d: ", test.line), "%s: where", test.reason)
	}
	require.NoError(t, os.WriteFile(good, []byte(strings.ReplaceAll(text, "\n", "\r\n")), 0o644))
	_, err = Load(good)
	assert.NoError(t, err, "another system's line ends")
	_, err = Load(filepath.Join(dir, "absent.json"))
	assert.ErrorContains(t, err, "there is no ledger at")

	// A failing write changes nothing.
	err = l.Save(filepath.Join(dir, "no such folder", "ledger.json"))
	assert.ErrorContains(t, err, "nothing has changed")
	half := &Ledger{}
	half.Put(Entry{Protocol: "OwnLock", Model: "Tiny", Engine: "tlc", Bound: "1 mm", Hash: "abc"})
	assert.ErrorContains(t, half.Save(good), "nothing has changed: OwnLock/Tiny tlc: it lacks states", "the answer of a run that failed")
	taken := filepath.Join(dir, "taken")
	require.NoError(t, os.MkdirAll(filepath.Join(taken, "ledger.json", "in the way"), 0o755))
	err = l.Save(filepath.Join(taken, "ledger.json"))
	assert.ErrorContains(t, err, "nothing has changed")
	left, err := os.ReadDir(taken)
	require.NoError(t, err)
	assert.Len(t, left, 1, "no temporary file stays")
}

func TestHash(t *testing.T) {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	files := fstest.MapFS{
		"World.tla": file("EXTENDS Naturals"), "Lock.tla": file("A == 1"),
		"MCOne.tla": file("EXTENDS One,\n  World"), "One.tla": file("L(x) == INSTANCE Lock WITH x <- 1"),
		"MCTwo.tla": file("EXTENDS Two"), "Two.tla": file("EXTENDS World"),
	}
	hash := func(config string) string {
		h, err := Hash(files, config, "MCOne")
		require.NoError(t, err)
		return h
	}
	before := hash("f")
	assert.NotEqual(t, before, hash("other"), "another configuration")
	for _, name := range []string{"World.tla", "MCOne.tla", "One.tla", "Lock.tla"} {
		old := files[name]
		files[name] = file(string(old.Data) + "\nB == 2")
		assert.NotEqual(t, before, hash("f"), name)
		files[name] = old
	}
	files["Two.tla"] = file("C == 3")
	assert.Equal(t, before, hash("f"), "a module that it does not lead to")
	_, err := Hash(files, "f", "MCNone")
	assert.ErrorContains(t, err, "MCNone.tla")
}

// Comments may change, and nothing else: the law is what is between them.
func TestHashOfTheLawAlone(t *testing.T) {
	const text = "A == \"(*\" /\\ B  \\* one\n(* two (* three *) *)\n\n  /\\ C\n"
	assert.Equal(t, "A == \"(*\" /\\ B\n  /\\ C\n", bare(text))
	for _, same := range []string{"A == \"(*\" /\\ B\n  /\\ C\n", "\\* new\nA == \"(*\" /\\ B   \n\n(* *)  /\\ C"} {
		if want, got := bare(text), bare(same); want != got {
			assert.Equal(t, strings.Fields(want), strings.Fields(got), same)
		}
	}
	assert.NotEqual(t, bare(text), bare("A == \"(*\" /\\ B\n /\\ C\n"), "a conjunction that moved to another list")
}
