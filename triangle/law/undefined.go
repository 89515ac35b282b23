package law

import (
	"fmt"
	"runtime"
)

// Where the law is not defined. A step that panics in a reachable state, say because an index
// is out of range, or that leads outside the bounds, is a mistake in a step: the explorer
// reports it as a violation of TypeOK, with the schedule that leads there. So is a state on
// which a claim panics.

// Recovered says with what a step of a law panicked. Those are mistakes: runtime errors, and
// what is panicked with in words. With anything else it panics again.
func Recovered(v any) string {
	switch v.(type) {
	case runtime.Error, string:
		return fmt.Sprint(v)
	}
	panic(v)
}

// Try calls f, which calls a method of a law, and says with what it panicked; "" if it did not.
func Try(f func()) (panics string) {
	defer func() {
		if v := recover(); v != nil {
			panics = Recovered(v)
		}
	}()
	f()
	return ""
}

// Undefined says how a law is not defined in s: which of its methods panics there, on
// which move, and with what; or which move has no step or thread. "" if it is. It explains a
// violation of TypeOK for which Check has no word: ask it of the violation's State.
func Undefined[S any, M comparable](l Law[S, M], s *S) string {
	var moves []M
	if panics := Try(func() { moves = l.Moves(s, nil) }); panics != "" {
		return "which moves are enabled is not defined: " + panics
	}
	for _, mv := range moves {
		switch i, n, thread := l.Step(mv), len(l.Steps()), l.Thread(mv); {
		case i < 0 || i >= n:
			return fmt.Sprintf("%s is step %d, and Steps has %d names, from 0", l.Format(mv), i, n)
		case thread < 1:
			return fmt.Sprintf("%s is of thread %d, and threads count from 1", l.Format(mv), thread)
		}
		succ := *s
		if panics := Try(func() { l.Apply(&succ, mv) }); panics != "" {
			return l.Format(mv) + " is not defined: " + panics
		}
	}
	if panics := Try(func() { l.Check(s) }); panics != "" {
		return "what the claims ask is not defined: " + panics
	}
	return ""
}
