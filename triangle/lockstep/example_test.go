package lockstep_test

import (
	"fmt"

	"github.com/rootlock/rootlock/examples/boundedbuffer"
	"github.com/rootlock/rootlock/triangle/law"
	"github.com/rootlock/rootlock/triangle/lockstep"
)

// A bounded buffer, beside its law: one producer, one consumer, one slot. The law's first
// enabled move is taken on both, ten times. Then the consumer is asked to take the lock that
// the producer holds, and the code refuses.
func Example() {
	w := &boundedbuffer.World{Producers: 1, Consumers: 1, Capacity: 1}
	r, err := lockstep.New(w, &boundedbuffer.Code{World: w}, w.Threads())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = r.Close() }()
	var taken []law.Move
	for range 11 {
		mv := r.Moves()[0]
		if err := r.Do(mv); err != nil {
			fmt.Println(err) // where law and code part
			return
		}
		taken = append(taken, mv)
	}
	fmt.Println(law.Text(w, taken))
	refused, _, err := r.Refuse(law.Move{Thread: 2, Step: boundedbuffer.Lock})
	fmt.Println(refused, err)
	// Output:
	// p1:Lock p1:Put p1:Notify p1:Unlock p1:Lock p1:Wait c1:Lock c1:Get c1:Notify(1) c1:Unlock p1:Lock
	// true <nil>
}
