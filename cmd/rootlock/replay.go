package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/rootlock/rootlock/internal/engine"
	"github.com/rootlock/rootlock/internal/lockstep"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/internal/report"
	"github.com/rootlock/rootlock/spec"
)

type replayCmd struct {
	Schedule string `arg:"" help:"A schedule like 'w1:Walk(p1) w1:ReadMapping', or a file with one (testdata/schedules/*.txtar, or plain text)."`
	Protocol string `help:"Protocol; needed unless the file names it."`
	boundFlags
}

// replayed is the JSON object of replay.
type replayed struct {
	OK       bool         `json:"ok"`
	Protocol string       `json:"protocol"`
	Model    string       `json:"model"`
	Bound    string       `json:"bound"`
	Schedule string       `json:"schedule"`
	Steps    []replayStep `json:"steps"`
	Violated string       `json:"violated"`
	Conjunct string       `json:"conjunct"`
	Values   string       `json:"values"`
	Expected string       `json:"expected,omitempty"`
	Command  string       `json:"command"`
}

type replayStep struct {
	Thread string `json:"thread"`
	Step   string `json:"step"`
	Args   string `json:"args"`
}

// Run takes a schedule on the model and on the implementation in lockstep. It
// fails if a claim breaks, unless the file expects just that.
func (c *replayCmd) Run(a *app) error {
	text, expect, err := c.read()
	if err != nil {
		return err
	}
	if c.Protocol == "" {
		return errors.New("which protocol? give --protocol OwnLock or --protocol DeepestLock")
	}
	p, err := spec.ProtocolByName(c.Protocol)
	if err != nil {
		return err
	}
	m, err := c.model(p)
	if err != nil {
		return err
	}
	sch, err := m.ParseSchedule(text)
	if err != nil {
		return err
	}
	if len(sch) == 0 {
		return errors.New("the schedule has no step")
	}
	broken, err := replay(m, sch)
	if err != nil {
		return err
	}
	return a.replayed(m, sch, broken, expect)
}

// replay runs the schedule on both sides and says which claim breaks, if any: the
// first one to break, as a schedule may go on after that.
func replay(m *models.Model, sch spec.Schedule) (b *report.Break, err error) {
	run, err := lockstep.New(m.Model)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, run.Close()) }()
	for i, mv := range sch {
		s := run.State()
		if !m.Enabled(s, mv) {
			return nil, &spec.RefusedError{Index: i, Move: m.Format(mv), Refusal: m.WhyNot(s, mv)}
		}
		if err := run.Do(mv); err != nil {
			var d *lockstep.Divergence
			if errors.As(err, &d) && d.Diff != "" {
				err = fmt.Errorf("%w\n%s", err, d.Diff)
			}
			return nil, err
		}
		if b == nil {
			b = brokenIn(m, run.State())
		}
	}
	return b, nil
}

func brokenIn(m *models.Model, s *spec.State) *report.Break {
	violated := m.Check(s)
	if !m.Rest(s) && len(m.Moves(s, nil)) == 0 {
		violated |= spec.NoDeadlock.Set()
	}
	for _, c := range spec.Claims() {
		if violated.Has(c) {
			b := &report.Break{Claim: c.String()}
			b.Conjunct, b.Values = m.Explain(s, c)
			return b
		}
	}
	return nil
}

func (a *app) replayed(m *models.Model, sch spec.Schedule, b *report.Break, expect string) error {
	out := replayed{Protocol: m.Protocol.String(), Model: m.Name, Bound: m.Bounds.String(), Schedule: m.FormatSchedule(sch), Expected: expect, Command: report.Command(m.Model, sch)}
	for _, mv := range sch {
		out.Steps = append(out.Steps, replayStep{m.ThreadName(mv.Thread), mv.Step.String(), mv.ArgText()})
	}
	if b != nil {
		out.Violated, out.Conjunct, out.Values = b.Claim, b.Conjunct, b.Values
	}
	out.OK = out.Violated == expect
	if !a.json {
		a.printf("%s, %d steps on the model and on the implementation, state compared after each\nbound: %s\n\n", m.FullName(), len(sch), m.Bounds)
		if err := report.Lanes(a.stdout, m.Model, sch, b, a.style); err != nil {
			return err
		}
	}
	switch {
	case a.json:
	case b != nil:
		b.Tell(a.stdout, a.style)
		if expect != "" {
			a.printf("expected: %s\n", expect)
		}
	case expect != "":
		a.printf("no claim breaks; expected: %s\n", expect)
	default:
		a.printf("no claim breaks\n")
	}
	if err := a.write(out); err != nil {
		return err
	}
	if !out.OK {
		return errFails
	}
	return nil
}

// read returns the schedule's text, and the claim that the file expects to break.
func (c *replayCmd) read() (text, expect string, err error) {
	data, err := os.ReadFile(c.Schedule)
	if err != nil {
		if strings.Contains(c.Schedule, ":") { // a schedule, not a file
			return c.Schedule, "", nil
		}
		return "", "", fmt.Errorf("reading schedule %q: it is neither a file (%w) nor a schedule like 'w1:Walk(p1) w1:ReadMapping'", c.Schedule, err)
	}
	if !strings.HasSuffix(c.Schedule, ".txtar") {
		return string(data), "", nil
	}
	case_, err := engine.ParseCase(c.Schedule, txtar.Parse(data))
	if err != nil {
		return "", "", err
	}
	if c.Protocol == "" {
		c.Protocol = case_.Protocol
	}
	if c.Model == "" {
		c.Model = case_.Model
	}
	return case_.Schedule, case_.Violated, nil
}
