package page_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/rootlock/rootlock/examples/boundedbuffer"
	"github.com/rootlock/rootlock/triangle/explore"
	"github.com/rootlock/rootlock/triangle/law"
	"github.com/rootlock/rootlock/triangle/page"
)

// The page of a lost wake-up, for a browser. A test would write it to t.ArtifactDir(), which
// go test -artifacts keeps.
func Example() {
	w := &boundedbuffer.World{Producers: 2, Consumers: 1, Capacity: 1}
	x, err := explore.Explore(context.Background(), w, explore.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	v := x.Violation(law.NoDeadlock)
	dir, err := os.MkdirTemp("", "page")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	err = page.Save(filepath.Join(dir, "lost.html"), w, v.From, v.Schedule, page.Options[boundedbuffer.State]{Title: "A lost wake-up"})
	fmt.Println(len(v.Schedule), "steps:", err)
	// Output: 22 steps: <nil>
}
