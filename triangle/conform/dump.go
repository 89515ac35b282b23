package conform

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/rootlock/rootlock/internal/scratch"
	"github.com/rootlock/rootlock/triangle/law"
	"github.com/rootlock/rootlock/triangle/tlc"
)

// Dump has TLC make the graph of a law. o says which module and configuration: one that
// checks nothing, neither claims nor deadlock. state translates a state; see [ReadDOT].
func Dump[S any, M comparable](ctx context.Context, l law.Law[S, M], o tlc.Options, state func(vars map[string]tlc.Value) (S, error)) (_ *Graph[S, M], err error) {
	dir, err := scratch.MakeDir("graph")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, dir.Remove()) }()
	o.Workers, o.NoCounts, o.DumpDOT = 1, true, filepath.Join(dir.Path, "graph.dot")
	res, err := tlc.Run(ctx, o)
	if err != nil {
		return nil, err
	}
	if res.Verdict != tlc.Holds {
		return nil, fmt.Errorf("TLC's graph: it was asked nothing, and says %q", res.Verdict)
	}
	f, err := os.Open(o.DumpDOT)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	g, err := ReadDOT(f, l, state)
	if err == nil && (len(g.States) != int(res.Distinct)) {
		err = fmt.Errorf("TLC's graph: %d states were dumped, of %d", len(g.States), res.Distinct)
	}
	return g, err
}
