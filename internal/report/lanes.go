package report

import (
	"fmt"
	"io"

	"github.com/rootlock/rootlock/internal/watch"
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
func Lanes(w io.Writer, m *spec.Model, sch spec.Schedule, b *watch.Break, style Style) error {
	s := m.Init()
	refused := m.Run(&s, sch, nil)
	possible := sch
	if e, ok := refused.(*spec.RefusedError); ok {
		possible = sch[:e.Index]
	}
	err := lanes.Write(w, m.Law(), m.Init(), possible, lanes.Options[spec.State]{Style: style,
		Notes: func(_, thread int, before, after *spec.State) []string {
			return watch.Changes(m, uint8(thread), before, after)
		},
		Holds: func(s *spec.State, thread int) bool { return watch.Holds(m, s, uint8(thread)) },
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

// Tell writes the claim that broke, its false conjunct and the values.
func Tell(w io.Writer, b *watch.Break, style Style) {
	fmt.Fprintf(w, "%s is violated: %s is false: %s\n", style.Red(b.Claim), b.Conjunct, b.Values)
}

// place names the state after a step.
func place(step int) string {
	if step == 0 {
		return "the beginning"
	}
	return fmt.Sprintf("where step %d led", step)
}
