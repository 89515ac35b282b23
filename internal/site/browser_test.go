package site

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/browsertest"
)

// shown waits until the page shows a step of a schedule.
func shown(t *testing.T, ctx context.Context, step int) {
	t.Helper()
	assert.Eventually(t, func() bool {
		return browsertest.Ask[bool](t, ctx, fmt.Sprintf(`document.querySelector("#lanes tr[aria-current] a")?.dataset.at === "%d"`, step))
	}, 20*time.Second, 20*time.Millisecond, "step %d", step)
}

// The folder, opened from the disk: a counterexample clicked through, taken back, shared as a
// link, found by the search.
func TestPlayInBrowser(t *testing.T) {
	ctx, do := browsertest.Browse(t)
	s, err := New()
	require.NoError(t, err)
	files, err := s.Files(t.Context(), func() {})
	require.NoError(t, err)
	dir := t.TempDir()
	for name, data := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), data, 0o600))
	}
	var kept Kept
	for _, k := range s.Kept {
		if k.Name == "recycled-leaf" {
			kept = k
		}
	}
	defer browsertest.Quiet(t, ctx)()
	page := "file://" + filepath.Join(dir, "index.html")
	click := func(selector string) {
		t.Helper()
		browsertest.Ask[bool](t, ctx, fmt.Sprintf(`document.querySelector(%q).scrollIntoView({ block: "center" }), true`, selector))
		do(chromedp.Click(chromedp.CSS(selector)))
	}
	text := func(id string) string {
		return browsertest.Ask[string](t, ctx, `document.getElementById("`+id+`").textContent`)
	}

	// The page paints before it has the law.
	do(chromedp.Navigate(page))
	paint := browsertest.Ask[float64](t, ctx, `new Promise(r => new PerformanceObserver(l => r(l.getEntries()[0].startTime)).observe({ type: "paint", buffered: true }))`)
	t.Logf("first paint after %.0f ms", paint)
	shown(t, ctx, 0)
	t.Logf("the law after %.0f ms", browsertest.Ask[float64](t, ctx, `performance.now()`))

	// Clicked through, thread by thread.
	moves := strings.Fields(kept.Place.Schedule)
	for i, mv := range moves {
		click(`button[data-move="` + mv + `"]`)
		shown(t, ctx, i+1)
		assert.Equal(t, i+1 == len(moves), strings.Contains(text("claims"), "✗ "+kept.Violated), "after step %d", i+1)
	}
	assert.Contains(t, text("claims"), "NoStrangerPinned is false: w1")
	assert.Contains(t, text("now"), "Step 19: w1 takes ReadTail (root a1).")
	assert.Contains(t, text("now"), "NoRecycledTrusted is violated.")
	assert.Equal(t, 1, browsertest.Ask[int](t, ctx, `document.querySelectorAll("#picture svg[role=img][aria-label*='a1']").length`))
	assert.Contains(t, text("command"), "replay --protocol DeepestLock --model Recycle 'w1:Migrate(p1) ")

	// Time travel, by key, by button, by the browser's back, by the lanes.
	do(chromedp.KeyEvent(kb.ArrowLeft))
	shown(t, ctx, 18)
	do(chromedp.KeyEvent(kb.Home))
	shown(t, ctx, 0)
	assert.Contains(t, text("claims"), "No claim is violated so far")
	click("#next")
	shown(t, ctx, 1)
	browsertest.Ask[bool](t, ctx, `history.back(), true`)
	shown(t, ctx, 0)
	click(`#lanes a[data-at="16"]`)
	shown(t, ctx, 16)
	link := browsertest.Ask[string](t, ctx, `location.href`)

	// By keyboard alone: whoever steps a thread stays with that thread.
	do(chromedp.KeyEvent(kb.Home))
	shown(t, ctx, 0)
	do(chromedp.Focus(chromedp.CSS(`button[data-move="w1:Walk(p1)"]`)))
	for step := range 3 {
		do(chromedp.KeyEvent(kb.Enter))
		shown(t, ctx, step+1)
		assert.Equal(t, "w1", browsertest.Ask[string](t, ctx, `document.activeElement.closest("[data-thread]").dataset.thread`))
	}
	assert.Contains(t, text("now"), "Step 3: w1 takes LockLeaf")

	// What cannot be done, and why: before anything has begun, and at a lock.
	do(chromedp.KeyEvent(kb.Home))
	shown(t, ctx, 0)
	assert.Contains(t, text("threads"), "mm2 has no area")
	do(chromedp.Navigate(page + "#protocol=DeepestLock&model=Recycle&step=6&schedule=w1:Walk(p1)+w1:ReadMapping+w1:LockLeaf+mm1:Exit+mm1:ZapEntry+w1:ReadFirst"))
	shown(t, ctx, 6)
	assert.Contains(t, text("threads"), "Cannot step: LockFree is false: lock[a1] is held by w1.")
	assert.Equal(t, 1, browsertest.Ask[int](t, ctx, `document.querySelectorAll("[data-thread=mm1] button:disabled").length`))

	// A link is a state.
	do(chromedp.Navigate("about:blank"), chromedp.Navigate(link))
	shown(t, ctx, 16)
	assert.Contains(t, text("now"), "Step 16: mm2 takes UnlockAnon")

	// Another way from the middle forgets the rest; the search finds a way from there.
	do(chromedp.Navigate(page + "#protocol=OwnLock&model=Tiny&step=0&schedule="))
	shown(t, ctx, 0)
	do(chromedp.Evaluate[chromedp.Void](`document.getElementById("claim").value = "NoMissedMapping"`))
	click("#find")
	assert.Eventually(t, func() bool { return strings.Contains(text("found"), "NoMissedMapping breaks in 19 steps from here") }, 20*time.Second, 20*time.Millisecond)
	assert.Eventually(t, func() bool { return strings.Contains(text("lanes"), "19") }, 20*time.Second, 20*time.Millisecond)
	do(chromedp.KeyEvent(kb.End))
	shown(t, ctx, 19)
	assert.Contains(t, text("claims"), "✗ NoMissedMapping is violated")
	assert.Contains(t, text("claims"), "WalkComplete is false")

	// A search that is stopped, and what nothing breaks.
	do(chromedp.Navigate(page + "#protocol=RootPointer&model=Full&step=0&schedule="))
	shown(t, ctx, 0)
	do(chromedp.Evaluate[chromedp.Void](`document.getElementById("claim").value = ""`))
	click("#find")
	assert.Eventually(t, func() bool { return strings.Contains(text("found"), " states, ") }, 20*time.Second, 20*time.Millisecond)
	click(`#threads button[data-move]`) // the page answers meanwhile
	shown(t, ctx, 1)
	click("#find")
	assert.Eventually(t, func() bool { return strings.Contains(text("found"), "Searching") }, 20*time.Second, 20*time.Millisecond)
	click("#stop")
	assert.Equal(t, "Stopped.", text("found"))

	// A schedule of testdata from the list; then a bad link.
	do(chromedp.Evaluate[chromedp.Void](`document.getElementById("kept").value = [...document.getElementById("kept").options].find(o => o.text.startsWith("freed-leaf:")).value, document.getElementById("kept").dispatchEvent(new Event("change"))`))
	assert.Eventually(t, func() bool {
		return strings.Contains(text("lanes"), "GetAnon")
	}, 20*time.Second, 20*time.Millisecond)
	assert.Equal(t, "freed-leaf: breaks NoBadFree", browsertest.Ask[string](t, ctx, `document.getElementById("kept").selectedOptions[0].text`))
	do(chromedp.Navigate(page + "#protocol=OwnLock&model=Tiny&step=1&schedule=w1:Wlk(p1)"))
	assert.Eventually(t, func() bool { return strings.Contains(text("now"), "unknown step") }, 20*time.Second, 20*time.Millisecond)

	do(chromedp.Navigate(page + "#" + Fragment(kept.Place)))
	assert.Eventually(t, func() bool { return strings.Contains(text("lanes"), "ReadTail") }, 20*time.Second, 20*time.Millisecond)
	shown(t, ctx, 0)
	do(chromedp.KeyEvent(kb.End))
	shown(t, ctx, 19)
	assert.Equal(t, "recycled-leaf: breaks NoRecycledTrusted", browsertest.Ask[string](t, ctx, `document.getElementById("kept").selectedOptions[0].text`))
	browsertest.InAllLooks(t, ctx, do)
}
