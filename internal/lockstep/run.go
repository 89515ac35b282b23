package lockstep

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/rootlock/rootlock/impl"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/sched"
)

// A Run is one model and one implementation, in step. It implements hunt.Runner.
// It is for one goroutine at a time.
type Run struct {
	model *spec.Model
	state spec.State
	moves []spec.Move

	protocol impl.Protocol
	sched    *sched.Scheduler
	control  *impl.Control
	snap     impl.Snapshot
	pins     [spec.MaxThreads]*impl.Pin
	calls    [spec.MaxThreads]call
	refused  bool // the running thread was refused and has not parked yet
	steps    int
}

// New starts both sides in the initial state of m. Close the Run.
func New(m *spec.Model) (*Run, error) {
	protocol, err := impl.ProtocolByName(m.Protocol.String())
	if err != nil {
		return nil, fmt.Errorf("%w: impl/ does not have it: write impl/%s.go, and add it to impl/protocol.go", err, fileName(m.Protocol.String()))
	}
	return newRun(m, protocol)
}

// fileName is the name of a protocol's file: own_lock for OwnLock.
func fileName(protocol string) string {
	var b strings.Builder
	for i, r := range protocol {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

func newRun(m *spec.Model, protocol impl.Protocol) (*Run, error) {
	r := &Run{model: m, protocol: protocol, sched: sched.New(m.Threads())}
	if err := r.Reset(); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// Close ends the coroutines of the implementation's threads.
func (r *Run) Close() error { return r.sched.Close() }

// Reset returns both sides to the initial state. The implementation is made
// anew: what an abandoned operation leaves behind is worth nothing.
func (r *Run) Reset() error {
	if err := r.sched.Reset(); err != nil {
		return err
	}
	m := r.model
	r.state = m.Init()
	r.steps, r.refused = 0, false
	r.pins = [spec.MaxThreads]*impl.Pin{}
	r.control = impl.NewControl(impl.Options{Protocol: r.protocol}, impl.Bounds{MMs: m.MMs, VMAs: m.VMAs, Objects: m.Objects, Pages: m.Pages, Slots: uint32(m.Slots), Prots: m.Prots})
	if err := LayOut(r.control, m); err != nil {
		return fmt.Errorf("rootlock: making layout %s: %w", m.Layout, err)
	}
	r.control.SetHooks(&impl.Hooks{Step: r.hook, Refused: func() { r.refused = true }, Thread: r.sched.Current})
	return r.compare(spec.Move{})
}

// hook parks the running thread before a step. After a refusal impl comes to the
// same step again: that is where it parks, as refused.
func (r *Run) hook(step spec.Step, object int) int {
	if r.refused {
		r.refused = false
		return r.sched.Refused()
	}
	return r.sched.Hook(uint8(step), uint32(object))
}

// LayOut makes the initial state of m by operations, without hooks.
func LayOut(c *impl.Control, m *spec.Model) error {
	slots := uint32(m.Slots)
	switch m.Layout {
	case spec.LayoutEmpty:
		return nil
	case spec.LayoutMapped:
		return c.Map(1, 0, slots, 0)
	case spec.LayoutNeighbours:
		return errors.Join(c.Map(1, 0, 1, 0), c.Fault(1, 0), c.Map(1, 1, slots-1, impl.Prot(m.Init().VMA[1].Prot)))
	}
	err := errors.Join(c.Map(1, 0, slots, 0), c.Fault(1, slots-1))
	if m.Layout == spec.LayoutForked {
		err = errors.Join(err, c.Fork(1), c.Fault(2, slots-1))
	}
	return err
}

// State is the model's state.
func (r *Run) State() *spec.State { return &r.state }

// Hash is the hash of all that the implementation's threads did since Reset: the
// same moves must give the same hash.
func (r *Run) Hash() uint64 { return r.sched.Hash() }

// Moves lists the moves that the model enables. The list is good until the next.
func (r *Run) Moves() []spec.Move {
	r.moves = r.model.Moves(&r.state, r.moves[:0])
	return r.moves
}

// MovesOf lists the moves of one thread that the model enables. The list is good until
// the next.
func (r *Run) MovesOf(thread uint8) []spec.Move {
	r.moves = r.model.MovesOf(&r.state, thread, r.moves[:0])
	return r.moves
}

// Do takes a move that the model enables on both sides. The error is a
// *Divergence if the sides part.
func (r *Run) Do(mv spec.Move) error {
	r.steps++
	point, outcome, begun := r.point(mv)
	if !begun {
		return r.part(mv, "next step", mv.Step.String(), pointText(point, outcome))
	}
	point, outcome = r.sched.Grant(int(mv.Thread), choice(mv))
	switch outcome {
	case sched.Refused:
		return r.part(mv, "enabled", "true", "the code refused the step")
	case sched.Failed:
		return r.part(mv, "outcome", "a step", r.sched.Failure().Error())
	}
	th := &r.state.Thread[mv.Thread-1]
	was, entry := *th, spec.PTE{}
	if th.PC == spec.MapPage {
		entry = r.state.PTE[mv.Thread-1][th.Slot]
	}
	r.model.Apply(&r.state, mv)
	did := &r.calls[mv.Thread-1]
	did.see(&r.state, mv, &was, entry)

	if th.PC == spec.Idle {
		if outcome != sched.Finished {
			return r.part(mv, "next step", "the operation ends", pointText(point, outcome))
		}
		if err := r.returned(mv, did.owes(th)); err != nil {
			return err
		}
	} else if outcome != sched.Parked || spec.Step(point.Step) != th.PC {
		return r.part(mv, "next step", th.PC.String(), pointText(point, outcome))
	} else if want := r.model.Object(&r.state, mv.Thread); uint32(want) != point.Object && !th.Dangles() {
		return r.part(mv, "object of "+th.PC.String(), fmt.Sprint(want), fmt.Sprint(point.Object))
	}
	return r.compare(mv)
}

// Refuse takes a move that the model disables to the implementation, which must
// refuse it and stay as it is. Only moves whose thread stands at the step, and
// moves that begin an operation of an idle thread, can be attempted: a thread
// has no way to take another step than its next.
func (r *Run) Refuse(mv spec.Move) (attempted bool, err error) {
	if r.model.Crashed(&r.state) != 0 {
		return false, nil
	}
	th := &r.state.Thread[mv.Thread-1]
	var may []error
	switch {
	case mv.Step == spec.WalkPinned: // of any slot: there are more than the bounds have
		return false, nil
	case mv.Step.Begins() && th.PC == spec.Idle:
		why := r.model.Refusal(&r.state, mv)
		may = refusals[why]
		switch why {
		case "", "RightKindOfThread", "InOps", "OperationLeft", "NoPin", "HasPin", "VMAsSpare", "ObjectsSpare", "OwnArea":
			return false, nil // bounds, not the code's to refuse
		}
	case mv.Step == spec.FailAlloc: // memory does not refuse to run out
		return false, nil
	case th.PC != mv.Step || r.model.Enabled(&r.state, mv):
		return false, nil
	}
	point, outcome, begun := r.point(mv)
	if !begun {
		if mv.Step.Begins() && outcome == sched.Finished { // refused before its first step
			if err := r.compare(mv); err != nil {
				return true, err
			}
			return true, r.returned(mv, may...)
		}
		return true, r.part(mv, "next step", mv.Step.String(), pointText(point, outcome))
	}
	point, outcome = r.sched.Grant(int(mv.Thread), choice(mv))
	switch {
	case outcome == sched.Refused && !mv.Step.Begins():
	case outcome == sched.Finished && mv.Step.Begins():
		if err := r.returned(mv, may...); err != nil {
			return true, err
		}
	case outcome == sched.Refused: // it would wait for an mmap lock: not begun, as in the model
		if err := r.compare(mv); err != nil {
			return true, err
		}
		return true, ErrParked
	default:
		return true, r.part(mv, "enabled", "false", "the code took the step: "+pointText(point, outcome))
	}
	return true, r.compare(mv)
}

// ErrParked says that an operation which the model does not let begin waits for
// an mmap lock at its first step. The Run can only be reset then.
var ErrParked = errors.New("rootlock: the operation waits for an mmap lock at its first step")

// point brings the thread of mv to the point before mv's step.
func (r *Run) point(mv spec.Move) (p sched.Point, o sched.Outcome, ok bool) {
	thread := int(mv.Thread)
	p, busy := r.sched.At(thread)
	o = sched.Parked
	if mv.Step.Begins() && !busy {
		p, o = r.sched.Start(thread, r.operation(mv))
	} else if !busy {
		o = sched.Finished
	}
	step := mv.Step
	if step == spec.FailAlloc { // instead of the step whose allocation fails
		step = r.state.Thread[mv.Thread-1].PC
	}
	return p, o, o == sched.Parked && p.Step == uint8(step)
}

// operation is the call that begins with mv.
func (r *Run) operation(mv spec.Move) func() {
	c, mm, arg := r.control, int(mv.Thread), int(mv.Args[0])
	start, second, third := uint32(mv.Args[0]), uint32(mv.Args[1]), uint32(mv.Args[2])
	pin := &r.pins[mv.Thread-1]
	did := &r.calls[mv.Thread-1]
	*did = call{op: mv.Step}
	run := func(f func() error) func() {
		return func() {
			if did.err = f(); did.err != nil && !errors.Is(did.err, impl.ErrUseAfterFree) {
				r.sched.Observe(1)
			}
		}
	}
	switch mv.Step {
	case spec.Map:
		return run(func() error { return c.Map(mm, start, second, impl.Prot(third)) })
	case spec.Fault:
		return run(func() error { return c.Fault(arg, second) })
	case spec.Fork:
		return run(func() error { return c.Fork(mm) })
	case spec.Unmap:
		return run(func() error { return c.Unmap(arg) })
	case spec.Exit:
		return run(func() error { return c.Exit(mm) })
	case spec.SplitBelow:
		return run(func() error { return c.SplitBelow(arg, second) })
	case spec.SplitAbove:
		return run(func() error { return c.SplitAbove(arg, second) })
	case spec.Protect:
		return run(func() error { return c.Protect(mm, start, second, impl.Prot(third)) })
	case spec.MoveArea:
		return run(func() error { return c.Move(mm, start, second, third) })
	case spec.UnmapRange:
		return run(func() error { return c.UnmapRange(mm, start, second) })
	case spec.Read:
		return run(func() error { return c.Read(arg, second) })
	case spec.SwapOut:
		return run(func() error { return c.SwapOut(arg) })
	case spec.SwapDrop:
		return run(func() error { return c.SwapDrop(arg) })
	case spec.Walk:
		return run(func() error { return c.Walk(arg) })
	case spec.Migrate:
		return run(func() error { return c.Migrate(arg) })
	case spec.Pin:
		return run(func() (err error) {
			p, err := c.Pin(arg)
			if err == nil {
				*pin = p
			}
			return err
		})
	case spec.WalkPinned:
		return run(func() error { return (*pin).Walk(start, func(impl.Mapping) bool { return true }) })
	case spec.Unpin:
		return run(func() error { return (*pin).Release() })
	}
	panic("rootlock: " + mv.Step.String() + " begins no operation")
}

// choice is what the scheduler answers the hook of mv.
func choice(mv spec.Move) int {
	switch mv.Step {
	case spec.AllocAnon, spec.Fork:
		return int(mv.Args[0])
	case spec.FailAlloc:
		return impl.FailAlloc
	}
	return 0
}

func pointText(p sched.Point, o sched.Outcome) string {
	if o != sched.Parked {
		return "the operation has " + o.String()
	}
	return fmt.Sprintf("%s (object %d)", spec.Step(p.Step), p.Object)
}

// AddressSpace is an address space of the implementation, for its bytes. Between
// operations, Read and Write of a slot that needs no fault are no steps.
func (r *Run) AddressSpace(mm int) *impl.AddressSpace { return r.control.AddressSpace(mm) }
