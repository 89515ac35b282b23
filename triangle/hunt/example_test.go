package hunt_test

import (
	"context"
	"fmt"

	"github.com/rootlock/rootlock/examples/boundedbuffer"
	"github.com/rootlock/rootlock/triangle/hunt"
	"github.com/rootlock/rootlock/triangle/law"
	"github.com/rootlock/rootlock/triangle/shrink"
)

// A lost wake-up, found at random and shrunk. The runner is the law alone; a lockstep.Run
// would run the code beside it.
func Example() {
	w := &boundedbuffer.World{Producers: 2, Consumers: 1, Capacity: 1}
	p := &hunt.Property[boundedbuffer.State, law.Move]{Law: w, Claims: []string{law.NoDeadlock}}
	if _, err := hunt.Find(context.Background(), p, hunt.Options{Schedules: 5000, Seed: 1}); err != nil {
		fmt.Println(err)
		return
	}
	short, err := shrink.Breaking(w, p.Last.Claim).Schedule(p.Last.Schedule)
	fmt.Println(p.Last.Claim, "after", len(short), "steps:", err)
	// Output:
	// NoDeadlock after 22 steps: <nil>
}
