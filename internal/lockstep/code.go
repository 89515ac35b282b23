package lockstep

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/rootlock/rootlock/impl"
	"github.com/rootlock/rootlock/spec"
	triangle "github.com/rootlock/rootlock/triangle/lockstep"
	"github.com/rootlock/rootlock/triangle/sched"
)

// A code is impl as the code of a law: see triangle/lockstep.
type code struct {
	model    *spec.Model
	protocol impl.Protocol

	sched   *sched.Scheduler
	control *impl.Control
	snap    impl.Snapshot
	pins    [spec.MaxThreads]*impl.Pin
	calls   [spec.MaxThreads]call
	foreign *impl.Page  // of another System
	refused bool        // the running thread was refused and has not parked yet
	was     spec.Thread // the moving thread before its move
	entry   spec.PTE    // ... and the entry that its fault is about
	fetches bool        // ... and whether its SwapIn reads the page from the swap device
	frames  frames
}

// foreignPage names a page of another System, which the code must refuse: to the model it is
// a page that there is not.
const foreignPage = 255

// takesPage reports whether a move begins an operation on a page.
func takesPage(mv spec.Move) bool {
	switch mv.Step {
	case spec.Walk, spec.Migrate, spec.SwapOut, spec.SwapDrop:
		return true
	}
	return false
}

// onForeign is an operation on the page of another System, which is mapped there.
func (r *code) onForeign(step spec.Step) error {
	if r.foreign == nil {
		other := impl.NewControl(impl.Options{}, impl.Bounds{MMs: 1, VMAs: 1, Objects: 1, Pages: 1, Slots: 1})
		if err := errors.Join(other.Map(1, 0, 1, 0), other.Fault(1, 0)); err != nil {
			return err
		}
		r.foreign = other.Page(1)
	}
	s := r.control.System()
	switch step {
	case spec.Walk:
		return s.Walk(r.foreign, func(impl.Mapping) bool { return true })
	case spec.Migrate:
		return s.Migrate(r.foreign)
	case spec.SwapOut:
		return s.SwapOut(r.foreign)
	}
	return s.SwapDrop(r.foreign)
}

// Reset makes the implementation anew.
func (r *code) Reset(s *sched.Scheduler) error {
	m := r.model
	r.sched, r.refused = s, false
	r.pins = [spec.MaxThreads]*impl.Pin{}
	r.control = impl.NewControl(impl.Options{Protocol: r.protocol, FailAlloc: r.asked}, impl.Bounds{MMs: m.MMs, VMAs: m.VMAs, Objects: m.Objects, Pages: m.Pages, Slots: uint32(m.Slots), Prots: m.Prots, Faulters: m.Faulters})
	if err := LayOut(r.control, m); err != nil {
		return fmt.Errorf("rootlock: making layout %s: %w", m.Layout, err)
	}
	r.frames.reset(r)
	r.control.SetHooks(&impl.Hooks{Step: r.hook, Refused: func() { r.refused = true }, Thread: s.Current})
	return nil
}

// asked counts the allocations that an operation says it makes; none fails but by a move.
func (r *code) asked() bool {
	if t := r.sched.Current(); t > 0 {
		r.calls[t-1].asked++
	}
	return false
}

// hook parks the running thread before a step. After a refusal impl comes to the
// same step again: that is where it parks, as refused.
func (r *code) hook(step spec.Step, object int) int {
	if t := r.sched.Current(); t > 0 {
		if c := &r.calls[t-1]; r.refused {
			c.asked = c.parked // it will ask again
		} else {
			c.parked = c.asked
		}
	}
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

// At is where the model has a thread stand.
func (r *code) At(s *spec.State, thread int) (p sched.Point, busy bool) {
	th := &s.Thread[thread-1]
	if th.PC == spec.Idle {
		return p, false
	}
	p = sched.Point{Step: uint8(th.PC), Object: triangle.AnyObject}
	if !th.Dangles() || th.PC == spec.Oopsed { // whose object is what it touched
		p.Object = uint32(r.model.Object(s, uint8(thread)))
	}
	return p, true
}

// Takes keeps what Took has to know.
func (r *code) Takes(mv spec.Move, s *spec.State) {
	th := &s.Thread[mv.Thread-1]
	if r.was = *th; th.PC == spec.MapPage {
		r.entry = s.PTE[r.model.MM(mv.Thread)-1][th.Slot]
	}
	r.fetches = r.frames.fetches(r.model, mv, s)
	r.calls[mv.Thread-1].allocates(r.model, mv, s)
}

// Took follows what the operation of a thread has come to.
func (r *code) Took(mv spec.Move, s *spec.State) {
	c := &r.calls[mv.Thread-1]
	c.see(r.model, s, mv, &r.was, r.entry)
	r.frames.see(r, mv, s)
}

// Returned compares what an operation returned that has ended, and what it allocated.
func (r *code) Returned(mv spec.Move, s *spec.State) *triangle.Difference {
	if c := &r.calls[mv.Thread-1]; c.asked != c.allocated {
		return &triangle.Difference{Field: "allocations", Law: fmt.Sprint(c.allocated), Code: fmt.Sprint(c.asked)}
	}
	return r.returned(mv, r.calls[mv.Thread-1].owes(&s.Thread[mv.Thread-1]))
}

// Refused compares what an operation returned that the model does not let begin.
func (r *code) Refused(mv spec.Move, s *spec.State) *triangle.Difference {
	if takesPage(mv) && mv.Args[0] == foreignPage {
		return r.returned(mv, impl.ErrForeign)
	}
	return r.returned(mv, refusals[r.model.Refusal(s, mv)]...)
}

// Operation is the call that begins with mv.
func (r *code) Operation(mv spec.Move) func() {
	c, mm, arg := r.control, int(r.model.MM(mv.Thread)), int(mv.Args[0])
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
	if takesPage(mv) && arg == foreignPage {
		return run(func() error { return r.onForeign(mv.Step) })
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
	case spec.MoveKeep:
		return run(func() error { return c.MoveKeep(mm, start, second, third) })
	case spec.UffdMove:
		return run(func() error { return c.UffdMove(mm, start, second) })
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
		return run(func() error { return migrate(c, arg) })
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
	return nil
}

// migrate migrates a page: those with an even number in halves, of which the second can be
// done but once.
func migrate(c *impl.Control, page int) error {
	p := c.Page(page)
	if p == nil || page%2 != 0 {
		return c.Migrate(page)
	}
	m, err := c.System().BeginMigrate(p)
	if err != nil {
		return err
	}
	err = m.Finish()
	if again := m.Finish(); again != impl.ErrFinished {
		return fmt.Errorf("rootlock: a second Finish: %w", cmp.Or(again, errNone))
	}
	return err
}

var errNone = errors.New("no error")

// Choice is what the scheduler answers the hook of mv.
func (r *code) Choice(mv spec.Move) int {
	switch mv.Step {
	case spec.AllocAnon, spec.Fork:
		return int(mv.Args[0])
	case spec.FailAlloc:
		return impl.FailAlloc
	}
	return 0
}
