package sched_test

import (
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/triangle/sched"
)

// grants starts op on threads 1 and 2 and grants them in turn.
func grants(op func(), n int) []sched.Decision {
	ds := []sched.Decision{{Thread: 1, Op: op}, {Thread: 2, Op: op}}
	for i := range n {
		ds = append(ds, sched.Decision{Thread: i%2 + 1})
	}
	return ds
}

func TestDeterministicCode(t *testing.T) {
	hashes := map[uint64]bool{}
	for range 20 {
		var last *sched.Scheduler
		err := sched.CheckDeterminism(2, func(s *sched.Scheduler) []sched.Decision {
			last = s
			l := &lockable{id: 1, hook: s.Hook}
			n := uint64(0)
			return grants(func() {
				for {
					l.acquire()
					n++
					s.Observe(n)
					l.release()
				}
			}, 100)
		})
		require.NoError(t, err)
		require.Len(t, last.Events(), 0+2+100+len(observed(last)))
		require.GreaterOrEqual(t, len(observed(last)), 10)
		hashes[last.Hash()] = true
	}
	assert.Len(t, hashes, 1)
}

func observed(s *sched.Scheduler) (values []uint64) {
	for _, e := range s.Events() {
		if e.Kind == sched.EventObserve {
			values = append(values, e.Value)
		}
	}
	return values
}

// Each row is code that does not depend on the decisions alone. Two runs may
// agree by chance, so each is run until they do not; the bound is far beyond
// chance.
func TestCodeThatIsNotDeterministic(t *testing.T) {
	const bound = 10_000
	for _, row := range []struct {
		op     func(s *sched.Scheduler) func()
		reason string
	}{
		{func(s *sched.Scheduler) func() {
			set := map[uint32]bool{1: true, 2: true, 3: true, 4: true, 5: true}
			return func() {
				for object := range set {
					s.Hook(work, object)
				}
				for {
					s.Hook(work, 0)
				}
			}
		}, "the order of a map"},
		{func(s *sched.Scheduler) func() {
			return func() {
				for {
					s.Hook(work, uint32(time.Now().UnixNano()))
				}
			}
		}, "the time"},
		{func(s *sched.Scheduler) func() {
			return func() {
				for {
					s.Observe(uint64(time.Now().UnixNano()))
					s.Hook(work, 0)
				}
			}
		}, "an observed value only: the points are equal"},
		{func(s *sched.Scheduler) func() {
			var n atomic.Uint32
			return func() {
				var stray sync.WaitGroup
				defer stray.Wait()
				for {
					stray.Go(func() { n.Add(1) })
					runtime.Gosched()
					s.Hook(work, n.Load())
				}
			}
		}, "a stray goroutine"},
		{func(s *sched.Scheduler) func() {
			a, b := make(chan uint32, 1000), make(chan uint32, 1000)
			for range 1000 {
				a <- 1
				b <- 2
			}
			return func() {
				for {
					select {
					case object := <-a:
						s.Hook(work, object)
					case object := <-b:
						s.Hook(work, object)
					}
				}
			}
		}, "select"},
	} {
		var err error
		for range bound {
			err = sched.CheckDeterminism(2, func(s *sched.Scheduler) []sched.Decision { return grants(row.op(s), 50) })
			if err != nil {
				break
			}
		}
		var difference *sched.Difference
		if assert.ErrorAs(t, err, &difference, row.reason) {
			assert.NotEqual(t, difference.First, difference.Second, row.reason)
		}
	}
}

func TestFirstDifferenceIsReported(t *testing.T) {
	for _, row := range []struct {
		op     func(s *sched.Scheduler, run int)
		want   string
		reason string
	}{
		{func(s *sched.Scheduler, run int) {
			s.Hook(work, 1)
			s.Hook(work, uint32(run))
			s.Hook(work, uint32(run))
		}, `sched: the same decisions gave different events: event 1 was "thread 1: grant (choice 8), parked at step 3 on object 1", then "thread 1: grant (choice 8), parked at step 3 on object 2"`, "the first, not the second"},
		{func(s *sched.Scheduler, run int) {
			for range run {
				s.Hook(work, 1)
			}
		}, `sched: the same decisions gave different events: event 1 was "thread 1: grant (choice 8), finished", then "thread 1: grant (choice 8), parked at step 3 on object 1"`, "one ends earlier"},
		{func(s *sched.Scheduler, run int) {
			s.Hook(lock, 1)
			s.Observe(uint64(run))
			s.Refused()
		}, `sched: the same decisions gave different events: event 1 was "thread 1 observes 0x1", then "thread 1 observes 0x2"`, "an observation"},
		{func(s *sched.Scheduler, run int) {
			s.Hook(lock, 1)
			if run == 1 {
				s.Refused()
			}
		}, `sched: the same decisions gave different events: event 1 was "thread 1: grant (choice 8), refused at step 1 on object 1", then "thread 1: grant (choice 8), finished"`, "a refusal"},
		{func(s *sched.Scheduler, run int) {
			s.Hook(work, 1)
			s.Hook(work, 1)
		}, `sched: decision 3 does not fit: a grant for thread 1, which is idle`, "the same both times, but not a schedule of this code"},
		{func(s *sched.Scheduler, run int) {
			defer func() { _ = recover() }()
			for {
				s.Hook(work, 1)
			}
		}, "sched: thread 1 panicked abandoned before step 3 on object 1: " + sched.ErrSwallowed.Error(), "an operation that does not unwind"},
	} {
		run := 0
		err := sched.CheckDeterminism(1, func(s *sched.Scheduler) []sched.Decision {
			run++
			this := run
			return []sched.Decision{{Thread: 1, Op: func() { row.op(s, this) }}, {Thread: 1, Choice: 8}, {Thread: 1}, {Thread: 1}}
		})
		assert.EqualError(t, err, row.want, row.reason)
	}
}

// A setup that is itself not deterministic: one list of decisions is longer.
func TestDecisionsThatDiffer(t *testing.T) {
	run := 0
	err := sched.CheckDeterminism(1, func(s *sched.Scheduler) []sched.Decision {
		run++
		ds := []sched.Decision{{Thread: 1, Op: func() { s.Hook(work, 1) }}, {Thread: 1}}
		return ds[:run]
	})
	assert.EqualError(t, err, `sched: the same decisions gave different events: event 1 was "no event", then "thread 1: grant (choice 0), finished"`)
}

// The goroutine that calls the hook in place of its thread is told so, if
// events are recorded.
func TestHookOnAStrayGoroutine(t *testing.T) {
	s := newScheduler(t, 1)
	s.Record(true)
	_, outcome := s.Start(1, func() {
		told := make(chan any)
		go func() {
			defer func() { told <- recover() }()
			s.Hook(work, 1)
		}()
		value := <-told
		if value == nil {
			panic("nobody noticed")
		}
		panic(errors.New(value.(string)))
	})
	require.Equal(t, sched.Failed, outcome)
	assert.EqualError(t, s.Failure(), "sched: thread 1 panicked before its first step: sched: hook called in the time of thread 1 by a goroutine that is not under control")
}
