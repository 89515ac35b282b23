package ledger_test

import (
	"context"
	"fmt"

	"github.com/rootlock/rootlock/examples/boundedbuffer"
	"github.com/rootlock/rootlock/triangle/explore"
	"github.com/rootlock/rootlock/triangle/ledger"
)

// What is other where the buffer wakes all that sleep. In a test, ledger.Check compares with
// a file.
func Example() {
	found := func(broadcast bool) *ledger.Found {
		w := &boundedbuffer.World{Producers: 2, Consumers: 1, Capacity: 1, Broadcast: broadcast}
		x, err := explore.Explore(context.Background(), w, explore.Options{})
		if err != nil {
			panic(err)
		}
		r := ledger.Explored("one slot", w, x)
		return &r.Found
	}
	for _, c := range ledger.Changes(found(false), found(true))[:3] {
		fmt.Println(c.Text)
	}
	// Output:
	// NoDeadlock: violated (22 steps), now holds
	// distinct states shrank from 58 to 30
	// generated states shrank from 71 to 38
}
