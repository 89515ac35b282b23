package engine

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/internal/recording"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/tlc"
)

const (
	tracesEach  = 360 // of each model: six protocols times six models make 12,960
	tracesByTLC = 9   // of each protocol, and two tampered ones of each; makes 54
)

// tracedModels are the models whose bounds the recorded threads have; TLC is asked about
// the first.
var tracedModels = []string{"Full", "Recycle", "Small", "Pins", "Neighbours", "Wide"}

// Recorded is the model that a result over all recorded traces names.
const Recorded = "Recorded"

// Record answers for a protocol by traces of the implementation's threads, which run
// freely: each must be a behaviour of the law, and tampered with it must be none. The
// checker is spec's and, if in is not nil, TLC on some. What must not be is among the
// result's differences.
func Record(ctx context.Context, p spec.Protocol, in *tlc.Installation) (*Result, error) {
	start := time.Now()
	seed := uint64(start.UnixNano()) // the order is Go's and another each time; so may the operations be
	var first *models.Model
	var t recording.Tally
	for _, name := range tracedModels {
		m, err := models.Find(p, name)
		if err != nil {
			return nil, err
		}
		if first == nil {
			first = m
		}
		if err := t.Gather(ctx, m.Model, tracesEach, seed); err != nil {
			return nil, err
		}
	}
	seconds := time.Since(start).Seconds()
	if in != nil {
		if err := t.AskTLC(ctx, first.Model, tracesByTLC, seed, *in); err != nil {
			return nil, err
		}
	}
	r := newResult(first, Trace)
	r.Model, r.Recorded, r.Seconds = Recorded, &t, seconds
	r.Schedules, r.Generated = uint64(t.Traces), uint64(t.Steps)
	rejected, tried := t.Rejected()
	r.Bound = fmt.Sprintf("%d traces of %s, %d steps, %d to %d threads, seed %d; %d of %d tampered ones rejected, %d another order of the same",
		t.Traces, strings.Join(tracedModels, ", "), t.Steps, 2, t.Threads, seed, rejected, tried, t.Equivalent())
	if in != nil {
		rejected, tried = t.RejectedByTLC()
		r.Bound += fmt.Sprintf("; by TLC %d traces of %s, %d steps, %d of %d tampered ones rejected, each where Go does, %.1f s", t.TLCTraces, first.Name, t.TLCSteps, rejected, tried, t.TLCSeconds)
	}
	for _, problem := range t.Problems {
		r.Differences = append(r.Differences, fmt.Sprintf("%s: %s", r.Name(), problem))
	}
	return r, nil
}
