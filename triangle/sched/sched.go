package sched

import (
	"errors"
	"fmt"
)

// A Point is where a thread is parked: the step that it will take next, and
// the object that the step acts upon (0 = none). Steps are numbered from 1 by
// the code under test.
type Point struct {
	Step   uint8
	Object uint32
}

// An Outcome is what became of a thread that was started or granted a step.
type Outcome uint8

// The outcomes.
const (
	Parked   Outcome = iota + 1 // it stands at its next point
	Refused                     // the step was not possible; it stands at the same point
	Finished                    // its operation returned; the thread is idle
	Failed                      // its operation panicked; the thread is idle, Failure says why
)

func (o Outcome) String() string {
	switch o {
	case Parked:
		return "parked"
	case Refused:
		return "refused"
	case Finished:
		return "finished"
	case Failed:
		return "failed"
	}
	return fmt.Sprintf("Outcome(%d)", uint8(o))
}

// maxThreads is what one byte of an event's hash can tell apart.
const maxThreads = 255

// A Scheduler runs the operations of a fixed number of virtual threads, one
// atomic step at a time.
//
// Concurrency contract: the methods are for one goroutine at a time, the
// driver; Hook, Refused, Current and Observe are for the operations that the
// driver started, on the goroutine that runs them. Different Schedulers are
// independent. The driver's goroutine must not be locked to its OS thread
// unless it was when New was called and remains so.
type Scheduler struct {
	running *thread // the thread that has the processor; nil while the driver has it
	threads []thread

	hash     uint64
	progress uint64 // grows with each successful grant: dates a refusal
	busy     int    // threads that are not idle
	refused  int    // of these, how many were refused since the last successful grant
	steps    int    // grants, refusals included
	ended    int    // steps at the moment when an operation last ended

	failure   *Failure
	unwinding []error // what went wrong while operations were abandoned
	recording bool
	closed    bool
	events    []Event

	created func(goroutine uint64) // what an exploration asks to be told of a new coroutine; nil
}

// New returns a Scheduler of threads 1..threads, all idle. Close it.
// A coroutine is created when its thread is first used.
func New(threads int) *Scheduler {
	if threads < 1 || threads > maxThreads {
		panic(fmt.Sprintf("sched: New with %d threads, want 1..%d", threads, maxThreads))
	}
	s := &Scheduler{threads: make([]thread, threads)}
	for i := range s.threads {
		s.threads[i].id = i + 1
	}
	s.clear()
	return s
}

// Threads is the number of threads.
func (s *Scheduler) Threads() int { return len(s.threads) }

// Start gives an idle thread an operation. The operation runs up to its first
// hook and parks there, or ends at once. Start takes no step: it is not a
// grant. It panics if the thread is not idle.
func (s *Scheduler) Start(thread int, op func()) (Point, Outcome) {
	t := s.driven(thread, "Start")
	if t.busy {
		panic(fmt.Sprintf("sched: Start of thread %d, which is in an operation", thread))
	}
	t.op, t.busy = op, true
	t.abandoned, t.thrown, t.lost = false, false, false
	s.busy++
	s.resume(t)
	s.note(EventStart, t, 0)
	return t.point, t.outcome
}

// Grant lets a parked thread take the step of its point. The thread runs to
// its next hook and parks there, is refused, or ends its operation; the Point
// is zero when it ends. The choice is what Hook returns to the code under test
// (for example which object to allocate); its meaning belongs to the step.
// Grant panics if the thread is idle.
func (s *Scheduler) Grant(thread, choice int) (Point, Outcome) {
	t := s.driven(thread, "Grant")
	if !t.busy {
		panic(fmt.Sprintf("sched: Grant to thread %d, which is idle", thread))
	}
	t.choice = choice
	s.steps++
	s.resume(t)
	if t.outcome != Refused {
		s.progress++
		s.refused = 0
	} else if t.refusedAt != s.progress {
		t.refusedAt = s.progress
		s.refused++
	}
	s.note(EventGrant, t, choice)
	return t.point, t.outcome
}

// At says where a thread is parked; false if it is idle.
func (s *Scheduler) At(thread int) (Point, bool) {
	t := &s.threads[thread-1]
	return t.point, t.busy
}

// Busy is the number of threads that are not idle.
func (s *Scheduler) Busy() int { return s.busy }

// Steps is the number of grants since New or Reset, refusals included.
func (s *Scheduler) Steps() int { return s.steps }

// SinceFinish is the number of grants, refusals included, since an operation
// last ended. Bounding it gives a no-progress verdict: unlike Stuck it
// is a suspicion that names its bound, not a proof.
func (s *Scheduler) SinceFinish() int { return s.steps - s.ended }

// Stuck reports a deadlock: some thread is in an operation, and every one that
// is was refused since the last successful step. Since nothing changes the
// state but steps, none of them can ever go on, unless an idle thread starts
// an operation or a refusal depended on the choice.
func (s *Scheduler) Stuck() bool { return s.busy > 0 && s.refused == s.busy }

// Failure is the first panic of the code under test since New or Reset, or nil.
func (s *Scheduler) Failure() *Failure { return s.failure }

// Reset makes all threads idle, abandons what is parked, and forgets hash, events,
// counters and failure. The next schedule then runs as on a new Scheduler, but on the
// same coroutines. The error is that of the operations which did not unwind quietly
// (each a *Failure); the Scheduler can be used all the same.
func (s *Scheduler) Reset() error {
	s.driving("Reset")
	err := s.abandonAll()
	s.clear()
	return err
}

// Close ends all coroutines, also those whose operation is parked. The error
// is as for Reset. The Scheduler cannot be used any more, except that closing
// it again does nothing.
func (s *Scheduler) Close() error {
	if s.closed {
		return nil
	}
	s.driving("Close")
	err := s.abandonAll()
	for i := range s.threads {
		s.threads[i].end()
	}
	s.closed = true
	return err
}

func (s *Scheduler) clear() {
	s.hash = hashSeed
	s.progress++ // so that refusals from before do not count
	s.refused, s.steps, s.ended = 0, 0, 0
	s.failure = nil
	s.events = nil // not [:0]: Events gave it away
}

func (s *Scheduler) abandonAll() error {
	s.unwinding = nil
	if s.busy > 0 {
		for i := range s.threads {
			if t := &s.threads[i]; t.busy {
				s.abandon(t)
			}
		}
	}
	return errors.Join(s.unwinding...)
}

// driven checks that the driver is calling, and finds the thread.
func (s *Scheduler) driven(thread int, what string) *thread {
	if s.running != nil || s.closed {
		s.driving(what)
	}
	if thread < 1 || thread > len(s.threads) {
		panic(fmt.Sprintf("sched: %s of thread %d, want 1..%d", what, thread, len(s.threads)))
	}
	return &s.threads[thread-1]
}

func (s *Scheduler) driving(what string) {
	if s.closed {
		panic("sched: " + what + " on a closed Scheduler")
	}
	if s.running != nil {
		panic("sched: " + what + " called from within an operation")
	}
}
