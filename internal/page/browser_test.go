package page

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A browser opens the page and steps through it, wide and narrow, light and dark.
func TestInBrowser(t *testing.T) {
	path := filepath.Join(t.TempDir(), "page.html")
	p := kept(t, "recycled-leaf")
	require.NoError(t, os.WriteFile(path, []byte(written(t, p)), 0o600))

	ctx, do := browse(t)
	defer quiet(t, ctx)()
	last := len(p.Moves)
	at := func(want int, how string) {
		t.Helper()
		_, err := chromedp.Run(ctx, chromedp.Evaluate[bool](fmt.Sprintf(`new Promise(r => { const end = Date.now() + 3000; (function look() {
			if (document.querySelector('#step-%d:not([hidden])') || Date.now() > end) r(true); else setTimeout(look, 10); })(); })`, want), chromedp.EvalAwaitPromise))
		require.NoError(t, err)
		shown := ask[[]string](t, ctx, `[...document.querySelectorAll("article.step:not([hidden])")].map(a => a.id)`)
		assert.Equal(t, []string{fmt.Sprintf("step-%d", want)}, shown, how)
		assert.Equal(t, []string{fmt.Sprintf("row-%d", want)}, ask[[]string](t, ctx, `[...document.querySelectorAll("tr[aria-current]")].map(a => a.id)`), how)
		if want > 0 {
			assert.Equal(t, fmt.Sprintf("#step=%d", want), ask[string](t, ctx, `location.hash`), how)
			assert.Contains(t, ask[string](t, ctx, `document.getElementById("now").textContent`), fmt.Sprintf("Step %d: ", want), "%s: what a screen reader is told", how)
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
	assert.Equal(t, last, ask[int](t, ctx, `location.hash = "step=9999", new Promise(r => setTimeout(() => r(Number(document.querySelector("article.step:not([hidden])").id.slice(5))), 50))`), "no such step: the last")

	inAllLooks(t, ctx, do)
}

// A browser opens the page of a check.
func TestCheckInBrowser(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "check.html"), []byte(checked(t, someCheck())), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "one.html"), []byte(written(t, kept(t, "freed-leaf"))), 0o600))
	ctx, do := browse(t)
	defer quiet(t, ctx)()
	do(chromedp.Navigate("file://" + filepath.Join(dir, "check.html")))
	assert.Equal(t, 1, ask[int](t, ctx, `document.querySelectorAll("svg[role=img][aria-label]").length`))
	assert.Positive(t, ask[float64](t, ctx, `document.querySelector("svg").getBoundingClientRect().width`))
	inAllLooks(t, ctx, do)
	do(chromedp.Focus(chromedp.CSS("#verdicts td a")), chromedp.KeyEvent(kb.Enter))
	assert.Eventually(t, func() bool { return strings.HasSuffix(ask[string](t, ctx, `location.pathname`), "/one.html") }, 5*time.Second, 20*time.Millisecond, "a broken claim leads to its page")
}

// browse starts a browser, which ends with the test.
func browse(t *testing.T) (context.Context, func(...chromedp.Action[chromedp.Void])) {
	t.Helper()
	browser, err := chromium()
	if err != nil {
		if os.Getenv("ROOTLOCK_REQUIRE_CHROMIUM") == "1" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(browser), chromedp.NoSandbox)
	allocator, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	browsing, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	require.NoError(t, chromedp.Do(browsing, chromedp.Navigate("about:blank")))
	ctx, cancel := context.WithTimeout(browsing, time.Minute)
	t.Cleanup(cancel)
	return ctx, func(actions ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		require.NoError(t, chromedp.Do(ctx, actions...))
	}
}

// quiet listens to the console; what it returns fails if that had a message.
func quiet(t *testing.T, ctx context.Context) func() {
	console := chromedp.Console(ctx)
	return func() {
		require.NoError(t, chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](`console.log("that is all")`)))
		for m, err := range console {
			require.NoError(t, err)
			if m.Text == "that is all" {
				break
			}
			assert.Fail(t, "the console has a message", "%s: %s", m.Type, m.Text)
		}
	}
}

// inAllLooks shows the page wide and narrow, light and dark.
func inAllLooks(t *testing.T, ctx context.Context, do func(...chromedp.Action[chromedp.Void])) {
	t.Helper()
	for _, width := range []int64{1280, 400} {
		for _, scheme := range []string{"light", "dark"} {
			do(chromedp.EmulateViewport(width, 900), func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
				_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
				return chromedp.Void{}, err
			})
			assert.LessOrEqual(t, ask[int](t, ctx, `document.documentElement.scrollWidth`), int(width), "%d pixels, %s: nothing sticks out", width, scheme)
			paper := ask[string](t, ctx, `getComputedStyle(document.body).backgroundColor`)
			assert.Equal(t, map[string]string{"light": "rgb(255, 255, 255)", "dark": "rgb(20, 23, 27)"}[scheme], paper)
			assert.NotEqual(t, paper, ask[string](t, ctx, `getComputedStyle(document.body).color`))
			shot, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
			require.NoError(t, err)
			assert.Greater(t, len(shot), 10_000, "a page, not a blank")
			if keep := os.Getenv("ROOTLOCK_SHOTS"); keep != "" { // for people to look at
				require.NoError(t, os.WriteFile(filepath.Join(keep, fmt.Sprintf("%s-%d-%s.png", t.Name(), width, scheme)), shot, 0o600))
			}
		}
	}
}

func ask[T any](t *testing.T, ctx context.Context, js string) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](js, chromedp.EvalAwaitPromise))
	require.NoError(t, err, js)
	return v
}

func chromium() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("no Chromium on PATH (Debian's package is chromium): the page was not opened in a browser")
}
