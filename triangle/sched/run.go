package sched

import (
	"fmt"
)

// A Decision is one choice of a driver: the start of an operation if Op is not
// nil, else a grant.
type Decision struct {
	Thread int
	Op     func()
	Choice int
}

// A Verdict is how Run ended.
type Verdict uint8

// The verdicts.
const (
	Ended      Verdict = iota + 1 // there were no more decisions
	Stuck                         // deadlock: Scheduler.Stuck
	NoProgress                    // limit grants in a row ended no operation: Scheduler.SinceFinish
	Broken                        // an operation panicked: Scheduler.Failure
)

func (v Verdict) String() string {
	switch v {
	case Ended:
		return "ended"
	case Stuck:
		return "stuck"
	case NoProgress:
		return "no progress"
	case Broken:
		return "broken"
	}
	return fmt.Sprintf("Verdict(%d)", uint8(v))
}

// Run applies decisions until decide has no more (false) or there is a verdict.
// It gives NoProgress after limit grants in a row none of which ended an
// operation. For a deadlock to be found, decide must go on granting threads
// that were refused.
func (s *Scheduler) Run(limit int, decide func() (Decision, bool)) Verdict {
	for {
		switch {
		case s.failure != nil:
			return Broken
		case s.Stuck():
			return Stuck
		case s.SinceFinish() >= limit:
			return NoProgress
		}
		d, ok := decide()
		if !ok {
			return Ended
		}
		s.apply(d)
	}
}

func (s *Scheduler) apply(d Decision) {
	if d.Op != nil {
		s.Start(d.Thread, d.Op)
	} else {
		s.Grant(d.Thread, d.Choice)
	}
}

// CheckDeterminism runs the same decisions twice and returns nil if both runs
// gave the same events, and a *Difference otherwise. Each time, setup builds
// fresh objects hooked to s and returns the decisions, whose Ops act on these
// objects. A decision that does not fit (a grant to an idle thread, the start
// of a busy one) ends a run.
//
// What is not an event is not compared: let operations Observe their results.
// Code that is not deterministic may by chance do the same twice.
func CheckDeterminism(threads int, setup func(s *Scheduler) []Decision) error {
	first, misfit1, err := record(threads, setup)
	if err != nil {
		return err
	}
	second, misfit2, err := record(threads, setup)
	if err != nil {
		return err
	}
	for i := range max(len(first), len(second)) {
		d := &Difference{Index: i}
		if i < len(first) {
			d.First = first[i]
		}
		if i < len(second) {
			d.Second = second[i]
		}
		if d.First != d.Second {
			return d
		}
	}
	if misfit1 != nil {
		return misfit1
	}
	return misfit2
}

// record returns the events of one run; misfit says why it ended early.
func record(threads int, setup func(s *Scheduler) []Decision) (events []Event, misfit, err error) {
	s := New(threads)
	defer func() {
		if e := s.Close(); err == nil {
			err = e
		}
	}()
	s.Record(true)
	for i, d := range setup(s) {
		if _, busy := s.At(d.Thread); busy == (d.Op != nil) {
			is, what := "idle", "a grant"
			if busy {
				is, what = "in an operation", "a start"
			}
			misfit = fmt.Errorf("sched: decision %d does not fit: %s for thread %d, which is %s", i, what, d.Thread, is)
			break
		}
		s.apply(d)
	}
	return s.Events(), misfit, nil
}

// A Difference is the first event in which two runs of the same decisions
// differ. It is an error. An Event is zero where its run had ended.
type Difference struct {
	Index         int
	First, Second Event
}

func (d *Difference) Error() string {
	return fmt.Sprintf("sched: the same decisions gave different events: event %d was %q, then %q", d.Index, d.First, d.Second)
}
