// Subject is the program that internal/mutant builds with all mutants of a package: it
// runs the one that it is asked about, again and again another. It reads lines of package
// wire from standard input and answers each with one on standard output.
//
// It handles no signal: its parent kills it. A mutant that hangs or destroys it takes
// nothing along but this process.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"

	"github.com/rootlock/rootlock/internal/mutant/active"
	"github.com/rootlock/rootlock/internal/mutant/wire"
	"github.com/rootlock/rootlock/internal/trace"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/explore"
)

func main() {
	debug.SetMaxStack(64 << 20) // endless recursion ends soon
	thrift()
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// memory is what no trial needs: a mutant that takes more would take all that there is.
const memory = 2 << 30

// thrift ends the program when a mutant takes memory without end, which needs no call of the
// mutated code. It looks after each garbage collection: a clock would keep the runtime from
// finding out that all goroutines wait for ever.
func thrift() {
	runtime.SetFinalizer(new(*subject), func(**subject) {
		took := []metrics.Sample{{Name: "/memory/classes/total:bytes"}}
		if metrics.Read(took); took[0].Value.Uint64() > memory {
			fmt.Fprintln(os.Stderr, wire.NoMemory)
			os.Exit(1)
		}
		thrift()
	})
}

func run(in io.Reader, out io.Writer) error {
	questions, answers := json.NewDecoder(bufio.NewReader(in)), json.NewEncoder(out)
	var setup wire.Setup
	if err := questions.Decode(&setup); err != nil {
		return fmt.Errorf("rootlock: reading the setup: %w", err)
	}
	s := &subject{Setup: setup, law: map[int]*lawGraph{}}
	for {
		var q wire.Question
		if err := questions.Decode(&q); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("rootlock: reading a question: %w", err)
		}
		a, err := s.answer(&q)
		if err != nil {
			return err
		}
		if err := answers.Encode(a); err != nil {
			return err
		}
	}
}

// A subject answers questions.
type subject struct {
	wire.Setup
	law    map[int]*lawGraph // by trial
	traces []*trace.Sequence // read when they are first asked for
}

func (s *subject) answer(q *wire.Question) (*wire.Answer, error) {
	trial := s.Trials[q.Trial]
	p, err := spec.ProtocolByName(trial.Protocol)
	if err != nil {
		return nil, err
	}
	m, err := spec.NewModel(p, trial.Model, trial.Bounds)
	if err != nil {
		return nil, err
	}
	if q.Ask == wire.Same && trial.Kind == wire.Explored && s.law[q.Trial] == nil {
		g, err := explore.NewGraph(context.Background(), m.Law(), 0)
		if err != nil {
			return nil, err
		}
		s.law[q.Trial] = &lawGraph{g, refusals(m, g)}
	}
	if trial.Kind == wire.Traced && s.traces == nil {
		if s.traces, err = readTraces(s.Traces); err != nil {
			return nil, err
		}
	}
	a := &wire.Answer{}
	start := time.Now()
	const many = 1 << 62
	active.N, active.Left = q.Mutant, many
	if q.Calls > 0 {
		active.Left = q.Calls
	}
	if q.Mutant == 0 {
		active.Trace = make([]bool, s.Mutants+1)
	}
	err = guarded(a, func() error {
		switch trial.Kind {
		case wire.Lockstep:
			return random(m, &trial, s.Seed, a)
		case wire.Led:
			return led(m, trial.Leads, a)
		case wire.Toured:
			return tour(m, a)
		case wire.Traced:
			return s.follow(a)
		case wire.Random:
			return s.wander(m, &trial, q, a)
		}
		switch q.Ask {
		case wire.Same:
			return s.graph(m, q, a)
		case wire.Live:
			return live(m, q, a)
		case wire.Narrows:
			return narrows(m, q, a)
		case wire.Alike:
			return alike(m, q, a)
		case wire.Begins:
			return begins(m, q, a)
		}
		return exploration(m, q, a)
	})
	a.Calls = many - active.Left
	for n, asked := range active.Trace {
		if asked {
			a.Asked = append(a.Asked, uint32(n))
		}
	}
	active.N, active.Left, active.Trace = 0, many, nil
	a.Seconds = time.Since(start).Seconds()
	return a, err
}

// guarded runs f and takes down how it panics, if it does.
func guarded(a *wire.Answer, f func() error) (err error) {
	defer func() {
		switch v := recover(); v.(type) {
		case nil:
		case active.Exhausted:
			a.Hangs, a.Said = true, fmt.Sprint(v)
		default:
			a.Panics, a.Said = true, fmt.Sprint(v)
		}
	}()
	return f()
}
