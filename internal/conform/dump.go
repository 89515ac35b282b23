package conform

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/internal/scratch"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/tlc"
)

// Models are those whose graphs are compared, of tla/, for every protocol. Graph has
// every operation, one for each thread, in 6,000 to 8,000 states; Edges goes deeper, two
// operations of an mm beside a migration, in 14,000 to 25,000.
var Models = []string{"Graph", "Edges"}

// File is where the graph of a model is kept in testdata/graphs.
func File(m *spec.Model) string { return m.Protocol.String() + m.Name + ".gz" }

// Dump has TLC make the graph of a model. It checks nothing.
func Dump(ctx context.Context, m *models.Model, in tlc.Installation, files fs.FS) (_ *Graph, err error) {
	dir, err := scratch.MakeDir("graph")
	if err != nil {
		return nil, fmt.Errorf("rootlock: TLC's graph of %s: %w", m.FullName(), err)
	}
	defer func() { err = errors.Join(err, dir.Remove()) }()
	dot := filepath.Join(dir.Path, "graph.dot")
	deadlock := false
	config := m.Config.WithInvariants().WithProperties()
	config.CheckDeadlock = &deadlock
	res, err := tlc.Run(ctx, tlc.Options{Installation: in, Files: files, Overlay: map[string][]byte{m.File: []byte(config.String())},
		Module: m.Module(), Config: m.File, Workers: 1, NoCounts: true, DumpDOT: dot})
	if err != nil {
		return nil, err
	}
	if res.Verdict != tlc.Holds {
		return nil, fmt.Errorf("rootlock: TLC's graph of %s: it was asked nothing, and says %q", m.FullName(), res.Verdict)
	}
	f, err := os.Open(dot)
	if err != nil {
		return nil, fmt.Errorf("rootlock: TLC's graph of %s: %w", m.FullName(), err)
	}
	defer f.Close()
	g, err := ReadDOT(f, m)
	if err == nil && (len(g.States) != int(res.Distinct)) {
		err = fmt.Errorf("rootlock: TLC's graph of %s: %d states were dumped, of %d", m.FullName(), len(g.States), res.Distinct)
	}
	return g, err
}
