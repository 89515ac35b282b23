package museum

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/deep"
	"github.com/rootlock/rootlock/internal/engine"
)

// shownOnce is the museum by the engines in Go, for all tests of the museum. The explorer
// is asked of one entry in twenty-eight, random schedules of one of each kind, in a small model. With
// ROOTLOCK_DEEP both are asked of all.
var shownOnce []*Result

func shown(t *testing.T) []*Result {
	t.Helper()
	if shownOnce != nil {
		return shownOnce
	}
	list := entries(t)
	require.GreaterOrEqual(t, len(list), 50)
	few := slices.DeleteFunc(slices.Clone(list), func(e Entry) bool {
		return !slices.Contains([]string{"AdjustUnlocked", "AdjustLocked", "Renamed", "HandOverHand"}, e.Name)
	})
	require.Len(t, sample(slices.Clone(few), func(e *Entry) string { return string(e.Kind) }), 4, "one of each kind")
	if !deep.Asked() {
		some := slices.Clone(few)
		for i, e := range list {
			if i%28 == 0 && !e.Model.Large() && !slices.ContainsFunc(few, func(o Entry) bool { return o.Name == e.Name }) {
				some = append(some, e)
			}
		}
		list = some
	}
	for i := range list {
		e := &list[i]
		named := slices.ContainsFunc(few, func(o Entry) bool { return o.Name == e.Name })
		e.Engines = slices.DeleteFunc(slices.Clone(e.Engines), func(name string) bool {
			return name == TLC || name != Explorer && !named && !deep.Asked()
		})
	}
	results, err := RunAll(t.Context(), list, Options{Root: root, Woven: woven(t), Schedules: deep.Or(2_500, 0)}, 2, nil)
	require.NoError(t, err)
	require.Len(t, results, len(list))
	shownOnce = results
	return results
}

// The museum by the engines in Go: all as expected.
func TestMuseum(t *testing.T) {
	results := shown(t)
	var out strings.Builder
	require.NoError(t, Table(&out, results))
	t.Log("\n" + out.String())

	var kills, ratios []float64
	for _, r := range results {
		for _, found := range r.Rows {
			i := slices.IndexFunc(r.Rows, func(x Row) bool { return x.Engine == Explorer && x.Claim == found.Claim && x.Model == found.Model })
			if found.Engine == Rapid && found.Shrunk > 0 && i >= 0 && r.Rows[i].Shortest > 0 {
				ratio := float64(found.Shrunk) / float64(r.Rows[i].Shortest)
				assert.LessOrEqual(t, ratio, 1.25, "%s: shrunk %d, shortest %d", r.Entry.Name, found.Shrunk, r.Rows[i].Shortest)
				ratios = append(ratios, ratio)
			}
		}
		assert.Empty(t, r.Differences, r.Entry.Name)
		for _, name := range []string{Explorer, Rapid, Lockstep} {
			if r.Entry.Asks(name) {
				assert.NotNil(t, r.Row(name), "%s: %s was not asked", r.Entry.Name, name)
			}
		}
		if r.Entry.Kind == Mistake {
			kills = append(kills, r.Seconds)
		}
	}
	slices.Sort(ratios)
	assert.Equal(t, 1.0, ratios[len(ratios)/2], "shrunk against shortest, the median")
	t.Logf("shrunk against shortest, of %d: median %.2f, worst %.2f", len(ratios), ratios[len(ratios)/2], ratios[len(ratios)-1])
	slices.Sort(kills)
	t.Logf("%d mistakes, each killed by all; median %.2f s with the build", len(kills), kills[len(kills)/2])
	if deep.Asked() {
		assert.Empty(t, Unkilled(results), "claims of which nothing shows that they can fail")
	}
}

// sample keeps the first entry of each sort.
func sample(list []Entry, sort func(*Entry) string) []Entry {
	seen := map[string]bool{}
	return slices.DeleteFunc(list, func(e Entry) bool {
		again := seen[sort(&e)]
		seen[sort(&e)] = true
		return again
	})
}

// Every entry's edits apply to the law as it is.
func TestEveryEntryApplies(t *testing.T) {
	for _, e := range entries(t) {
		_, err := Overlay(&e, root, t.TempDir())
		assert.NoError(t, err)
	}
}

// One mistake of the museum by TLC: the same verdicts, lengths and sizes as the
// explorer. With ROOTLOCK_DEEP it is one entry in three; "rootlock museum" asks all.
func TestMuseumByTLC(t *testing.T) {
	o := withTLC(t)
	list := entries(t)
	list = slices.DeleteFunc(list, func(e Entry) bool { return !e.Asks(TLC) })
	if !deep.Asked() { // of what TestTLCIsStrict does not show: a mistake
		list = []Entry{list[slices.IndexFunc(list, func(e Entry) bool { return e.Kind == Mistake })]}
	} else {
		all := list
		list = nil
		for i := 0; i < len(all); i += 3 {
			list = append(list, all[i])
		}
	}
	for i := range list { // the others were asked above
		list[i].Engines = []string{Explorer, TLC}
	}
	results, err := RunAll(t.Context(), list, o, 2, nil)
	require.NoError(t, err)
	var out strings.Builder
	require.NoError(t, Table(&out, results))
	t.Log("\n" + out.String())
	for _, r := range results {
		assert.Empty(t, r.Differences, r.Entry.Name)
		require.NotNil(t, r.Row(TLC), r.Entry.Name)
		if r.Entry.Kind == Mistake {
			assert.True(t, r.Row(TLC).Killed, r.Entry.Name)
			assert.Positive(t, r.Row(TLC).Shortest, r.Entry.Name)
		} else {
			assert.Equal(t, r.Row(Explorer).Distinct, r.Row(TLC).Distinct, r.Entry.Name)
		}
	}
}

// One table and one JSON object, in a shape that others read.
func TestOutput(t *testing.T) {
	r := &Result{Entry: entry(t, "Posted"), Rows: []Row{
		{Entry: "Posted", Protocol: "DeepestLock", Model: "Tiny", Kind: Mistake, Engine: Explorer, Killed: true, Claim: "LockSucceeds", Shortest: 6, Seconds: 0.25, Verdict: engine.Violated, AsExpected: true},
		{Entry: "Posted", Protocol: "DeepestLock", Model: "Tiny", Kind: Mistake, Engine: Rapid, Claim: "LockSucceeds", Seconds: 0.5, Verdict: NotFound, Schedules: 7},
		{Entry: "Posted", Protocol: "DeepestLock", Model: "Tiny", Kind: Mistake, Engine: Lockstep, Killed: true, Shrunk: 5, Seconds: 0.125, Verdict: Parts, AsExpected: true},
	}, Differences: []string{"Posted: rapid: LockSucceeds: not found"}, Skipped: []string{"TLC: no Java"}, Broken: []string{"LockSucceeds.MappedMeansLocked"}}
	var out strings.Builder
	require.NoError(t, Table(&out, []*Result{r}))
	text := out.String()
	for _, want := range []string{"Posted  mistake  DeepestLock/Tiny  LockSucceeds violated  6 steps, 0.25 s", "not asked", "UNEXPECTED not found (7)",
		"parts at 5", "NOT as expected: Posted: rapid", "not asked: TLC: no Java (Posted)", "LockSucceeds  Posted*\n", "broken by none of these mistakes: TypeOK, NoMissedMapping, NoMissedMapping.WalkComplete", "1 entries shown: 1 NOT as expected"} {
		assert.Contains(t, text, want)
	}
	data, err := json.Marshal(Matrix([]*Result{r}, true))
	require.NoError(t, err)
	var got struct {
		OK        *bool
		Entries   []map[string]any
		Conjuncts []Kill
	}
	require.NoError(t, json.NewDecoder(bytes.NewReader(data)).Decode(&got))
	require.NotNil(t, got.OK)
	assert.False(t, *got.OK)
	require.Len(t, got.Entries, 3)
	assert.Contains(t, got.Conjuncts, Kill{"LockSucceeds", "", []string{"Posted"}, []string{"Posted"}})
	assert.Contains(t, got.Conjuncts, Kill{"OneRoot", "SameTail", []string{}, []string{}})
	for _, key := range []string{"entry", "protocol", "engine", "killed", "claim", "shortest", "shrunk", "seconds"} {
		assert.Contains(t, got.Entries[0], key)
	}
}
