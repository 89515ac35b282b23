package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/engine"
	"github.com/rootlock/rootlock/internal/ledger"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/internal/report"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/explore"
)

// projectWith makes a project's folder with a ledger, and goes there.
func projectWith(t *testing.T, l *ledger.Ledger) (path string) {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module github.com/rootlock/rootlock\n"), 0o644))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "testdata"), 0o755))
	path = filepath.Join(dir, ledger.File)
	require.NoError(t, l.Save(path))
	t.Chdir(dir)
	return path
}

// explored is the explorer's answer for a model.
func explored(t *testing.T, name string) (*models.Model, *engine.Result) {
	t.Helper()
	m, err := models.FindFull(name)
	require.NoError(t, err)
	r, err := engine.Explore(t.Context(), m, explore.Options{})
	require.NoError(t, err)
	return m, r
}

// ledgerOf expects just what the results say.
func ledgerOf(t *testing.T, m *models.Model, list ...*engine.Result) *ledger.Ledger {
	t.Helper()
	l := &ledger.Ledger{}
	for _, r := range list {
		e, err := entryOf(m, r)
		require.NoError(t, err)
		l.Put(e)
	}
	return l
}

// explore fails exactly if the explorer's answer is another than the ledger's, with one
// model and with all, and says what has changed in the last lines.
func TestExploreAgainstTamperedLedger(t *testing.T) {
	m, r := explored(t, "OwnLock/Tiny")
	one, all := []string{"explore", "OwnLock", "--model", "Tiny"}, []string{"explore", "OwnLock", "--budget", "1ms"}
	for _, test := range []struct {
		reason string
		tamper func(*ledger.Entry)
		code   int
		want   string // at the end of the output, by lines
	}{
		{"nothing", func(*ledger.Entry) {}, exitOK, `\nnothing that these models see has changed\nas expected( in \d+ models, and \d+ were not explored)? \(exit status 0\): .*hunt OwnLock`},
		{"a violation that nobody expects", func(e *ledger.Entry) { e.Claims["NoBadFree"] = engine.Holds; delete(e.Shortest, "NoBadFree") }, exitFails,
			`\nNoBadFree: held, now violated \(11 steps, Tiny\)\ndiffers from the ledger \(exit status 1\): .*check OwnLock --update.*testdata/museum`},
		{"a claim that holds and must not", func(e *ledger.Entry) { e.Claims["OneRoot"], e.Shortest["OneRoot"] = engine.Violated, 5 }, exitFails,
			`\nOneRoot: violated \(5 steps, Tiny\), now holds\ndiffers`},
		{"a shorter counterexample", func(e *ledger.Entry) { e.Shortest["NoMissedMapping"] = 20 }, exitFails,
			`\nNoMissedMapping: violated \(20 steps, Tiny\), now violated \(19 steps, Tiny\)\ndiffers`},
		{"a collapsed model", func(e *ledger.Entry) { e.Distinct, e.Generated = 69_900, 121_700 }, exitFails,
			`\nno verdict has changed; the states or steps of 1 model have changed: Tiny \(-v says how\)\ndiffers`},
		{"a step that never fires", func(e *ledger.Entry) { e.Steps["LockRoot"] = 12 }, exitFails, `\nno verdict has changed; the states or steps of 1 model have changed: Tiny \(-v says how\)\ndiffers`},
		{"other bounds", func(e *ledger.Entry) { e.Bound = "1 mm" }, exitFails, `\nOwnLock/Tiny explorer: the bounds are 1 mm, 2 VMAs, .*; expected 1 mm\ndiffers`},
		{"a claim that is new", func(e *ledger.Entry) { delete(e.Claims, "OneRoot") }, exitFails, "\nOwnLock/Tiny explorer: claim OneRoot is not in the ledger \\(found: holds\\): new: `check --update` records it\ndiffers"},
		// The explorer does not read the modules: TLC is to be asked, and nothing has changed.
		{"an edited module", func(e *ledger.Entry) { e.Hash = strings.Repeat("0", 64) }, exitOK,
			"\nthe TLA\\+ modules or the configurations have changed .*: `check OwnLock` asks TLC\nnothing that these models see has changed\nas expected"},
	} {
		l := ledgerOf(t, m, r)
		test.tamper(&l.Entries[0])
		projectWith(t, l)
		for _, args := range [][]string{one, all} {
			code, out, complaint := rootlock(t, args...)
			assert.Equal(t, test.code, code, "%s: %v: %s", test.reason, args, complaint)
			assert.Regexp(t, test.want+`.*\n$`, out[max(0, len(out)-700):], "%s: %v", test.reason, args)
			assert.NotContains(t, out, "distinct states shrank", "counts are for -v")
			code, out, _ = rootlock(t, append(args, "--json")...)
			var got results
			require.NoError(t, json.Unmarshal([]byte(out), &got))
			assert.Equal(t, [2]any{test.code, test.code == exitOK}, [2]any{code, got.OK}, test.reason)
			assert.Equal(t, strings.Contains(test.want, ", now "), len(got.Changes) == 1, test.reason)
		}
	}
	l := ledgerOf(t, m, r)
	l.Entries[0].Distinct, l.Entries[0].Generated, l.Entries[0].Steps["LockRoot"] = 69_900, 121_700, 12
	projectWith(t, l)
	_, out, _ := rootlock(t, append(one, "-v")...)
	assert.Contains(t, out, "OwnLock/Tiny explorer: distinct states shrank from 69900 to 696\n")
	assert.Contains(t, out, "step LockRoot never fired; expected 12 times\n")

	// At other bounds the ledger expects nothing, so every claim must hold; so must it in
	// a model that the ledger has never seen.
	projectWith(t, ledgerOf(t, m, r))
	code, out, _ := rootlock(t, "explore", "OwnLock", "--model", "Tiny", "--walkers", "2")
	assert.Equal(t, exitFails, code)
	assert.Contains(t, out, "the ledger has no answer for these bounds: every claim must hold\n")
	code, out, _ = rootlock(t, "explore", "OwnLock", "--model", "Stack")
	assert.Equal(t, exitFails, code)
	assert.Contains(t, out, "not in the ledger: Stack; new: `check --update` records it\n")
	assert.Regexp(t, `\nviolated \(exit status 1\), and no ledger expects it: NoBadFree, .*check OwnLock --update.*\n$`, out)
	code, out, _ = rootlock(t, "explore", "DeepestLock", "--budget", "1ms")
	assert.Equal(t, exitOK, code, "a protocol that the ledger has never seen: what holds is new, and no failure")
	assert.Regexp(t, "(?m)^not in the ledger: [A-Z]\\w+; new: `check --update` records it$", out)
}

// What has changed is told over all models first, and then of single ones.
func TestChanged(t *testing.T) {
	const missed, free = "NoMissedMapping", "NoBadFree"
	result := func(model string, lengths map[string]int) *engine.Result {
		r := &engine.Result{Protocol: "OwnLock", Model: model, Engine: engine.Explorer, Claims: map[string]engine.Verdict{missed: engine.Holds, free: engine.Holds}}
		for _, c := range []string{missed, free} {
			if lengths[c] > 0 {
				r.Claims[c] = engine.Violated
				r.Violations = append(r.Violations, engine.Violation{Claim: c, Length: lengths[c], Schedule: "w1:Walk(p1)"})
			}
		}
		return r
	}
	for _, test := range []struct {
		reason   string
		was, now []map[string]int
		want     []string
	}{
		{"nothing", []map[string]int{{missed: 5}, {}}, []map[string]int{{missed: 5}, {}}, nil},
		{"a repair", []map[string]int{{missed: 25}, {missed: 30}}, []map[string]int{{}, {}}, []string{missed + ": violated (25 steps, A), now holds"}},
		{"half a repair", []map[string]int{{missed: 25}, {missed: 30}}, []map[string]int{{}, {missed: 30}}, []string{missed + ": violated (25 steps, A), now violated (30 steps, B); now holds in A"}},
		{"a mistake", []map[string]int{{}, {}}, []map[string]int{{free: 9}, {free: 7}}, []string{free + ": held, now violated (7 steps, B); also violated in A"}},
		{"where it does not count", []map[string]int{{free: 9}, {free: 12}}, []map[string]int{{free: 9}, {free: 11}}, []string{free + " in B: violated (12 steps), now violated (11 steps)"}},
		{"one more model", []map[string]int{{free: 9}, {}}, []map[string]int{{free: 9}, {free: 11}}, []string{free + " in B: held, now violated (11 steps)"}},
	} {
		d := &delta{}
		var was, now []*engine.Result
		for i, name := range []string{"A", "B"} {
			was, now = append(was, result(name, test.was[i])), append(now, result(name, test.now[i]))
		}
		for _, c := range spec.Claims() {
			d.compare(spec.OwnLock, c, was, now)
		}
		var got []string
		for i := range d.changes {
			got = append(got, d.changes[i].String())
		}
		assert.Equal(t, test.want, got, test.reason)
	}
}

// judged is a check of one model whose engines gave these results.
func judged(l *ledger.Ledger, m *models.Model, skip []skipped, list ...*engine.Result) *checking {
	k := &checking{app: &app{ctx: context.Background(), stdout: &bytes.Buffer{}, stderr: &bytes.Buffer{}, style: report.Plain}, cmd: &checkCmd{}, ledger: l, models: []*models.Model{m},
		out: results{OK: true, Results: list, Skipped: skip}}
	k.judge()
	return k
}

// asTLC is an explorer's answer as TLC would have given it.
func asTLC(r *engine.Result) *engine.Result {
	c := *r
	c.Engine, c.Claims, c.Steps, c.Differences = engine.TLC, maps.Clone(r.Claims), maps.Clone(r.Steps), nil
	return &c
}

// Every difference between the ledger, the explorer and TLC makes check fail.
func TestJudge(t *testing.T) {
	m, r := explored(t, "OwnLock/Tiny")
	good := func() (*engine.Result, *engine.Result) { c := *r; return &c, asTLC(r) }
	x, y := good()
	l := ledgerOf(t, m, x, y)
	k := judged(l, m, nil, x, y)
	require.True(t, k.out.OK, k.out.Differences)

	for _, test := range []struct {
		reason string
		run    func(x, y *engine.Result) *checking
		want   string
	}{
		{"TLC finds less", func(x, y *engine.Result) *checking {
			y.Claims["NoBadFree"] = engine.Holds
			return judged(l, m, nil, x, y)
		}, "explorer and TLC disagree: NoBadFree: violated, holds"},
		{"TLC counts less", func(x, y *engine.Result) *checking { y.Distinct = 8; return judged(l, m, nil, x, y) }, "OwnLock/Tiny tlc: distinct states shrank from 696 to 8"},
		{"an action of TLA+ that never fires", func(x, y *engine.Result) *checking {
			delete(y.Steps, "LockLeaf")
			return judged(l, m, nil, x, y)
		}, "OwnLock/Tiny tlc: step LockLeaf never fired"},
		{"an engine did not run", func(x, _ *engine.Result) *checking { return judged(l, m, nil, x) }, "OwnLock/Tiny tlc is in the ledger and was not run"},
		{"an entry is missing", func(x, y *engine.Result) *checking { return judged(ledgerOf(t, m, x), m, nil, x, y) }, "OwnLock/Tiny tlc is not in the ledger: new: `check --update` records it"},
		{"a model is missing", func(x, y *engine.Result) *checking {
			more := ledgerOf(t, m, x, y)
			e := more.Entries[0]
			e.Model = "Larger"
			more.Put(e)
			return judged(more, m, nil, x, y)
		}, "OwnLock/Larger explorer is in the ledger and was not run"},
	} {
		x, y := good()
		k := test.run(x, y)
		assert.False(t, k.out.OK, test.reason)
		assert.Contains(t, strings.Join(k.out.Differences, "\n"), test.want, test.reason)
	}

	// What is skipped for a reason that the output gives is no difference.
	x, _ = good()
	k = judged(l, m, []skipped{{"TLC on all models", "no Java"}}, x)
	assert.True(t, k.out.OK, k.out.Differences)
}

// --update prints the differences before it writes, and writes what was found.
func TestUpdate(t *testing.T) {
	m, r := explored(t, "DeepestLock/Tiny")
	l := ledgerOf(t, m, r)
	l.Entries[0].Depth = 99
	stale := l.Entries[0]
	stale.Model = "Gone"
	l.Put(stale)
	path := projectWith(t, l)
	k := judged(l, m, nil, r)
	k.cmd.Update = true
	require.NoError(t, k.conclude(filepath.Dir(filepath.Dir(path)), 0))
	text := k.stdout.(*bytes.Buffer).String()
	assert.Contains(t, text, "depth shrank from 99 to 45")
	assert.Less(t, strings.Index(text, "depth shrank"), strings.Index(text, "wrote "))
	back, err := ledger.Load(path)
	require.NoError(t, err)
	require.Len(t, back.Entries, 1, "a model that there is no more leaves the ledger")
	assert.Equal(t, 45, back.Entries[0].Depth)

	// Without --update nothing is written.
	before, err := os.ReadFile(path)
	require.NoError(t, err)
	back.Entries[0].Depth = 99
	k = judged(back, m, nil, r)
	assert.ErrorIs(t, k.conclude(filepath.Dir(filepath.Dir(path)), 0), errFails)
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(before), string(after))
}

// What gave no full answer is a difference, and is not what is expected in future.
func TestFailedRun(t *testing.T) {
	m, r := explored(t, "DeepestLock/Tiny")
	l := ledgerOf(t, m, r, asTLC(r))
	path := projectWith(t, l)
	before, err := os.ReadFile(path)
	require.NoError(t, err)
	half := asTLC(r)
	half.Distinct, half.Claims = 0, map[string]engine.Verdict{}
	k := judged(l, m, nil)
	k.out = results{OK: true, Results: []*engine.Result{r, half}, Skipped: []skipped{}}
	k.fail(half, errors.New("TLC on DeepestLock/Tiny: out of memory"))
	k.judge()
	k.cmd.Update = true
	err = k.conclude(filepath.Dir(filepath.Dir(path)), 0)
	assert.ErrorContains(t, err, "the ledger is not rewritten")
	text := k.stdout.(*bytes.Buffer).String()
	assert.Contains(t, text, "out of memory")
	assert.Contains(t, text, "DeepestLock/Tiny tlc: distinct states shrank from 578 to 0")
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(before), string(after))
}

// The JSON of check, explore and tlc is a contract.
func TestResultFields(t *testing.T) {
	_, r := explored(t, "OwnLock/Tiny")
	data, err := json.Marshal(results{OK: true, Results: []*engine.Result{r}, Skipped: []skipped{{"w", "y"}}})
	require.NoError(t, err)
	var got struct {
		OK      *bool
		Results []map[string]any
		Skipped []map[string]string
	}
	require.NoError(t, json.Unmarshal(data, &got))
	require.NotNil(t, got.OK)
	assert.Equal(t, []map[string]string{{"what": "w", "why": "y"}}, got.Skipped)
	for field, kind := range map[string]any{"protocol": "", "model": "", "engine": "", "bound": "", "distinct": 0.0, "generated": 0.0, "depth": 0.0, "seconds": 0.0,
		"claims": map[string]any{}, "counterexample": "", "as_expected": false} {
		assert.IsType(t, kind, got.Results[0][field], field)
	}
}

// The verdict table says for each protocol and claim what was found, by whom.
func TestTable(t *testing.T) {
	_, r := explored(t, "OwnLock/Tiny")
	var out bytes.Buffer
	a := &app{stdout: &out, style: report.Plain}
	a.table([]*engine.Result{r, asTLC(r)}, selection{})
	text := out.String()
	assert.Contains(t, text, "claim                OwnLock    DeepestLock  RootPointer  TrylockRetry  WalkMutex  RefcountedRoot  RwsemRoot\n")
	assert.Contains(t, text, "OneRoot              holds ET   -            -            -             -          -               not asked\n")
	assert.Contains(t, text, "NoMissedMapping      in 19 ET   -            -            -             -          -               -\n")
	assert.Contains(t, text, "MutualExclusion      not asked  -            -            not asked     not asked  -               -\n")
	assert.Equal(t, 5+int(spec.NumClaims), strings.Count(text, "\n"))
}

// check --html writes a page, and one for each claim that breaks, also if the answer is
// one on record, without its schedule; --quick leaves the museum out.
func TestCheckHTML(t *testing.T) {
	m, whole := explored(t, "OwnLock/Tiny")
	bare := *whole
	r := &bare
	r.Violations = slices.Clone(whole.Violations)
	for i := range r.Violations {
		r.Violations[i].Schedule, r.Violations[i].Conjunct = "", ""
	}
	path := projectWith(t, ledgerOf(t, m, r))
	k := judged(ledgerOf(t, m, r), m, nil, r)
	out := t.TempDir()
	k.cmd.HTML, k.cmd.Quick = filepath.Join(out, "all.html"), true
	require.NoError(t, k.conclude(filepath.Dir(filepath.Dir(path)), 0))
	data, err := os.ReadFile(k.cmd.HTML)
	require.NoError(t, err)
	text := string(data)
	assert.Regexp(t, `<h1>[0-9]+ protocols, 24 claims: [0-9]+ cells broken, all known\. Nothing has changed since the ledger\.</h1>`, text)
	assert.Contains(t, text, "Not shown: --quick.")
	links := regexp.MustCompile(`<a href="(?:\./)?(all-pages/[^"]+)"`).FindAllStringSubmatch(text, -1)
	require.Len(t, links, len(r.Violations))
	for i, link := range links {
		one, err := os.ReadFile(filepath.Join(out, link[1]))
		require.NoError(t, err)
		assert.Contains(t, string(one), "is violated")
		v := whole.Violation(strings.TrimSuffix(strings.TrimPrefix(link[1], "all-pages/OwnLock-"), ".html"))
		require.NotNil(t, v, link[1])
		assert.Contains(t, text, v.Conjunct+" is false")
		assert.Contains(t, string(one), v.Schedule, "link %d", i)
	}
	r.Violations[0].Length++
	assert.ErrorContains(t, k.html(filepath.Dir(filepath.Dir(path)), k.cmd.HTML, ""), "does not find it again")
	assert.Contains(t, k.stdout.(*bytes.Buffer).String(), "wrote "+k.cmd.HTML)

	code, _, errs := rootlock(t, "check", "--html", filepath.Join(out, "absent", "all.html"))
	assert.Equal(t, exitUsage, code)
	assert.Contains(t, errs, "there is no folder")
}

// What is left out of every protocol is said once.
func TestGathered(t *testing.T) {
	var names []string
	for _, p := range spec.Protocols() {
		names = append(names, p.String()+"/Full explorer")
	}
	assert.Equal(t, []string{"*/Full explorer", "OwnLock/Tiny tlc", "TLC on all models"}, gathered(append(names, "OwnLock/Tiny tlc", "TLC on all models")))
}
