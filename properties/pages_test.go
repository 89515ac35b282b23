package properties

import (
	"bytes"
	"fmt"
	"html/template"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/engine"
	"github.com/rootlock/rootlock/internal/export"
	"github.com/rootlock/rootlock/internal/ledger"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/internal/page"
	"github.com/rootlock/rootlock/internal/picture"
	"github.com/rootlock/rootlock/internal/watch"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/explore"
)

// The pages in docs/pages: whoever has no Go looks at these.

const docsPages = "../docs/pages"

// keptPage is a schedule of testdata with its page.
type keptPage struct {
	*engine.Case
	name string
	told string // the page of another one that breaks the same claim, and has a story
	m    *models.Model
	sch  spec.Schedule
}

// read completes what a case means.
func (k *keptPage) read() error {
	p, err := spec.ProtocolByName(k.Protocol)
	if err != nil {
		return err
	}
	if k.m, err = models.Find(p, k.Model); err != nil {
		return err
	}
	k.sch, err = k.m.ParseSchedule(k.Schedule)
	return err
}

// kept lists the schedules of testdata by name.
func kept(t *testing.T) (list []keptPage) {
	t.Helper()
	paths, err := filepath.Glob("../testdata/schedules/*.txtar")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(paths), 20)
	for _, path := range paths {
		k := keptPage{Case: readCase(t, path), name: strings.TrimSuffix(filepath.Base(path), ".txtar")}
		require.NoError(t, k.read())
		list = append(list, k)
	}
	return list
}

// breaks is all that the schedule breaks, and the break of the claim that it is about.
func (k *keptPage) breaks() (all []watch.Break, chief *watch.Break, err error) {
	w, err := watch.Observe(k.m.Model, k.sch)
	if err != nil {
		return nil, nil, err
	}
	all = w.Breaks()
	if spec.IsTemporal(k.Violated) {
		if b := w.Never(k.Violated, explore.WeakThreads|explore.StrongLocks); b != nil {
			all = append(all, *b)
		}
	}
	chief = watch.Chief(all, len(k.sch), k.Violated)
	if k.Violated != "" && chief == nil {
		return nil, nil, fmt.Errorf("%s: the schedule does not break %s", k.name, k.Violated)
	}
	return all, chief, nil
}

// write writes the page of the schedule.
func (k *keptPage) write(t *testing.T) []byte {
	t.Helper()
	breaks, chief, err := k.breaks()
	require.NoError(t, err)
	p := page.Page{Schedule: export.Schedule{Model: k.m, Moves: k.sch, Break: chief}, Home: "index.html", Story: k.Story, Told: k.told, Breaks: breaks, Kernel: "../kernel.md"}
	var b bytes.Buffer
	require.NoError(t, p.Write(&b))
	return b.Bytes()
}

// fresh compares a file with what it should be.
func fresh(t *testing.T, path string, want []byte) {
	t.Helper()
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, want, 0o644))
	}
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.True(t, bytes.Equal(want, got), "%s is stale: go test ./properties -run Documents -update", path)
}

// Each schedule of testdata has its page, the page that leads to them is the ledger's, and
// nothing else is there.
func TestDocumentsPages(t *testing.T) {
	l, err := ledger.Load("../" + ledger.File)
	require.NoError(t, err)
	list := kept(t)
	found := counterexamples(t, l, list)
	names := []string{"index.html"}
	total := 0
	for _, k := range slices.Concat(list, found) {
		text := k.write(t)
		total += len(text)
		fresh(t, filepath.Join(docsPages, k.name+".html"), text)
		names = append(names, k.name+".html")
	}
	assert.Less(t, total, 6_500_000, "bytes in all")
	o := overview(t, l, list, found)
	var b bytes.Buffer
	require.NoError(t, o.Write(&b))
	fresh(t, filepath.Join(docsPages, "index.html"), b.Bytes())
	fresh(t, "../docs/pictures/timeline.svg", []byte(page.Timeline(o.Events)))
	there, err := os.ReadDir(docsPages)
	require.NoError(t, err)
	var files []string
	for _, f := range there {
		files = append(files, f.Name())
	}
	assert.ElementsMatch(t, names, files, "the page of a schedule that is gone goes too")
}

// overview is the page that leads to the others.
func overview(t *testing.T, l *ledger.Ledger, list, found []keptPage) *page.Overview {
	o := &page.Overview{Events: events()}
	for _, p := range spec.Protocols() {
		o.Protocols = append(o.Protocols, p.String())
	}
	for _, kind := range []spec.ClaimKind{spec.Central, spec.Structural} {
		group := page.VerdictGroup{Title: map[spec.ClaimKind]string{spec.Central: "Central: a breach is harm", spec.Structural: "Structural: how a protocol works"}[kind]}
		for _, c := range spec.ClaimsOf(kind) {
			row := page.VerdictRow{Claim: c.String(), Meaning: c.Meaning()}
			for _, p := range spec.Protocols() {
				row.Cells = append(row.Cells, gridCell(t, l, slices.Concat(list, found), p, c))
			}
			group.Rows = append(group.Rows, row)
		}
		o.Verdicts = append(o.Verdicts, group)
	}
	for _, k := range list {
		story, _, _ := strings.Cut(k.Story, "\n\n")
		o.Schedules = append(o.Schedules, page.Listed{Name: k.name, Link: k.name + ".html", Protocol: k.Protocol, Violated: k.Violated, Steps: len(k.sch), Story: strings.Join(strings.Fields(story), " ")})
	}
	oneStep(t, o, list)
	return o
}

// gridCell is the ledger's verdict; of a broken claim it leads to the page of a counterexample
// of as many steps as it says.
func gridCell(t *testing.T, l *ledger.Ledger, list []keptPage, p spec.Protocol, c spec.Claim) page.VerdictCell {
	if !p.Asks(c) {
		return page.VerdictCell{Kind: page.Unasked, Text: "not asked", By: p.WhyNotAsked(c)}
	}
	cell := page.VerdictCell{Kind: page.Holds, Text: "holds", By: strings.ReplaceAll(verdict(l, p, c.String()), "**", "")}
	if e := broken(l, p, c); e != nil {
		cell.Kind, cell.Text = page.Broken, inSteps(e, c)
		k := pageOf(list, e, c)
		require.NotNil(t, k, "a red cell leads to its page: %s of %s", c, p)
		cell.Link = k.name + ".html"
	}
	return cell
}

// broken is the entry of the ledger with the shortest counterexample to a claim, nil if there is
// none. That of a temporal claim has no length: of those, the smallest model.
func broken(l *ledger.Ledger, p spec.Protocol, c spec.Claim) (best *ledger.Entry) {
	if !c.Temporal() {
		return shortest(l, p, c.String(), anyModel)
	}
	for _, e := range entries(l, p) {
		if e.Engine == engine.Explorer && e.Claims[c.String()] == engine.Violated && (best == nil || e.Distinct < best.Distinct) {
			best = e
		}
	}
	return best
}

// inSteps says how a claim breaks.
func inSteps(e *ledger.Entry, c spec.Claim) string {
	if c.Temporal() {
		return "never ends"
	}
	return fmt.Sprintf("broken in %d", e.Shortest[c.String()])
}

// pageOf is the first page of a schedule that breaks a claim in as many steps as an entry of the
// ledger says; nil if there is none.
func pageOf(list []keptPage, e *ledger.Entry, c spec.Claim) *keptPage {
	for i := range list {
		if k := &list[i]; k.Protocol == e.Protocol && k.Violated == c.String() && (c.Temporal() || len(k.sch) == e.Shortest[c.String()]) {
			return k
		}
	}
	return nil
}

// counterexamplesFile has the shortest counterexamples that no kept schedule is: a line for each,
// protocol, model, claim and moves.
const counterexamplesFile = "../testdata/counterexamples.txt"

// counterexamples are those of the file: one for each broken claim that no kept schedule breaks
// in as many steps. With -update, the explorer finds those that the file lacks.
func counterexamples(t *testing.T, l *ledger.Ledger, list []keptPage) (found []keptPage) {
	t.Helper()
	data, err := os.ReadFile(counterexamplesFile)
	require.NoError(t, err)
	var head, lines strings.Builder
	var have []keptPage
	for line := range strings.Lines(string(data)) {
		if strings.HasPrefix(line, "#") {
			head.WriteString(line)
			continue
		}
		words := strings.SplitN(strings.TrimSpace(line), " ", 4)
		require.Len(t, words, 4, "%s: %s", counterexamplesFile, line)
		k := keptPage{Case: &engine.Case{Protocol: words[0], Model: words[1], Violated: words[2], Schedule: words[3]}}
		err := k.read()
		if err == nil {
			_, _, err = k.breaks()
		}
		if *update && err != nil {
			continue // the law has changed: the explorer finds another
		}
		require.NoError(t, err, line)
		have = append(have, k)
	}
	for _, p := range spec.Protocols() {
		for _, c := range spec.Claims() {
			e := broken(l, p, c)
			if e == nil || !p.Asks(c) || pageOf(list, e, c) != nil {
				continue
			}
			k := pageOf(have, e, c)
			if k == nil && *update {
				k = find(t, e, c)
			}
			require.NotNil(t, k, "%s has no schedule of %s/%s that breaks %s: go test ./properties -run Documents -update", counterexamplesFile, p, e.Model, c)
			k.name = fmt.Sprintf("%s-%s", p, c)
			k.Story = fmt.Sprintf("The explorer found this schedule in the model %s.", k.Model)
			if !c.Temporal() {
				k.Story += " No schedule of that model breaks the claim in fewer steps."
			}
			for _, other := range list {
				if other.m.Protocol == p && other.Violated == k.Violated {
					k.told = other.name
				}
			}
			fmt.Fprintf(&lines, "%s %s %s %s\n", k.Protocol, k.Model, k.Violated, k.Schedule)
			found = append(found, *k)
		}
	}
	fresh(t, counterexamplesFile, []byte(head.String()+lines.String()))
	return found
}

// find lets the explorer find a counterexample.
func find(t *testing.T, e *ledger.Entry, c spec.Claim) *keptPage {
	t.Helper()
	k := &keptPage{Case: &engine.Case{Protocol: e.Protocol, Model: e.Model, Violated: c.String()}}
	p, err := spec.ProtocolByName(e.Protocol)
	require.NoError(t, err)
	m, err := models.Find(p, e.Model)
	require.NoError(t, err)
	o := explore.Options{}
	if !c.Temporal() {
		o.StopOn = []string{c.String()}
	}
	r, err := engine.Explore(t.Context(), m, o)
	require.NotNil(t, r, "%v", err) // that it has stopped is an error too
	v := r.Violation(c.String())
	require.NotNil(t, v, "%s: %s", m.FullName(), c)
	k.Schedule = v.Schedule
	require.NoError(t, k.read())
	return k
}

// oneStep is the step of recycled-leaf in which the page's anon_vma gets to strangers: as a
// picture in docs too.
func oneStep(t *testing.T, o *page.Overview, list []keptPage) {
	i := slices.IndexFunc(list, func(k keptPage) bool { return k.name == "recycled-leaf" })
	require.GreaterOrEqual(t, i, 0)
	k := list[i]
	s := k.m.Init()
	before := s
	require.NoError(t, k.m.Run(&s, k.sch, func(i int, after *spec.State) {
		if mv := k.sch[i]; mv.Step == spec.AllocAnon {
			o.Step = fmt.Sprintf("step %d, %s", i+1, k.m.Format(mv))
			frame := picture.FrameOf(k.m.Model, []spec.State{before, *after})
			o.Before = template.HTML(frame.Draw(k.m.Model, &before, &before))
			o.After = template.HTML(frame.Draw(k.m.Model, &before, after))
			fresh(t, "../docs/pictures/one-step.svg", []byte(picture.Pair(k.m.Model, &before, after,
				[2]string{"Before step 10: a1 is free, and page p1 still names it.", "After step 10: mm2 has a1. Page p1 names a stranger's."})))
			assert.Equal(t, 9, i, "the captions say step 10")
		}
		before = *after
	}))
	require.NotEmpty(t, o.Step)
}

// events are when the protocols were: docs/kernel.md 2.4 has the sources.
func events() []page.Event {
	has := func(name string) string { // of what is modelled
		if _, err := spec.ProtocolByName(name); err != nil {
			return ""
		}
		return name
	}
	return []page.Event{
		{Date: "5 May 2010", Name: "The sketch", Protocol: has("DeepestLock"), What: []string{"Lock the root of the family. Find it with two reads.", "Discussed that day too: TrylockRetry, WalkMutex."}},
		{Date: "16 May 2010", Name: "Linux 2.6.34", Protocol: has("OwnLock"), What: []string{"Each anon_vma has a lock of its own.", "A boundary moves without any."}},
		{Date: "20 Oct. 2010", Name: "Linux 2.6.36", Protocol: has("RootPointer"), What: []string{"Each anon_vma knows its root. Under the lock,", "a walk looks at the page a second time."}},
		{Date: "14 Mar. 2011", Name: "Linux 2.6.38", What: []string{"Migration takes its reference under the lock."}},
		{Date: "21 July 2011", Name: "Linux 3.0", Protocol: has("RefcountedRoot"), What: []string{"The lock is a mutex. A reference keeps the", "anon_vma while a walk waits."}},
		{Date: "today", Name: "Linux 7.2", Protocol: has("RwsemRoot"), What: []string{"The lock is a reader-writer semaphore:", "walks of one family go side by side."}},
	}
}
