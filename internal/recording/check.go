package recording

// The checker in Go: a trace is a behaviour of the law or it is not, in time linear
// in the trace.

import (
	"fmt"

	"github.com/rootlock/rootlock/internal/quote"
	"github.com/rootlock/rootlock/spec"
)

// A Rejection is the place at which a trace stops being a behaviour of the law.
type Rejection struct {
	Index    int    // of the event, from 0; the number of events if the end is wrong
	Event    string // "" at the end
	Conjunct string // what is false: of the step's guard, as spec names it, or one of the checker's own
	Values   string
}

// The checker's own conjuncts; the others are spec's, of a step that is not enabled.
const (
	SameModel = "SameModel" // the header names the model that is checked
	NotEmpty  = "NotEmpty"  // there is an event
	InOrder   = "InOrder"   // tickets count from 1
	ActsUpon  = "ActsUpon"  // the step acts upon the object that the law says
	SameState = "SameState" // the code changed what the law changes, to the same values
	SameNext  = "SameNext"  // the thread's next step is the law's
	NextUpon  = "NextUpon"  // ... and acts upon the same object
	Complete  = "Complete"  // the footer counts all events
	Counted   = "Counted"   // each thread took as many steps as the footer says
	Ended     = "Ended"     // all threads are idle, or one has crashed, as the footer says
)

func (r *Rejection) Error() string {
	if r.Event == "" {
		return fmt.Sprintf("rootlock: trace, after event %d: %s is false: %s", r.Index, r.Conjunct, r.Values)
	}
	return fmt.Sprintf("rootlock: trace, event %d, %s: %s is false: %s", r.Index+1, r.Event, r.Conjunct, r.Values)
}

// A Checker checks traces of one model. It is for one goroutine at a time.
type Checker struct {
	m           *spec.Model
	state       spec.State
	before, now []Cell
}

// NewChecker makes a Checker. Its memory does not grow with the traces.
func NewChecker(m *spec.Model) *Checker { return &Checker{m: m} }

// Check returns nil if the trace is a behaviour of the law, from the initial state to
// one where all operations have ended or a thread has crashed.
func (c *Checker) Check(t *Trace) *Rejection {
	m := c.m
	if t.Protocol != m.Protocol.String() || t.Model != m.Name || t.Bounds != m.Bounds.String() {
		return &Rejection{Conjunct: SameModel, Values: fmt.Sprintf("the trace is of %s/%s, %s; the model is %s/%s, %s", quote.Clip(t.Protocol), quote.Clip(t.Model), quote.Long(t.Bounds), m.Protocol, m.Name, m.Bounds)}
	}
	if len(t.Events) == 0 {
		return &Rejection{Conjunct: NotEmpty, Values: "the trace has no event"}
	}
	c.state = m.Init()
	c.before = modelCells(m, &c.state, c.before)
	for i := range t.Events {
		e := &t.Events[i]
		if conjunct, values := c.follow(i, e); conjunct != "" {
			return &Rejection{Index: i, Event: e.Text(m), Conjunct: conjunct, Values: values}
		}
	}
	if conjunct, values := c.end(t); conjunct != "" {
		return &Rejection{Index: len(t.Events), Conjunct: conjunct, Values: values}
	}
	return nil
}

// State is the law's state after the last event that was accepted or refused for its values.
func (c *Checker) State() *spec.State { return &c.state }

// follow takes event i and names the conjunct that is false.
func (c *Checker) follow(i int, e *Event) (conjunct, values string) {
	m, s, t := c.m, &c.state, e.Move.Thread
	if e.Ticket != i+1 {
		return InOrder, fmt.Sprintf("the ticket is %d, and this is event %d", e.Ticket, i+1)
	}
	if m.Refusal(s, e.Move) != "" {
		why := m.WhyNot(s, e.Move)
		return why.Conjunct, why.Values
	}
	if acts := c.acts(e.Move); acts != e.Acts && !s.Thread[t-1].Dangles() {
		return ActsUpon, fmt.Sprintf("%s acts upon %d in the trace, %d in the law", e.Move.Step, e.Acts, acts)
	}
	m.Apply(s, e.Move)
	c.now = modelCells(m, s, c.now)
	for k := range c.now {
		want := &c.before[k]
		for j := range e.Changes {
			if e.Changes[j] == *want {
				return SameState, fmt.Sprintf("%s is %s before the event, which says that it changes to that", want.Name(), want.Text())
			}
			if e.Changes[j].same(want) {
				want = &e.Changes[j]
				break
			}
		}
		if *want != c.now[k] {
			return SameState, fmt.Sprintf("%s is %s in the trace, %s in the law", want.Name(), want.Text(), c.now[k].Text())
		}
	}
	c.before, c.now = c.now, c.before
	if next := s.Thread[t-1].PC; next != e.Next {
		return SameNext, fmt.Sprintf("the next step of %s is %s in the trace, %s in the law", m.ThreadName(t), e.Next, next)
	}
	if object := m.Object(s, t); object != e.Object && !s.Thread[t-1].Dangles() {
		return NextUpon, fmt.Sprintf("%s acts upon %d in the trace, %d in the law", e.Next, e.Object, object)
	}
	return "", ""
}

// acts is what an enabled move acts upon.
func (c *Checker) acts(mv spec.Move) uint8 {
	switch mv.Step {
	case spec.Map, spec.Fork, spec.Exit:
		return mv.Thread
	case spec.WalkPinned, spec.Unpin:
		return c.state.Thread[mv.Thread-1].Pin
	}
	if mv.Step.Begins() {
		return mv.Args[0]
	}
	return c.m.Object(&c.state, mv.Thread)
}

func (c *Checker) end(t *Trace) (conjunct, values string) {
	if t.Count != len(t.Events) {
		if t.Count < 0 {
			return Complete, "there is no footer"
		}
		return Complete, fmt.Sprintf("the footer counts %d events, and there are %d", t.Count, len(t.Events))
	}
	var steps [spec.MaxThreads + 1]int
	for i := range t.Events {
		steps[t.Events[i].Move.Thread]++
	}
	for u := range c.m.Threads() {
		if u >= len(t.Steps) || steps[u+1] != t.Steps[u] {
			return Counted, fmt.Sprintf("%s took %d steps, and the threads %d by the footer", c.m.ThreadName(uint8(u+1)), steps[u+1], t.Steps)
		}
	}
	crashed := c.m.Crashed(&c.state)
	if t.End == Crash {
		if crashed == 0 {
			return Ended, "the footer says crash, and no thread has crashed"
		}
		return "", ""
	}
	for u := range c.m.Threads() {
		if pc := c.state.Thread[u].PC; pc != spec.Idle {
			return Ended, fmt.Sprintf("the footer says %s, and %s is before %s", t.End, c.m.ThreadName(uint8(u+1)), pc)
		}
	}
	return "", ""
}
