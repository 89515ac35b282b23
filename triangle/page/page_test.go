package page_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/examples/boundedbuffer"
	"github.com/rootlock/rootlock/internal/browsertest"
	"github.com/rootlock/rootlock/internal/deep"
	"github.com/rootlock/rootlock/triangle/explore"
	"github.com/rootlock/rootlock/triangle/law"
	"github.com/rootlock/rootlock/triangle/page"
)

// lost is the schedule of a lost wake-up.
func lost(t *testing.T) (*boundedbuffer.World, *explore.Violation[boundedbuffer.State, law.Move]) {
	w := &boundedbuffer.World{Producers: 2, Consumers: 1, Capacity: 1}
	x, err := explore.Explore(t.Context(), w, explore.Options{})
	require.NoError(t, err)
	v := x.Violation(law.NoDeadlock)
	require.NotNil(t, v)
	return w, v
}

var options = page.Options[boundedbuffer.State]{Title: "A lost <wake-up>", Note: "2 producers", Command: "go test -run 'TestLostWakeUp'",
	Holds: func(s *boundedbuffer.State, thread int) string {
		if int(s.Holder) == thread {
			return "the lock"
		}
		return ""
	}}

// Every step has its row and its state, and the page asks nothing of the network.
func TestPage(t *testing.T) {
	w, v := lost(t)
	var b bytes.Buffer
	require.NoError(t, page.Write(&b, w, v.From, v.Schedule, options))
	text := b.String()
	for i := range len(v.Schedule) + 1 {
		assert.Equal(t, 1, strings.Count(text, fmt.Sprintf(`id="step-%d"`, i)), "step %d", i)
		assert.Equal(t, 1, strings.Count(text, fmt.Sprintf(`id="row-%d"`, i)))
	}
	for _, want := range []string{"<title>A lost &lt;wake-up&gt;, NoDeadlock</title>", `<h1>A lost &lt;wake-up&gt;: <span class="bad">NoDeadlock is violated</span></h1>`, "<p>2 producers</p>",
		`<pre id="command" tabindex="0">go test -run &#39;TestLostWakeUp&#39;</pre>`, law.Text(w, v.Schedule), `<th scope="col">p1</th><th scope="col">p2</th><th scope="col">c1</th>`,
		`<small>holds the lock</small>`, `<tr class="changed"><th scope="row">Count</th><td>1</td></tr>`, "<td>Notify(1), Notify(2)</td>"} {
		assert.Contains(t, text, want)
	}
	for row := range strings.SplitSeq(text, "\n") {
		if strings.Contains(row, `class="changes"`) {
			assert.Equal(t, strings.Contains(row, fmt.Sprintf(`href="#step=%d"`, len(v.Schedule))), strings.Contains(row, "✗ NoDeadlock"), row)
		}
	}
	last := text[strings.Index(text, fmt.Sprintf(`id="step-%d"`, len(v.Schedule))):]
	assert.Equal(t, 3, strings.Count(last, "<i>waits</i>"), "in the end nobody goes on")
	for _, outside := range []string{"http:", "https:", "//cdn", "<link rel=\"stylesheet", "src=", "@import", "url(", "fetch(", "XMLHttp"} {
		assert.NotContains(t, text, outside)
	}
	ids := map[string]bool{}
	for _, id := range regexp.MustCompile(` id="([^"]+)"`).FindAllStringSubmatch(text, -1) {
		assert.False(t, ids[id[1]], "id %s twice", id[1])
		ids[id[1]] = true
	}

	b.Reset()
	require.NoError(t, page.Write(&b, w, v.From, v.Schedule[:1], page.Options[boundedbuffer.State]{Notes: func(i, thread int, _, _ *boundedbuffer.State) []string {
		return []string{fmt.Sprintf("note %d of thread %d", i, thread)}
	}}))
	assert.Contains(t, b.String(), "<h1>A schedule: no claim breaks</h1>")
	assert.Contains(t, b.String(), fmt.Sprintf("note 0 of thread %d", v.Schedule[0].Thread))
	assert.NotContains(t, b.String(), `id="command"`)

	again := append([]law.Move{v.Schedule[0]}, v.Schedule[0])
	assert.ErrorContains(t, page.Write(&b, w, v.From, again, options), "move 2, "+w.Format(v.Schedule[0])+", is not enabled")
}

// hostile is a law whose steps have names that are markup.
type hostile struct{ *boundedbuffer.World }

func (hostile) Format(law.Move) string {
	return `<b>p1:</script><script>alert("x")</script><img src=x onerror=alert(1)>` + "\x1b[2J"
}

func TestEscaping(t *testing.T) {
	w, v := lost(t)
	var b bytes.Buffer
	o := options
	o.Note, o.Command = "</p><script>alert(2)</script>", "</pre><script>alert(3)</script>"
	require.NoError(t, page.Write(&b, hostile{w}, v.From, v.Schedule, o))
	assert.Equal(t, 1, strings.Count(b.String(), "<script"))
	for _, not := range []string{"<img", "<b>p1", "\x1b"} {
		assert.NotContains(t, b.String(), not)
	}
	assert.Contains(t, b.String(), "&lt;img src=x onerror=alert(1)&gt;")
}

// A browser opens the file and steps through it.
func TestInBrowser(t *testing.T) {
	if !deep.Asked() {
		t.Skip("a browser for a second, and a page of internal/page asks the same; " + deep.Variable + "=1 asks for it")
	}
	w, v := lost(t)
	path := filepath.Join(t.TempDir(), "lost.html")
	require.NoError(t, page.Save(path, w, v.From, v.Schedule, options))
	ctx, do := browsertest.Browse(t)
	defer browsertest.Quiet(t, ctx)()
	shown := func() string {
		return browsertest.Ask[string](t, ctx, `new Promise(r => setTimeout(() => r([...document.querySelectorAll("article.step:not([hidden])")].map(a => a.id).join() + ": " + document.getElementById("now").textContent), 50))`)
	}
	do(chromedp.Navigate("file://" + path))
	assert.Equal(t, "step-0: The initial state", shown())
	do(chromedp.KeyEvent(kb.ArrowRight))
	assert.Contains(t, shown(), "step-1: Step 1: ")
	do(chromedp.KeyEvent(kb.End))
	assert.Regexp(t, `^step-22: Step 22: .* NoDeadlock is violated\.$`, shown())
	browsertest.InAllLooks(t, ctx, do)
}

func TestSave(t *testing.T) {
	w, v := lost(t)
	path := filepath.Join(t.TempDir(), "page.html")
	assert.Error(t, page.Save(path, w, v.State, v.Schedule, options), "not from there")
	assert.NoFileExists(t, path)
	require.NoError(t, page.Save(path, w, v.From, v.Schedule, options))
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Greater(t, len(data), 10_000)
}
