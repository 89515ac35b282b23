// Package record follows what free threads were seen to do: whether it is a behaviour of the
// law. The threads run natively, in parallel; each step is logged where it takes effect, say
// under the lock that it needs: that it was taken is logged after Lock, that it is given back
// before Unlock. Under control the same hook is called before each step.
package record

import (
	"errors"
	"fmt"

	"github.com/rootlock/rootlock/triangle/law"
)

// An Event is a step that a thread was seen to take. What the step chose is not seen.
type Event struct {
	Thread int
	Step   int // in law.Law.Steps
}

// Follow reports whether the events, in this order, are the beginning of a behaviour of the
// law: nil, or a *Lost. It keeps all states that the law may be in. No events are an error:
// they are a behaviour of every law.
func Follow[S, M comparable](l law.Law[S, M], events []Event) error {
	if len(events) == 0 {
		return errors.New("no events: nothing was recorded")
	}
	now := map[S]bool{}
	for _, s := range l.Initial() {
		now[s] = true
	}
	for i, e := range events {
		next := map[S]bool{}
		var instead []M
		for s := range now {
			for _, mv := range l.Moves(&s, nil) {
				if l.Thread(mv) != e.Thread {
					continue
				}
				if l.Step(mv) != e.Step {
					instead = append(instead, mv)
					continue
				}
				succ := s
				l.Apply(&succ, mv)
				next[succ] = true
			}
		}
		if len(next) == 0 {
			lost := &Lost{Index: i, Event: e, Step: stepName(l, e.Step), States: len(now)}
			for _, mv := range instead {
				lost.Instead = append(lost.Instead, l.Format(mv))
			}
			return lost
		}
		now = next
	}
	return nil
}

func stepName[S any, M comparable](l law.Law[S, M], step int) string {
	if names := l.Steps(); step >= 0 && step < len(names) {
		return names[step]
	}
	return fmt.Sprintf("step %d", step)
}

// A Lost is where the law cannot follow.
type Lost struct {
	Index   int // of the event, from 0
	Event   Event
	Step    string
	States  int      // in which the law might have been
	Instead []string // what it lets the thread do there
}

func (e *Lost) Error() string {
	text := fmt.Sprintf("event %d: thread %d takes %s, which the law does not let it do in any of the %d states that it may be in", e.Index+1, e.Event.Thread, e.Step, e.States)
	if len(e.Instead) > 0 {
		text += "; it may take " + e.Instead[0]
	}
	return text
}
