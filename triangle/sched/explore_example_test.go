package sched_test

import (
	"fmt"

	"github.com/rootlock/rootlock/triangle/sched"
)

// A buffer is a bounded buffer with one condition variable for both sides.
type buffer struct {
	mu      sched.Mutex
	changed *sched.Cond
	wake    func(*sched.Cond) // Signal or Broadcast
	size    int
	items   []int
}

func newBuffer(size int, wake func(*sched.Cond)) *buffer {
	b := &buffer{size: size, wake: wake}
	b.changed = sched.NewCond(&b.mu)
	return b
}

func (b *buffer) Put(v int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(b.items) == b.size {
		b.changed.Wait()
	}
	b.items = append(b.items, v)
	b.wake(b.changed)
}

func (b *buffer) Get() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(b.items) == 0 {
		b.changed.Wait()
	}
	v := b.items[0]
	b.items = b.items[1:]
	b.wake(b.changed)
	return v
}

// The lost wake-up: with one condition variable for producers and consumers,
// Signal may wake somebody of the same side, who goes back to sleep.
func ExampleSearch_lostWakeup() {
	for _, wake := range []func(*sched.Cond){(*sched.Cond).Signal, (*sched.Cond).Broadcast} {
		result := sched.Search(func(t *sched.T) {
			b := newBuffer(1, wake)
			t.Name("b", b)
			for _, name := range []string{"get1", "get2"} {
				t.Go(name, func() { b.Get() })
			}
			t.Go("put", func() { b.Put(1); b.Put(2) })
		}, sched.Options{})
		fmt.Println(result)
		if c := result.Counterexample; c != nil {
			fmt.Println(c)
		}
	}
	// Output:
	// deadlock after 1 schedule without preemption (42 steps)
	// deadlock: get2 waits in b.changed.Wait, put waits in b.changed.Wait
	//     get1              get2            put
	//  1  b.mu.Lock         .               .
	//  2  b.changed.Wait    .               .
	//  3  .                 b.mu.Lock       .
	//  4  .                 b.changed.Wait  .
	//  5  .                 .               b.mu.Lock
	//  6  .                 .               b.changed.Signal
	//  7  .                 .               b.mu.Unlock
	//  8  .                 .               b.mu.Lock
	//  9  .                 .               b.changed.Wait
	// 10  b.mu.Lock         .               .
	// 11  b.changed.Signal  .               .
	// 12  b.mu.Unlock       .               .
	// 13  .                 b.mu.Lock       .
	// 14  .                 b.changed.Wait  .
	//
	// holds in all 40 schedules (1,044 steps)
}

// The lost update: between the Load and the Store somebody else stores.
func ExampleSearch_lostUpdate() {
	increments := []func(n *sched.Int64){
		func(n *sched.Int64) { n.Store(n.Load() + 1) },
		func(n *sched.Int64) { n.Add(1) },
	}
	for _, increment := range increments {
		result := sched.Search(func(t *sched.T) {
			var n sched.Int64
			t.Name("n", &n)
			t.Go("a", func() { increment(&n) })
			t.Go("b", func() { increment(&n) })
			t.Finally(func() {
				if got := n.Load(); got != 2 {
					t.Errorf("n is %d, want 2", got)
				}
			})
		}, sched.Options{})
		fmt.Println(result)
		if c := result.Counterexample; c != nil {
			fmt.Println(c)
		}
	}
	// Output:
	// assertion after 2 schedules with at most 1 preemption (28 steps)
	// assertion: the final check: n is 1, want 2
	//    a             b
	// 1  n.Load() = 0  .
	// 2  .             n.Load() = 0
	// 3  .             n.Store(1)
	// 4  n.Store(1)    .
	//
	// holds in all 2 schedules (8 steps)
}

// The deadlock of two mutexes that are locked in either order.
func ExampleSearch_deadlock() {
	for _, inOrder := range []bool{false, true} {
		result := sched.Search(func(t *sched.T) {
			var from, to sched.Mutex
			t.Name("from", &from)
			t.Name("to", &to)
			both := func(first, second *sched.Mutex) {
				first.Lock()
				defer first.Unlock()
				second.Lock()
				defer second.Unlock()
			}
			t.Go("there", func() { both(&from, &to) })
			t.Go("back", func() {
				if inOrder {
					both(&from, &to)
				} else {
					both(&to, &from)
				}
			})
		}, sched.Options{})
		fmt.Println(result)
		if c := result.Counterexample; c != nil {
			fmt.Println(c)
		}
	}
	// Output:
	// deadlock after 3 schedules with at most 1 preemption (52 steps)
	// deadlock: there waits in to.Lock, back waits in from.Lock
	//    there      back
	// 1  from.Lock  .
	// 2  .          to.Lock
	//
	// holds in all 2 schedules (32 steps)
}
