package sched_test

import (
	"errors"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/triangle/sched"
)

func TestPanicOfTheCode(t *testing.T) {
	boom := errors.New("boom")
	s := newScheduler(t, 2)
	deferred := false
	s.Start(1, func() { s.Hook(work, 3); s.Hook(work, 4) })
	s.Start(2, func() {
		defer func() { deferred = true }()
		s.Hook(work, 5)
		explode(boom)
	})
	point, outcome := s.Grant(2, 0)
	assert.Equal(t, sched.Failed, outcome)
	assert.Zero(t, point)
	assert.True(t, deferred)

	failure := s.Failure()
	require.NotNil(t, failure)
	assert.Equal(t, 2, failure.Thread)
	assert.Equal(t, sched.Point{Step: work, Object: 5}, failure.Point)
	assert.ErrorIs(t, failure, boom)
	assert.EqualError(t, failure, "sched: thread 2 panicked in step 3 on object 5: boom")
	assert.Contains(t, string(failure.Stack), "sched_test.explode", "the stack shows who panicked")

	_, outcome = s.Grant(1, 0)
	assert.Equal(t, sched.Parked, outcome, "the other thread can go on")
	_, outcome = s.Start(2, func() { panic("again") })
	assert.Equal(t, sched.Failed, outcome, "the thread can be used again")
	assert.Same(t, failure, s.Failure(), "the first failure is kept")
	require.NoError(t, s.Reset(), "it has been told")
	assert.Nil(t, s.Failure())
}

//go:noinline
func explode(err error) { panic(err) }

// A FailNow in an operation is a Goexit: it must end the driver, as it would
// have without coroutines, and the Scheduler must still close.
func TestGoexitOfTheCodeEndsTheDriver(t *testing.T) {
	s := sched.New(2)
	s.Start(2, func() { s.Hook(work, 1) })
	after := atomic.Bool{}
	done := make(chan error)
	go func() {
		defer func() { done <- s.Close() }()
		s.Start(1, func() { runtime.Goexit() })
		after.Store(true)
	}()
	assert.NoError(t, <-done)
	assert.False(t, after.Load())
	assert.ErrorContains(t, s.Failure(), "called runtime.Goexit")
}

// The same when the operation was parked in a deferred function: the Goexit
// goes on when it is abandoned. Another driver may take over.
func TestGoexitWhileAbandoned(t *testing.T) {
	s := newScheduler(t, 1)
	done := make(chan struct{})
	after := atomic.Bool{}
	go func() {
		defer close(done)
		s.Start(1, func() {
			defer s.Hook(unlock, 1)
			runtime.Goexit()
		})
		_ = s.Reset()
		after.Store(true)
	}()
	<-done
	assert.False(t, after.Load())
	assert.Zero(t, s.Busy())
	point, outcome := s.Start(1, func() { s.Hook(work, 1) })
	assert.Equal(t, sched.Parked, outcome)
	assert.Equal(t, sched.Point{Step: work, Object: 1}, point)
}

func TestUnwinding(t *testing.T) {
	boom := errors.New("boom")
	for _, row := range []struct {
		op      func(s *sched.Scheduler, note func(string))
		grants  int
		notes   string
		failure string // of Close; "" = none
		reason  string
	}{
		{
			func(s *sched.Scheduler, note func(string)) {
				defer note("deferred")
				s.Hook(work, 1)
				note("went on")
			},
			0, "deferred", "", "defers run, the code behind the hook does not",
		}, {
			func(s *sched.Scheduler, note func(string)) {
				l := &lockable{id: 1, hook: s.Hook}
				l.acquire()
				defer func() {
					l.release()
					note("unlocked")
				}()
				s.Hook(work, 1)
			},
			1, "unlocked", "", "a hook in a deferred function does not park",
		}, {
			func(s *sched.Scheduler, note func(string)) {
				l := &lockable{id: 1, hook: s.Hook}
				l.mu.Lock()
				defer note("outer")
				defer func() {
					l.acquire()
					note("locked")
				}()
				s.Hook(work, 1)
			},
			0, "outer", "", "a refusal in a deferred function does not loop for ever",
		}, {
			func(s *sched.Scheduler, note func(string)) {
				for s.Hook(lock, 1); ; s.Refused() {
				}
			},
			3, "", "", "abandoned in a refusal",
		}, {
			func(s *sched.Scheduler, note func(string)) {
				defer func() { _ = recover(); note("recovered") }()
				s.Hook(work, 1)
			},
			0, "recovered", "sched: thread 1 panicked abandoned before step 3 on object 1: " + sched.ErrSwallowed.Error(), "swallowed, and returned",
		}, {
			func(s *sched.Scheduler, note func(string)) {
				func() {
					defer func() { _ = recover() }()
					s.Hook(work, 1)
				}()
				note("swallowed")
				s.Hook(work, 2)
				note("went on")
			},
			0, "swallowed", "", "swallowed, but told again at the next hook",
		}, {
			func(s *sched.Scheduler, note func(string)) {
				defer note("outer")
				defer s.Hook(work, 9)
				for {
					func() {
						defer func() { _ = recover() }()
						s.Hook(work, 1)
					}()
				}
			},
			0, "outer", "sched: thread 1 panicked abandoned before step 3 on object 1: " + sched.ErrSwallowed.Error(), "swallowed for ever: ended by Goexit",
		}, {
			func(s *sched.Scheduler, note func(string)) {
				defer func() { panic(boom) }()
				s.Hook(work, 1)
			},
			0, "", "sched: thread 1 panicked abandoned before step 3 on object 1: boom", "a deferred function panics",
		}, {
			func(s *sched.Scheduler, note func(string)) {
				defer s.Hook(unlock, 2)
				panic(boom)
			},
			0, "", "sched: thread 1 panicked abandoned before step 2 on object 2: boom", "its own panic, parked in a deferred function, is not lost",
		}, {
			func(s *sched.Scheduler, note func(string)) {
				defer func() {
					s.Hook(unlock, 2)
					_ = recover()
					note("recovered")
				}()
				panic(boom)
			},
			0, "recovered", "", "recovering one's own panic is not swallowing ours",
		},
	} {
		s := sched.New(2)
		var notes []string
		op := func() { row.op(s, func(n string) { notes = append(notes, n) }) }
		other := func() { s.Hook(work, 1) }
		s.Start(2, other)
		s.Start(1, op)
		for range row.grants {
			s.Grant(1, 0)
		}
		err := s.Reset()
		assert.Equal(t, row.notes, strings.Join(notes, " "), row.reason)
		if row.failure == "" {
			assert.NoError(t, err, row.reason)
		} else {
			assert.EqualError(t, err, row.failure, row.reason)
		}
		assert.Zero(t, s.Busy(), row.reason)

		// All threads can be used again; and Close does what Reset did.
		s.Start(2, other)
		_, outcome := s.Start(1, other)
		assert.Equal(t, sched.Parked, outcome, row.reason)
		_, outcome = s.Grant(1, 0)
		assert.Equal(t, sched.Finished, outcome, row.reason)
		s.Start(1, op)
		for range row.grants {
			s.Grant(1, 0)
		}
		if err := s.Close(); row.failure == "" {
			assert.NoError(t, err, row.reason)
		} else {
			assert.EqualError(t, err, row.failure, row.reason)
		}
	}
}
