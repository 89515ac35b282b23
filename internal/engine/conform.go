package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/rootlock/rootlock/internal/conform"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/tla"
	"github.com/rootlock/rootlock/triangle/tlc"
)

// CompareGraphs answers for tla = spec on a whole graph: the explorer's is the one on
// record (testdata/graphs), and, if TLC is asked, TLC's of today.
func CompareGraphs(ctx context.Context, m *models.Model, graphs fs.FS, in *tlc.Installation) (*Result, *conform.Graph, error) {
	start := time.Now()
	r := newResult(m, Graph)
	with := "the graph on record"
	want, err := readGraph(graphs, conform.File(m.Model), m.Model)
	if err != nil {
		return nil, nil, err
	}
	g, err := conform.Explore(ctx, m.Model)
	if err != nil {
		return nil, nil, err
	}
	r.Distinct, r.Generated = uint64(len(g.States)), uint64(g.Size())
	if d := conform.Compare(g, want); d != nil {
		r.Differences = append(r.Differences, d.Report("the explorer", with))
		r.Counterexample = m.FormatSchedule(d.Path)
	}
	if in != nil {
		with += " and TLC's of today"
		dumped, err := conform.Dump(ctx, m, *in, tla.FS)
		if err != nil {
			return nil, nil, err
		}
		if d := conform.Compare(g, dumped); d != nil {
			r.Differences = append(r.Differences, d.Report("the explorer", "TLC"))
			r.Counterexample = m.FormatSchedule(d.Path)
		}
	}
	r.Summary = "every state and every labelled edge: the explorer's graph is equal to " + with
	if len(r.Differences) > 0 {
		r.Summary = "the graphs differ"
	}
	r.Seconds = time.Since(start).Seconds()
	return r, g, nil
}

func readGraph(graphs fs.FS, name string, m *spec.Model) (*conform.Graph, error) {
	f, err := graphs.Open(name)
	if err != nil {
		return nil, fmt.Errorf("rootlock: %w; write it anew: go test ./internal/conform -update", err)
	}
	defer f.Close()
	g, err := conform.Read(f, m)
	if err != nil {
		return nil, fmt.Errorf("testdata/graphs/%s: %w", name, err)
	}
	return g, nil
}

// TourGraph answers for spec = impl on a whole graph: every edge, every move that a state
// disables, and the endings of one edge in sample.
func TourGraph(ctx context.Context, g *conform.Graph, sample int) (*Result, error) {
	start := time.Now()
	r := newResult(&models.Model{Model: g.Model}, Tour)
	driven, err := conform.Drive(ctx, g, conform.NewTour(g))
	if err == nil {
		var ended *conform.Report
		ended, err = conform.End(ctx, g, sample)
		if ended != nil {
			driven.Endings, driven.EndingSteps = ended.Endings, ended.EndingSteps
		}
	}
	var parted *conform.Failure
	switch {
	case errors.As(err, &parted):
		r.Counterexample = g.Model.FormatSchedule(parted.Schedule)
		r.Differences = append(r.Differences, fmt.Sprintf("%s: %v; schedule: %s", r.Name(), parted, r.Counterexample))
	case err != nil:
		return nil, err
	case !driven.Complete() || driven.Endings != 2*(driven.Edges/sample):
		r.Differences = append(r.Differences, fmt.Sprintf("%s: not all of the graph was driven: %s", r.Name(), driven))
	}
	r.Distinct, r.Generated, r.Summary = uint64(driven.Visited), uint64(driven.Steps+driven.EndingSteps), driven.String()
	r.Seconds = time.Since(start).Seconds()
	return r, nil
}
