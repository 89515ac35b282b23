package hunt

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"runtime"
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

// rapid keeps its settings in flags, so that searches outside a test run one at
// a time.
var settings sync.Mutex

// Find searches for a schedule that breaks one of the claims, or on which the
// runner's two sides part, and has rapid shrink it. It is for use outside tests, which
// hand [Property.Check] to rapid themselves. If the context ends, the result says what
// was done until then. The error is the context's, or says why there was no search: a claim
// that the law does not make, a runner that does not start, a panic.
func Find[S any, M comparable](ctx context.Context, p *Property[S, M], o Options) (*Result, error) {
	settings.Lock()
	defer settings.Unlock()
	if !flag.Parsed() { // rapid asks testing.Short, which wants its flags parsed
		testing.Init()
		if err := flag.CommandLine.Parse(nil); err != nil {
			return nil, err
		}
	}
	for name, value := range map[string]string{
		"rapid.checks":     strconv.Itoa(cmp.Or(o.Schedules, 1000)),
		"rapid.steps":      strconv.Itoa(cmp.Or(o.Turns, 40)),
		"rapid.seed":       strconv.FormatUint(cmp.Or(o.Seed, 1), 10),
		"rapid.nofailfile": "true",
		"rapid.shrinktime": cmp.Or(o.ShrinkTime, 3*time.Second).String(), // package shrink does the rest
		"test.short":       "false",                                      // under go test -short rapid would draw fewer
	} {
		old := flag.Lookup(name).Value.String()
		if err := flag.Set(name, value); err != nil {
			return nil, fmt.Errorf("setting %s: %w", name, err)
		}
		defer func() { _ = flag.Set(name, old) }()
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
