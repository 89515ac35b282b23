package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"time"

	"github.com/rootlock/rootlock/internal/atomicfile"
	"github.com/rootlock/rootlock/internal/trace"
)

// perSequence is how many operations a recorded sequence has.
const perSequence = 60

// running compares the kernel that runs this program.
func (c *traceCmd) running(a *app, sides []trace.Side) error {
	if c.Sequences < 1 {
		return fmt.Errorf("--sequences is %d; expected 1 or more", c.Sequences)
	}
	if c.Record != "" {
		if err := atomicfile.Check(c.Record); err != nil {
			return err
		}
	}
	r, err := trace.NewRecorder()
	if err != nil {
		return err
	}
	defer r.Close()
	name := "running kernel"
	if release, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		name += " " + strings.TrimSpace(string(release))
	}
	out := tracedFile{File: name, Sides: make([]trace.Result, len(sides))}
	for i := range sides {
		out.Sides[i] = trace.Result{Side: sides[i].Name, File: name}
	}
	var lines bytes.Buffer
	bar := a.meter("trace", int64(c.Sequences), "sequences")
	for n := range c.Sequences {
		if a.ctx.Err() != nil {
			break
		}
		seed := c.Seed + uint64(n)
		q, err := r.Draw(rand.New(rand.NewPCG(seed, 0)), perSequence)
		if err != nil {
			return fmt.Errorf("rootlock: seed %d: %w", seed, err)
		}
		line, err := q.MarshalLine()
		if err != nil {
			return err
		}
		lines.Write(line)
		out.Sequences++
		out.Operations += len(q.Ops)
		for i, side := range sides {
			if err := c.compare(a, r, q, side, &out.Sides[i], seed); err != nil {
				return err
			}
			if out.First == nil {
				out.First = out.Sides[i].First
			}
		}
		bar.at(int64(n+1), "sequences")
	}
	bar.done()
	differ := 0
	for i := range out.Sides {
		s := &out.Sides[i]
		differ += s.Differences
		out.Seconds += s.Seconds
		a.traceLine(s)
	}
	out.SpecDifferences, out.ImplDifferences = &out.Sides[0].Differences, &out.Sides[1].Differences
	bound := fmt.Sprintf("%d mms of %d slots, %s, %d sequences from seed %d, operations one at a time", trace.MMs, trace.Slots, name, out.Sequences, c.Seed)
	a.printf("bound: %s\n", bound)
	if c.Record != "" && a.ctx.Err() == nil {
		if err := write(a.ctx, c.Record, lines.Bytes()); err != nil {
			return err
		}
		a.printf("wrote %s\n", c.Record)
	}
	if err := a.write(traced{OK: differ == 0 && a.ctx.Err() == nil, Bound: bound, Files: []tracedFile{out}}); err != nil {
		return err
	}
	if differ > 0 {
		return errors.Join(a.ctx.Err(), errFails)
	}
	return a.ctx.Err()
}

// compare takes a sequence through a side. Where they differ it is made short and shown.
func (c *traceCmd) compare(a *app, r *trace.Recorder, q *trace.Sequence, side trace.Side, sum *trace.Result, seed uint64) error {
	start := time.Now()
	m := trace.Follow(q, side)
	sum.Seconds += time.Since(start).Seconds()
	sum.Sequences++
	sum.Operations += len(q.Ops)
	if m == nil {
		sum.States += len(q.Ops)
		return nil
	}
	sum.States += m.OpIndex
	sum.Differences++
	if sum.First == nil {
		short, m, err := r.Shorten(q, side)
		if err != nil {
			return err
		}
		line, err := short.MarshalLine()
		if err != nil {
			return err
		}
		sum.First = m
		a.mismatch(sum.File, m)
		a.printf("         the same in a file: %s", line)
		a.printf("         again: go run ./cmd/rootlock trace --running --seed %d --sequences 1\n", seed)
	}
	return nil
}

// write replaces a file, with what gzip makes of the data if its name says so.
func write(ctx context.Context, path string, data []byte) error {
	if strings.HasSuffix(path, ".gz") {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		if _, err := z.Write(data); err != nil {
			return err
		}
		if err := z.Close(); err != nil {
			return err
		}
		data = b.Bytes()
	}
	return atomicfile.Write(ctx, path, data)
}
