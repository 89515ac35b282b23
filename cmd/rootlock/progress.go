package main

import (
	"fmt"
	"io"
	"strconv"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/rootlock/rootlock/internal/quote"
	"github.com/rootlock/rootlock/triangle/explore"
	"github.com/rootlock/rootlock/triangle/lanes"
)

// A meter shows how far a long job is, on standard error: a bar with rate and
// time left on a terminal, else a plain line now and then. It may be used by
// several goroutines.
type meter struct {
	mu   sync.Mutex
	bar  *progressbar.ProgressBar
	w    io.Writer
	what string
	all  int64 // units in all; 0: nobody knows
	from time.Time
	last time.Time
}

const plainEvery = 10 * time.Second

// meter begins a job of total units; 0: nobody knows.
func (a *app) meter(what string, total int64, unit string) *meter {
	m := &meter{w: a.stderr, what: what, all: total, from: time.Now(), last: time.Now()}
	if lanes.Terminal(a.terminal) {
		if total == 0 {
			total = -1
		}
		m.bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(a.terminal), progressbar.OptionSetDescription(quote.Line(what)),
			progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionSetItsString(unit), progressbar.OptionSetPredictTime(true),
			progressbar.OptionThrottle(200*time.Millisecond), progressbar.OptionClearOnFinish(), progressbar.OptionSetWidth(20))
	}
	return m
}

// at says how far the job is.
func (m *meter) at(done int64, detail string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.bar != nil {
		m.bar.Describe(quote.Line(m.what + " " + detail))
		_ = m.bar.Set64(done)
		return
	}
	if time.Since(m.last) >= plainEvery {
		m.last = time.Now()
		fmt.Fprintf(m.w, "%s: %s %s\n", m.what, m.far(done), detail)
	}
}

// far says how many units are done, and of a known number the rate and the time left.
func (m *meter) far(done int64) string {
	if m.all == 0 || done == 0 {
		return strconv.FormatInt(done, 10)
	}
	rate := float64(done) / time.Since(m.from).Seconds()
	return fmt.Sprintf("%d of %d (%.1f/s, about %.0f s left)", done, m.all, rate, float64(m.all-done)/rate)
}

// done clears the bar, at the end or so that something else can be printed: the
// next at draws it again.
func (m *meter) done() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.bar != nil {
		_ = m.bar.Clear()
	}
}

// exploring is the Progress of an exploration.
func (m *meter) exploring(p explore.Progress) {
	rate := float64(p.Generated) / p.Elapsed.Seconds() / 1e6
	m.at(int64(p.Distinct), fmt.Sprintf("states, level %d, %.1f million generated states/s", p.Level, rate))
}
