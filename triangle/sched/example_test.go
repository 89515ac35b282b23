package sched_test

import (
	"fmt"
	"sync"

	"github.com/rootlock/rootlock/triangle/sched"
)

// Two threads take two locks in opposite orders. The driver grants in turn
// until nobody can go on.
func Example() {
	s := sched.New(2)
	defer s.Close()

	var locks [2]sync.Mutex
	take := func(i uint32) {
		for s.Hook(1, i); !locks[i].TryLock(); s.Refused() {
		}
	}
	s.Start(1, func() { take(0); take(1) })
	s.Start(2, func() { take(1); take(0) })
	for turn := 0; !s.Stuck(); turn++ {
		thread := turn%2 + 1
		point, outcome := s.Grant(thread, 0)
		fmt.Printf("thread %d: %v at lock %d\n", thread, outcome, point.Object)
	}
	fmt.Println("stuck")
	// Output:
	// thread 1: parked at lock 1
	// thread 2: parked at lock 0
	// thread 1: refused at lock 1
	// thread 2: refused at lock 0
	// stuck
}
