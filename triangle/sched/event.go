package sched

import (
	"bytes"
	"fmt"
	"math/bits"
	"runtime"
	"slices"
	"strconv"
)

// An EventKind says what happened.
type EventKind uint8

// The kinds of event.
const (
	EventStart   EventKind = iota + 1 // Start
	EventGrant                        // Grant
	EventObserve                      // Observe
)

// An Event is one thing that happened under a Scheduler. Equal decisions must
// give equal events.
type Event struct {
	Kind    EventKind
	Thread  int // 0: Observe was called by the driver
	Choice  int
	Outcome Outcome
	Point   Point  // where the thread is parked afterwards
	Value   uint64 // what was observed
}

func (e Event) String() string {
	switch e.Kind {
	case EventObserve:
		return fmt.Sprintf("thread %d observes %#x", e.Thread, e.Value)
	case EventStart, EventGrant:
		what := "start"
		if e.Kind == EventGrant {
			what = fmt.Sprintf("grant (choice %d)", e.Choice)
		}
		if e.Outcome == Finished || e.Outcome == Failed {
			return fmt.Sprintf("thread %d: %s, %v", e.Thread, what, e.Outcome)
		}
		return fmt.Sprintf("thread %d: %s, %v at step %d on object %d", e.Thread, what, e.Outcome, e.Point.Step, e.Point.Object)
	}
	return "no event"
}

// Two odd constants of wyhash. The hash is fixed, so that it may be written
// into goldens.
const (
	hashSeed = 0xa0761d6478bd642f
	hashKey  = 0xe7037ed1a0b428db
)

// Hash is the hash of all events since New or Reset: every decision, every
// point reached and refusal met, every value observed. The same decisions on
// equal fresh state must give the same hash, in every process.
func (s *Scheduler) Hash() uint64 { return s.hash }

func (s *Scheduler) mix(a, b uint64) {
	hi, lo := bits.Mul64(s.hash^a, hashKey^b)
	s.hash = hi ^ lo
}

func (s *Scheduler) note(kind EventKind, t *thread, choice int) {
	s.mix(uint64(kind)|uint64(t.id)<<8|uint64(t.outcome)<<16|uint64(t.point.Step)<<24|uint64(t.point.Object)<<32, uint64(choice))
	if s.recording {
		s.events = append(s.events, Event{Kind: kind, Thread: t.id, Choice: choice, Outcome: t.outcome, Point: t.point})
	}
}

// Observe makes a value part of the hash and of the events: something that an
// operation read or returned, or a fingerprint of the state. The driver and
// operations may call it.
func (s *Scheduler) Observe(value uint64) {
	thread := s.Current()
	s.mix(uint64(EventObserve)|uint64(thread)<<8, value)
	if s.recording {
		s.events = append(s.events, Event{Kind: EventObserve, Thread: thread, Value: value})
	}
}

// Record turns the recording of events on or off; Reset keeps it. While it is
// on, Hook checks that it is called by the thread's own goroutine, which makes
// a step several times slower.
func (s *Scheduler) Record(on bool) { s.recording = on }

// Events returns a copy of the events recorded since New or Reset.
func (s *Scheduler) Events() []Event { return slices.Clone(s.events) }

// checkGoroutine panics unless it runs on the goroutine of t.
func (t *thread) checkGoroutine() {
	if goroutineID() != t.goroutine {
		panic(fmt.Sprintf("sched: hook called in the time of thread %d by a goroutine that is not under control", t.id))
	}
}

// goroutineID reads the number of the goroutine off its stack trace, which is
// the only place that tells it: "goroutine 18 [running]: ...".
func goroutineID() uint64 {
	var buf [64]byte
	text := buf[:runtime.Stack(buf[:], false)]
	text = bytes.TrimPrefix(text, []byte("goroutine "))
	text, _, _ = bytes.Cut(text, []byte(" "))
	id, err := strconv.ParseUint(string(text), 10, 64)
	if err != nil {
		panic("sched: cannot tell goroutines apart: " + err.Error())
	}
	return id
}
