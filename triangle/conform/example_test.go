package conform_test

import (
	"context"
	"fmt"

	"github.com/rootlock/rootlock/examples/boundedbuffer"
	"github.com/rootlock/rootlock/triangle/conform"
	"github.com/rootlock/rootlock/triangle/lockstep"
)

// The code of a bounded buffer is driven along every edge of its law's graph.
func Example() {
	ctx := context.Background()
	w := &boundedbuffer.World{Producers: 1, Consumers: 1, Capacity: 2}
	g, err := conform.Explore(ctx, w, 10_000)
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := lockstep.New(w, &boundedbuffer.Code{World: w}, w.Threads())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = r.Close() }()
	d := conform.NewDriver(ctx, g, r)
	if err := d.Drive(conform.NewTour(g)); err != nil {
		fmt.Println(err) // where law and code part, and the schedule to there
		return
	}
	fmt.Printf("%d states, %d edges, %d steps, all: %t\n", d.Report.Visited, d.Report.Taken, d.Report.Steps, d.Report.Complete())
	// Output:
	// 23 states, 26 edges, 31 steps, all: true
}
