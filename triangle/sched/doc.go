// Package sched runs concurrent code one atomic step at a time, in an order
// that its caller decides. There are two ways to use it. [Explore] tries the
// schedules of plain Go code that uses the wrapped types of this package. A
// [Scheduler] is driven step by step, by a caller that has a model to compare with.
//
// # Exploring plain Go code
//
// [Mutex], [RWMutex], [Cond], [WaitGroup], [Once], [Chan] and the atomics stand for
// those of the standard library. They have the same methods and a zero value that is
// ready, and cost two comparisons more when they run natively. Use them in the code
// that is to be explored, [Go] for the go statement, [Gosched] for runtime.Gosched,
// and [Select] for select. A test says which threads there are:
//
//	func TestTransfer(t *testing.T) {
//		sched.Explore(t, func(t *sched.T) { // once for each schedule
//			var a, b Account
//			t.Name("a", &a) // a.mu in messages
//			t.Name("b", &b)
//			t.Go("there", func() { Transfer(&a, &b, 1) })
//			t.Go("back", func() { Transfer(&b, &a, 2) })
//			t.Finally(func() { // when all threads have ended
//				if a.balance != 1 {
//					t.Errorf("a has %d", a.balance)
//				}
//			})
//		})
//	}
//
// A schedule fails by a deadlock, a panic, a failed assertion, or more steps than there
// may be (a livelock). It also fails if the code, run the same way, does something else.
// A thread that still waits when all others have ended is a deadlock too. The T of the
// setup function is a TestingT of testify.
//
// The test then fails with the schedule and a command that runs it again:
//
//	deadlock after 3 schedules with at most 1 preemption (52 steps)
//	deadlock: there waits in b.mu.Lock, back waits in a.mu.Lock
//	   there      back
//	1  a.mu.Lock  .
//	2  .          b.mu.Lock
//
//	replay this schedule:
//	    SCHED_REPLAY='TestTransfer=1,2' go test -run '^TestTransfer$' example.com/bank
//
// A test that passes has logged what it explored: "holds in all 40 schedules",
// or with which bounds ([Options]).
//
// A step is one operation on a wrapped value; what a thread does between two
// steps is part of the first. So an exploration sees neither data races nor
// weak memory: run the same code natively with -race as well. It does not see
// time either. Code that blocks outside of a wrapped type blocks the test.
// All that threads share must be made in the setup function.
//
// Part 2 of an exploration ([Options]) runs one schedule for each order of
// dependent steps (sleep sets). It pays: of three small programs
// (TestReductionPays) it begins 61 of 1,680 schedules, 16 of 142 and 842 of
// 36,163. Of these 18, 6 and 544 are needed; dynamic partial-order reduction
// could save no more than the difference, and is not done. Part 2 assumes that the
// code is free of data races. A plain slice to which several threads append, say a
// list of what happened when, is a data race. Part 1 does not assume that.
//
// # Driving a Scheduler
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
// A [Monitor] does this for a mutex and a condition variable: its methods are the points.
// Code that may import this package needs no more.
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
// both. A step of an exploration costs about three grants, its schedule's setup
// included (BenchmarkExplore); a value without a name ([T.Name]) adds some
// microseconds to each schedule.
package sched
