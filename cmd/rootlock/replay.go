package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/rootlock/rootlock/internal/engine"
	"github.com/rootlock/rootlock/internal/export"
	"github.com/rootlock/rootlock/internal/input"
	"github.com/rootlock/rootlock/internal/lockstep"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/internal/page"
	"github.com/rootlock/rootlock/internal/quote"
	"github.com/rootlock/rootlock/internal/recording"
	"github.com/rootlock/rootlock/internal/report"
	"github.com/rootlock/rootlock/internal/watch"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/explore"
)

type replayCmd struct {
	scheduleArgs
	HTML string `name:"html" placeholder:"FILE" help:"Also write the replay as a page that needs no network: lanes, and the world at each step."`
}

// scheduleArgs name a schedule on the command line, with its model and the claim that
// it is about.
type scheduleArgs struct {
	Schedule string `arg:"" help:"A schedule like 'w1:Walk(p1) w1:ReadMapping', or a file with one: testdata/schedules/*.txtar, a trace in the Informal Trace Format (*.itf.json), a recorded trace (testdata/traces/*.trace), or plain text."`
	Protocol string `help:"Protocol; needed unless the file names it."`
	boundFlags
	Claim string `placeholder:"NAME" help:"The claim to look at, if the schedule breaks several."`
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
	At       int          `json:"at,omitempty"` // step, from 1, after which the claim is broken
	Conjunct string       `json:"conjunct"`
	Values   string       `json:"values"`
	Breaks   []brk        `json:"breaks"` // every claim that breaks, by step
	Expected string       `json:"expected,omitempty"`
	Parted   string       `json:"parted,omitempty"`   // where model and implementation part
	Rejected string       `json:"rejected,omitempty"` // of a recorded trace: where the law does not follow it
	Command  string       `json:"command"`
}

// brk is one claim that a schedule breaks.
type brk struct {
	Claim    string `json:"claim"`
	At       int    `json:"at"`
	Conjunct string `json:"conjunct"`
	Values   string `json:"values"`
}

type replayStep struct {
	Thread string `json:"thread"`
	Step   string `json:"step"`
	Args   string `json:"args"`
}

// A loaded schedule was replayed on the model and on the implementation.
type loaded struct {
	m      *models.Model
	sch    spec.Schedule
	story  string
	expect string        // the claim that the file expects to break, "" if none
	breaks []watch.Break // all that it breaks
	chief  *watch.Break  // what it is about, nil if it breaks nothing
	parted *lockstep.Divergence

	rejected *recording.Rejection // of a recorded trace: where the law does not follow it
}

// load reads a schedule and replays it.
func (c *scheduleArgs) load() (*loaded, error) {
	text, story, expect, err := c.read()
	if err != nil {
		return nil, err
	}
	for _, name := range []*string{&c.Protocol, &c.Model, &expect} { // nothing has so long a name
		*name = quote.Clip(*name)
	}
	if c.Protocol == "" {
		return nil, fmt.Errorf("which protocol? give --protocol, one of %s", strings.Trim(fmt.Sprint(spec.Protocols()), "[]"))
	}
	p, err := spec.ProtocolByName(c.Protocol)
	if err != nil {
		return nil, err
	}
	if c.Claim != "" {
		if _, err := p.AskedClaim(c.Claim); err != nil {
			return nil, err
		}
	}
	if expect != "" {
		if _, err := p.AskedClaim(expect); err != nil {
			return nil, fmt.Errorf("%s: violated: %w", c.Schedule, err)
		}
	}
	m, err := c.model(p)
	if err != nil {
		return nil, err
	}
	l := &loaded{m: m, story: story, expect: expect}
	if isTrace([]byte(text)) {
		if err := l.trace(text); err != nil {
			return nil, err
		}
	} else if isITF([]byte(text)) {
		if err := l.itf(text); err != nil {
			return nil, fmt.Errorf("reading %q: %w", quote.Clip(c.Schedule), err)
		}
	} else if l.sch, err = m.ParseSchedule(text); err != nil {
		var bad *spec.SyntaxError
		if errors.As(err, &bad) {
			if len(bad.Word) > quote.Most {
				bad.Problem = quote.Clip(bad.Problem) // it repeats the word
			}
			bad.Word = quote.Clip(bad.Word)
		}
		return nil, err
	}
	sch := l.sch
	if len(sch) == 0 {
		return nil, errors.New("the schedule has no step; a step looks like w1:Walk(p1)")
	}
	seen, err := replay(m, sch)
	if err != nil && !errors.As(err, &l.parted) {
		return nil, err
	}
	l.breaks = seen.Breaks()
	about := cmp.Or(c.Claim, expect)
	if f, asked := c.fairness(m, expect); asked {
		b := seen.Loop(f)
		if spec.IsTemporal(about) {
			b = seen.Never(about, f)
		}
		if b != nil {
			l.breaks = append(l.breaks, *b)
		}
	}
	l.chief = watch.Chief(l.breaks, len(sch), about)
	if l.chief == nil && about != "" { // not that one: then whatever breaks
		l.chief = watch.Chief(l.breaks, len(sch), "")
	}
	return l, nil
}

// Run takes a schedule on the model and on the implementation in lockstep. It
// fails if a claim breaks, unless the file expects just that, and if the two
// sides part.
func (c *replayCmd) Run(a *app) error {
	if err := a.prepare(c.HTML, c.Schedule); err != nil {
		return err
	}
	l, err := c.load()
	if err != nil {
		return err
	}
	if c.HTML != "" {
		if err := l.page(a, c.HTML, ""); err != nil {
			return err
		}
	}
	return a.replayed(l)
}

// page writes the replay as a page; home is the page that leads there, "" if none does.
func (l *loaded) page(a *app, path, home string) error {
	taken := l.sch
	if l.parted != nil {
		taken = taken[:l.parted.Step-1]
	}
	var b bytes.Buffer
	p := page.Page{Home: home, Schedule: export.Schedule{Model: l.m, Moves: taken, Break: l.chief}, Story: l.story, Breaks: l.breaks}
	if l.chief != nil {
		p.Compare = counterexamples(l.m, l.chief.Claim)
	}
	if err := p.Write(&b); err != nil {
		return err
	}
	return a.put(path, b.Bytes())
}

// counterexamples lists what TLC found for the same claim, in the same model, if the
// ledger has it.
func counterexamples(m *models.Model, claim string) (list []page.Other) {
	l, err := ledgerHere()
	if err != nil || l == nil {
		return nil // the page is not about the ledger
	}
	e := l.Find(m.Protocol.String(), m.Name, engine.TLC)
	if e == nil || e.Schedules[claim] == "" || e.Bound != m.Bounds.String() {
		return nil
	}
	return []page.Other{{Engine: "TLC", Schedule: e.Schedules[claim]}}
}

// fairness is what termination is asked under: what the model assumes; or that
// threads run, if the command line or the file asks and the model does not say.
func (c *scheduleArgs) fairness(m *models.Model, expect string) (f explore.Fairness, asked bool) {
	f = explore.WeakThreads
	if m.Live() && m.Fair() {
		f |= explore.StrongLocks
	}
	return f, m.Live() || spec.IsTemporal(c.Claim) || spec.IsTemporal(expect)
}

// replay runs the schedule on both sides. The watch has seen what was taken, also
// if the error says that the sides part.
func replay(m *models.Model, sch spec.Schedule) (w *watch.Watch, err error) {
	run, err := lockstep.New(m.Model)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, run.Close()) }()
	strict := lockstep.Strict{Run: run}
	w = watch.New(m.Model)
	for i, mv := range sch {
		s := run.State()
		if !m.Enabled(s, mv) {
			return nil, &spec.RefusedError{Index: i, Move: m.Format(mv), Refusal: m.WhyNot(s, mv)}
		}
		if err := strict.Do(mv); err != nil {
			return w, err
		}
		w.See(mv, run.State())
	}
	return w, nil
}

// replayed says what a replay showed: lanes, what breaks, and where the sides
// part.
func (a *app) replayed(l *loaded) error {
	m, sch, b, breaks, expect, parted := l.m, l.sch, l.chief, l.breaks, l.expect, l.parted
	out := replayed{Protocol: m.Protocol.String(), Model: m.Name, Bound: m.Bounds.String(), Schedule: m.FormatSchedule(sch), Expected: expect, Breaks: []brk{}}
	for _, mv := range sch {
		out.Steps = append(out.Steps, replayStep{m.ThreadName(mv.Thread), mv.Step.String(), mv.ArgText()})
	}
	for _, b := range breaks {
		out.Breaks = append(out.Breaks, brk{b.Claim, b.Step, b.Conjunct, b.Values})
	}
	out.Command = report.Command(m.Model, sch)
	if b != nil {
		out.Violated, out.At, out.Conjunct, out.Values = b.Claim, b.Step, b.Conjunct, b.Values
		out.Command = report.ClaimCommand(m.Model, sch, b.Claim)
	}
	if parted != nil {
		out.Parted = parted.Error()
	}
	if l.rejected != nil {
		out.Rejected = l.rejected.Error()
	}
	out.OK = out.Violated == expect && parted == nil && l.rejected == nil
	if err := a.tell(m, sch, b, breaks, expect, parted); err != nil {
		return err
	}
	if l.rejected != nil {
		a.printf("%s\n", a.style.Red(out.Rejected))
	}
	if err := a.write(out); err != nil {
		return err
	}
	if !out.OK {
		return errFails
	}
	return nil
}

// tell is replayed for people.
func (a *app) tell(m *models.Model, sch spec.Schedule, b *watch.Break, breaks []watch.Break, expect string, parted *lockstep.Divergence) error {
	if a.json {
		return nil
	}
	taken := sch
	if parted != nil {
		taken = sch[:parted.Step]
	}
	a.printf("%s, %d steps on the model and on the implementation, state compared after each\nbound: %s\n\n", m.FullName(), len(taken), m.Bounds)
	if err := report.Lanes(a.stdout, m.Model, taken, b, a.style); err != nil {
		return err
	}
	if b == nil {
		a.printf("no claim breaks\n")
	} else {
		report.Tell(a.stdout, b, a.style)
	}
	for _, other := range breaks {
		if other.Claim != b.Claim {
			a.printf("after step %d: ", other.Step)
			report.Tell(a.stdout, &other, a.style)
		}
	}
	if expect != "" {
		a.printf("expected: %s\n", expect)
	}
	if parted != nil {
		a.printf("%s\n%s", a.style.Red(parted.Error()), parted.Diff())
	}
	return nil
}

// read returns the schedule's text, and of a file its story and the claim that it
// expects to break.
func (c *scheduleArgs) read() (text, story, expect string, err error) {
	data, err := readFile(c.Schedule)
	if err != nil {
		if _, none := os.Stat(c.Schedule); none != nil && strings.Contains(c.Schedule, ":") { // a schedule, not a file
			return c.Schedule, "", "", nil
		}
		var at *fs.PathError
		if errors.As(err, &at) {
			err = at.Err
		}
		return "", "", "", fmt.Errorf("reading schedule %q: it is neither a file (%w) nor a schedule like 'w1:Walk(p1) w1:ReadMapping'", quote.Clip(c.Schedule), err)
	}
	data = input.Lines(data)
	if isTrace(data) {
		return string(data), "", "", c.header(string(data))
	}
	if isITF(data) {
		expect, err := c.bounds(data)
		return string(data), "", expect, err
	}
	if !strings.HasSuffix(c.Schedule, ".txtar") {
		return string(data), "", "", nil
	}
	archive, err := input.Archive(data)
	if err != nil {
		return "", "", "", fmt.Errorf("reading schedule %q: %w", quote.Clip(c.Schedule), err)
	}
	case_, err := engine.ParseCase(c.Schedule, archive)
	if err != nil {
		return "", "", "", err
	}
	c.Protocol, c.Model = cmp.Or(c.Protocol, case_.Protocol), cmp.Or(c.Model, case_.Model)
	return case_.Schedule, case_.Story, case_.Violated, nil
}

// isTrace reports whether the text is a recorded trace.
func isTrace(text []byte) bool { return bytes.HasPrefix(text, []byte(recording.Magic)) }

// header takes protocol and model from a recorded trace, unless they are given.
func (c *scheduleArgs) header(text string) error {
	protocol, model, err := recording.Header(text)
	if err != nil {
		return fmt.Errorf("%s: %w", c.Schedule, err)
	}
	c.Protocol, c.Model = cmp.Or(c.Protocol, protocol), cmp.Or(c.Model, model)
	return nil
}

// trace takes the schedule from a recorded trace, as far as the law follows it, and one
// step further if the law allows that step and has other values for it.
func (l *loaded) trace(text string) error {
	t, err := recording.Parse(l.m.Model, []byte(text))
	if err != nil {
		return err
	}
	l.sch = t.Schedule()
	if l.rejected = recording.NewChecker(l.m.Model).Check(t); l.rejected == nil {
		return nil
	}
	s, n, most := l.m.Init(), 0, l.rejected.Index
	if l.rejected.Event != "" {
		most++
	}
	for n < min(most, len(l.sch)) && l.m.Enabled(&s, l.sch[n]) {
		l.m.Apply(&s, l.sch[n])
		n++
	}
	if l.sch = l.sch[:n]; n == 0 {
		return l.rejected
	}
	return nil
}

// isITF reports whether the text is JSON, and so no schedule: of JSON, replay reads the
// Informal Trace Format.
func isITF(text []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) }

// bounds takes protocol, model and bounds from a trace in the Informal Trace Format, unless
// they are given, and the claim that the trace is said to break.
func (c *scheduleArgs) bounds(text []byte) (expect string, err error) {
	f, err := export.ParseITF(text)
	if err != nil {
		return "", fmt.Errorf("reading %q: %w", quote.Clip(c.Schedule), err)
	}
	c.Protocol = cmp.Or(c.Protocol, f.Protocol)
	if c.Model != "" || c.bounded() || f.Bounds == nil {
		return f.Violated, nil
	}
	if p, err := spec.ProtocolByName(c.Protocol); err == nil {
		if named, err := models.Find(p, f.Model); err == nil {
			c.Model = named.Name
		}
	}
	c.bound(*f.Bounds)
	return f.Violated, nil
}

// itf takes the schedule from a trace in the Informal Trace Format.
func (l *loaded) itf(text string) error {
	f, err := export.ParseITF([]byte(text))
	if err == nil {
		l.sch, err = f.Moves(l.m.Model)
	}
	return err
}
