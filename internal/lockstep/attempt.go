package lockstep

import (
	"math/rand/v2"

	"github.com/rootlock/rootlock/spec"
)

// Attempt takes to the code what the model does not let it do, which it must refuse and stay
// as it is: every lock step before which a thread stands and, now and then, of a thread at
// rest an operation on what there is, or on what there is not. It tells how many operations
// were refused. Before that it asks whether what the code keeps twice agrees. ErrParked: see
// there.
func (r *Run) Attempt(rng *rand.Rand) (refused int, err error) {
	if err := r.code.control.System().Consistent(); err != nil {
		return 0, &Divergence{Step: r.code.sched.Steps(), Move: "after it", Field: "what is kept twice", Model: "the same", Code: err.Error()}
	}
	for t := uint8(1); int(t) <= r.model.Threads(); t++ {
		pc := r.State().Thread[t-1].PC
		if pc.TakesLock() {
			if _, err := r.Refuse(spec.Move{Thread: t, Step: pc}); err != nil {
				return refused, err
			}
		}
		if pc != spec.Idle || rng.IntN(4) > 0 {
			continue
		}
		mv := anyOperation(r.model, t, rng)
		switch why := r.model.Refusal(r.State(), mv); {
		case why == "", mv.Step == spec.Fork && mv.Args[0] == 0: // which leaves the choice to the code
			continue
		case foreign(r.model, r.State(), mv): // the code does not know whose thread it is
			continue
		case why == "NotBeingForked" && rng.IntN(8) > 0: // mostly it waits, and that is the end
			continue
		case (why == "MMapLockFree" || why == "AreaLockFree") && r.model.Refusal(alone(r.model, r.State(), t), mv) != "": // it need not wait to be refused
			continue
		}
		did, err := r.Refuse(mv)
		if did {
			refused++
		}
		if err != nil {
			return refused, err
		}
	}
	return refused, nil
}

// foreign reports whether a process asks for an operation on an area of another.
func foreign(m *spec.Model, s *spec.State, mv spec.Move) bool {
	switch v := int(mv.Args[0]); mv.Step {
	case spec.Fault, spec.Unmap, spec.SplitBelow, spec.SplitAbove, spec.Read:
		return v > 0 && v <= m.VMAs && s.VMA[v-1].MM != 0 && s.VMA[v-1].MM != m.MM(mv.Thread)
	}
	return false
}

// alone is s as if no other thread were at work in the process of t.
func alone(m *spec.Model, s *spec.State, t uint8) *spec.State {
	rest := *s
	for i := range rest.Thread {
		if o := uint8(i + 1); o != t && m.MM(o) == m.MM(t) {
			rest.Thread[i] = spec.Thread{}
		}
	}
	for i := range rest.VMA {
		rest.VMA[i].Locked = false
	}
	return &rest
}

// anyOperation is one that thread t may ask for, of whatever kind. An argument may be
// beyond all bounds.
func anyOperation(m *spec.Model, t uint8, rng *rand.Rand) spec.Move {
	ops := m.Ops.List()
	all := m.Choices(t, ops[rng.IntN(len(ops))])
	mv, last := all[rng.IntN(len(all))], all[len(all)-1]
	if k := rng.IntN(len(mv.Args)); rng.IntN(4) == 0 && last.Args[k] > 0 {
		mv.Args[k] = []uint8{0, last.Args[k] + 1, 255}[rng.IntN(3)]
	}
	return mv
}
