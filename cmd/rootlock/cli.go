package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/rootlock/rootlock/internal/lockstep"
	"github.com/rootlock/rootlock/internal/quote"
	"github.com/rootlock/rootlock/internal/recording"
	"github.com/rootlock/rootlock/internal/report"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/lanes"
)

// Exit codes.
const (
	exitOK          = 0
	exitFails       = 1   // a claim does not hold, or holds where it must not
	exitUsage       = 2   // usage or set-up; the message has the remedy
	exitInterrupted = 130 // Ctrl-C; the summary says what was not checked
	exitUnread      = 141 // the reader of standard output has gone: as a shell tells of SIGPIPE
)

type cli struct {
	JSON bool `name:"json" help:"Write one JSON object to standard output, and nothing else there."`

	Check   checkCmd   `cmd:"" help:"The main job: every protocol through explorer, TLC and lockstep, compared with the ledger."`
	Explore exploreCmd `cmd:"" help:"Explore one model of a protocol exhaustively, in Go."`
	Hunt    huntCmd    `cmd:"" help:"Draw random schedules of a protocol, on the model and on the implementation side by side, far beyond what can be explored."`
	TLC     tlcCmd     `cmd:"" name:"tlc" help:"Check the TLA+ models with TLC (needs Java; downloads TLC if you do not have it)."`
	Replay  replayCmd  `cmd:"" help:"Run a schedule on the model and on the implementation, side by side."`
	Shrink  shrinkCmd  `cmd:"" help:"Make a failing schedule as small as it gets: threads, then steps, then context switches."`
	Export  exportCmd  `cmd:"" help:"Write a schedule as a TLA+ module, a trace for other tools (ITF), JSON, a Go test, a sequence diagram or a picture."`
	Trace   traceCmd   `cmd:"" help:"Replay traces of the Linux kernel's own code and compare the state after every operation."`
	Play    playCmd    `cmd:"" help:"Step through the law by hand, in a browser: choose who steps next, go back, search (needs the Go tool)."`
	Prove   proveCmd   `cmd:"" help:"Prove a protocol for any number of processes, areas, pages and walkers, with a solver (needs z3 or cvc5)."`
	Museum  museumCmd  `cmd:"" help:"Run the catalogue of known mistakes and repairs: which engine finds which, and how fast."`
}

// An app is where a verb writes to.
type app struct {
	ctx            context.Context
	stdout, stderr io.Writer
	terminal       io.Writer // standard error as it is, for a bar
	style          report.Style
	json           bool
	arguments      []string

	object any           // the one JSON object, as soon as there is one
	out    *quote.Writer // what stdout leads to
}

// errFails means exit 1; what fails has been printed.
var errFails = errors.New("not as expected")

// run is main with everything passed in.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var c cli
	json := slices.Contains(args, "--json")
	out, errs := quote.NewWriter(stdout, json), quote.NewWriter(stderr, false)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	gone := &reader{out, stop}
	a := &app{ctx: ctx, stdout: gone, stderr: errs, terminal: stderr, out: out, style: lanes.StyleFor(stdout).Sealed(out.Seal), json: json, arguments: args}
	parser, err := newParser(&c, kong.Writers(gone, errs), kong.Exit(func(int) { panic(helped{}) }))
	if err != nil {
		panic(err)
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	code := exitOK
	func() {
		defer func() {
			if r := recover(); r != nil {
				if _, ok := r.(helped); !ok {
					panic(r)
				}
			}
		}()
		k, err := parser.Parse(args)
		if err != nil {
			a.fault(fmt.Errorf("%s; see rootlock --help", problem(parser, args, err)))
			code = exitUsage
			return
		}
		a.json = c.JSON
		code = a.exit(k.Run(a))
	}()
	if err := a.flush(); err != nil {
		fmt.Fprintf(errs, "rootlock: %v\n", err)
		code = exitUsage
	}
	switch err := out.Close(); {
	case err == nil:
	case errors.Is(err, syscall.EPIPE):
		code = exitUnread
	default:
		fmt.Fprintf(errs, "rootlock: writing standard output: %v; what is missing was not written\n", err)
		code = exitUsage
	}
	_ = errs.Close()
	return code
}

// newParser is the parser of the command line.
func newParser(c *cli, more ...kong.Option) (*kong.Kong, error) {
	var names []string
	for _, p := range spec.Protocols() {
		names = append(names, p.String())
	}
	return kong.New(c, append(more, kong.Name("rootlock"), kong.Description(described()), kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Vars{"protocols": strings.Join(names, ", ")})...)
}

// A reader is whoever reads standard output. When nobody does any more, or it can take no
// more, the work ends.
type reader struct {
	out  *quote.Writer
	stop context.CancelFunc
}

func (r *reader) Write(p []byte) (int, error) {
	n, err := r.out.Write(p)
	if err != nil {
		r.stop()
	}
	return n, err
}

// problem says what is wrong with the command line; of a verb that there is not,
// it lists those that there are.
func problem(parser *kong.Kong, args []string, err error) string {
	var verbs []string
	for _, node := range parser.Model.Children {
		verbs = append(verbs, node.Name)
	}
	for _, arg := range args {
		if strings.HasPrefix(arg, "-") {
			continue
		}
		if !slices.Contains(verbs, arg) {
			return fmt.Sprintf("unknown verb %q; the verbs are %s", quote.Clip(arg), strings.Join(verbs, ", "))
		}
		break
	}
	return err.Error()
}

// helped unwinds after --help.
type helped struct{}

func (a *app) exit(err error) int {
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errFails):
		return exitFails
	case a.ctx.Err() != nil:
		if a.out.Err() == nil { // else that is the reason, and is said
			a.fault(errors.New("interrupted"))
		}
		return exitInterrupted
	}
	var parted *lockstep.Divergence // model and implementation: a claim of this project does not hold
	var rejected *recording.Rejection
	code := exitUsage
	if errors.As(err, &parted) || errors.As(err, &rejected) {
		code = exitFails
	}
	a.fault(err)
	return code
}

// complain writes an error to standard error, under the program's name.
func (a *app) complain(err error) {
	fmt.Fprintln(a.stderr, a.said(err))
}

// said is the text of an error.
func (a *app) said(err error) string {
	text := quote.Arguments(err.Error(), a.arguments)
	if !strings.HasPrefix(text, "rootlock: ") {
		text = "rootlock: " + text
	}
	return text
}

// fault is complain of what ends the work: with --json it stands in the object too.
func (a *app) fault(err error) {
	a.complain(err)
	if a.json {
		a.object = faulty{a.object, strings.TrimPrefix(a.said(err), "rootlock: ")}
	}
}

// printf writes to standard output, unless that is for JSON.
func (a *app) printf(format string, args ...any) {
	if !a.json {
		fmt.Fprintf(a.stdout, format, args...)
	}
}
