package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/rootlock/rootlock/internal/input"
	"github.com/rootlock/rootlock/internal/quote"
	"github.com/rootlock/rootlock/internal/trace"
)

type traceCmd struct {
	Files []string `arg:"" optional:"" name:"file" help:"Operation traces, JSON Lines, gzip or not (testdata/kernel-traces/*.jsonl.gz); a pipe, or - for standard input, is read as it comes."`

	Running   bool   `help:"Instead of files: have the kernel that runs this program do operations drawn at random, one at a time, and compare what can be seen of areas, pages and sharing. Linux only; needs root."`
	Sequences int    `default:"100" help:"With --running: how many sequences of operations."`
	Seed      uint64 `default:"1" help:"With --running: seed of the first sequence; the next has the next."`
	Record    string `placeholder:"FILE" help:"With --running: write the sequences to this file (gzip if its name ends in .gz), which this verb reads on any machine."`
}

// traced is the JSON object of trace.
type traced struct {
	OK    bool         `json:"ok"`
	Bound string       `json:"bound"`
	Files []tracedFile `json:"files"`
}

// tracedFile is what the sides did with one file. The counts of differences are
// null for a side that was not there.
type tracedFile struct {
	File            string          `json:"file"`
	Sequences       int             `json:"sequences"`
	Operations      int             `json:"operations"` // as many states are in the file
	SpecDifferences *int            `json:"spec_differences"`
	ImplDifferences *int            `json:"impl_differences"`
	Seconds         float64         `json:"seconds"`
	First           *trace.Mismatch `json:"first,omitempty"`
	Error           string          `json:"error,omitempty"` // why it was not read to its end
	Sides           []trace.Result  `json:"sides"`
}

// traceBound is the size of the world that traces are of.
var traceBound = fmt.Sprintf("%d mms of %d slots, Linux %s or %s, operations one at a time", trace.MMs, trace.Slots, trace.Version, trace.Running)

// Run takes each file through each side. It fails if one differs from the kernel;
// a file that is not a trace is an error, and the others are run all the same.
func (c *traceCmd) Run(a *app) error {
	sides, err := trace.Sides()
	if err != nil {
		return err
	}
	switch {
	case c.Running && len(c.Files) > 0:
		return errors.New("--running takes no files")
	case c.Running:
		return c.running(a, sides)
	case c.Record != "":
		return errors.New("--record is for --running")
	case len(c.Files) == 0:
		return errors.New(`expected "<file> ..." or --running`)
	}
	out := traced{Bound: traceBound, Files: []tracedFile{}}
	var failed error
	differ := false
	for _, name := range c.Files {
		f, err := a.trace(name, sides)
		out.Files = append(out.Files, f)
		for i := range f.Sides {
			differ = differ || f.Sides[i].Differences > 0
		}
		if a.ctx.Err() != nil {
			failed = err
			break
		}
		failed = errors.Join(failed, err)
	}
	a.printf("bound: %s\n", traceBound)
	if n := len(c.Files) - len(out.Files); n > 0 {
		a.printf("not checked: %d files\n", n)
	}
	out.OK = failed == nil && !differ
	if err := a.write(out); err != nil {
		return err
	}
	switch {
	case failed != nil && differ && a.ctx.Err() == nil: // what differs differs
		a.complain(failed)
		return errFails
	case failed != nil:
		return failed
	case differ:
		return errFails
	}
	return nil
}

// trace takes one file through the sides, and prints what they did.
func (a *app) trace(name string, sides []trace.Side) (tracedFile, error) {
	out := tracedFile{File: name, Sides: []trace.Result{}}
	fail := func(err error) (tracedFile, error) {
		out.Error = err.Error()
		return out, err
	}
	var f io.ReadCloser
	size, err := int64(0), error(nil)
	if name == stdio {
		f = input.Stream(a.ctx, io.NopCloser(os.Stdin))
	} else if kept, ok := embedded(name); ok {
		f = kept
	} else if f, size, err = input.Open(a.ctx, name); err != nil {
		return fail(fmt.Errorf("rootlock: reading trace %q: %w", quote.Clip(name), err))
	}
	defer func() { _ = f.Close() }()
	in := &counted{Reader: f}
	bar := a.meter("trace "+name, size, "bytes")
	o := trace.Options{
		Progress: func(n int) { bar.at(in.n, fmt.Sprintf("bytes, %d sequences", n)) },
		Differs: func(m *trace.Mismatch) {
			bar.done()
			a.mismatch(name, m)
		},
	}
	out.Sides, err = trace.Run(a.ctx, trace.NewReader(name, in), o, sides...)
	bar.done()
	for i := range out.Sides {
		r := &out.Sides[i]
		out.Sequences = r.Sequences
		out.Operations = max(out.Operations, r.Operations)
		out.Seconds += r.Seconds
		switch r.Side {
		case "spec":
			out.SpecDifferences = &r.Differences
		case "impl":
			out.ImplDifferences = &r.Differences
		}
		if out.First == nil {
			out.First = r.First
		}
		if r.Sequences > 0 {
			a.traceLine(r)
		}
	}
	if err != nil {
		a.printf("not checked: the rest of %s\n", name)
		return fail(err)
	}
	return out, nil
}

// traceLine prints what one side did with one file.
func (a *app) traceLine(r *trace.Result) {
	rate := ""
	if r.Seconds > 0 {
		rate = fmt.Sprintf(", %s operations/s", number(uint64(float64(r.Operations)/r.Seconds)))
	}
	differences := fmt.Sprintf("%s differences", number(uint64(r.Differences)))
	if r.Differences > 0 {
		differences = a.style.Red(differences)
	}
	a.printf("%-8s %s: %s sequences, %s states equal, %s, %.2f s%s\n", r.Side, r.File, number(uint64(r.Sequences)), number(uint64(r.States)), differences, r.Seconds, rate)
}

// mismatch prints where a sequence and a side part.
func (a *app) mismatch(file string, m *trace.Mismatch) {
	name := ""
	if m.Name != "" {
		name = " (" + quote.Line(m.Name) + ")"
	}
	a.printf("%s:%d%s: %s differs after ops[%d], %s\n", file, m.Sequence, name, a.style.Red(m.Side), m.OpIndex, m.Op)
	a.printf("         %s: the trace has %s, %s has %s\n", quote.Line(m.Field), quote.Line(m.Trace), m.Side, quote.Line(m.Ours))
}

// counted counts what is read through it.
type counted struct {
	io.Reader
	n int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += int64(n)
	return n, err
}
