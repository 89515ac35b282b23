package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/rootlock/rootlock/internal/atomicfile"
	"github.com/rootlock/rootlock/internal/engine"
	"github.com/rootlock/rootlock/internal/lockstep"
	"github.com/rootlock/rootlock/internal/report"
	"github.com/rootlock/rootlock/internal/shorten"
	"github.com/rootlock/rootlock/internal/watch"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/shrink"
)

type shrinkCmd struct {
	scheduleArgs
	Output string `short:"o" placeholder:"FILE" help:"Also write what is left, as a case for testdata/schedules. An existing file is not overwritten."`
}

// shrunk is the JSON object of shorten.
type shrunk struct {
	OK        bool   `json:"ok"`
	Protocol  string `json:"protocol"`
	Model     string `json:"model"`
	Bound     string `json:"bound"`
	Claim     string `json:"claim"`
	Conjunct  string `json:"conjunct"`
	Values    string `json:"values"`
	Schedule  string `json:"schedule"`
	Steps     int    `json:"steps"`
	Threads   int    `json:"threads"`
	Switches  int    `json:"switches"`
	FromSteps int    `json:"from_steps"`
	Parted    string `json:"parted,omitempty"` // where model and implementation part, if that is what fails
	Command   string `json:"command"`
}

// Run shrinks a failing schedule, or a recorded trace that fails.
func (c *shrinkCmd) Run(a *app) error {
	if err := c.prepare(a); err != nil {
		return err
	}
	l, err := c.load()
	if err != nil {
		return err
	}
	from := len(l.sch)
	err = c.shrink(a, l)
	m, short := l.m, l.sch
	out := shrunk{OK: err == nil, Protocol: m.Protocol.String(), Model: m.Name, Bound: m.Bounds.String(), Schedule: m.FormatSchedule(short),
		Steps: len(short), Threads: shrink.Threads(m.Law(), short), Switches: shrink.Switches(m.Law(), short), FromSteps: from, Command: report.Command(m.Model, short)}
	what := "model and implementation part"
	if b := l.chief; b != nil {
		what, out.Claim, out.Conjunct, out.Values, out.Command = b.Claim, b.Claim, b.Conjunct, b.Values, report.ClaimCommand(m.Model, short, b.Claim)
	} else if l.parted != nil {
		out.Parted = l.parted.Error()
	}
	if a.ctx.Err() != nil {
		a.printf("interrupted: %s, %s: from %d steps to %d so far, which may still be too many\nreplay: %s\n", m.FullName(), what, from, out.Steps, out.Command)
		return errors.Join(err, a.write(out))
	}
	if err != nil {
		return err
	}
	if !a.json {
		a.printf("%s, %s: from %d steps to %d, of %d threads, with %d context switches\nbound: %s\n\n", m.FullName(), what, from, out.Steps, out.Threads, out.Switches, out.Bound)
		if err := report.Lanes(a.stdout, m.Model, short, l.chief, a.style); err != nil {
			return err
		}
		if l.chief != nil {
			report.Tell(a.stdout, l.chief, a.style)
		} else {
			a.printf("%s\n%s", a.style.Red(out.Parted), l.parted.Diff())
		}
		a.printf("replay: %s\n", out.Command)
	}
	if c.Output != "" {
		if l.story == "" {
			l.story = "Shrunk; to be told. " + out.Values + out.Parted
		}
		kept := engine.Case{Story: l.story, Protocol: out.Protocol, Model: out.Model, Violated: out.Claim, Schedule: out.Schedule}
		switch {
		case alone(c.Output):
			err = a.put(c.Output, kept.Text())
		default:
			err = atomicfile.Create(c.Output, kept.Text())
		}
		if err != nil {
			return err
		}
		if c.Output != stdio {
			a.printf("wrote %s\n", c.Output)
		}
	}
	return a.write(out)
}

// prepare says before the work why the result cannot be written.
func (c *shrinkCmd) prepare(a *app) error {
	switch {
	case c.Output == "":
		return nil
	case c.Output == stdio && a.json:
		return errors.New("--json and -o - both want standard output: name a file")
	case c.Output == stdio:
		a.stdout = a.stderr
		return nil
	case !alone(c.Output):
		if _, err := os.Lstat(c.Output); !errors.Is(err, fs.ErrNotExist) && err == nil {
			return fmt.Errorf("%s is there already, and is not overwritten: give another name, or remove it", c.Output)
		}
	}
	return atomicfile.Check(c.Output)
}

// shrink puts what is left in the place of what was loaded, as replayed on both sides:
// what is reported has been seen.
func (c *shrinkCmd) shrink(a *app, l *loaded) (err error) {
	bar := a.meter("shrink", 0, "searches")
	defer bar.done()
	switch {
	case l.parted != nil:
		run, err := lockstep.New(l.m.Model)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, run.Close()) }()
		short, parted, err := shorten.Divergence(a.ctx, l.m.Model, lockstep.Strict{Run: run}, l.sch[:l.parted.Step])
		if err != nil {
			return err
		}
		l.sch, l.chief = short, nil
		if !errors.As(parted, &l.parted) {
			return parted
		}
		return nil
	case l.rejected != nil:
		return fmt.Errorf("%w; under the scheduler the implementation does not do that: there is nothing to shrink, record it again", l.rejected)
	case l.chief == nil:
		return errors.New("the schedule breaks no claim: there is nothing to shrink")
	case c.Claim != "" && l.chief.Claim != c.Claim:
		return fmt.Errorf("the schedule does not break %s; it breaks %s", c.Claim, l.chief.Claim)
	}
	claim, err := spec.ClaimByName(l.chief.Claim)
	if err != nil {
		return err
	}
	f, _ := c.fairness(l.m, l.chief.Claim)
	if claim.Temporal() {
		w := watch.New(l.m.Model)
		l.sch, err = shorten.Failing(l.m.Model, w, l.sch, func(error) bool { return w.Loop(f) != nil })
	} else {
		l.sch, err = shorten.Schedule(a.ctx, l.m.Model, l.sch, claim, func(done, all, steps int) {
			bar.at(int64(done), fmt.Sprintf("of %d searches; %d steps so far", all, steps))
		})
	}
	if err != nil {
		return err
	}
	seen, err := replay(l.m, l.sch)
	if err != nil {
		return err
	}
	if l.chief = watch.Chief(seen.Breaks(), len(l.sch), claim.String()); claim.Temporal() {
		l.chief = seen.Loop(f)
	}
	return nil
}
