package museum

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/deep"
	"github.com/rootlock/rootlock/internal/engine"
	"github.com/rootlock/rootlock/spec"
)

var goEngines = []string{Explorer, Rapid, Lockstep}

// A specimen that cannot answer is an error of the entry, and no kill.
func TestNoKills(t *testing.T) {
	if !deep.Asked() {
		t.Skip("two builds; " + deep.Variable + "=1 asks for it")
	}
	for _, c := range []struct {
		reason, old, new string
		want             string
	}{
		{"it does not compile", "th.Root, th.VMA, th.Gone, th.PC = 0, 0, NotGone, UnlockLeaf", "th.Root, th.VMA, th.Gone, th.PC = 0, 0, NotGone, UnlockLeaves", "does not compile"},
		{"model and implementation are edited differently", "th.Root, th.VMA, th.Gone, th.PC = 0, 0, NotGone, UnlockLeaf", "th.Root, th.VMA, th.Gone, th.PC = th.Anon, 0, NotGone, UnlockLeaf", "are not the same mistake"},
	} {
		e := entry(t, "Posted")
		edit := &e.Files[0].Edits[0]
		require.Contains(t, edit.New, c.old)
		edit.New = strings.Replace(edit.New, c.old, c.new, 1)
		e.Engines = []string{Explorer, Rapid}
		r, err := Run(t.Context(), e, Options{Root: root})
		assert.Nil(t, r, c.reason)
		var bad *EntryError
		if assert.ErrorAs(t, err, &bad, c.reason) {
			assert.Equal(t, "Posted", bad.Entry, c.reason)
			assert.ErrorContains(t, err, c.want, c.reason)
		}
	}
}

// The compiler's complaint leads to the line of the entry that it is about.
func TestUncompiledLine(t *testing.T) {
	e := entry(t, "Posted")
	data, err := os.ReadFile(filepath.Join(root, Dir, "Posted.txtar"))
	require.NoError(t, err)
	line := 1 + strings.Count(string(data[:strings.Index(string(data), "0, NotGone, UnlockLeaf\n")]), "\n")
	edit := &e.Files[0].Edits[0]
	edit.New = strings.Replace(edit.New, "UnlockLeaf", "UnlockLeaves", 1)
	_, err = Breaks(t.Context(), []Entry{*e}, Options{Root: root}, 1)
	var bad *EntryError
	require.ErrorAs(t, err, &bad)
	assert.Equal(t, line, bad.Line)
	assert.Equal(t, "spec/deepest_lock.go", bad.File)
	assert.ErrorContains(t, err, fmt.Sprintf("museum entry Posted.txtar:%d, spec/deepest_lock.go: the edited code does not compile", line))
	assert.ErrorContains(t, err, "undefined: UnlockLeaves")
}

// An entry that says what is not so is found out, by every engine on its own.
func TestWrongExpectations(t *testing.T) {
	for _, c := range []struct {
		reason, name string
		spoil        func(*Entry)
		engines      []string // whose rows are not as expected
		want         []string
	}{
		{"another claim breaks than the named one", "Posted", func(e *Entry) { e.Expect[0].Claim = spec.NoMissedMapping }, []string{Explorer, Rapid},
			[]string{"explorer: NoMissedMapping: holds, expected: violated", "rapid: NoMissedMapping: not found", "LockSucceeds violated, unlike the law"}},
		{"a mistake passes for a noop", "Posted", func(e *Entry) { e.Kind, e.Expect = NoOp, nil }, []string{Explorer, Rapid, Lockstep},
			[]string{"the law has 578", "LockSucceeds violated, unlike the law", "rapid: LockSucceeds: violated, expected: not found", "parts, expected: not found"}},
		{"a mistake is thought to be unseen", "Posted", func(e *Entry) { e.Kind, e.Expect = Unseen, nil }, []string{Rapid},
			[]string{"LockSucceeds violated, unlike the law"}},
		{"a noop passes for a mistake", "Renamed", func(e *Entry) {
			e.Kind, e.Expect = Mistake, []Expectation{{spec.LockSucceeds, engine.Violated}}
		}, []string{Explorer, Rapid, Lockstep}, []string{"explorer: LockSucceeds: holds", "not found, expected: parts"}},
		{"a noop is thought to change something unseen", "Renamed", func(e *Entry) { e.Kind = Unseen }, []string{Lockstep}, []string{"not found, expected: parts"}},
		{"a repair in vain", "HandOverHand", func(e *Entry) {
			e.Kind, e.Expect = Repair, []Expectation{{spec.LockedIsRoot, engine.Holds}}
		}, []string{Explorer, Rapid}, []string{"explorer: LockedIsRoot: violated, expected: holds", "rapid: LockedIsRoot: violated, expected: not found"}},
		{"a side effect that is not there", "Posted", func(e *Entry) { e.Also = []Expectation{{spec.NoDeadlock, engine.Violated}} }, nil,
			[]string{"NoDeadlock holds, like the law; the entry says that it differs"}},
	} {
		e := entry(t, c.name)
		c.spoil(e)
		e.Engines = goEngines
		o := Options{Root: root, Woven: woven(t), Schedules: deep.Or(500, 0)} // 0: what a user's run has
		if e.Kind == Repair && !deep.Asked() {
			e.Engines = []string{Explorer} // by random schedules it takes seconds, as they must break the law too
		}
		r, err := Run(t.Context(), e, o)
		require.NoError(t, err, c.reason)
		assert.False(t, r.OK(), c.reason)
		all := strings.Join(r.Differences, "\n")
		for _, want := range c.want {
			if name, _, ok := strings.Cut(want, ": "); !ok || !slices.Contains(goEngines, name) || e.Asks(name) {
				assert.Contains(t, all, want, c.reason)
			}
		}
		for _, name := range e.Engines {
			require.NotNil(t, r.Row(name), c.reason)
			wrong := false
			for _, row := range r.Rows {
				wrong = wrong || row.Engine == name && !row.AsExpected
			}
			assert.Equal(t, slices.Contains(c.engines, name), wrong, "%s: %s: %s", c.reason, name, all)
		}
	}
}

// What an entry expects must differ from what the law does.
func TestShowsNothing(t *testing.T) {
	e := entry(t, "Posted")
	e.Expect = []Expectation{{spec.TypeOK, engine.Holds}}
	_, err := Run(t.Context(), e, Options{Root: root, Woven: woven(t)})
	assert.ErrorContains(t, err, "so the entry shows nothing")
	e = entry(t, "Posted")
	e.Expect[0].Claim = spec.WalkTerminates
	_, err = Run(t.Context(), e, Options{Root: root})
	assert.ErrorContains(t, err, "does not decide it")
	e = entry(t, "Recheck")
	e.Remains[0].Claim = spec.TypeOK
	_, err = Run(t.Context(), e, Options{Root: root})
	assert.ErrorContains(t, err, "remains: TypeOK in DeepestLock/Live: holds for the law")
}

// TLC by itself: an override that is wrong, or wrongly expected.
func TestTLCIsStrict(t *testing.T) {
	o := withTLC(t)
	r, err := Run(t.Context(), entry(t, "Posted"), Options{Root: root, Woven: woven(t), WhyNoTLC: "no Java"})
	require.NoError(t, err)
	assert.Equal(t, []string{"TLC: no Java"}, r.Skipped)
	assert.True(t, r.OK())

	if !deep.Asked() { // each of these is a run of TLC
		return
	}
	e := entry(t, "Renamed") // the override alone is a mistake: TLC sees it, the explorer does not
	e.Engines = []string{Explorer, TLC}
	e.Definitions = strings.Replace(e.Definitions, "old.anon = deepest", "old.anon # deepest", 1)
	r, err = Run(t.Context(), e, o)
	require.NoError(t, err)
	assert.True(t, r.Row(Explorer).AsExpected)
	assert.False(t, r.Row(TLC).AsExpected, r.Differences)

	e = entry(t, "Posted")
	e.Engines = []string{Explorer, TLC}
	e.Definitions = strings.Replace(e.Definitions, "UNCHANGED <<vma, anon", "UNCHANGED <<vma, onan", 1)
	_, err = Run(t.Context(), e, o)
	var bad *EntryError
	require.ErrorAs(t, err, &bad)
	assert.ErrorContains(t, err, "parse error")

	e = entry(t, "Posted")
	e.Engines = []string{Explorer, TLC}
	e.Replacements[0].Name = "ReadHead"
	_, err = Run(t.Context(), e, o)
	assert.ErrorAs(t, err, &bad, "an override of nothing")
}
