package recording

// What was recorded, tampered with and judged: counts, and what must not be.

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"time"

	"github.com/rootlock/rootlock/internal/report"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/tlc"
)

// A Tally counts traces and their verdicts. Problems is all that must not be: a
// trace that is rejected, a tampered one that is not, two checkers that part.
type Tally struct {
	Traces   int `json:"traces"`
	Steps    int `json:"steps"`
	Threads  int `json:"threads"`  // at most, of one trace
	Switches int `json:"switches"` // from one thread to another, within operations or between
	Crashes  int `json:"crashes"`  // traces that end where the code touched what it must not

	// Beside counts steps that an operation took while another thread was amid one, by
	// the names of both: "Exit, Fork".
	Beside map[string]int `json:"-"`

	Tampered map[string]*Tamperings `json:"tampered"` // by kind; "forged swapped" and so on

	TLCTraces  int     `json:"tlc_traces"`
	TLCSteps   int     `json:"tlc_steps"`
	TLCSeconds float64 `json:"tlc_seconds"`

	Problems []string `json:"problems,omitempty"`
}

// Tamperings count the traces that were tampered with in one way. Equivalent are
// those that both checkers must accept: a forged swap of two events of which none
// reads or writes what the other writes is another legal order of the same actions,
// and leads to the same state; only the tickets told, and those were forged.
type Tamperings struct {
	Tried      int `json:"tried"`
	Rejected   int `json:"rejected"`
	Equivalent int `json:"equivalent"`

	ByTLC         int `json:"by_tlc"`
	RejectedByTLC int `json:"rejected_by_tlc"`
}

// Rejected is how many tampered traces the checker in Go rejected, of how many.
func (t *Tally) Rejected() (rejected, tried int) {
	for _, n := range t.Tampered {
		rejected += n.Rejected
		tried += n.Tried
	}
	return rejected, tried
}

// RejectedByTLC is Rejected of TLC.
func (t *Tally) RejectedByTLC() (rejected, tried int) {
	for _, n := range t.Tampered {
		rejected += n.RejectedByTLC
		tried += n.ByTLC
	}
	return rejected, tried
}

// Equivalent is how many were no forgery but another order of the same.
func (t *Tally) Equivalent() (n int) {
	for _, c := range t.Tampered {
		n += c.Equivalent
	}
	return n
}

// maxProblems are as many as anybody reads.
const maxProblems = 5

func (t *Tally) problem(format string, args ...any) {
	if len(t.Problems) < maxProblems {
		t.Problems = append(t.Problems, fmt.Sprintf(format, args...))
	}
}

func (t *Tally) of(x *Tampered) *Tamperings {
	name := string(x.Kind)
	if x.Forged {
		name = "forged " + name
	}
	if t.Tampered == nil {
		t.Tampered = map[string]*Tamperings{}
	}
	if t.Tampered[name] == nil {
		t.Tampered[name] = &Tamperings{}
	}
	return t.Tampered[name]
}

// Gather records n traces of m, writes and reads each, checks it, and checks it once
// more tampered with. Seeds count from seed.
func (t *Tally) Gather(ctx context.Context, m *spec.Model, n int, seed uint64) error {
	c := NewChecker(m)
	rng := rand.New(rand.NewPCG(seed, 0))
	for i := range n {
		if err := ctx.Err(); err != nil {
			return err
		}
		trace, r, err := t.record(m, c, seed+uint64(i))
		if err != nil {
			return err
		}
		if r == nil && len(trace.Events) > 1 {
			kinds := Kinds()
			t.tamper(m, c, trace, Tamper(m, trace, kinds[i%len(kinds)], i/len(kinds)%2 == 1, rng))
		}
	}
	return nil
}

// record records one trace as its text, and checks what the text says.
func (t *Tally) record(m *spec.Model, c *Checker, seed uint64) (*Trace, *Rejection, error) {
	recorded, err := Record(m, seed)
	if err != nil {
		return nil, nil, err
	}
	text := recorded.Text(m)
	trace, err := Parse(m, text)
	if err != nil {
		return nil, nil, err
	}
	t.Traces++
	t.Steps += len(trace.Events)
	t.Threads = max(t.Threads, m.Threads())
	if trace.End == Crash {
		t.Crashes++
	}
	for i := 1; i < len(trace.Events); i++ {
		if trace.Events[i].Move.Thread != trace.Events[i-1].Move.Thread {
			t.Switches++
		}
	}
	t.besides(trace)
	r := c.Check(trace)
	if r != nil {
		t.problem("%s/%s: the law rejects what the code did: %v; the same moves under the scheduler: %s; the trace, which rootlock replay FILE and shrink FILE take too:\n%s",
			m.Protocol, m.Name, r, report.Command(m, recorded.Schedule()[:min(r.Index+1, len(recorded.Events))]), text)
	}
	return trace, r, nil
}

// besides counts which operations of a trace were on their way together.
func (t *Tally) besides(trace *Trace) {
	if t.Beside == nil {
		t.Beside = map[string]int{}
	}
	var amid [spec.MaxThreads + 1]spec.Step // Idle: no operation
	for i := range trace.Events {
		e := &trace.Events[i]
		me := e.Move.Thread
		if e.Move.Step.Begins() {
			amid[me] = e.Move.Step
		}
		for u, other := range amid {
			if u != int(me) && other != spec.Idle {
				names := []string{amid[me].String(), other.String()}
				slices.Sort(names)
				t.Beside[names[0]+", "+names[1]]++
			}
		}
		if e.Next == spec.Idle {
			amid[me] = spec.Idle
		}
	}
}

// unsaid reports whether a trace was altered in what it cannot tell: the address that a walk of
// a pinned object looks at, where it looks at all; and what the code calls an area that was
// freed, at a cursor that dangles. The altered trace is another behaviour of the law.
func unsaid(m *spec.Model, trace *Trace, x *Tampered) bool {
	if x.Kind != Altered || x.At >= len(trace.Events) {
		return false
	}
	was, is := trace.Events[x.At], x.Trace.Events[x.At]
	if was.Move.Step == spec.WalkPinned {
		is.Move.Args = was.Move.Args
		return reflect.DeepEqual(is, was)
	}
	s := m.Init()
	for _, e := range trace.Events[:x.At] {
		m.Apply(&s, e.Move)
	}
	if th := &s.Thread[was.Move.Thread-1]; th.Dangles() {
		is.Acts = was.Acts
	}
	m.Apply(&s, was.Move)
	if th := &s.Thread[was.Move.Thread-1]; th.Dangles() {
		is.Object = was.Object
	}
	return reflect.DeepEqual(is, was)
}

// tamper checks a tampered trace. c has just checked the one that it was made of.
func (t *Tally) tamper(m *spec.Model, c *Checker, trace *Trace, x *Tampered) *Rejection {
	n := t.of(x)
	n.Tried++
	last := withoutHistory(*c.State())
	r := c.Check(x.Trace)
	switch {
	case r == nil && x.Kind == Swapped && x.Forged && withoutHistory(*c.State()) == last:
		n.Equivalent++
	case r == nil && unsaid(m, trace, x):
		n.Equivalent++
	case r == nil:
		t.problem("%s/%s: %s (forged: %t) at event %d is not rejected; the trace:\n%sis made of:\n%s", m.Protocol, m.Name, x.Kind, x.Forged, x.At+1, x.Trace.Text(m), trace.Text(m))
	default:
		n.Rejected++
		if exact := !x.Forged && x.Kind != Renamed && x.Kind != Altered; r.Index < x.At || exact && r.Index != x.At {
			t.problem("%s/%s: %s (forged: %t) at event %d is rejected elsewhere: %v; the trace:\n%s", m.Protocol, m.Name, x.Kind, x.Forged, x.At+1, r, x.Trace.Text(m))
		}
	}
	return r
}

// withoutHistory is a state without what only claims read: the code has none of it.
func withoutHistory(s spec.State) spec.State {
	s.History, s.Stale = [spec.MaxThreads]spec.History{}, [spec.MaxPages]bool{}
	return s
}

// AskTLC records n traces, tampers with them in each way, and has TLC follow all, in
// one run. It must accept what the checker in Go accepts, and stop where that does.
func (t *Tally) AskTLC(ctx context.Context, m *spec.Model, n int, seed uint64, in tlc.Installation) error {
	c := NewChecker(m)
	rng := rand.New(rand.NewPCG(seed, 1))
	var traces []*Trace
	var wants []Verdict
	var tampered []*Tamperings // nil: as recorded
	add := func(trace *Trace, r *Rejection, n *Tamperings) {
		want := Verdict{len(trace.Events), r == nil}
		if r != nil {
			want.Followed = r.Index
		}
		traces, wants, tampered = append(traces, trace), append(wants, want), append(tampered, n)
	}
	kinds := Kinds()
	for i := range n {
		trace, r, err := t.record(m, c, seed+uint64(i))
		if err != nil {
			return err
		}
		add(trace, r, nil)
		if r != nil || len(trace.Events) < 2 {
			continue
		}
		for _, k := range []int{2 * i, 2*i + 1} { // two ways for each trace
			c.Check(trace) // tamper compares with where it ends
			x := Tamper(m, trace, kinds[k/2%len(kinds)], k%2 == 1, rng)
			add(x.Trace, t.tamper(m, c, trace, x), t.of(x))
		}
	}
	start := time.Now()
	verdicts, _, err := Ask(ctx, m, traces, in)
	if err != nil {
		return err
	}
	t.TLCSeconds += time.Since(start).Seconds()
	for i, v := range verdicts {
		switch {
		case tampered[i] == nil:
			t.TLCTraces++
			t.TLCSteps += len(traces[i].Events)
		case !v.Accepted:
			tampered[i].ByTLC++
			tampered[i].RejectedByTLC++
		default:
			tampered[i].ByTLC++
		}
		if v != wants[i] {
			t.problem("%s/%s: TLC follows %d events (accepted: %t), the checker in Go %d (accepted: %t); the trace:\n%s",
				m.Protocol, m.Name, v.Followed, v.Accepted, wants[i].Followed, wants[i].Accepted, traces[i].Text(m))
		}
	}
	return nil
}
