package recording

// A trace, and its text: one event a line, between a header and a footer.

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/rootlock/rootlock/internal/quote"
	"github.com/rootlock/rootlock/spec"
)

// A Trace is what the threads of the implementation did, in the order in which
// they did it.
type Trace struct {
	Protocol, Model, Bounds string
	Events                  []Event
	Count                   int // of events, by the footer; -1: there is no footer
	End                     End
	Steps                   []int // how many steps each thread took, as it counted
}

// An Event is one atomic action. Acts, Next and Object are what the code told the
// hook, before this step and before the thread's next; Changes is all that the action
// changed of what threads share.
type Event struct {
	Ticket  int // from 1, in the order of the actions
	Move    spec.Move
	Acts    uint8     // what the step acts upon: an id, see impl.Hooks
	Next    spec.Step // of the same thread; Idle if the operation ended
	Object  uint8     // what Next acts upon
	Changes []Cell
}

// End is how a trace ended.
type End string

// The ends of a trace.
const (
	Rest  End = "rest"  // every operation ended
	Crash End = "crash" // a thread touched what it must not touch
)

// Magic is the first line of a trace.
const Magic = "rootlock trace 1"

// Text writes a trace.
func (t *Trace) Text(m *spec.Model) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\nprotocol %s\nmodel %s\nbounds %s\n", Magic, t.Protocol, t.Model, t.Bounds)
	for i := range t.Events {
		b.WriteString(t.Events[i].Text(m))
		b.WriteByte('\n')
	}
	if t.Count >= 0 {
		fmt.Fprintf(&b, "end %d %s", t.Count, t.End)
		for _, n := range t.Steps {
			fmt.Fprintf(&b, " %d", n)
		}
		b.WriteByte('\n')
	}
	return b.Bytes()
}

// Text writes an event: ticket, move, what it acts upon, the next step of the thread
// and what that acts upon, changes.
//
//	7 w1:LockRoot 1 -> RecheckMapped 1 | a1=true,1,0,3,1.2
func (e *Event) Text(m *spec.Model) string {
	var b strings.Builder
	b.WriteString(strconv.Itoa(e.Ticket))
	b.WriteByte(' ')
	b.WriteString(m.Format(e.Move))
	b.WriteByte(' ')
	b.WriteString(strconv.Itoa(int(e.Acts)))
	b.WriteString(" -> ")
	b.WriteString(e.Next.String())
	b.WriteByte(' ')
	b.WriteString(strconv.Itoa(int(e.Object)))
	for i := range e.Changes {
		if i == 0 {
			b.WriteString(" |")
		}
		b.WriteByte(' ')
		b.WriteString(e.Changes[i].Name())
		b.WriteByte('=')
		b.WriteString(e.Changes[i].Text())
	}
	return b.String()
}

// A SyntaxError says which line of a trace cannot be read, and why.
type SyntaxError struct {
	Line          int // from 1
	Text, Problem string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("rootlock: trace, line %d: %q: %s; record it again", e.Line, e.Text, e.Problem)
}

type head struct {
	key string
	to  *string
}

func (t *Trace) heads() []head {
	return []head{{"protocol ", &t.Protocol}, {"model ", &t.Model}, {"bounds ", &t.Bounds}}
}

// Header reads the first lines alone: what Parse needs a model of.
func Header(text string) (protocol, model string, err error) {
	var t Trace
	lines := strings.SplitN(text, "\n", 5)
	for i, h := range t.heads() {
		value, ok := "", false
		if i+1 < len(lines) {
			value, ok = strings.CutPrefix(lines[i+1], h.key)
		}
		if !ok {
			return "", "", &SyntaxError{i + 2, "", fmt.Sprintf("want %q and a value", h.key)}
		}
		*h.to = value
	}
	return t.Protocol, t.Model, nil
}

// Parse reads a trace whose threads and objects are m's; whether it is one of m's
// is for Check to say. A missing footer is no syntax error: see Trace.Count.
func Parse(m *spec.Model, text []byte) (*Trace, error) {
	t := &Trace{Count: -1}
	heads := t.heads()
	number := 0
	bad := func(line, format string, args ...any) (*Trace, error) {
		return nil, &SyntaxError{number, quote.Clip(line), fmt.Sprintf(format, quote.Each(args)...)}
	}
	for line := range strings.Lines(string(text)) {
		number++
		line, whole := strings.CutSuffix(line, "\n")
		if !whole {
			return bad(line, "the line is cut off")
		}
		switch {
		case t.Count >= 0:
			return bad(line, "nothing follows the footer")
		case number == 1:
			if line != Magic {
				return bad(line, "want %q", Magic)
			}
		case number-2 < len(heads):
			value, ok := strings.CutPrefix(line, heads[number-2].key)
			if !ok {
				return bad(line, "want %q and a value", heads[number-2].key)
			}
			*heads[number-2].to = value
		case strings.HasPrefix(line, "end "):
			if problem := t.parseFooter(m, strings.Fields(line)[1:]); problem != "" {
				return bad(line, "%s", problem)
			}
		default:
			e, problem := parseEvent(m, line)
			if problem != "" {
				return bad(line, "%s", problem)
			}
			t.Events = append(t.Events, e)
		}
	}
	if number < 1+len(heads) {
		return bad("", "the header is cut off")
	}
	return t, nil
}

func (t *Trace) parseFooter(m *spec.Model, words []string) (problem string) {
	const want = "want end COUNT rest, or end COUNT crash, and a number for each thread"
	if len(words) != 2+m.Threads() {
		return want
	}
	var numbers []int
	for i, w := range words {
		if i == 1 {
			continue
		}
		n, err := strconv.ParseUint(w, 10, 24)
		if err != nil {
			return want
		}
		numbers = append(numbers, int(n))
	}
	t.Count, t.End, t.Steps = numbers[0], End(words[1]), numbers[1:]
	if t.End != Rest && t.End != Crash {
		return want
	}
	return ""
}

func parseEvent(m *spec.Model, line string) (e Event, problem string) {
	action, changes, _ := strings.Cut(line, " | ")
	words := strings.Fields(action)
	if len(words) != 6 || words[3] != "->" {
		return e, "want TICKET THREAD:STEP OBJECT -> NEXT OBJECT | CHANGES"
	}
	ticket, err := strconv.Atoi(words[0])
	if err != nil {
		return e, "the ticket is no number"
	}
	moves, err := m.ParseSchedule(words[1])
	if err != nil || len(moves) != 1 {
		return e, fmt.Sprintf("%q is no move: %v", quote.Clip(words[1]), err)
	}
	acts, err := strconv.ParseUint(words[2], 10, 8)
	object, err2 := strconv.ParseUint(words[5], 10, 8)
	if err != nil || err2 != nil {
		return e, "an object is no number up to 255"
	}
	e = Event{Ticket: ticket, Move: moves[0], Acts: uint8(acts), Object: uint8(object)}
	if e.Next, err = stepByName(words[4]); err != nil {
		return e, err.Error()
	}
	for word := range strings.FieldsSeq(changes) {
		c, problem := parseCell(m, word)
		if problem != "" {
			return e, fmt.Sprintf("%s: %s", word, problem)
		}
		for i := range e.Changes {
			if e.Changes[i].same(&c) {
				return e, fmt.Sprintf("%s: the object is there twice", word)
			}
		}
		e.Changes = append(e.Changes, c)
	}
	return e, ""
}

func stepByName(name string) (spec.Step, error) {
	for _, s := range []spec.Step{spec.Idle, spec.Oopsed} {
		if s.String() == name {
			return s, nil
		}
	}
	if s, ok := spec.StepByName(name); ok {
		return s, nil
	}
	return 0, fmt.Errorf("unknown step %q", name)
}
