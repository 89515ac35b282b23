package spec

import (
	"fmt"
	"runtime"
)

// Where the law is not defined. A step that panics in a reachable state, say because an index
// is out of range, or that leads outside the bounds, is a mistake in a step: the explorer
// reports it as a violation of TypeOK, with the schedule that leads there. So is a state on
// which a claim panics: claims ask the law which lock comes next.

// mustBeLaws panics again with what is no mistake in a step: those are runtime errors, and
// what is panicked with in words.
func mustBeLaws(v any) {
	switch v.(type) {
	case runtime.Error, string:
	default:
		panic(v)
	}
}

// take is Apply for a move that may be undefined in s; then it says how.
func (m *Model) take(s *State, mv Move) (panics string) {
	defer func() {
		if v := recover(); v != nil {
			mustBeLaws(v)
			panics = fmt.Sprint(v)
		}
	}()
	m.Apply(s, mv)
	return ""
}

// enabled is Moves for a state in which it may be undefined what is enabled; then it says how.
func (m *Model) enabled(s *State) (moves []Move, panics string) {
	defer func() {
		if v := recover(); v != nil {
			mustBeLaws(v)
			panics = fmt.Sprint(v)
		}
	}()
	return m.Moves(s, nil), ""
}

// check is Check for a state on which a claim may be undefined; then it says how.
func (m *Model) check(s *State) (violated ClaimSet, panics string) {
	defer func() {
		if v := recover(); v != nil {
			mustBeLaws(v)
			panics = fmt.Sprint(v)
		}
	}()
	return m.Check(s), ""
}

// explainUndefined says how a state whose fields are each in their range is none of the law's.
func (m *Model) explainUndefined(s *State) (conjunct, values string) {
	p := newPacking(m)
	if _, fits := p.fingerprint(s, make([]uint64, len(p.words))); !fits || !p.blank(s) {
		return "TypeOK", p.stray(s) + " is outside the bounds"
	}
	moves, panics := m.enabled(s)
	if panics != "" {
		return "StepsDefined", "which moves are enabled is not defined: " + panics
	}
	for _, mv := range moves {
		succ := *s
		if panics := m.take(&succ, mv); panics != "" {
			return "StepsDefined", m.Format(mv) + " is not defined: " + panics
		}
	}
	if _, panics := m.check(s); panics != "" {
		return "StepsDefined", "what the claims ask is not defined: " + panics
	}
	return "", ""
}
