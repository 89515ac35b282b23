// Package boundedbuffer is the tutorial of triangle/: a small protocol in all corners.
// Producers and consumers share a buffer with one lock and one condition variable, the
// classic that loses a wake-up: Signal may wake a producer where a consumer was meant.
//
//	Buffer.tla      the law for TLC
//	law.go          the law in Go, step by step under the same names
//	buffer.go       the code: a mutex, a condition, a slice
//	code.go         the code as the lockstep drives it
//	buffer_test.go  every edge between them
package boundedbuffer

import "github.com/rootlock/rootlock/triangle/law"

// The steps of a thread, in the law and at the scheduling points of the code.
const (
	Idle = iota // no thread's: package sched takes 0 for a refusal
	Lock        // also after a sleep
	Put
	Get
	Wait
	Notify
	Unlock
)

var steps = []string{"Idle", "Lock", "Put", "Get", "Wait", "Notify", "Unlock"}

const MaxThreads = 6 // the most that a State has room for

// A State is what a buffer and its threads are in. Threads count from 1, producers first.
type State struct {
	Count  uint8
	Holder uint8 // of the lock; 0: nobody
	At     [MaxThreads]uint8
	Asleep [MaxThreads]bool
}

// A World is the law of so many threads: a law.Law.
type World struct {
	Producers, Consumers int
	Capacity             uint8
	Broadcast            bool // wake all that sleep, not one of them
}

func (w *World) Threads() int           { return w.Producers + w.Consumers }
func (w *World) Claims() []string       { return []string{"InBounds", law.NoDeadlock} }
func (w *World) Rest(*State) bool       { return false }
func (w *World) Steps() []string        { return steps }
func (w *World) Step(mv law.Move) int   { return int(mv.Step) }
func (w *World) Thread(mv law.Move) int { return int(mv.Thread) }
func (w *World) Format(mv law.Move) string {
	return mv.Format(w.names(), steps, int(min(mv.Args[0], 1))) // Notify(3) wakes thread 3
}

// Initial is an empty buffer, at which everybody knocks.
func (w *World) Initial() []State {
	var s State
	for i := range w.Threads() {
		s.At[i] = Lock
	}
	return []State{s}
}

// names are p1, p2, ..., c1, c2, ...
func (w *World) names() []string {
	return append([]string{"p1", "p2", "p3", "p4", "p5", "p6"}[:w.Producers], []string{"c1", "c2", "c3", "c4", "c5", "c6"}[:w.Consumers]...)
}

func (w *World) Check(s *State) (broken law.Claims) {
	if s.Count > w.Capacity {
		broken |= 1
	}
	return broken
}

// Moves lists what the threads may do. Who holds the lock goes on; who does not needs it.
func (w *World) Moves(s *State, buf []law.Move) []law.Move {
	for i := range w.Threads() {
		mv := law.Move{Thread: uint8(i + 1), Step: s.At[i]}
		switch {
		case mv.Step == Lock && (s.Holder != 0 || s.Asleep[i]):
		case mv.Step == Notify && !w.Broadcast && s.Asleep != [MaxThreads]bool{}:
			for u, asleep := range s.Asleep {
				if asleep {
					mv.Args[0] = uint8(u + 1)
					buf = append(buf, mv)
				}
			}
		default:
			buf = append(buf, mv)
		}
	}
	return buf
}

// Apply takes a step. Who gets the lock looks whether there is work, and else sleeps.
func (w *World) Apply(s *State, mv law.Move) {
	i := mv.Thread - 1
	switch mv.Step {
	case Lock:
		s.Holder, s.At[i] = mv.Thread, Wait
		switch producer := int(mv.Thread) <= w.Producers; {
		case producer && s.Count < w.Capacity:
			s.At[i] = Put
		case !producer && s.Count > 0:
			s.At[i] = Get
		}
	case Put:
		s.Count, s.At[i] = s.Count+1, Notify
	case Get:
		s.Count, s.At[i] = s.Count-1, Notify
	case Wait:
		s.Holder, s.Asleep[i], s.At[i] = 0, true, Lock
	case Notify:
		s.At[i] = Unlock
		if w.Broadcast {
			s.Asleep = [MaxThreads]bool{}
		} else if u := mv.Args[0]; u != 0 {
			s.Asleep[u-1] = false
		}
	case Unlock:
		s.Holder, s.At[i] = 0, Lock
	}
}
