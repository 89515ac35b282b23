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
				second.Lock()
				second.Unlock()
				first.Unlock()
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
}
