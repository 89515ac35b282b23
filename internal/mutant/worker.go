package mutant

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"time"

	"github.com/rootlock/rootlock/internal/mutant/wire"
	"github.com/rootlock/rootlock/internal/process"
)

// A worker asks a subject, which it starts anew when a mutant has destroyed it.
type worker struct {
	program  string
	setup    wire.Setup
	patience time.Duration
	running  *conversation
}

// A conversation is with one process.
type conversation struct {
	stop   context.CancelFunc
	in     *os.File
	out    *os.File
	ask    *json.Encoder
	answer *json.Decoder
	stderr bytes.Buffer
	ended  chan struct{}
	err    error // how it ended
}

// patience ends a mutant that neither answers nor asks who it is, if [Options] do not say
// another: it waits for a lock that nobody gives back. Nothing else is decided by a clock.
const patience = 3 * time.Minute // some trials take seconds, and many times that where much else runs

// ask puts a question. A process that dies of it has answered too.
func (w *worker) ask(ctx context.Context, q *wire.Question) (*wire.Answer, error) {
	if w.running == nil {
		if err := w.begin(ctx); err != nil {
			return nil, err
		}
	}
	c := w.running
	start := time.Now()
	var late atomic.Bool
	timer := time.AfterFunc(w.patience, func() { late.Store(true); c.stop() })
	a := new(wire.Answer)
	err := c.ask.Encode(q)
	if err == nil {
		err = c.answer.Decode(a)
	}
	timer.Stop()
	if err == nil {
		return a, nil
	}
	w.end() // and with it the timer's function, if it runs
	switch said := strings.TrimSpace(c.stderr.String()); {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case q.Mutant == 0 || strings.HasPrefix(said, "rootlock: "):
		return nil, fmt.Errorf("rootlock: the code without a mutant: %w: %s", err, head(said))
	case said == "" && !late.Load(): // a program that panics says so: this one was killed, or never ran
		return nil, fmt.Errorf("rootlock: the program with mutants has ended, asked about mutant %d in %s/%s, which is no kill: %w",
			q.Mutant, w.setup.Trials[q.Trial].Protocol, w.setup.Trials[q.Trial].Model, cmp.Or(c.err, err))
	default:
		line, _, _ := strings.Cut(said, "\n")
		hangs := late.Load() || line == wire.NoMemory || strings.Contains(line, "deadlock") || strings.Contains(line, "stack exceeds") // it calls itself for ever
		return &wire.Answer{Hangs: hangs, Panics: !hangs, Said: line, Seconds: time.Since(start).Seconds()}, nil
	}
}

func (w *worker) begin(ctx context.Context) error {
	in, asked, err := os.Pipe()
	if err != nil {
		return err
	}
	answered, out, err := os.Pipe()
	if err != nil {
		return errors.Join(err, in.Close(), asked.Close())
	}
	ctx, stop := context.WithCancel(ctx)
	c := &conversation{stop: stop, in: asked, out: answered, ask: json.NewEncoder(asked), answer: json.NewDecoder(answered), ended: make(chan struct{})}
	cmd := exec.CommandContext(ctx, w.program)
	cmd.Env = append(cmd.Environ(), "GOMAXPROCS=1", "GOTRACEBACK=none")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = in, out, &c.stderr
	go func() {
		defer close(c.ended)
		c.err = process.Run(cmd)
		_ = in.Close()
		_ = out.Close() // whoever waits for an answer sees the end
	}()
	if err := c.ask.Encode(w.setup); err != nil {
		w.running = c
		w.end()
		return fmt.Errorf("rootlock: starting a program with mutants: %w", err)
	}
	w.running = c
	return nil
}

// end ends the process, if one runs.
func (w *worker) end() {
	c := w.running
	if w.running = nil; c == nil {
		return
	}
	c.stop()
	<-c.ended
	_ = c.in.Close()
	_ = c.out.Close()
}

// head is the beginning of a text: a panic's stack is long.
func head(text string) string {
	const most = 2000
	if len(text) > most {
		text = text[:most] + " ..."
	}
	return text
}
