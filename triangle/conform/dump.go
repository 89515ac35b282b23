package conform

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"github.com/rootlock/rootlock/internal/input"
	"github.com/rootlock/rootlock/internal/scratch"
	"github.com/rootlock/rootlock/triangle/law"
	"github.com/rootlock/rootlock/triangle/tlc"
)

// Dump has TLC make the graph of a law. o says which module and configuration; of what that
// has TLC check, nothing is checked. state translates a state; see [ReadDOT].
func Dump[S any, M comparable](ctx context.Context, l law.Law[S, M], o tlc.Options, state func(vars map[string]tlc.Value) (S, error)) (_ *Graph[S, M], err error) {
	if err := asksNothing(&o); err != nil {
		return nil, fmt.Errorf("TLC's graph: %w", err)
	}
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

// asksNothing leaves of the configuration what says which states there are.
func asksNothing(o *tlc.Options) error {
	name := strings.TrimSuffix(cmp.Or(o.Config, strings.TrimSuffix(o.Module, ".tla")), ".cfg") + ".cfg"
	text, ok := o.Overlay[name]
	if !ok {
		var err error
		if text, err = input.ReadFS(o.Files, name); err != nil {
			return err
		}
	}
	config, err := tlc.ParseConfig(string(text))
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	deadlock := false
	config.Invariants, config.Properties, config.Symmetry, config.View, config.CheckDeadlock = nil, nil, nil, "", &deadlock
	o.Overlay = maps.Clone(o.Overlay)
	if o.Overlay == nil {
		o.Overlay = map[string][]byte{}
	}
	o.Overlay[name] = []byte(config.String())
	return nil
}
