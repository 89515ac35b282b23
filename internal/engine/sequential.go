package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"time"

	"github.com/rootlock/rootlock/internal/hunt"
	"github.com/rootlock/rootlock/internal/lockstep"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/internal/trace"
	"github.com/rootlock/rootlock/spec"
)

// aloneSchedules is how many sequences of operations are drawn, per seed.
const aloneSchedules = 100

// aloneFloor is how many steps they amount to at least; some 65,000 were counted.
const aloneFloor = 20_000

// aloneIn is where operations are drawn one at a time: what breaks a protocol alone is left
// out, which mremap does before RwsemRoot.
func aloneIn(p spec.Protocol) []string {
	if p.Trees() {
		return []string{"Today", "Moves"}
	}
	return []string{"WideWorld"}
}

// Alone answers for a protocol by whole operations, one at a time: random ones on
// model and implementation in lockstep and, for the protocol of Linux 2.6.36, those of
// the kernel traces on both against Linux. What breaks a protocol is always
// concurrency; with one exception, that a pinned child outlives its root (docs/kernel.md
// F6, M12).
func Alone(ctx context.Context, p spec.Protocol, traces fs.FS) (_ *Result, err error) {
	start := time.Now()
	worlds := aloneIn(p)
	m, err := models.Find(p, worlds[0])
	if err != nil {
		return nil, err
	}
	r := newResult(m, Sequential)
	kept := models.KeptAlone(p) | spec.NoDeadlock.Set()
	r.Bound += ", one operation at a time"
	for _, c := range spec.Claims() {
		if kept.Has(c) {
			r.Claims[c.String()] = Holds
		}
	}
	r.Summary = "model and implementation agree after every step, and every claim that is asked holds"
	for i, name := range worlds {
		if i > 0 {
			if m, err = models.Find(p, name); err != nil {
				return nil, err
			}
			r.Bound += "; " + name
		}
		if err := r.alone(ctx, m.Model, kept); err != nil {
			return nil, err
		}
	}
	if p == spec.RootPointer {
		err = r.linux(ctx, traces, ".", trace.Version)
	} else if p.Trees() {
		err = r.linux(ctx, traces, trace.Running, trace.Running)
	}
	if err != nil {
		return nil, err
	}
	r.Seconds = time.Since(start).Seconds()
	return r, nil
}

// alone draws operations of m, one at a time, on model and implementation.
func (r *Result) alone(ctx context.Context, m *spec.Model, kept spec.ClaimSet) (err error) {
	run, err := lockstep.New(m)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, run.Close()) }()
	found, err := hunt.Find(ctx, m, run, kept, hunt.Options{Schedules: aloneSchedules, Whole: true})
	if err != nil {
		return err
	}
	r.Schedules += found.Schedules
	r.Generated += found.Steps
	switch f := found.Failure; {
	case f != nil && f.Divergence != nil:
		return parted(m, f)
	case f != nil:
		r.add(Violation{Claim: f.Claim.String(), Conjunct: f.Conjunct, Values: f.Values, Length: len(f.Schedule), Schedule: m.FormatSchedule(f.Schedule), Model: m.Name})
		r.Differences = append(r.Differences, fmt.Sprintf("%s: %s breaks with one operation at a time in %s: %s", r.Name(), f.Claim, m.Name, m.FormatSchedule(f.Schedule)))
		r.Summary = f.Claim.String() + " is violated"
	case found.Schedules < aloneSchedules || found.Steps < aloneFloor:
		r.Differences = append(r.Differences, fmt.Sprintf("%s: too little was done in %s to say anything: %d sequences, %d steps", r.Name(), m.Name, found.Schedules, found.Steps))
	}
	return nil
}

// KernelTraces is the folder of the kernel's traces in the project.
const KernelTraces = "testdata/kernel-traces"

// linux takes the traces of a kernel, in a folder, through model and implementation.
func (r *Result) linux(ctx context.Context, traces fs.FS, folder, version string) error {
	files, err := fs.Glob(traces, path.Join(folder, "*.jsonl.gz"))
	if err != nil || len(files) == 0 {
		return errors.Join(fmt.Errorf("rootlock: there are no kernel traces in %s", KernelTraces), err)
	}
	sides, err := trace.Sides()
	if err != nil {
		return err
	}
	bySide := map[string]int{} // states that are equal
	for _, name := range files {
		results, err := traced(ctx, traces, name, sides)
		if err != nil {
			return err
		}
		for _, side := range results {
			bySide[side.Side] += side.States
			if d := side.First; d != nil {
				r.Differences = append(r.Differences, fmt.Sprintf("%s: %s differs from Linux in %d sequences of %s; first in line %d, ops[%d] %s, %s: the trace has %s, %s has %s; rootlock trace %s shows all",
					r.Name(), side.Side, side.Differences, name, d.Sequence, d.OpIndex, d.Op, d.Field, d.Trace, side.Side, d.Ours, path.Join(KernelTraces, name)))
			}
		}
	}
	r.Summary += "; states of Linux " + version + " reproduced:"
	for _, side := range sides {
		n := bySide[side.Name]
		r.Summary += fmt.Sprintf(" %d by %s", n, side.Name)
		if n == 0 {
			r.Differences = append(r.Differences, fmt.Sprintf("%s: %s reproduces no state of Linux: are the traces in %s empty?", r.Name(), side.Name, KernelTraces))
		}
	}
	r.Bound += fmt.Sprintf("; %d files of kernel traces: %d mms of %d slots", len(files), trace.MMs, trace.Slots)
	return nil
}

func traced(ctx context.Context, traces fs.FS, name string, sides []trace.Side) ([]trace.Result, error) {
	f, err := traces.Open(name)
	if err != nil {
		return nil, fmt.Errorf("rootlock: reading trace %q: %w", name, err)
	}
	defer f.Close()
	return trace.Run(ctx, trace.NewReader(name, f), trace.Options{}, sides...)
}
