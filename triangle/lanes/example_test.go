package lanes_test

import (
	"os"

	"github.com/rootlock/rootlock/examples/boundedbuffer"
	"github.com/rootlock/rootlock/triangle/lanes"
	"github.com/rootlock/rootlock/triangle/law"
)

// A producer fills the only slot and sleeps; the consumer empties it and wakes the producer.
func Example() {
	w := &boundedbuffer.World{Producers: 1, Consumers: 1, Capacity: 1}
	var sch []law.Move
	s := w.Initial()[0]
	for _, thread := range []uint8{1, 1, 1, 1, 1, 1, 2, 2, 2, 2} {
		for _, mv := range w.Moves(&s, nil) {
			if mv.Thread == thread {
				sch = append(sch, mv)
				w.Apply(&s, mv)
				break
			}
		}
	}
	_ = lanes.Write(os.Stdout, w, w.Initial()[0], sch, lanes.Options[boundedbuffer.State]{
		Holds: func(s *boundedbuffer.State, thread int) bool { return int(s.Holder) == thread },
	})
	// Output:
	//     p1      c1
	//  1  Lock    .          Holder=1; At[0]=2
	//  2  Put     .          Count=1; At[0]=5
	//  3  Notify  .          At[0]=6
	//  4  Unlock  .          Holder=0; At[0]=1
	//  5  Lock    .          Holder=1; At[0]=4
	//  6  Wait    .          Holder=0; At[0]=1; Asleep[0]=true
	//  7  .       Lock       Holder=2; At[1]=3
	//  8  .       Get        Count=0; At[1]=5
	//  9  .       Notify(1)  At[1]=6; Asleep[0]=false
	// 10  .       Unlock     Holder=0; At[1]=1
}
