package tlc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/rootlock/rootlock/internal/process"
	"github.com/rootlock/rootlock/internal/scratch"
)

// Options say what [Run] shall run.
type Options struct {
	Installation Installation // from Finder.Find

	// Files holds the modules and configurations, at its root; those that end
	// in .tla or .cfg are copied. Overlay adds files to them or replaces them.
	Files   fs.FS
	Overlay map[string][]byte

	Module string // file name, with or without ".tla"
	Config string // file name, with or without ".cfg"; default: the module's

	Workers int      // 0: as many as there are cores; with temporal properties 1 is needed
	HeapMB  int      // 0: what Java takes by itself, a quarter of the memory
	JVM     []string // further options of java, "-Xss16m" for example

	Simulate *Simulation // random behaviours instead of all states
	Continue bool        // go on after a violation
	DumpDOT  string      // file ending in .dot for the state graph

	Distributed *Distributed // TLC's server and workers instead of one process

	NoCounts bool // leave out Result.Actions, which costs TLC a third of its time

	TimeLimit time.Duration // 0: none

	// Progress, if not nil, is called from one goroutine at a time, and never
	// after Run has returned. TLC waits while it runs.
	Progress func(Progress)

	// Quiet, if not nil, is called again and again while TLC has printed nothing for
	// some minutes, with its last line. It may be called from another goroutine than
	// Progress, but not after Run has returned.
	Quiet func(silent time.Duration, last string)

	rawOutput io.Writer // tests record the output
}

// Simulation bounds a run in simulation mode.
type Simulation struct {
	Traces int   // how many behaviours; at least 1
	Depth  int   // 0: TLC's own, 100
	Seed   int64 // 0: TLC chooses
}

// errTimeLimit tells Options.TimeLimit from the caller's own deadline.
var errTimeLimit = errors.New("time limit of the run")

// maxStderr is how much of standard error is kept: its end.
const maxStderr = 8 << 10

// Run runs TLC once, in a private directory that is gone when Run returns.
//
// It returns a nil error exactly if Result.Verdict.Answered(). Else the error is
// a [RunError] if TLC was started, with a partial Result, or says with a nil
// Result what is wrong with the options or the system.
//
// When ctx ends, Java and all its children are killed and the error wraps
// ctx's. On Linux they also die with this process, however it ends; elsewhere
// only ctx stops them. They have a process group of their own where there are
// such, so Ctrl-C does not reach them: cancel ctx. Run may be called by several
// goroutines at once.
func Run(ctx context.Context, o Options) (*Result, error) {
	module := strings.TrimSuffix(o.Module, ".tla")
	config := strings.TrimSuffix(o.Config, ".cfg")
	if config == "" {
		config = module
	}
	model := module + "/" + config
	failed := func(what string, err error) (*Result, error) {
		return nil, fmt.Errorf("rootlock: TLC on %s: %s: %w", model, what, err)
	}
	if err := o.check(module); err != nil {
		return failed("options", err)
	}
	private, err := scratch.MakeDir("tlc")
	if err != nil {
		return nil, err
	}
	defer func() { _ = private.Remove() }()
	dir := private.Path
	if o.Installation.Jar, err = o.Installation.place(dir); err != nil {
		return failed("copying the jar", err)
	}
	if err := o.writeFiles(filepath.Join(dir, "spec")); err != nil {
		return failed("writing the modules", err)
	}
	args, err := o.arguments(dir, module, config)
	if err != nil {
		return failed("options", err)
	}

	if o.TimeLimit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, o.TimeLimit, errTimeLimit)
		defer cancel()
	}
	r := &report{progress: o.Progress, properties: listedProperties(filepath.Join(dir, "spec", config+".cfg"))}
	if len(r.properties) > 0 && o.Workers != 1 && o.Simulate == nil && o.Distributed == nil {
		return failed("options", errors.New("temporal properties need Workers: 1, or this TLC misses violations (defects.go)"))
	}
	if o.Distributed != nil {
		if len(r.properties) > 0 {
			return failed("options", errors.New("TLC's server checks safety only, and the configuration has temporal properties: "+strings.Join(r.properties, ", ")))
		}
		r.workers = newWorkers(ctx, &o, dir)
		defer r.workers.stop()
	}
	out := newScanner(r)
	if o.Quiet != nil {
		defer r.heed(o.Quiet)()
	}
	stderr := &tail{max: maxStderr}
	cmd := exec.CommandContext(ctx, o.Installation.Java, args...)
	cmd.Dir = filepath.Join(dir, "spec")
	cmd.Stdout, cmd.Stderr = out, stderr
	if o.rawOutput != nil {
		cmd.Stdout = io.MultiWriter(out, o.rawOutput)
	}
	if err := process.Run(cmd); cmd.ProcessState == nil {
		if ctx.Err() != nil {
			return nil, stopped(ctx, model, o.TimeLimit, "")
		}
		return failed("starting Java", err)
	}
	out.close()
	r.result.Stderr = string(stderr.kept)

	// Whether the end of ctx came too late to matter is for the messages to say.
	res, bad := r.conclude(cmd.ProcessState.ExitCode(), out.broken)
	if bad == nil {
		return res, nil
	}
	if ctx.Err() != nil && bad.Verdict == Unknown {
		bad = stopped(ctx, model, o.TimeLimit, r.lastSaid())
		res.Verdict = bad.Verdict
		return res, bad
	}
	bad.Model = model
	if state := cmd.ProcessState.String(); strings.Contains(state, "signal") {
		bad.Detail += " (" + state + ")"
	}
	return res, bad
}

func stopped(ctx context.Context, model string, limit time.Duration, last string) *RunError {
	if context.Cause(ctx) == errTimeLimit {
		detail := "not done after " + limit.String()
		if last != "" {
			detail += "; its last line: " + last
		}
		return &RunError{Verdict: TimeLimit, Model: model, Detail: detail, Remedy: remedies[TimeLimit], Err: errTimeLimit}
	}
	return &RunError{Verdict: Canceled, Model: model, Detail: context.Cause(ctx).Error(), Remedy: remedies[Canceled], Err: ctx.Err()}
}

func (o *Options) check(module string) error {
	switch {
	case o.Installation.Java == "" || o.Installation.Jar == "":
		return errors.New("no installation; Finder.Find gives one")
	case !isIdentifier(module):
		return fmt.Errorf("%q is not the name of a module", o.Module)
	case o.Workers < 0 || o.HeapMB < 0 || o.TimeLimit < 0:
		return errors.New("a bound is negative")
	case o.Simulate != nil && o.Simulate.Traces < 1:
		return errors.New("a simulation without bound does not end: Simulate.Traces")
	case o.DumpDOT != "" && !strings.HasSuffix(o.DumpDOT, ".dot"):
		return errors.New("DumpDOT must end in .dot, or TLC changes the name")
	case o.Distributed != nil:
		return o.Distributed.check(o)
	}
	return nil
}

func (o *Options) writeFiles(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	if o.Files != nil {
		entries, err := fs.ReadDir(o.Files, ".")
		if err != nil {
			return err
		}
		for _, e := range entries {
			if ext := filepath.Ext(e.Name()); e.IsDir() || ext != ".tla" && ext != ".cfg" {
				continue
			}
			data, err := fs.ReadFile(o.Files, e.Name())
			if err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(dir, e.Name()), data, 0o600); err != nil {
				return err
			}
		}
	}
	for name, data := range o.Overlay {
		if name != filepath.Base(name) || !filepath.IsLocal(name) {
			return fmt.Errorf("%q is not a plain file name", name)
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func (o *Options) arguments(dir, module, config string) ([]string, error) {
	temp := filepath.Join(dir, "tmp")
	if err := os.Mkdir(temp, 0o700); err != nil {
		return nil, err
	}
	args := []string{
		"-XX:+UseParallelGC",
		// TLC catches the error of a full heap and may then hang.
		"-XX:+ExitOnOutOfMemoryError",
		// TLC unpacks its own modules there, under fixed names.
		"-Djava.io.tmpdir=" + temp,
		// Numbers in messages follow the locale.
		"-Duser.language=en", "-Duser.country=US",
	}
	if o.HeapMB > 0 {
		args = append(args, fmt.Sprintf("-Xmx%dm", o.HeapMB))
	}
	args = append(args, o.JVM...)
	if d := o.Distributed; d != nil {
		args = append(args, d.properties()...)
		return append(args, "-cp", o.Installation.Jar, "tlc2.tool.distributed.TLCServer", "-tool", "-config", config+".cfg", module+".tla"), nil
	}
	workers := o.Workers
	if workers == 0 {
		workers = runtime.NumCPU()
	}
	args = append(args, "-cp", o.Installation.Jar, "tlc2.TLC", "-tool",
		"-workers", strconv.Itoa(workers), "-metadir", filepath.Join(dir, "states"), "-config", config+".cfg")
	if !o.NoCounts {
		args = append(args, "-coverage", "1")
	}
	if s := o.Simulate; s != nil {
		args = append(args, "-simulate", fmt.Sprintf("num=%d", s.Traces))
		if s.Depth > 0 {
			args = append(args, "-depth", strconv.Itoa(s.Depth))
		}
		if s.Seed != 0 {
			args = append(args, "-seed", strconv.FormatInt(s.Seed, 10))
		}
	}
	if o.Continue {
		args = append(args, "-continue")
	}
	if o.DumpDOT != "" {
		path, err := filepath.Abs(o.DumpDOT)
		if err != nil {
			return nil, err
		}
		args = append(args, "-dump", "dot,actionlabels", path)
	}
	return append(args, module+".tla"), nil
}

// listedProperties reads the properties off a configuration; from one that
// cannot be read it takes none, since TLC will say what is wrong with it.
func listedProperties(path string) []string {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	c, err := ParseConfig(string(text))
	if err != nil {
		return nil
	}
	return c.Properties
}

// tail is a writer that keeps the end of what it gets.
type tail struct {
	kept []byte
	max  int
}

func (t *tail) Write(p []byte) (int, error) {
	t.kept = append(t.kept, p...)
	if extra := len(t.kept) - t.max; extra > 0 {
		t.kept = append([]byte(nil), t.kept[extra:]...)
	}
	return len(p), nil
}

// head is a writer that keeps the beginning of what it gets.
type head struct {
	kept []byte
	max  int
}

func (h *head) Write(p []byte) (int, error) {
	h.kept = append(h.kept, p[:min(len(p), h.max-len(h.kept))]...)
	return len(p), nil
}

func (h *head) String() string { return string(h.kept) }
