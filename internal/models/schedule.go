package models

import (
	"fmt"

	"github.com/google/go-cmp/cmp"

	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/tlc"
)

// Schedule translates a counterexample of TLC into a schedule. It is a check of
// its own: every state of the counterexample must be the model's, and every
// action a move that the model enables and that leads to TLC's next state. Steps
// of nobody (Rest) are left out.
func Schedule(m *spec.Model, trace []tlc.TraceState) (spec.Schedule, error) {
	if len(trace) == 0 {
		return nil, fmt.Errorf("rootlock: %s: TLC's counterexample has no state", m.Name)
	}
	s := m.Init()
	var sch spec.Schedule
	for i, state := range trace {
		want, err := State(m, state.Vars)
		if err != nil {
			return nil, err
		}
		if i == 0 || state.Action == "Rest" {
			if want != s {
				return nil, fmt.Errorf("rootlock: %s: state %d of TLC's counterexample is not the model's (- model, + TLC):\n%s", m.Name, i+1, cmp.Diff(s, want))
			}
			continue
		}
		mv, ok := find(m, &s, state.Action, &want)
		if !ok {
			return nil, fmt.Errorf("rootlock: %s: TLC takes %s to its state %d, after %q; the model has no such step from there (- model before, + TLC after):\n%s",
				m.Name, state.Action, i+1, m.FormatSchedule(sch), cmp.Diff(s, want))
		}
		sch = append(sch, mv)
		s = want
	}
	return sch, nil
}

// find is the move of the given action that leads from s to want.
func find(m *spec.Model, s *spec.State, action string, want *spec.State) (spec.Move, bool) {
	for _, mv := range m.Moves(s, nil) {
		if mv.Step.String() == action {
			if next, ok := m.Next(*s, mv); ok && next == *want {
				return mv, true
			}
		}
	}
	return spec.Move{}, false
}
