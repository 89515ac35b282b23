package sched_test

import (
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/rootlock/rootlock/triangle/sched"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The steps of the code under test.
const (
	lock uint8 = iota + 1
	unlock
	work
)

// lockable is a mutex written as impl writes its locks.
type lockable struct {
	mu   sync.Mutex
	id   uint32
	hook func(step uint8, object uint32) int
}

func (l *lockable) acquire() {
	for l.hook(lock, l.id); !l.mu.TryLock(); l.hook(0, 0) {
	}
}

func (l *lockable) release() {
	l.hook(unlock, l.id)
	l.mu.Unlock()
}

func newScheduler(t testing.TB, threads int) *sched.Scheduler {
	s := sched.New(threads)
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	return s
}

func TestGrantAndRefusal(t *testing.T) {
	s := newScheduler(t, 2)
	l := &lockable{id: 7, hook: s.Hook}
	count := 0
	op := func() {
		l.acquire()
		count++
		l.release()
	}
	atLock, atUnlock := sched.Point{Step: lock, Object: 7}, sched.Point{Step: unlock, Object: 7}
	for _, row := range []struct {
		thread  int
		start   bool
		point   sched.Point
		outcome sched.Outcome
		count   int
		busy    int
		reason  string
	}{
		{1, true, atLock, sched.Parked, 0, 1, "an operation parks before its first step"},
		{2, true, atLock, sched.Parked, 0, 2, "so does the other: nothing is locked yet"},
		{1, false, atUnlock, sched.Parked, 1, 2, "the lock is free; what follows the step runs with it"},
		{2, false, atLock, sched.Refused, 1, 2, "the lock is taken: same point"},
		{2, false, atLock, sched.Refused, 1, 2, "refused as often as it is granted"},
		{1, false, sched.Point{}, sched.Finished, 1, 1, "the last step ends the operation"},
		{2, false, atUnlock, sched.Parked, 2, 1, "what was refused is possible now"},
		{1, true, atLock, sched.Parked, 2, 2, "an idle thread takes another operation"},
		{1, false, atLock, sched.Refused, 2, 2, "refused by the lock of the other thread"},
		{2, false, sched.Point{}, sched.Finished, 2, 1, "the last step ends the operation"},
		{1, false, atUnlock, sched.Parked, 3, 1, "the lock is free again"},
	} {
		var point sched.Point
		var outcome sched.Outcome
		if row.start {
			point, outcome = s.Start(row.thread, op)
		} else {
			point, outcome = s.Grant(row.thread, 0)
		}
		require.Equal(t, row.point, point, row.reason)
		require.Equal(t, row.outcome, outcome, row.reason)
		require.Equal(t, row.count, count, row.reason)
		require.Equal(t, row.busy, s.Busy(), row.reason)
		at, busy := s.At(row.thread)
		require.Equal(t, row.point, at, row.reason)
		require.Equal(t, row.outcome != sched.Finished, busy, row.reason)
		require.Zero(t, s.Current(), "the driver runs")
		require.False(t, s.Stuck(), "someone can go on")
	}
	assert.Equal(t, 8, s.Steps())
	assert.Equal(t, 1, s.SinceFinish())
	assert.NoError(t, s.Reset())
	assert.False(t, l.mu.TryLock(), "thread 1 held it when it was abandoned, with no defer to unlock it")
}

func TestChoiceAndCurrent(t *testing.T) {
	s := newScheduler(t, 2)
	var got []int
	op := func() {
		got = append(got, s.Hook(work, 0), s.Current())
		got = append(got, s.Refused(), s.Current())
	}
	s.Start(2, op)
	s.Grant(2, 42)
	s.Grant(2, 43)
	assert.Equal(t, []int{42, 2, 43, 2}, got)
	_, outcome := s.Start(1, func() {})
	assert.Equal(t, sched.Finished, outcome, "an operation without hooks")
}

func TestABBAIsStuck(t *testing.T) {
	s := newScheduler(t, 3)
	a, b := &lockable{id: 1, hook: s.Hook}, &lockable{id: 2, hook: s.Hook}
	op := func(first, second *lockable) func() {
		return func() {
			first.acquire()
			second.acquire()
			second.release()
			first.release()
		}
	}
	s.Start(1, op(a, b))
	s.Start(2, op(b, a))
	for _, row := range []struct {
		thread  int
		outcome sched.Outcome
		stuck   bool
		reason  string
	}{
		{1, sched.Parked, false, "1 has A"},
		{2, sched.Parked, false, "2 has B"},
		{1, sched.Refused, false, "1 wants B; 2 has not been asked"},
		{1, sched.Refused, false, "asking 1 again says nothing about 2"},
		{2, sched.Refused, true, "2 wants A: all are refused"},
		{1, sched.Refused, true, "and remain so"},
	} {
		_, outcome := s.Grant(row.thread, 0)
		require.Equal(t, row.outcome, outcome, row.reason)
		require.Equal(t, row.stuck, s.Stuck(), row.reason)
	}
	s.Start(3, func() { s.Hook(work, 0) })
	assert.False(t, s.Stuck(), "a thread that was not refused may change the state")
	s.Grant(3, 0)
	assert.False(t, s.Stuck(), "it took a step: the refusals are out of date")
	s.Grant(1, 0)
	s.Grant(2, 0)
	assert.True(t, s.Stuck())
	for range 2 {
		assert.NoError(t, s.Reset())
		assert.False(t, s.Stuck(), "no thread is in an operation")
		s.Start(1, func() {
			for s.Hook(lock, 1); ; s.Refused() {
			}
		})
		s.Grant(1, 0)
		assert.True(t, s.Stuck(), "a refusal before any success, and again after Reset")
	}
}

// drawn applies random decisions, each drawn from those that fit.
func drawn(t *rapid.T, s *sched.Scheduler, ops func(thread int) func(), grants int) func() (sched.Decision, bool) {
	return func() (sched.Decision, bool) {
		if s.Steps() >= grants {
			return sched.Decision{}, false
		}
		thread := rapid.IntRange(1, s.Threads()).Draw(t, "thread")
		if _, busy := s.At(thread); !busy {
			return sched.Decision{Thread: thread, Op: ops(thread)}, true
		}
		return sched.Decision{Thread: thread}, true
	}
}

// A counter under a lock loses nothing; the same without the lock does. One
// Scheduler serves all schedules.
func TestRandomSchedules(t *testing.T) {
	s := newScheduler(t, 3)
	schedules, grants, lost := 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		require.NoError(t, s.Reset())
		l := &lockable{id: 1, hook: s.Hook}
		counter, naked, done := 0, 0, 0
		op := func(int) func() {
			return func() {
				v := naked
				s.Hook(work, 0)
				naked = v + 1
				l.acquire()
				w := counter
				s.Hook(work, 1)
				counter = w + 1
				l.release()
				done++
			}
		}
		verdict := s.Run(1000, drawn(t, s, op, 60))
		if verdict != sched.Ended {
			t.Fatalf("verdict %v", verdict)
		}
		if counter < done || counter > done+3 {
			t.Fatalf("lost an increment under the lock")
		}
		schedules++
		grants += s.Steps()
		if naked < done {
			lost++
		}
	})
	assert.GreaterOrEqual(t, schedules, 20, "as many as rapid draws with -short")
	assert.GreaterOrEqual(t, grants, 20*60)
	assert.Positive(t, lost, "no schedule interleaved the unlocked increments")
}

func TestRunVerdicts(t *testing.T) {
	spin := func(s *sched.Scheduler) func() {
		return func() {
			for {
				s.Hook(work, 0)
			}
		}
	}
	for _, row := range []struct {
		op     func(s *sched.Scheduler) func()
		limit  int
		want   sched.Verdict
		steps  int
		reason string
	}{
		{func(s *sched.Scheduler) func() { return func() { s.Hook(work, 0) } }, 100, sched.Ended, 20, "decide ends it"},
		{spin, 10, sched.NoProgress, 10, "an operation that never ends"},
		{spin, 100, sched.Ended, 20, "decide ends it before the limit"},
		{func(s *sched.Scheduler) func() {
			return func() {
				for s.Hook(lock, 0); ; s.Refused() {
				}
			}
		}, 100, sched.Stuck, 1, "refused for ever"},
		{func(s *sched.Scheduler) func() { return func() { s.Hook(work, 0); panic("boom") } }, 100, sched.Broken, 1, "a panic"},
	} {
		s := sched.New(1)
		verdict := s.Run(row.limit, func() (sched.Decision, bool) {
			d := sched.Decision{Thread: 1}
			if _, busy := s.At(1); !busy {
				d.Op = row.op(s)
			}
			return d, s.Steps() < 20
		})
		assert.Equal(t, row.want, verdict, row.reason)
		assert.Equal(t, row.steps, s.Steps(), row.reason)
		assert.NoError(t, s.Close(), row.reason)
	}
}

func TestResetIsAsNew(t *testing.T) {
	run := func(s *sched.Scheduler) uint64 {
		l := &lockable{id: 1, hook: s.Hook}
		for thread := 1; thread <= 2; thread++ {
			s.Start(thread, func() { l.acquire(); l.release() })
		}
		for _, thread := range []int{1, 2, 2, 1, 2} {
			s.Grant(thread, 0)
		}
		return s.Hash()
	}
	s := newScheduler(t, 2)
	first := run(s)
	require.NoError(t, s.Reset())
	before := runtime.NumGoroutine()
	assert.Equal(t, first, run(s), "after Reset")
	assert.Equal(t, before, runtime.NumGoroutine(), "on the same coroutines")
	fresh := newScheduler(t, 2)
	assert.Equal(t, first, run(fresh), "on a new Scheduler")
	assert.Equal(t, uint64(0x8a8e48e8dbd9f501), first, "in every process: the hash may stand in a golden")
}

func TestNoAllocationPerStep(t *testing.T) {
	s := newScheduler(t, 2)
	for thread := 1; thread <= 2; thread++ {
		s.Start(thread, func() {
			for {
				s.Hook(work, 1)
				s.Refused()
			}
		})
	}
	assert.Zero(t, testing.AllocsPerRun(1000, func() {
		s.Grant(1, 0)
		s.Grant(2, 0)
	}))
}

func TestMisusePanics(t *testing.T) {
	s := newScheduler(t, 1)
	closed := sched.New(1)
	require.NoError(t, closed.Close())
	require.NoError(t, closed.Close(), "closing again does nothing")
	park := func() { s.Hook(work, 0) }
	for _, row := range []struct {
		f      func()
		want   string
		reason string
	}{
		{func() { sched.New(0) }, "sched: New with 0 threads, want 1..255", "no thread"},
		{func() { sched.New(256) }, "sched: New with 256 threads, want 1..255", "more than an event can name"},
		{func() { s.Grant(1, 0) }, "sched: Grant to thread 1, which is idle", "nothing to grant"},
		{func() { s.Grant(2, 0) }, "sched: Grant of thread 2, want 1..1", "no such thread"},
		{func() { s.Start(0, park) }, "sched: Start of thread 0, want 1..1", "threads count from 1"},
		{func() { s.Start(1, park); s.Start(1, park) }, "sched: Start of thread 1, which is in an operation", "one operation at a time"},
		{park, "sched: hook called while no thread runs: by a goroutine that is not under control?", "the driver is not a thread"},
		{func() { closed.Start(1, park) }, "sched: Start on a closed Scheduler", "closed"},
		{func() { _ = closed.Reset() }, "sched: Reset on a closed Scheduler", "closed"},
	} {
		assert.PanicsWithValue(t, row.want, row.f, row.reason)
	}
	require.NoError(t, s.Reset())
	_, outcome := s.Start(1, func() { _ = s.Reset() })
	assert.Equal(t, sched.Failed, outcome)
	assert.EqualError(t, s.Failure(), "sched: thread 1 panicked before its first step: sched: Reset called from within an operation")
}

// What the hash tells apart.
func TestHash(t *testing.T) {
	s := newScheduler(t, 2)
	seen := map[uint64]string{}
	for _, row := range []struct {
		thread  int
		point   sched.Point
		choice  int
		observe uint64
		refuse  bool
		reason  string
	}{
		{1, sched.Point{Step: 1, Object: 1}, 0, 0, false, "the first"},
		{2, sched.Point{Step: 1, Object: 1}, 0, 0, false, "another thread"},
		{1, sched.Point{Step: 2, Object: 1}, 0, 0, false, "another step"},
		{1, sched.Point{Step: 1, Object: 2}, 0, 0, false, "another object"},
		{1, sched.Point{Step: 1, Object: 1}, 1, 0, false, "another choice"},
		{1, sched.Point{Step: 1, Object: 1}, 0, 1, false, "another observation"},
		{1, sched.Point{Step: 1, Object: 1}, 0, 0, true, "a refusal in place of an end"},
	} {
		require.NoError(t, s.Reset())
		s.Start(row.thread, func() {
			s.Hook(row.point.Step, row.point.Object)
			s.Observe(row.observe)
			if row.refuse {
				s.Refused()
			}
		})
		s.Grant(row.thread, row.choice)
		assert.NotContains(t, seen, s.Hash(), row.reason)
		seen[s.Hash()] = row.reason
	}
}
