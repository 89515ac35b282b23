package watch

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/explore"
)

// A Break is a claim that a schedule breaks.
type Break struct {
	Step     int // after which it is broken first, from 1; 0: the last
	Claim    string
	Conjunct string
	Values   string
	Back     int // termination: the last step leads back to where this one led; else 0
}

// A Watch looks at the states along a schedule and keeps what breaks. It can take the
// schedule on the model itself, with Reset and Do.
type Watch struct {
	m      *spec.Model
	broken spec.ClaimSet
	breaks []Break
	sch    spec.Schedule
	states []spec.State // the initial one first
}

// New begins in the initial state of m. Lay-outs break nothing.
func New(m *spec.Model) *Watch { return &Watch{m: m, states: []spec.State{m.Init()}} }

// Observe is the Watch of a whole schedule on the model.
func Observe(m *spec.Model, sch spec.Schedule) (*Watch, error) {
	w, s := New(m), m.Init()
	err := m.Run(&s, sch, func(i int, s *spec.State) { w.See(sch[i], s) })
	return w, err
}

// See takes in a move and the state that it led to.
func (w *Watch) See(mv spec.Move, s *spec.State) {
	w.sch = append(w.sch, mv)
	w.states = append(w.states, *s)
	now := w.m.Check(s)
	if !w.m.Rest(s) && len(w.m.Moves(s, nil)) == 0 {
		now |= spec.NoDeadlock.Set()
	}
	for _, c := range spec.Claims() {
		if now.Has(c) && !w.broken.Has(c) {
			b := Break{Step: len(w.sch), Claim: c.String()}
			b.Conjunct, b.Values = w.m.Explain(s, c)
			w.breaks = append(w.breaks, b)
		}
	}
	w.broken |= now
}

// Reset begins anew.
func (w *Watch) Reset() error { *w = *New(w.m); return nil }

// State is the last state seen.
func (w *Watch) State() *spec.State { return &w.states[len(w.states)-1] }

// Do takes a move, which must be enabled, on the model, and sees it.
func (w *Watch) Do(mv spec.Move) error {
	s := *w.State()
	w.m.Apply(&s, mv)
	w.See(mv, &s)
	return nil
}

// Breaks lists what broke: by step, then by claim.
func (w *Watch) Breaks() []Break { return slices.Clone(w.breaks) }

// Loop is the break of a claim of termination if the schedule ends in a loop that is fair
// in the sense of f, and along which a thread never gets out of its operation.
func (w *Watch) Loop(f explore.Fairness) *Break { return w.loop("", f) }

// Never is the break of one claim of termination: by a loop, as [Watch.Loop] has it, or by a
// crash, after which no thread steps any more.
func (w *Watch) Never(claim string, f explore.Fairness) *Break {
	if b := w.loop(claim, f); b != nil {
		return b
	}
	last := len(w.states) - 1
	crashed := w.m.Crashed(&w.states[last])
	if crashed == 0 {
		return nil
	}
	for t := uint8(1); int(t) <= w.m.Threads(); t++ {
		if is := endOf(w.m, t); is.String() == claim && w.states[last].Thread[t-1].Op != spec.Idle {
			return &Break{Step: last, Claim: claim, Conjunct: is.Conjuncts()[0],
				Values: fmt.Sprintf("%s has crashed the kernel: no thread steps any more, and %s never ends", w.m.ThreadName(crashed), w.m.ThreadName(t))}
		}
	}
	return nil
}

// endOf is the claim that the operations of a thread end.
func endOf(m *spec.Model, t uint8) spec.Claim {
	if m.IsWalker(t) {
		return spec.WalkTerminates
	}
	return spec.OperationTerminates
}

// loop is the loop that breaks a claim; "": either of the two.
func (w *Watch) loop(only string, f explore.Fairness) *Break {
	last := len(w.states) - 1
	for from := range last {
		if w.states[from] != w.states[last] || !w.fair(from, f) {
			continue
		}
		for i := range w.m.Threads() { // walkers first
			t := (i + w.m.MMs) % w.m.Threads()
			claim := endOf(w.m, uint8(t+1))
			if only != "" && only != claim.String() || slices.ContainsFunc(w.states[from:], func(s spec.State) bool { return s.Thread[t].Op == spec.Idle }) {
				continue
			}
			return &Break{Step: last, Claim: claim.String(), Conjunct: claim.Conjuncts()[0], Back: from,
				Values: fmt.Sprintf("under %s, %s never ends: after %d steps, these %d again and again: %s", f, w.m.ThreadName(uint8(t+1)), from, last-from, w.m.FormatSchedule(w.sch[from:]))}
		}
	}
	return nil
}

// fair: a thread that never steps in the loop cannot step in some state of it; a
// thread that never takes a lock in it can take none in any.
func (w *Watch) fair(from int, f explore.Fairness) bool {
	for t := uint8(1); int(t) <= w.m.Threads(); t++ {
		steps, locks := false, false
		for _, mv := range w.sch[from:] {
			if mv.Thread == t {
				steps, locks = true, locks || mv.Step.TakesLock()
			}
		}
		for i := range w.states[from:] {
			can, canLock := false, false
			for _, mv := range w.m.Moves(&w.states[from+i], nil) {
				if mv.Thread == t {
					can, canLock = can || !mv.Step.Begins(), canLock || mv.Step.TakesLock()
				}
			}
			steps = steps || !can
			if f&explore.StrongLocks != 0 && canLock && !locks {
				return false
			}
		}
		if f&explore.WeakThreads != 0 && !steps {
			return false
		}
	}
	return true
}

// Chief is the break that a schedule of the given length is about: the one that
// its last step brings, since a shortest counterexample ends there; else the
// first. If claim is not "", it is that claim's, or nil.
func Chief(breaks []Break, length int, claim string) *Break {
	if claim != "" {
		if i := slices.IndexFunc(breaks, func(b Break) bool { return b.Claim == claim }); i >= 0 {
			return &breaks[i]
		}
		return nil
	}
	if i := slices.IndexFunc(breaks, func(b Break) bool { return b.Step == length }); i >= 0 {
		return &breaks[i]
	}
	if len(breaks) == 0 {
		return nil
	}
	first := slices.MinFunc(breaks, func(a, b Break) int { return cmp.Compare(a.Step, b.Step) })
	return &first
}
