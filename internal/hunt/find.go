package hunt

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/rootlock/rootlock/internal/coverage"
	"github.com/rootlock/rootlock/internal/shrink"
	"github.com/rootlock/rootlock/spec"
)

// Options bound a search.
type Options struct {
	Schedules int    // to draw at most, per seed; 0: 1,000
	Turns     int    // drawn per schedule on average; 0: 40
	Whole     bool   // operations alone, from beginning to end
	Seed      uint64 // 0: several fixed ones, one after the other, until one finds something

	// Stop is asked before each schedule whether to draw no more; nil: it goes on. What
	// failed by then is shrunk all the same.
	Stop func() bool

	// ShrinkTime is how long rapid shrinks, and then how long the searches for a shorter
	// schedule go on, at most; 0: 3 s, and to their end.
	ShrinkTime time.Duration
}

// seeds are tried in this order: fixed, so that a search can be repeated; any
// others would do.
var seeds = [...]uint64{4, 3, 1, 2}

// A Result is what a search did and found. Failure is nil if it found nothing.
type Result struct {
	Failure          *Failure  // shrunk
	Drawn            int       // length of the schedule as first drawn
	Schedules, Steps uint64    // work done, shrinking included
	Tried            [2]uint64 // schedules and steps, up to the first that failed
	Duration         time.Duration
	FirstAfter       time.Duration // until the first failing schedule
	Coverage         coverage.Coverage
}

// rapid keeps its settings in flags, so that searches outside a test run one at
// a time.
var settings sync.Mutex

// Find searches for a schedule that breaks one of the claims, or on which the
// runner's two sides part, and shrinks it. It is for use outside tests, which
// hand [Property.Check] to rapid themselves. If the context ends, the result says what
// was found until then.
func Find(ctx context.Context, m *spec.Model, r Runner, claims spec.ClaimSet, o Options) (*Result, error) {
	settings.Lock()
	defer settings.Unlock()
	if o.Seed != 0 {
		return find(ctx, m, r, claims, o)
	}
	sum := &Result{}
	for _, o.Seed = range seeds {
		one, err := find(ctx, m, r, claims, o)
		if err != nil {
			return one, err
		}
		one.FirstAfter += sum.Duration
		one.Schedules += sum.Schedules
		one.Steps += sum.Steps
		one.Duration += sum.Duration
		one.Coverage.Add(&sum.Coverage)
		if sum = one; one.Failure != nil {
			break
		}
	}
	return sum, nil
}

func find(ctx context.Context, m *spec.Model, r Runner, claims spec.ClaimSet, o Options) (*Result, error) {
	if !flag.Parsed() { // rapid asks testing.Short, which wants its flags parsed
		testing.Init()
		if err := flag.CommandLine.Parse(nil); err != nil {
			return nil, err
		}
	}
	if o.Schedules == 0 {
		o.Schedules = 1000
	}
	if o.Turns == 0 {
		o.Turns = 40
	}
	for name, value := range map[string]string{
		"rapid.checks":     strconv.Itoa(o.Schedules),
		"rapid.steps":      strconv.Itoa(o.Turns),
		"rapid.seed":       strconv.FormatUint(o.Seed, 10),
		"rapid.nofailfile": "true",
		"rapid.shrinktime": cmp.Or(o.ShrinkTime, 3*time.Second).String(), // Shrink does the rest
		"test.short":       "false",                                      // under go test -short rapid would draw fewer
	} {
		old := flag.Lookup(name).Value.String()
		if err := flag.Set(name, value); err != nil {
			return nil, fmt.Errorf("rootlock: setting %s: %w", name, err)
		}
		defer func() { _ = flag.Set(name, old) }()
	}

	p := &Property{Model: m, Runner: r, Claims: claims, Whole: o.Whole}
	result := &Result{}
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
			}()
			p.Check(t)
		})
	}()
	<-done
	if rec.panicked != nil {
		return nil, fmt.Errorf("rootlock: the search panicked: %v", rec.panicked)
	}
	if result.Failure = p.Last; p.Last != nil {
		limited, cancel := ctx, context.CancelFunc(func() {})
		if o.ShrinkTime > 0 {
			limited, cancel = context.WithTimeout(ctx, o.ShrinkTime)
		}
		err := p.Shrink(limited)
		cancel()
		if err != nil && limited.Err() == nil {
			return nil, err
		}
	}
	result.Schedules, result.Steps, result.Coverage = p.Schedules, p.Steps, p.Coverage
	result.Duration, result.FirstAfter = time.Since(start), first
	result.Tried = [2]uint64{p.Schedules, p.Steps}
	if p.First != nil {
		result.Drawn = len(p.First.Schedule)
		result.Tried = p.tried
	}
	return result, ctx.Err()
}

// Shrink shrinks the last failure further than rapid did, and takes the schedule once
// more on the runner: what is reported has been seen. If the context ends meanwhile, the
// failure is as small as it was by then.
func (p *Property) Shrink(ctx context.Context) error {
	f := p.Last
	if f.Divergence != nil {
		shorter, parted, err := shrink.Divergence(ctx, p.Model, p.Runner, f.Schedule)
		if err == nil {
			f.Schedule, f.Divergence = shorter, parted
		}
		return err
	}
	shorter, err := shrink.Schedule(ctx, p.Model, f.Schedule, f.Claim, nil)
	if errors.Is(err, shrink.ErrUnbroken) {
		return nil // a runner's own failure, which the model does not have
	}
	if err != nil && (ctx.Err() == nil || shorter == nil) {
		return err
	}
	f.Schedule = shorter
	if err := p.Runner.Reset(); err != nil {
		return err
	}
	for _, mv := range f.Schedule {
		if err := p.Runner.Do(mv); err != nil {
			return fmt.Errorf("rootlock: the shrunk schedule %s: %w", p.Model.FormatSchedule(f.Schedule), err)
		}
	}
	f.Conjunct, f.Values = p.Model.Explain(p.Runner.State(), f.Claim)
	if f.Conjunct == "" {
		return fmt.Errorf("rootlock: the shrunk schedule does not break %s: %s", f.Claim, p.Model.FormatSchedule(f.Schedule))
	}
	return nil
}

var errStopped = fmt.Errorf("stopped")

// recorder is the rapid.TB of a search outside a test: it remembers that
// something failed, and prints nothing.
type recorder struct {
	failed   bool
	panicked any
}

func (r *recorder) Helper()               {}
func (r *recorder) Name() string          { return "hunt" }
func (r *recorder) Logf(string, ...any)   {}
func (r *recorder) Log(...any)            {}
func (r *recorder) Skipf(string, ...any)  { r.SkipNow() }
func (r *recorder) Skip(...any)           { r.SkipNow() }
func (r *recorder) SkipNow()              { runtime.Goexit() }
func (r *recorder) Errorf(string, ...any) { r.failed = true }
func (r *recorder) Error(...any)          { r.failed = true }
func (r *recorder) Fatalf(string, ...any) { r.FailNow() }
func (r *recorder) Fatal(...any)          { r.FailNow() }
func (r *recorder) FailNow()              { r.failed = true; runtime.Goexit() }
func (r *recorder) Fail()                 { r.failed = true }
func (r *recorder) Failed() bool          { return r.failed }
