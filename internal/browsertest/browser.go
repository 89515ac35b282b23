// Package browsertest has a test open a page in Chromium, as a reader would.
package browsertest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Browse starts a browser, which ends with the test.
func Browse(t *testing.T) (context.Context, func(...chromedp.Action[chromedp.Void])) {
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
	ctx, cancel := context.WithTimeout(browsing, 5*time.Minute)
	t.Cleanup(cancel)
	return ctx, func(actions ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		require.NoError(t, chromedp.Do(ctx, actions...))
	}
}

// Quiet listens to the console; what it returns fails if that had a message.
func Quiet(t *testing.T, ctx context.Context) func() {
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

// InAllLooks shows the page wide and narrow, light and dark.
func InAllLooks(t *testing.T, ctx context.Context, do func(...chromedp.Action[chromedp.Void])) {
	t.Helper()
	for _, width := range []int64{1280, 390} {
		for _, scheme := range []string{"light", "dark"} {
			do(chromedp.EmulateViewport(width, 900), func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
				_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
				return chromedp.Void{}, err
			})
			assert.LessOrEqual(t, Ask[int](t, ctx, `document.documentElement.scrollWidth`), int(width), "%d pixels, %s: nothing sticks out", width, scheme)
			paper := Ask[string](t, ctx, `getComputedStyle(document.body).backgroundColor`)
			assert.Equal(t, map[string]string{"light": "rgb(255, 255, 255)", "dark": "rgb(20, 23, 27)"}[scheme], paper)
			assert.NotEqual(t, paper, Ask[string](t, ctx, `getComputedStyle(document.body).color`))
			Ask[bool](t, ctx, `scrollTo(0, 0), true`)
			shot, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
			require.NoError(t, err)
			assert.Greater(t, len(shot), 10_000, "a page, not a blank")
			if keep := os.Getenv("ROOTLOCK_SHOTS"); keep != "" { // for people to look at
				require.NoError(t, os.WriteFile(filepath.Join(keep, fmt.Sprintf("%s-%d-%s.png", t.Name(), width, scheme)), shot, 0o600))
			}
		}
	}
}

// Ask evaluates an expression in the page; of a promise, what it comes to.
func Ask[T any](t *testing.T, ctx context.Context, js string) T {
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
