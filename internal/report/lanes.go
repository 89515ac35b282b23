package report

import (
	"fmt"
	"io"

	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/lanes"
)

// Of triangle/lanes: colour, or none.
type Style = lanes.Style

// Plain has no colour.
var Plain = lanes.Plain

// Lanes writes a schedule as a table: see triangle/lanes. The row
// after which b is broken is marked, if b is not nil.
//
// It stops at a move that is not enabled, and returns the error.
func Lanes(w io.Writer, m *spec.Model, sch spec.Schedule, b *Break, style Style) error {
	s := m.Init()
	refused := m.Run(&s, sch, nil)
	possible := sch
	if e, ok := refused.(*spec.RefusedError); ok {
		possible = sch[:e.Index]
	}
	err := lanes.Write(w, m.Law(), m.Init(), possible, lanes.Options[spec.State]{Style: style,
		Notes: func(_, thread int, before, after *spec.State) []string {
			return Changes(m, uint8(thread), before, after)
		},
		Holds: func(s *spec.State, thread int) bool { return Holds(m, s, uint8(thread)) },
		Mark: func(i int) string {
			if b == nil || b.Step != i+1 && (b.Step != 0 || i != len(sch)-1) {
				return ""
			}
			if spec.IsTemporal(b.Claim) {
				return "<- " + b.Claim + ": back to " + place(b.Back)
			}
			return "<- " + b.Claim
		}})
	if refused != nil {
		return refused
	}
	return err
}

// place names the state after a step.
func place(step int) string {
	if step == 0 {
		return "the beginning"
	}
	return fmt.Sprintf("where step %d led", step)
}

// Holds reports whether t holds the lock of an object or a page, or is inside a walk.
func Holds(m *spec.Model, s *spec.State, t uint8) bool {
	for a := range m.Objects {
		if s.Anon[a].Lock == t {
			return true
		}
	}
	for p := range m.Pages {
		if s.Page[p].Lock == t {
			return true
		}
	}
	return s.Thread[t-1].Mutex
}
