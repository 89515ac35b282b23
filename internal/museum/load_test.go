package museum

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/triangle/museum"
)

const good = `What goes wrong.

More.
-- entry --
protocol: DeepestLock
model: Tiny
kind: mistake
expect: LockSucceeds violated
-- tla/override.cfg --
MMLock <- MMLock_X
-- tla/override.tla --
MMLock_X(v, a) == a
-- spec/deepest_lock.go --
<<<<
a
====
b
>>>>
-- impl/deepest_lock.go --
# why
<<<<
a
====
>>>>
`

func load(name, text string) ([]Entry, error) {
	return Load(fstest.MapFS{name: {Data: []byte(text)}})
}

func TestLoad(t *testing.T) {
	list, err := load("X.txtar", good)
	require.NoError(t, err)
	require.Len(t, list, 1)
	e := list[0]
	assert.Equal(t, "X", e.Name)
	assert.Equal(t, "What goes wrong.", e.Title())
	assert.Equal(t, "DeepestLock/Tiny", e.Model.FullName())
	assert.Equal(t, Engines(), e.Engines)
	assert.Equal(t, "MCDeepestLock_X", e.Module())
	assert.Equal(t, []museum.Edit{{Old: "a\n", New: "b\n", Line: 17}}, e.Files[0].Edits)
	assert.Equal(t, []museum.Edit{{Old: "a\n", New: "", Line: 24}}, e.Files[1].Edits)
}

// Of a second thread in a process an entry need not override tla/: then TLC is not asked. It
// overrides with both sections, or with none.
func TestLoadWithoutOverride(t *testing.T) {
	text := strings.Replace(good, "protocol: DeepestLock\nmodel: Tiny", "protocol: RwsemRoot\nmodel: First", 1)
	list, err := load("X.txtar", text)
	require.NoError(t, err)
	assert.Equal(t, Engines(), list[0].Engines)
	assert.Equal(t, "MCRwsemRootFaulters_X", list[0].Module())

	config, rest, ok := strings.Cut(text, "-- tla/override.tla --\nMMLock_X(v, a) == a\n")
	require.True(t, ok)
	_, err = load("X.txtar", config+rest)
	assert.ErrorContains(t, err, "section tla/override.tla is missing")
	none := strings.Replace(config, "-- tla/override.cfg --\nMMLock <- MMLock_X\n", "", 1) + rest
	list, err = load("X.txtar", none)
	require.NoError(t, err)
	assert.NotContains(t, list[0].Engines, TLC)
	_, err = load("X.txtar", strings.Replace(none, "kind: mistake", "kind: mistake\nengines: explorer, tlc", 1))
	assert.ErrorContains(t, err, "section tla/override.tla is missing")
}

// Whatever is wrong with a file, the error names the file and says what to do.
func TestLoadErrors(t *testing.T) {
	for _, c := range []struct{ reason, old, new, want string }{
		{"an entry tells a story", "What goes wrong.\n\nMore.\n", "", "it tells no story"},
		{"a section is missing", "-- tla/override.cfg --\nMMLock <- MMLock_X\n", "", "section tla/override.cfg is missing"},
		{"the file was cut in a block", "====\n>>>>\n", "", "has no end (is the file whole?)"},
		{"the file was cut after a section's name", good[strings.Index(good, "# why"):], "", "section impl/deepest_lock.go: it is empty"},
		{"no header", "-- entry --\n", "-- entri --\n", "section entri: no section has this name"},
		{"twice the same section", "-- impl/deepest_lock.go --", "-- spec/deepest_lock.go --", "stands there twice"},
		{"one corner is not edited", "-- impl/deepest_lock.go --", "-- spec/mm.go --", "no edit of impl/"},
		{"a folder that is not the law's", "-- impl/deepest_lock.go --", "-- triangle/sched/sched.go --", "no section has this name"},
		{"a path that leaves its folder", "-- impl/deepest_lock.go --", "-- impl/../go.go --", "no section has this name"},
		{"tests are not edited", "-- impl/deepest_lock.go --", "-- impl/rig_test.go --", "no section has this name"},
		{"unknown key", "kind: mistake", "kind: mistake\ncolour: red", `unknown key "colour"`},
		{"a key twice", "kind: mistake", "kind: mistake\nkind: repair", "want 'KEY: VALUE'"},
		{"no model", "model: Tiny\n", "", `it has no line "model"`},
		{"unknown model", "model: Tiny", "model: Huge", `unknown model "Huge"`},
		{"a model that tla/ does not have", "model: Tiny", "model: Swap", "model DeepestLock/Swap is not in tla/: there is nothing to override"},
		{"TLC has no such model", "model: Tiny", "engines: tlc\nmodel: Swap", "model DeepestLock/Swap is not in tla/: leave tlc out"},
		{"unknown protocol", "DeepestLock", "BrassLock", `unknown protocol "BrassLock"`},
		{"unknown kind", "kind: mistake", "kind: sin", `kind "sin"`},
		{"unseen by all", "kind: mistake\nexpect: LockSucceeds violated", "kind: unseen\nengines: explorer, rapid", "no claim sees an unseen entry, so lockstep must"},
		{"unknown engine", "kind: mistake", "kind: mistake\nengines: tlc, steam", `engine "steam"`},
		{"unknown claim", "LockSucceeds", "LockPicks", `unknown claim "LockPicks"`},
		{"a verdict that is none", "violated", "wobbles", "want CLAIM holds or CLAIM violated"},
		{"a claim twice", "expect: LockSucceeds violated", "expect: LockSucceeds violated\nalso: LockSucceeds holds", "stands there twice"},
		{"a claim that the protocol is not asked", "protocol: DeepestLock\nmodel: Tiny\nkind: mistake\nexpect: LockSucceeds violated", "protocol: OwnLock\nkind: mistake\nexpect: LockedIsRoot violated\nmodel: Tiny",
			"X.txtar:7: section entry: LockedIsRoot is not asked of OwnLock: a walker holds the lock of the leaf, not of the root; see Protocol.WhyNotAsked"},
		{"a side effect that the protocol is not asked", "protocol: DeepestLock\nmodel: Tiny\nkind: mistake\n", "protocol: RootPointer\nmodel: Tiny\nkind: mistake\nalso: RootFreedLast holds\n",
			"X.txtar:8: section entry: RootFreedLast is not asked of RootPointer: an unlink frees the root"},
		{"what remains is not asked of the protocol", "protocol: DeepestLock\nmodel: Tiny\nkind: mistake\nexpect: LockSucceeds violated", "protocol: OwnLock\nmodel: Tiny\nkind: repair\nexpect: LockSucceeds holds\nremains: MutualExclusion in Tiny",
			"remains: MutualExclusion is not asked of OwnLock: each anon_vma has its own lock"},
		{"unknown claim, and where", "expect: LockSucceeds", "also: LockPicks violated\nexpect: LockSucceeds", `X.txtar:8: section entry: rootlock: unknown claim "LockPicks"`},
		{"a claim twice, and where", "expect: LockSucceeds violated", "expect: LockSucceeds violated\nexpect: LockSucceeds violated", "X.txtar:9: section entry: claim LockSucceeds stands there twice, first at line 8"},
		{"a mark in the wrong place, and where", "# why\n", "# why\n====\n", "X.txtar:21: section impl/deepest_lock.go: ==== stands in the wrong place"},
		{"a mistake that breaks nothing", "expect: LockSucceeds violated\n", "", "a mistake breaks a claim"},
		{"a repair that mends nothing", "kind: mistake", "kind: repair", "a repair keeps a claim"},
		{"a noop with consequences", "kind: mistake", "kind: noop", "nobody sees anything of a noop"},
		{"a mistake leaves nothing", "expect:", "remains: OneRoot in Tiny\nexpect:", "only a repair leaves something"},
		{"a remaining claim in no model", "expect:", "remains: OneRoot\nexpect:", "want CLAIM in MODEL"},
		{"liveness has no finite schedule", "LockSucceeds", "WalkTerminates", "leave rapid out"},
		{"liveness is not asked in this model", "expect: LockSucceeds", "engines: tlc\nexpect: WalkTerminates", "does not ask whether operations end"},
		{"the naming rule", "<- MMLock_X", "<- MMLock_Y", "want NAME <- NAME_X"},
		{"the cfg holds replacements only", "MMLock <- MMLock_X", "MMLock <- MMLock_X\nINVARIANT TypeOK", "and nothing else"},
		{"the cfg is malformed", "MMLock <- MMLock_X", "MMLock <-", "section tla/override.cfg"},
		{"what overrides is not defined", "MMLock_X(v, a)", "MMLock_Z(v, a)", "does not define MMLock_X"},
		{"an edit that changes nothing", "====\nb\n", "====\na\n", "changes nothing"},
		{"an edit without old lines", "<<<<\na\n====\nb\n", "<<<<\n====\nb\n", "has no old lines"},
		{"text outside a block", "# why", "why", `"why" stands outside a block`},
		{"marks in the wrong order", "<<<<\na\n====\nb", "====\na\n<<<<\nb", "==== stands in the wrong place"},
	} {
		require.Equal(t, 1, min(1, strings.Count(good, c.old)), c.reason)
		_, err := load("X.txtar", strings.Replace(good, c.old, c.new, 1))
		if assert.Error(t, err, c.reason) {
			assert.Contains(t, err.Error(), c.want, c.reason)
			assert.Regexp(t, `museum entry X.txtar:([1-9][0-9]*:)? `, err.Error(), c.reason)
			assert.Contains(t, err.Error(), "README.md", c.reason)
		}
	}
	_, err := load("some_thing.txtar", good)
	assert.ErrorContains(t, err, "UpperCamel")
	_, err = load("X.txt", good)
	assert.ErrorContains(t, err, "the museum is empty")
	_, err = Load(os.DirFS(t.TempDir() + "/none"))
	assert.Error(t, err)
}
