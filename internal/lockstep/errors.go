package lockstep

import (
	"errors"
	"slices"

	"github.com/rootlock/rootlock/impl"
	"github.com/rootlock/rootlock/spec"
	triangle "github.com/rootlock/rootlock/triangle/lockstep"
)

// The model has no errors. But it knows why it refuses an operation, and what an operation
// came to that has ended; each has its error in the code.

// A call is an operation of a thread: what it has come to in the model, and what it returned.
type call struct {
	op       spec.Step
	walked   bool // a lookup has led to a list
	referred bool // a migration has its reference
	left     bool // after the walk that was to take all entries away, one maps the page
	shared   bool // a page that was to be moved is elsewhere too
	full     bool // no page was free where one was to be mapped
	err      error

	allocated, asked int // in the model, and in the code
	parked           int // asked when the code came to the step before which it stands
}

// allocates takes in how many allocations the step of a move makes. Where a choice lets one
// fail none is asked for, but for a chain entry that is asked for before its step.
func (c *call) allocates(m *spec.Model, mv spec.Move, s *spec.State) {
	if mv.Step.Begins() {
		return
	}
	n := m.Allocations(s, mv.Thread)
	if n > 0 && mv.Step == spec.FailAlloc {
		switch pc := s.Thread[mv.Thread-1].PC; {
		case pc == spec.CopyVMA, pc == spec.AllocAnon, pc == spec.LinkChain && m.Protocol.Has(spec.TakeOut):
			n = 0
		}
	}
	c.allocated += n
}

// see takes in a step of the call's thread, which was th before it: the entry that a fault
// is about was e.
func (c *call) see(m *spec.Model, s *spec.State, mv spec.Move, th *spec.Thread, e spec.PTE) {
	now := &s.Thread[mv.Thread-1]
	switch {
	case now.PC == spec.NextEntry:
		c.walked = true
	case th.PC == spec.CheckOwn && th.Op == spec.UffdMove:
		c.shared = now.PC == spec.UnlockPage
	case th.PC == spec.MapPage:
		seen := e.Kind == spec.Empty
		if th.Phase == spec.Cow {
			seen = e.Kind == spec.Present && e.Page == th.Page && !e.Writable
		}
		c.full = seen && e == s.PTE[m.MM(mv.Thread)-1][th.Slot]
	}
	switch {
	case th.Phase == spec.Get && now.Phase == spec.One:
		c.referred = true
	case th.Phase == spec.One && now.Phase == spec.Two, th.Op == spec.SwapOut && now.PC == spec.UnlockPage:
		c.left = mapped(s, th.Page)
	}
}

// mapped reports whether any entry maps the page.
func mapped(s *spec.State, page uint8) bool {
	for mm := range s.PTE {
		if slices.ContainsFunc(s.PTE[mm][:], func(e spec.PTE) bool { return e.Kind == spec.Present && e.Page == page }) {
			return true
		}
	}
	return false
}

// owes is the error of the operation, which has ended and left its thread as th; nil: none.
func (c *call) owes(th *spec.Thread) error {
	switch {
	case th.Error, c.full:
		return impl.ErrNoMemory
	case c.op == spec.Walk && !c.walked, c.op == spec.Migrate && !c.referred:
		return impl.ErrNotMapped
	case c.shared:
		return impl.ErrShared
	case c.left:
		return impl.ErrNotMoved
	}
	return nil
}

// refusals are the errors that stand for the conjuncts of the guards. The code may ask in
// another order, so that a move that two conjuncts refuse may return either's error.
var refusals = map[string][]error{
	"AreaMapped":       {impl.ErrNotMapped, impl.ErrUnknown}, // a name that no area has is unknown
	"InArea":           {impl.ErrNotMapped},
	"InsideArea":       {impl.ErrNotMapped},
	"NoHole":           {impl.ErrNotMapped, impl.ErrProt},
	"AnyArea":          {impl.ErrNotMapped},
	"PageMapped":       {impl.ErrNotMapped, impl.ErrUnknown},
	"HasAnon":          {impl.ErrNoAnon},
	"HasPin":           {impl.ErrReleased},                 // it had one
	"MMExists":         {impl.ErrNoArea, impl.ErrNotEmpty}, // a fork may have no child either
	"ChildFree":        {impl.ErrNotEmpty},
	"NotBeingForked":   {impl.ErrNotEmpty, impl.ErrUnknown}, // it waits, unless there is no such area or child
	"InSlots":          {impl.ErrRange},
	"Protection":       {impl.ErrProt},
	"SameProtection":   {impl.ErrProt},
	"EntryPresent":     {impl.ErrNotMapped},
	"EntryEmpty":       {impl.ErrOverlap},
	"RangeFree":        {impl.ErrOverlap},
	"NotWritable":      {impl.ErrWritable},
	"NoMigrationEntry": {impl.ErrMigrating},
	"SwappedEntry":     {impl.ErrNotSwapped},
	"CachedUnmapped":   {impl.ErrNotCached, impl.ErrUnknown, impl.ErrBusy}, // or somebody holds the page's lock
}

// returned compares what an operation returned with what the model knows: the errors that
// may be, of which nil is none.
func (r *code) returned(mv spec.Move, may ...error) *triangle.Difference {
	got := r.calls[mv.Thread-1].err
	if slices.ContainsFunc(may, func(want error) bool { return errors.Is(got, want) }) {
		return nil
	}
	want := "waits"
	if len(may) > 0 {
		want = said(may[0])
	}
	return &triangle.Difference{Field: "error", Law: want, Code: said(got)}
}

func said(err error) string {
	if err == nil {
		return "none"
	}
	return err.Error()
}
