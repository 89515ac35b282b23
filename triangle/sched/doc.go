// Package sched runs concurrent code one atomic step at a time, in an order
// that its caller decides.
//
// The code under test is the real code, with its real mutexes and atomics. It
// calls a hook immediately before each atomic step. Under a [Scheduler], each
// virtual thread is a coroutine (iter.Pull), so at most one of them runs at
// any moment and nothing ever blocks:
//
//	driver             thread 1                  thread 2
//	Start(1, op)  -->  ... Hook(LockLeaf, a1)
//	              <--  parked
//	Start(2, op)  ---------------------------->  ... Hook(LockLeaf, a1)
//	              <----------------------------  parked
//	Grant(1, 0)   -->  TryLock succeeds
//	                   ... Hook(ReadRoot, a1)
//	              <--  Parked at ReadRoot
//	Grant(2, 0)   ---------------------------->  TryLock fails, Refused()
//	              <----------------------------  Refused, still at LockLeaf
//
// A [Point] is where a thread is parked: the step that it takes next and the
// object that the step acts upon. A grant lets one thread take that step and
// run on to its next point. The state that the driver sees between two grants
// is therefore the state after a whole number of atomic steps. A refusal is a
// grant that had no effect, because the step was not possible in the present
// state: the thread is at the same point and may be granted again later.
//
// The code under test needs one field, nil when it runs natively, and never
// imports this package. Step 0 says "refused":
//
//	if hook == nil {
//		mu.Lock()
//		return
//	}
//	for hook(LockLeaf, a); !mu.TryLock(); hook(0, 0) {
//	}
//
// Between two hooks the code must not block, and what it does before the first
// hook of an operation must not be visible to other threads. A thread that
// blocks natively (mu.Lock under control) blocks the driver too; no timeout
// hides that, the stack dump shows it.
//
// Verdicts are computed and never timed out: [Scheduler.Stuck] for deadlock,
// [Scheduler.SinceFinish] for lack of progress, [Scheduler.Failure] for a
// panic. The same decisions must give the same [Scheduler.Hash];
// [CheckDeterminism] runs them twice and names the first event that differs.
//
// # Unwinding
//
// [Scheduler.Reset] and [Scheduler.Close] abandon operations that are parked:
// the hook panics with a private value, deferred functions run, and the
// coroutine recovers. Hooks that deferred functions call meanwhile return 0 at
// once. Code that recovers the private value is told so again at its next
// hook, and reported by Reset or Close; code that will not let go is ended
// with runtime.Goexit. An operation that was already panicking when it parked
// (in a deferred function) is not interrupted: its own panic is reported. What
// an abandoned operation leaves behind is meaningless: build fresh objects for
// the next schedule.
//
// # Cost
//
// A grant costs two coroutine switches (iter.Pull) and half as much again for
// the bookkeeping, without allocation. BenchmarkGrant and BenchmarkFloor measure
// both.
package sched
