package page

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/engine"
	"github.com/rootlock/rootlock/internal/export"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/internal/watch"
	"github.com/rootlock/rootlock/spec"
)

// kept is the page of a file in testdata/schedules.
func kept(t testing.TB, name string) *Page {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("../../testdata/schedules", name+".txtar"))
	require.NoError(t, err)
	c, err := engine.ParseCase(name, txtar.Parse(data))
	require.NoError(t, err)
	p, err := spec.ProtocolByName(c.Protocol)
	require.NoError(t, err)
	m, err := models.Find(p, c.Model)
	require.NoError(t, err)
	sch, err := m.ParseSchedule(c.Schedule)
	require.NoError(t, err)
	w, err := watch.Observe(m.Model, sch)
	require.NoError(t, err)
	breaks := w.Breaks()
	return &Page{Schedule: export.Schedule{Model: m, Moves: sch, Break: watch.Chief(breaks, len(sch), c.Violated)}, Story: c.Story, Breaks: breaks}
}

func written(t testing.TB, p *Page) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, p.Write(&b))
	return b.String()
}

// Every schedule worth keeping has a page with all its steps, which asks nothing of
// the network.
func TestPages(t *testing.T) {
	paths, err := filepath.Glob("../../testdata/schedules/*.txtar")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(paths), 15)
	for _, path := range paths {
		p := kept(t, strings.TrimSuffix(filepath.Base(path), ".txtar"))
		text := written(t, p)
		for i := range len(p.Moves) + 1 {
			assert.Equal(t, 1, strings.Count(text, fmt.Sprintf(`id="step-%d"`, i)), "%s: step %d", path, i)
			assert.Equal(t, 1, strings.Count(text, fmt.Sprintf(`id="row-%d"`, i)))
		}
		for _, outside := range []string{"http:", "https:", "//cdn", "<link rel=\"stylesheet", "src=", "@import", "url(", "fetch(", "XMLHttp"} {
			assert.NotContains(t, text, outside, path)
		}
		for _, b := range p.Breaks {
			assert.Contains(t, text, b.Claim)
			assert.Contains(t, text, b.Conjunct)
		}
		ids := regexp.MustCompile(` id="([^"]+)"`).FindAllStringSubmatch(text, -1)
		seen := map[string]bool{}
		for _, id := range ids {
			assert.False(t, seen[id[1]], "%s: id %s twice", path, id[1])
			seen[id[1]] = true
		}
		assert.Less(t, len(text), 700_000, path) // the longest is of a large world
	}
}

// What a file says is text, whatever it says.
func TestEscaping(t *testing.T) {
	p := kept(t, "freed-leaf")
	p.Story = `</script><script>alert("x")</script> <img src=x onerror=alert(1)> & "quotes"`
	p.Compare = []Other{{"<b>TLC</b>", "</pre><script>alert(2)</script>"}}
	text := written(t, p)
	assert.Equal(t, 1, strings.Count(text, "<script"))
	assert.NotContains(t, text, "<img")
	assert.NotContains(t, text, "<b>TLC")
	assert.Contains(t, text, "&lt;img src=x onerror=alert(1)&gt;")
}

// someCheck has one row of everything.
func someCheck() *Check {
	return &Check{Summary: "3 results over 1,000 states in 1 s", Differences: []string{"OwnLock/Tiny explorer: depth 44, the ledger has <45>"},
		Protocols: []string{"OwnLock", "DeepestLock"}, Engines: []string{"explorer", "tlc"},
		Verdicts: []VerdictGroup{{"Structural", []VerdictRow{{"LockedIsRoot", "What a walker holds is live.", []VerdictCell{
			{Kind: Broken, Text: "broken in 10", By: "Found by: explorer.", Link: "one.html", Conjunct: "HeldIsLive", Values: `a1 "live" false`}, {Kind: Holds, Text: "holds", By: "Found by: tlc."}}}}}},
		Steps:    []StepRow{{"Walk", "begins <a> walk", []string{"1,000", "0"}}},
		Coverage: []CoverageRow{{"OwnLock", "40 of 41", "900 of 1000", "16 of 17", "step Fork"}},
		Museum:   []KillRow{{"NoPin", "mistake", "RootPointer/Recycle", "LockedIsRoot violated", "A child does not pin its root.", []string{"46 steps", "not asked"}, false}},
		Charts: []Chart{{"Distinct states", "states", []string{"Full", "Tiny"}, []Series{{"OwnLock", []float64{19_364_931, 578}}, {"DeepestLock", []float64{18_805_421, 604}}}},
			{"Nothing", "states", nil, nil}},
		Results: []ResultRow{{"explorer", "OwnLock/Tiny", "578 states", "13 claims hold", "1 mm", true}},
		Skipped: []string{"*/Full tlc: too large"},
	}
}

func checked(t testing.TB, c *Check) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, c.Write(&b))
	return b.String()
}

// The page of a check says all that it is given, as text, and asks nothing of the
// network. A chart without numbers is left out.
func TestCheckPage(t *testing.T) {
	text := checked(t, someCheck())
	for _, want := range []string{"2 protocols, 1 claim: 1 cell broken. 1 difference from the ledger", "the ledger has &lt;45&gt;", `<td class="broken" title="HeldIsLive is false: a1 &#34;live&#34; false Found by: explorer."><a href="one.html">broken in 10</a></td>`, `title="What a walker holds is live.">LockedIsRoot<`, "begins &lt;a&gt; walk",
		"900 of 1000", "step Fork", "46 steps", "A child does not pin its root.", "<li>*/Full tlc: too large", ">10 M<", `aria-label="Distinct states"`} {
		assert.Contains(t, text, want)
	}
	assert.Equal(t, 1, strings.Count(text, "<svg"))
	assert.Equal(t, 1, strings.Count(text, "<script")+strings.Count(text, "<svg"), "no script")
	for _, outside := range []string{"http:", "https:", "//cdn", "<link rel=\"stylesheet", "src=", "@import", "url(", "#000000", "#FFFFFF"} {
		assert.NotContains(t, text, outside)
	}
	good := someCheck()
	good.OK, good.Differences, good.NoMuseum = true, nil, "Not shown: --quick."
	text = checked(t, good)
	assert.Contains(t, text, "<h1>2 protocols, 1 claim: 1 cell broken, all known. Nothing has changed since the ledger.</h1>")
	good.Cut, good.NoTLC = "interrupted: 3 of 9 tasks not done", "no Java"
	text = checked(t, good)
	assert.Contains(t, text, `<h1><span class="bad">Not the whole check (interrupted: 3 of 9 tasks not done). So far: 2 protocols, 1 claim: 1 cell broken, all known.</span></h1>`)
	assert.Contains(t, text, "<strong>TLC did not run:</strong> no Java")
	assert.Contains(t, text, "Not shown: --quick.")
	assert.NotContains(t, text, "NoPin")
}

func BenchmarkPage(b *testing.B) {
	for _, name := range []string{"recycled-leaf", "strayed-page"} {
		p := kept(b, name)
		b.Run(fmt.Sprintf("%d steps", len(p.Moves)), func(b *testing.B) {
			n := 0
			for b.Loop() {
				n = len(written(b, p))
			}
			b.ReportMetric(float64(n), "bytes")
		})
	}
}
