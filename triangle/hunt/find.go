package hunt

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Options bound a search.
type Options struct {
	Schedules int    // to draw at most; 0: 1,000
	Turns     int    // drawn per schedule on average; 0: 40
	Seed      uint64 // not 0: the same seed draws the same schedules

	// Stop is asked before each schedule whether to draw no more; nil: it goes on. What
	// failed by then is shrunk all the same.
	Stop func() bool

	ShrinkTime time.Duration // how long rapid shrinks at most; 0: 3 s
}

// A Result is what a search did. What it found is the Property's Last.
type Result struct {
	Schedules, Steps uint64    // work done, shrinking included
	Tried            [2]uint64 // schedules and steps, up to the first that failed
	Duration         time.Duration
	FirstAfter       time.Duration // until the first failing schedule
}

// rapid keeps its settings in flags. How many schedules and from which seed it asks when a
// search begins, the rest as it goes: so searches run side by side if they agree on the rest,
// and begin one at a time.
type settings struct {
	turns  int
	shrink time.Duration
}

var searching struct {
	sync.Mutex
	left sync.Cond // signalled when the last search with these settings has ended; its L is the mutex
	settings
	searches int
	restore  []func()
}

func init() { searching.left.L = &searching }

// begin waits until a search may begin with these settings, and returns with the mutex locked.
func (s settings) begin() error {
	searching.Lock()
	for searching.searches > 0 && searching.settings != s {
		searching.left.Wait()
	}
	searching.searches++
	if searching.searches > 1 {
		return nil
	}
	searching.settings = s
	if !flag.Parsed() { // rapid asks testing.Short, which wants its flags parsed
		testing.Init()
		if err := flag.CommandLine.Parse(nil); err != nil {
			return err
		}
	}
	return set(map[string]string{
		"rapid.steps":      strconv.Itoa(s.turns),
		"rapid.nofailfile": "true",
		"rapid.shrinktime": s.shrink.String(), // package shrink does the rest
		"test.short":       "false",           // under go test -short rapid would draw fewer
	})
}

// set sets flags until the last search has ended.
func set(values map[string]string) error {
	for name, value := range values {
		old := flag.Lookup(name).Value.String()
		if err := flag.Set(name, value); err != nil {
			return fmt.Errorf("setting %s: %w", name, err)
		}
		searching.restore = append(searching.restore, func() { _ = flag.Set(name, old) })
	}
	return nil
}

// end ends a search; the mutex is not locked.
func end() {
	searching.Lock()
	defer searching.Unlock()
	if searching.searches--; searching.searches > 0 {
		return
	}
	for _, restore := range slices.Backward(searching.restore) {
		restore()
	}
	searching.restore = nil
	searching.left.Broadcast()
}

// Find searches for a schedule that breaks one of the claims, or on which the
// runner's two sides part, and has rapid shrink it. It is for use outside tests, which
// hand [Property.Check] to rapid themselves. If the context ends, the result says what
// was done until then. The error is the context's, or says why there was no search: a claim
// that the law does not make, a runner that does not start, a panic. Searches may run side by
// side; those whose Turns or ShrinkTime differ wait for each other.
func Find[S any, M comparable](ctx context.Context, p *Property[S, M], o Options) (*Result, error) {
	defer end()
	err := settings{cmp.Or(o.Turns, 40), cmp.Or(o.ShrinkTime, 3*time.Second)}.begin()
	begun := sync.OnceFunc(searching.Unlock)
	defer begun()
	if err == nil {
		err = set(map[string]string{"rapid.checks": strconv.Itoa(cmp.Or(o.Schedules, 1000)), "rapid.seed": strconv.FormatUint(cmp.Or(o.Seed, 1), 10)})
	}
	if err != nil {
		return nil, err
	}

	start := time.Now()
	var first time.Duration
	rec := &recorder{}
	done := make(chan struct{})
	go func() { // FailNow ends the goroutine
		defer close(done)
		defer func() {
			if v := recover(); v != nil && v != errStopped {
				rec.panicked = v
			}
		}()
		rapid.Check(rec, func(t *rapid.T) {
			begun()
			if ctx.Err() != nil || o.Stop != nil && p.Last == nil && o.Stop() {
				panic(errStopped)
			}
			defer func() {
				if p.First != nil && first == 0 {
					first = time.Since(start)
				}
				switch v := recover(); v.(type) { // what rapid stops a draw with is neither
				case nil:
				case runtime.Error, string:
					rec.panicked = cmp.Or(rec.panicked, v)
					panic(v)
				default:
					panic(v)
				}
			}()
			p.Check(t)
		})
	}()
	<-done
	begun()
	if rec.panicked != nil {
		return nil, fmt.Errorf("the search panicked: %v", rec.panicked)
	}
	if p.unable != nil {
		return nil, fmt.Errorf("the search could not begin: %w", p.unable)
	}
	r := &Result{Schedules: p.Schedules, Steps: p.Steps, Duration: time.Since(start), FirstAfter: first, Tried: [2]uint64{p.Schedules, p.Steps}}
	if p.First != nil {
		r.Tried = p.tried
	}
	return r, ctx.Err()
}

var errStopped = fmt.Errorf("stopped")

// recorder is the rapid.TB of a search outside a test: it remembers that
// something failed, and prints nothing.
type recorder struct {
	failed   bool
	panicked any
}

func (r *recorder) Helper()              {}
func (r *recorder) Name() string         { return "hunt" }
func (r *recorder) Logf(string, ...any)  {}
func (r *recorder) Log(...any)           {}
func (r *recorder) Skipf(string, ...any) { r.SkipNow() }
func (r *recorder) Skip(...any)          { r.SkipNow() }
func (r *recorder) SkipNow()             { runtime.Goexit() }
func (r *recorder) Error(...any)         { r.failed = true }
func (r *recorder) Fatal(...any)         { r.FailNow() }

func (r *recorder) Errorf(string, ...any) { r.failed = true }
func (r *recorder) Fatalf(string, ...any) { r.FailNow() }
func (r *recorder) FailNow()              { r.failed = true; runtime.Goexit() }
func (r *recorder) Fail()                 { r.failed = true }
func (r *recorder) Failed() bool          { return r.failed }
