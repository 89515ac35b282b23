package engine

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/rootlock/rootlock/impl"
	"github.com/rootlock/rootlock/internal/linear"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
)

// histories is how many are recorded of each protocol, with and without operations that
// protect and move areas.
const histories = 100

// Library is the model that a result on the public operations names: there is none.
const Library = "Library"

// Linearizable answers for a protocol by histories of the public operations under native
// concurrency: each must have an order that one goroutine could have seen. One that has
// none is drawn for a browser, in a file that remains.
func Linearizable(ctx context.Context, p spec.Protocol) (*Result, error) {
	start := time.Now()
	protocol, err := impl.ProtocolByName(p.String())
	if err != nil {
		return nil, err
	}
	m, err := models.Beyond(p)
	if err != nil {
		return nil, err
	}
	r := newResult(m, Linearizability)
	r.Model, r.Linear = Library, &linear.Tally{}
	seed := uint64(start.UnixNano()) // the order is Go's and another each time; so may the operations be
	for _, remaps := range []bool{true, false} {
		if err := r.Linear.Gather(ctx, protocol, remaps, histories, seed, os.TempDir()); err != nil {
			return nil, err
		}
	}
	t := r.Linear
	r.Schedules, r.Generated = uint64(t.Histories), uint64(t.Operations)
	r.Bound = fmt.Sprintf("%s, seed %d", linear.Bound, seed)
	r.Summary = fmt.Sprintf("every history is linearizable: %d operations began before another had ended; %d histories were tampered with, and rejected", t.Overlapping, t.Rejected)
	if t.Problem != "" {
		r.Differences = append(r.Differences, fmt.Sprintf("%s: %s", r.Name(), t.Problem))
		r.Summary = "a history is wrong"
	}
	if t.Problem == "" && (t.Histories != 2*histories || t.Rejected < histories || t.Overlapping < t.Operations/20) {
		r.Differences = append(r.Differences, fmt.Sprintf("%s: too little was done to say anything: %+v", r.Name(), *t))
	}
	r.Seconds = time.Since(start).Seconds()
	return r, nil
}
