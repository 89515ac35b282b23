package page

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/browsertest"
	"github.com/rootlock/rootlock/internal/deep"
)

// A browser opens the page and steps through it, wide and narrow, light and dark.
func TestInBrowser(t *testing.T) {
	path := filepath.Join(t.TempDir(), "page.html")
	p := kept(t, "recycled-leaf")
	require.NoError(t, os.WriteFile(path, []byte(written(t, p)), 0o600))

	ctx, do := browsertest.Browse(t)
	defer browsertest.Quiet(t, ctx)()
	last := len(p.Moves)
	at := func(want int, how string) {
		t.Helper()
		_, err := chromedp.Run(ctx, chromedp.Evaluate[bool](fmt.Sprintf(`new Promise(r => { const end = Date.now() + 3000; (function look() {
			if (document.querySelector('#step-%d:not([hidden])') || Date.now() > end) r(true); else setTimeout(look, 10); })(); })`, want), chromedp.EvalAwaitPromise))
		require.NoError(t, err)
		shown := browsertest.Ask[[]string](t, ctx, `[...document.querySelectorAll("article.step:not([hidden])")].map(a => a.id)`)
		assert.Equal(t, []string{fmt.Sprintf("step-%d", want)}, shown, how)
		assert.Equal(t, []string{fmt.Sprintf("row-%d", want)}, browsertest.Ask[[]string](t, ctx, `[...document.querySelectorAll("tr[aria-current]")].map(a => a.id)`), how)
		if want > 0 {
			assert.Equal(t, fmt.Sprintf("#step=%d", want), browsertest.Ask[string](t, ctx, `location.hash`), how)
			assert.Contains(t, browsertest.Ask[string](t, ctx, `document.getElementById("now").textContent`), fmt.Sprintf("Step %d: ", want), "%s: what a screen reader is told", how)
		}
	}
	press := func(key string, want int, how string) { t.Helper(); do(chromedp.KeyEvent(key)); at(want, how) }
	click := func(id string, want int) {
		t.Helper()
		do(chromedp.Click(chromedp.ID(id)))
		at(want, "button "+id)
	}
	visit := func(js string, want int, how string) {
		t.Helper()
		do(chromedp.Evaluate[chromedp.Void](js))
		at(want, how)
	}
	do(chromedp.Navigate("file://" + path))
	at(0, "opened")
	press(kb.ArrowRight, 1, "arrow right")
	press(kb.ArrowRight, 2, "arrow right")
	press(kb.ArrowLeft, 1, "arrow left")
	press(kb.End, last, "End")
	press(kb.ArrowRight, last, "no further than the end")
	press(kb.Home, 0, "Home")
	click("next", 1)
	click("last", last)
	click("back", last-1)
	click("first", 0)
	do(chromedp.Focus(chromedp.ID("slider")))
	press(kb.ArrowRight, 1, "slider by key")
	visit(`location.hash = "step=7"`, 7, "fragment")
	visit(`history.back()`, 1, "back in the history")
	do(chromedp.Navigate("file://" + path + "?#step=12"))
	at(12, "opened at a step")
	visit(`document.querySelector("#row-5 a").click()`, 5, "a link in the lanes")
	assert.Equal(t, last, browsertest.Ask[int](t, ctx, `location.hash = "step=9999", new Promise(r => setTimeout(() => r(Number(document.querySelector("article.step:not([hidden])").id.slice(5))), 50))`), "no such step: the last")

	browsertest.InAllLooks(t, ctx, do)

	// On paper stands every step, in dark colours on white, and no button.
	do(func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print", Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}})
		return chromedp.Void{}, err
	})
	assert.Equal(t, last+1, browsertest.Ask[int](t, ctx, `[...document.querySelectorAll("article.step svg")].filter(s => s.getBoundingClientRect().height > 0).length`))
	assert.Equal(t, 0, browsertest.Ask[int](t, ctx, `[...document.querySelectorAll("button, input")].filter(b => b.offsetParent !== null).length`))
	assert.Equal(t, "rgb(255, 255, 255) rgb(0, 0, 0)", browsertest.Ask[string](t, ctx, `getComputedStyle(document.body).backgroundColor + " " + getComputedStyle(document.body).color`))
	lanes := `document.querySelector(".lanes .scroll")`
	assert.True(t, browsertest.Ask[bool](t, ctx, lanes+`.scrollHeight <= `+lanes+`.clientHeight + 1`), "no row is hidden")
}

// A browser opens the page of a check.
func TestCheckInBrowser(t *testing.T) {
	if !deep.Asked() {
		t.Skip("a browser for a second; " + deep.Variable + "=1 asks for it")
	}
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "check.html"), []byte(checked(t, someCheck())), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "one.html"), []byte(written(t, kept(t, "freed-leaf"))), 0o600))
	ctx, do := browsertest.Browse(t)
	defer browsertest.Quiet(t, ctx)()
	do(chromedp.Navigate("file://" + filepath.Join(dir, "check.html")))
	assert.Equal(t, 1, browsertest.Ask[int](t, ctx, `document.querySelectorAll("svg[role=img][aria-label]").length`))
	assert.Positive(t, browsertest.Ask[float64](t, ctx, `document.querySelector("svg").getBoundingClientRect().width`))
	browsertest.InAllLooks(t, ctx, do)
	do(chromedp.Focus(chromedp.CSS("#verdicts td a")), chromedp.KeyEvent(kb.Enter))
	assert.Eventually(t, func() bool {
		return strings.HasSuffix(browsertest.Ask[string](t, ctx, `location.pathname`), "/one.html")
	}, 5*time.Second, 20*time.Millisecond, "a broken claim leads to its page")
}

// A browser opens the page that leads to the others, and follows a link of its table.
func TestDocsPagesInBrowser(t *testing.T) {
	if !deep.Asked() {
		t.Skip("a browser for a second; " + deep.Variable + "=1 asks for it")
	}
	dir, err := filepath.Abs("../../docs/pages")
	require.NoError(t, err)
	ctx, do := browsertest.Browse(t)
	defer browsertest.Quiet(t, ctx)()
	do(chromedp.Navigate("file://" + filepath.Join(dir, "index.html")))
	browsertest.InAllLooks(t, ctx, do)
	assert.Equal(t, 3, browsertest.Ask[int](t, ctx, `document.querySelectorAll("svg[role=img][aria-label]").length`), "before, after, the timeline")
	first := `document.querySelector("#verdicts tbody th[scope=row]").getBoundingClientRect().left`
	assert.Equal(t, browsertest.Ask[float64](t, ctx, first), browsertest.Ask[float64](t, ctx, `document.querySelector("#verdicts .scroll").scrollLeft = 200, `+first), "the first column stays")
	assert.True(t, browsertest.Ask[bool](t, ctx, `document.querySelector(".hint").offsetHeight > 0`), "on a phone it says that there is more")
	do(chromedp.Focus(chromedp.CSS(`#verdicts td a[href="recycled-leaf.html"]`)), chromedp.KeyEvent(kb.Enter))
	assert.Eventually(t, func() bool {
		return browsertest.Ask[string](t, ctx, `location.pathname.split("/").pop() + document.getElementById("now")?.textContent`) == "recycled-leaf.htmlThe initial state"
	}, 20*time.Second, 20*time.Millisecond)
	do(chromedp.KeyEvent(kb.End))
	assert.Eventually(t, func() bool {
		return strings.Contains(browsertest.Ask[string](t, ctx, `document.getElementById("now").textContent`), "NoRecycledTrusted is violated")
	}, 20*time.Second, 20*time.Millisecond)
}
