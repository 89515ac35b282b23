package sched

import (
	"runtime"
)

// unwindHooks is the number of hooks that an operation may call in deferred
// functions after it was abandoned. Unlocking what it holds takes a few.
const unwindHooks = 1000

// abandonment is the panic value that unwinds an abandoned operation.
type abandonment struct{}

func (abandonment) String() string { return "sched: operation abandoned" }

// abandon ends the operation of the parked thread t.
func (s *Scheduler) abandon(t *thread) {
	t.abandoned, t.thrown, t.lost, t.hooks = true, false, false, 0
	s.resume(t)
	if t.busy {
		// It recovered the panic again and again, and gave up control only
		// because letGo yields once. What is left is Goexit, which cannot be
		// recovered. iter.Pull passes a Goexit on to whoever called next, so
		// someone else must.
		s.running = t
		gone := make(chan struct{})
		go func(next func() (struct{}, bool)) {
			defer close(gone)
			next()
		}(t.next)
		<-gone
	}
}

// unwind is what a hook of an abandoned operation does instead of parking. It
// returns only to a deferred function that runs because the goroutine is
// already unwinding, by our panic or by one of its own.
func (t *thread) unwind() {
	t.letGo()
	if !t.unwinding() {
		t.thrown = true
		panic(abandonment{})
	}
}

// refuseAbandoned is what a refusal does in an abandoned operation. The lock
// that a deferred function waits for is perhaps never released, so that
// returning to it, as unwind does, could loop for ever.
func (t *thread) refuseAbandoned() {
	t.letGo()
	t.thrown = true
	panic(abandonment{})
}

// letGo counts the hooks of an abandoned operation, and ends one that calls
// too many: it recovers our panic in a loop.
func (t *thread) letGo() {
	t.hooks++
	if t.hooks <= unwindHooks {
		return
	}
	if !t.lost {
		t.lost = true
		t.yield(struct{}{})
	}
	runtime.Goexit()
}

// unwinding reports whether the goroutine of t, which calls it, runs a deferred
// function because of a panic that nobody has recovered, or of Goexit.
func (t *thread) unwinding() bool {
	var pcs [64]uintptr
	for skip := 2; ; skip += len(pcs) {
		n := runtime.Callers(skip, pcs[:])
		for _, pc := range pcs[:n] {
			unwinds, known := t.unwinds[pc]
			if !known {
				switch runtime.FuncForPC(pc - 1).Name() {
				case "runtime.gopanic", "runtime.Goexit":
					unwinds = true
				}
				if t.unwinds == nil {
					t.unwinds = map[uintptr]bool{}
				}
				t.unwinds[pc] = unwinds
			}
			if unwinds {
				return true
			}
		}
		if n < len(pcs) {
			return false
		}
	}
}
