package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/rootlock/rootlock/internal/atomicfile"
	"github.com/rootlock/rootlock/internal/report"
	"github.com/rootlock/rootlock/internal/shrink"
	"github.com/rootlock/rootlock/spec"
)

type shrinkCmd struct {
	scheduleArgs
	Output string `short:"o" placeholder:"FILE" help:"Also write what is left, as a case for testdata/schedules. An existing file is not overwritten."`
}

// shrunk is the JSON object of shrink.
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
	Command   string `json:"command"`
}

// Run shrinks a failing schedule.
func (c *shrinkCmd) Run(a *app) error {
	if c.Output != "" { // before the work
		if _, err := os.Lstat(c.Output); !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s is there already, and is not overwritten: give another name, or remove it", c.Output)
		}
	}
	l, err := c.load()
	if err != nil {
		return err
	}
	switch {
	case l.parted != nil:
		return fmt.Errorf("model and implementation part on this schedule; shrink takes schedules that break a claim on both: %w", l.parted)
	case l.chief == nil:
		return errors.New("the schedule breaks no claim: there is nothing to shrink")
	case c.Claim != "" && l.chief.Claim != c.Claim:
		return fmt.Errorf("the schedule does not break %s; it breaks %s", c.Claim, l.chief.Claim)
	}
	claim, err := spec.ClaimByName(l.chief.Claim)
	if err != nil {
		return err
	}
	short, err := shrink.Schedule(a.ctx, l.m.Model, l.sch, claim)
	if err != nil {
		return err
	}
	watch, err := replay(l.m, short) // on both sides: what is reported has been seen
	if err != nil {
		return err
	}
	b := report.Chief(watch.Breaks(), len(short), claim.String())
	out := shrunk{true, l.m.Protocol.String(), l.m.Name, l.m.Bounds.String(), claim.String(), b.Conjunct, b.Values, l.m.FormatSchedule(short),
		len(short), shrink.Threads(short), shrink.Switches(short), len(l.sch), report.ClaimCommand(l.m.Model, short, claim.String())}
	if !a.json {
		a.printf("%s, %s: from %d steps to %d, of %d threads, with %d context switches\nbound: %s\n\n", l.m.FullName(), claim, out.FromSteps, out.Steps, out.Threads, out.Switches, out.Bound)
		if err := report.Lanes(a.stdout, l.m.Model, short, b, a.style); err != nil {
			return err
		}
		b.Tell(a.stdout, a.style)
		a.printf("replay: %s\n", out.Command)
	}
	if c.Output != "" {
		if err := c.save(l, &out); err != nil {
			return err
		}
		a.printf("wrote %s\n", c.Output)
	}
	return a.write(out)
}

// save writes a case.
func (c *shrinkCmd) save(l *loaded, out *shrunk) error {
	story := l.story
	if story == "" {
		story = "Shrunk; to be told. " + out.Values
	}
	return atomicfile.Create(c.Output, txtar.Format(&txtar.Archive{Comment: []byte(story + "\n"), Files: []txtar.File{
		{Name: "case", Data: fmt.Appendf(nil, "protocol: %s\nmodel: %s\nviolated: %s\n", out.Protocol, out.Model, out.Claim)},
		{Name: "schedule", Data: []byte(out.Schedule + "\n")}}}))
}
