package sched

import (
	"iter"
	"runtime/debug"
)

// A thread is a virtual thread and the coroutine that carries it.
//
//	no coroutine --Start--> in an operation --end--> idle --Start--> ...
//	                            |  ^                   |
//	                       Hook |  | Grant             | Close
//	                            v  |                   v
//	                           parked             no coroutine
//
// The driver and the coroutine pass everything through these fields: only one
// of them runs at a time, and the switch orders their accesses. Passing a
// value through yield instead costs the same (BenchmarkFloor), and would not
// carry the choice, which travels the other way.
type thread struct {
	id      int
	busy    bool
	outcome Outcome
	point   Point
	choice  int
	op      func()

	refusedAt uint64 // Scheduler.progress when last refused

	next  func() (struct{}, bool)
	stop  func()
	yield func(struct{}) bool

	abandoned bool // by Reset or Close: hooks do not park
	hooks     int  // hooks called since then
	thrown    bool // some hook has panicked with abandonment since then
	lost      bool // it would not unwind: Goexit at every hook

	unwinds map[uintptr]bool // of the return addresses seen: is it in a panic, or in Goexit? The name of a function is dear

	goroutine uint64 // its own, as goroutineID says
}

// Hook is what the code under test calls immediately before each atomic step,
// through a func field that is nil when the code runs natively. It parks the
// thread until the driver grants the step and returns the choice given with
// the grant. Step 0 means Refused, so that one field is enough.
//
// Hook panics when no thread runs: then it is called by a goroutine that is
// not under control. While events are recorded it also panics if its goroutine
// is not the thread's own; otherwise that is not checked.
func (s *Scheduler) Hook(step uint8, object uint32) (choice int) {
	t := s.running
	if t == nil {
		panic("sched: hook called while no thread runs: by a goroutine that is not under control?")
	}
	if s.recording {
		t.checkGoroutine()
	}
	if step == 0 {
		if t.abandoned {
			t.refuseAbandoned()
		}
		t.outcome = Refused
	} else {
		if t.abandoned {
			t.unwind()
			return 0
		}
		t.point = Point{step, object}
		t.outcome = Parked
	}
	t.yield(struct{}{})
	if t.abandoned {
		t.unwind()
		return 0
	}
	return t.choice
}

// Refused is what the code under test calls when the granted step was not
// possible (TryLock failed). It parks the thread at the same point, and returns
// the choice of the next grant. It is Hook(0, 0).
func (s *Scheduler) Refused() (choice int) { return s.Hook(0, 0) }

// Current is the thread that runs now; 0 while the driver does.
func (s *Scheduler) Current() int {
	if s.running == nil {
		return 0
	}
	return s.running.id
}

// resume runs t until it parks or its operation ends.
func (s *Scheduler) resume(t *thread) {
	if t.next == nil {
		s.create(t)
	}
	s.running = t
	t.next()
	s.running = nil
}

// create makes the coroutine of t. It performs one operation each time that it
// is resumed while idle, and lives until end.
func (s *Scheduler) create(t *thread) {
	t.next, t.stop = iter.Pull(func(yield func(struct{}) bool) {
		t.yield = yield
		t.goroutine = goroutineID()
		if s.created != nil {
			s.created(t.goroutine)
		}
		for {
			s.perform(t)
			if !yield(struct{}{}) {
				return
			}
		}
	})
}

// end ends the coroutine of an idle thread.
func (t *thread) end() {
	if t.stop != nil {
		t.stop()
	}
	t.next, t.stop, t.yield = nil, nil, nil
}

// perform runs the operation of t to its end, whatever the end.
func (s *Scheduler) perform(t *thread) {
	returned := false
	defer func() {
		// recover must be called here, and the stack taken here: it still
		// shows the frames that panicked.
		s.finish(t, recover(), returned)
	}()
	t.op()
	returned = true
}

// finish makes t idle and judges how its operation ended: by returning, by a
// panic with a value, or (neither) by runtime.Goexit.
func (s *Scheduler) finish(t *thread, value any, returned bool) {
	granted := t.point
	t.op, t.busy, t.point, t.outcome = nil, false, Point{}, Finished
	s.busy--
	s.ended = s.steps

	if value == nil && !returned {
		// The coroutine dies with the operation. iter.Pull makes the driver
		// exit too, as is right for the FailNow of a test, so that nothing
		// behind its call of next will run.
		value = errGoexit
		t.next, t.stop = nil, nil
		s.running = nil
		s.progress++
		s.refused = 0
	}
	switch {
	case t.lost:
		value = ErrSwallowed
	case value == abandonment{}:
		return
	case t.thrown && returned:
		value = ErrSwallowed
	case value == nil:
		return
	}
	t.outcome = Failed
	f := &Failure{Thread: t.id, Point: granted, Abandoned: t.abandoned, Value: value, Stack: debug.Stack()}
	if t.abandoned {
		s.unwinding = append(s.unwinding, f)
	} else if s.failure == nil {
		s.failure = f
	}
}
