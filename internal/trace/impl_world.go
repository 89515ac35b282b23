// The implementation as a world: each operation is the library's own, run by one
// goroutine under hooks that choose nothing but the child of a fork.

package trace

import (
	"errors"
	"fmt"

	"github.com/rootlock/rootlock/impl"
	"github.com/rootlock/rootlock/spec"
)

// An ImplWorld is the implementation with the bounds of the traces.
type ImplWorld struct {
	protocol impl.Protocol
	c        *impl.Control
	snap     impl.Snapshot // after the last operation

	child int // for the next fork
	fail  int // allocations until the one that fails; 0: none does
	pins  []implPin
	migs  []implMigration
}

type implPin struct {
	*impl.Pin
	anon int
}

type implMigration struct {
	*impl.PendingMigration
	page, anon int
}

// NewImplWorld makes an empty world with the given protocol.
func NewImplWorld(p impl.Protocol) *ImplWorld {
	w := &ImplWorld{protocol: p}
	w.Reset()
	return w
}

// implBounds leave room for every area that a sequence makes: they are not reused.
var implBounds = impl.Bounds{MMs: MMs, Slots: Slots, VMAs: 1024, Objects: 64, Pages: 64, Prots: Prots}

// Reset makes the world empty.
func (w *ImplWorld) Reset() {
	*w = ImplWorld{protocol: w.protocol, snap: w.snap}
	w.c = impl.NewControl(impl.Options{Protocol: w.protocol, FailAlloc: w.failAlloc}, implBounds)
	w.c.SetHooks(&impl.Hooks{
		Step: func(step spec.Step, _ int) int {
			if step == spec.Fork {
				return w.child
			}
			return 0
		},
		Refused: func() { panic("rootlock: an operation that runs alone waits for itself") },
		Thread:  func() int { return 1 },
	})
	w.look()
}

func (w *ImplWorld) failAlloc() bool {
	w.fail--
	return w.fail == 0
}

func (w *ImplWorld) look() { w.c.System().SnapshotInto(&w.snap) }

// Do does one operation.
func (w *ImplWorld) Do(op Op) (string, error) {
	w.fail = op.Fail
	res, err := w.do(op)
	w.fail = 0
	w.look()
	return res, err
}

func (w *ImplWorld) do(op Op) (string, error) {
	mm, start, length := op.MM+1, uint32(op.Start), uint32(op.Len)
	switch op.Name {
	case "map":
		return done(w.c.Map(mm, start, length, impl.Prot(op.Prot)))
	case "unmap":
		err := w.c.UnmapRange(mm, start, length)
		if errors.Is(err, impl.ErrNotMapped) {
			err = nil
		}
		return done(err)
	case "protect":
		return done(w.c.Protect(mm, start, length, impl.Prot(op.Prot)))
	case "keep":
		return done(w.c.MoveKeep(mm, start, length, uint32(op.To)))
	case "move":
		return done(w.c.Move(mm, start, length, uint32(op.To)))
	case "exit":
		return done(w.c.Exit(mm))
	case "fork":
		w.child = op.Child + 1
		return done(w.c.Fork(mm))
	case "fault":
		return w.fault(op)
	case "read":
		return w.read(op)
	case "pin":
		v := w.area(op)
		if v == nil {
			return "", fmt.Errorf("pin needs an area; mm %d has none at slot %d", op.MM, op.At)
		}
		pin, err := w.c.Pin(v.ID)
		if err == nil {
			w.pins = append(w.pins, implPin{pin, v.Anon})
		}
		return done(err)
	case "unpin":
		pin, err := take(&w.pins, op.Handle)
		if err == nil {
			err = pin.Release()
		}
		return done(err)
	case "mig1":
		page := w.entry(op).Page
		if page == 0 {
			return "", fmt.Errorf("mig1 needs a page; mm %d has none at slot %d", op.MM, op.At)
		}
		migration, err := w.c.System().BeginMigrate(w.c.Page(page))
		if err != nil {
			return "", err
		}
		w.migs = append(w.migs, implMigration{migration, page, w.snap.Pages[page-1].Mapping})
		if w.c.Page(page).Mapped() {
			return "miss", nil
		}
		return "ok", nil
	case "mig2":
		migration, err := take(&w.migs, op.Handle)
		if err == nil {
			err = migration.Finish()
		}
		return done(err)
	case "swapout":
		return done(w.c.SwapOut(w.entry(op).Page))
	case "swapdrop":
		return done(w.c.SwapDrop(w.entry(op).Page))
	}
	return "", fmt.Errorf("the implementation has no operation %q", op.Name)
}

// done is the result of an operation that succeeds or runs out of memory.
func done(err error) (string, error) {
	switch {
	case err == nil:
		return "ok", nil
	case errors.Is(err, impl.ErrNoMemory):
		return "enomem", nil
	}
	return "", err
}

// take takes a handle out; later ones move down.
func take[T any](handles *[]T, handle int) (T, error) {
	if handle >= len(*handles) {
		var none T
		return none, fmt.Errorf("there are %d handles, and no handle %d", len(*handles), handle)
	}
	h := (*handles)[handle]
	*handles = append((*handles)[:handle:handle], (*handles)[handle+1:]...)
	return h, nil
}

func (w *ImplWorld) area(op Op) *impl.VMAState {
	for i := range w.snap.VMAs {
		if v := &w.snap.VMAs[i]; v.Life == impl.Mapped && v.MM == op.MM+1 && v.Start <= uint32(op.At) && uint32(op.At) < v.End {
			return v
		}
	}
	return nil
}

func (w *ImplWorld) entry(op Op) impl.PTEState { return w.snap.PTEs[op.MM][op.At] }

// cached reports whether the page of a swap entry is in the swap cache.
func (w *ImplWorld) cached(e impl.PTEState) bool {
	return e.Kind == impl.Swapped && w.snap.Pages[e.Page-1].Cached
}

func (w *ImplWorld) fault(op Op) (string, error) {
	v, old := w.area(op), w.entry(op)
	if v == nil {
		return "segv", nil
	}
	cached := w.cached(old)
	err := w.c.Fault(v.ID, uint32(op.At))
	switch {
	case errors.Is(err, impl.ErrMigrating):
		return "wait", nil
	case errors.Is(err, impl.ErrWritable):
		return "none", nil
	case errors.Is(err, impl.ErrNoMemory):
		return "oom", nil
	case err != nil:
		return "", err
	}
	w.look()
	return faultResult(entryKinds[old.Kind], cached, w.entry(op).Page == old.Page), nil
}

func (w *ImplWorld) read(op Op) (string, error) {
	v, e := w.area(op), w.entry(op)
	if v == nil {
		return "segv", nil
	}
	res := swapIn(w.cached(e))
	err := w.c.Read(v.ID, uint32(op.At))
	if errors.Is(err, impl.ErrNotSwapped) {
		return "none", nil
	}
	return res, err
}

// State is the implementation's state in canonical names.
func (w *ImplWorld) State() (State, error) { return Canonical(w.raw()) }

// Visible is what can be seen of the implementation's state from outside.
func (w *ImplWorld) Visible() State { return w.raw().visible() }

// raw is the implementation's state; its ids are the implementation's.
func (w *ImplWorld) raw() Raw {
	raw := Raw{Walk: w.walk}
	for i := range w.snap.VMAs {
		if v := &w.snap.VMAs[i]; v.Life == impl.Mapped {
			raw.Areas = append(raw.Areas, RawArea{v.ID, v.MM - 1, int(v.Start), int(v.End), int(v.Pgoff), int(v.Prot), v.Anon, v.Chain})
		}
	}
	for i := range w.snap.Anons {
		if a := &w.snap.Anons[i]; a.Live {
			raw.AnonVMAs = append(raw.AnonVMAs, RawAnonVMA{a.ID, a.Root, a.List, a.Refs, a.ID - 1})
		}
	}
	for i := range w.snap.Pages {
		p := &w.snap.Pages[i]
		raw.Pages = append(raw.Pages, RawPage{p.ID, p.Mapping, int(p.Index), p.Cached})
	}
	for mm := range w.snap.PTEs {
		for slot, e := range w.snap.PTEs[mm] {
			if e.Kind != impl.Empty {
				raw.Entries = append(raw.Entries, RawEntry{mm, slot, entryKinds[e.Kind], e.Page})
			}
		}
	}
	for _, pin := range w.pins {
		raw.Pins = append(raw.Pins, pin.anon)
	}
	for _, m := range w.migs {
		raw.Migrations = append(raw.Migrations, RawMigration{m.page, m.anon})
	}
	return raw
}

// walk is a real walk of the implementation.
func (w *ImplWorld) walk(page int) ([]Visit, error) {
	places, err := w.c.Places(page)
	if err != nil {
		return nil, err
	}
	visits := make([]Visit, len(places))
	for i, e := range places {
		visits[i] = Visit{e.MM - 1, int(e.Slot), map[impl.Kind]Found{impl.Present: Mapping, impl.Migration: MigrationEntry}[e.Kind]}
	}
	return visits, nil
}
