// The reference model as a world: each operation is the law's steps in one
// thread, from beginning to end, and every claim is checked after it.

package trace

import (
	"errors"
	"fmt"

	"github.com/rootlock/rootlock/spec"
)

// maxSteps bounds the steps of one operation, so that a lookup which retries for
// ever is an error; the longest of the traces takes some hundreds.
const maxSteps = 100_000

// A SpecWorld is the reference model with the bounds of the traces.
type SpecWorld struct {
	m *spec.Model
	s spec.State

	free  []uint8 // free objects that were in use, the one freed last at the end
	fresh uint8   // objects that were ever in use
	pins  []uint8 // the walker that holds each, by handle
	migs  []uint8
}

// NewSpecWorld makes an empty world with the given protocol.
func NewSpecWorld(p spec.Protocol) (*SpecWorld, error) {
	m, err := spec.NewModel(p, "Trace", spec.Bounds{
		MMs: MMs, Slots: Slots, VMAs: spec.MaxVMAs, Objects: spec.MaxObjects, Pages: spec.MaxPages, Walkers: spec.MaxWalkers,
		MMOps: spec.Unlimited, WalkerOps: spec.Unlimited, Layout: spec.LayoutEmpty, Ops: spec.WideOps() | p.Operations(), Prots: Prots, Failures: true,
	})
	if err != nil {
		return nil, err
	}
	w := &SpecWorld{m: m}
	w.Reset()
	return w, nil
}

// Reset makes the world empty.
func (w *SpecWorld) Reset() { *w = SpecWorld{m: w.m, s: w.m.Init()} }

// Do does one operation.
func (w *SpecWorld) Do(op Op) (string, error) {
	switch op.Name {
	case "map":
		return w.begin(op, spec.Map, op.Start, op.Len, op.Prot)
	case "unmap":
		if !w.anyArea(op.MM, op.Start, op.Start+op.Len) {
			return "ok", nil
		}
		return w.begin(op, spec.UnmapRange, op.Start, op.Len)
	case "protect":
		return w.begin(op, spec.Protect, op.Start, op.Len, op.Prot)
	case "move":
		return w.begin(op, spec.MoveArea, op.Start, op.Len, op.To)
	case "keep":
		return w.begin(op, spec.MoveKeep, op.Start, op.Len, op.To)
	case "exit":
		return w.begin(op, spec.Exit)
	case "fork":
		return w.begin(op, spec.Fork, op.Child+1)
	case "fault":
		return w.fault(op)
	case "read":
		return w.read(op)
	case "pin":
		v := w.area(op.MM, op.At)
		if v == 0 {
			return "", fmt.Errorf("pin needs an area; mm %d has none at slot %d", op.MM, op.At)
		}
		return w.hold(&w.pins, spec.Pin, v, nil)
	case "unpin":
		return w.release(&w.pins, op.Handle, spec.Unpin)
	case "mig1":
		return w.migrate(op)
	case "mig2":
		return w.release(&w.migs, op.Handle, spec.ReadMapping)
	case "swapout":
		return w.page(op, spec.SwapOut)
	case "swapdrop":
		return w.page(op, spec.SwapDrop)
	}
	return "", fmt.Errorf("the model has no operation %q", op.Name)
}

// begin runs an operation of op's mm.
func (w *SpecWorld) begin(op Op, step spec.Step, args ...int) (string, error) {
	t := uint8(op.MM + 1)
	err := w.run(move(t, step, args...), op.Fail, nil)
	if w.s.Thread[t-1].Error {
		return "enomem", err
	}
	return "ok", err
}

func move(t uint8, step spec.Step, args ...int) spec.Move {
	mv := spec.Move{Thread: t, Step: step}
	for i, a := range args {
		mv.Args[i] = uint8(a)
	}
	return mv
}

// fault is a write; the model has no step for one that changes nothing.
func (w *SpecWorld) fault(op Op) (string, error) {
	v := w.area(op.MM, op.At)
	if v == 0 {
		return "segv", nil
	}
	old := w.s.PTE[op.MM][op.At]
	switch {
	case old.Kind == spec.Migration:
		return "wait", nil
	case old.Kind == spec.Present && old.Writable:
		return "none", nil
	}
	cached := w.cached(old)
	done, err := w.begin(op, spec.Fault, int(v), op.At)
	if done == "enomem" {
		return "oom", err
	}
	return faultResult(entryKinds[old.Kind], cached, w.s.PTE[op.MM][op.At].Page == old.Page), err
}

func (w *SpecWorld) read(op Op) (string, error) {
	v := w.area(op.MM, op.At)
	e := w.s.PTE[op.MM][op.At]
	switch {
	case v == 0:
		return "segv", nil
	case e.Kind != spec.Swapped:
		return "none", nil
	}
	res := swapIn(w.cached(e))
	_, err := w.begin(op, spec.Read, int(v), op.At)
	return res, err
}

// cached reports whether the page of a swap entry is in the swap cache.
func (w *SpecWorld) cached(e spec.PTE) bool {
	return e.Kind == spec.Swapped && w.s.Page[e.Page-1].Cached
}

// entryKinds are the kinds of entries in the traces' words.
var entryKinds = [...]EntryKind{spec.Present: Present, spec.Migration: Migrating, spec.Swapped: Swapped}

// hold begins what an idle walker then keeps, under the next handle.
func (w *SpecWorld) hold(handles *[]uint8, step spec.Step, arg uint8, until func(*spec.Thread) bool) (string, error) {
	t, err := w.walker()
	if err != nil {
		return "", err
	}
	*handles = append(*handles, t)
	return "ok", w.run(move(t, step, int(arg)), 0, until)
}

// release ends what a walker keeps; later handles move down.
func (w *SpecWorld) release(handles *[]uint8, handle int, step spec.Step) (string, error) {
	if handle >= len(*handles) {
		return "", fmt.Errorf("there are %d handles, and no handle %d", len(*handles), handle)
	}
	t := (*handles)[handle]
	*handles = append((*handles)[:handle:handle], (*handles)[handle+1:]...)
	return "ok", w.run(move(t, step), 0, nil)
}

// migrate is a migration up to its second walk.
func (w *SpecWorld) migrate(op Op) (string, error) {
	e := w.s.PTE[op.MM][op.At]
	if e.Kind != spec.Present {
		return "", fmt.Errorf("mig1 needs a present entry; there is: %s", e)
	}
	res, err := w.hold(&w.migs, spec.Migrate, e.Page, func(th *spec.Thread) bool { return th.Phase == spec.Two && th.PC == spec.ReadMapping })
	for mm := range MMs {
		for slot := range Slots {
			if o := w.s.PTE[mm][slot]; o.Kind == spec.Present && o.Page == e.Page {
				res = "miss"
			}
		}
	}
	return res, err
}

// page does a walker's operation on the page at op's place.
func (w *SpecWorld) page(op Op, step spec.Step) (string, error) {
	t, err := w.walker()
	if err != nil {
		return "", err
	}
	e := w.s.PTE[op.MM][op.At]
	if kind := map[spec.Step]spec.Kind{spec.SwapOut: spec.Present, spec.SwapDrop: spec.Swapped}[step]; e.Kind != kind {
		return "", fmt.Errorf("%s needs an entry of another kind; there is: %s", op.Name, e)
	}
	return "ok", w.run(move(t, step, int(e.Page)), 0, nil)
}

// walker is a walker that keeps nothing; one more is left for the walks that
// State makes.
func (w *SpecWorld) walker() (uint8, error) {
	if n := len(w.pins) + len(w.migs); n+1 >= w.m.Walkers {
		return 0, fmt.Errorf("the model has %d walkers: %d pins and migrations at once are too many", w.m.Walkers, n+1)
	}
	for t := w.m.MMs + 1; t <= w.m.Threads(); t++ {
		if th := &w.s.Thread[t-1]; th.PC == spec.Idle && th.Pin == 0 {
			return uint8(t), nil
		}
	}
	return 0, errors.New("no walker is idle")
}

// area is the area of mm at slot; 0 if there is none.
func (w *SpecWorld) area(mm, slot int) uint8 {
	for v := range w.s.VMA {
		a := &w.s.VMA[v]
		if a.Life == spec.Mapped && int(a.MM) == mm+1 && int(a.Start) <= slot && slot < int(a.End) {
			return uint8(v + 1)
		}
	}
	return 0
}

func (w *SpecWorld) anyArea(mm, start, end int) bool {
	for slot := start; slot < end; slot++ {
		if w.area(mm, slot) != 0 {
			return true
		}
	}
	return false
}

// run takes steps of one thread, from mv on, until the operation is over or
// until says so. The fail-th allocation fails. Objects are recycled last in,
// first out.
func (w *SpecWorld) run(mv spec.Move, fail int, until func(*spec.Thread) bool) error {
	t := mv.Thread
	th := &w.s.Thread[t-1]
	allocated := 0
	for steps := 0; ; steps++ {
		if steps == maxSteps {
			return fmt.Errorf("the operation does not end: %d steps", steps)
		}
		if w.m.Refusal(&w.s, mv) != "" {
			return fmt.Errorf("%w %s: %s", errRefused, w.m.Format(mv), w.m.WhyNot(&w.s, mv))
		}
		w.apply(mv)
		if th.PC == spec.Idle || th.PC == spec.Oopsed || until != nil && until(th) {
			break
		}
		mv = spec.Move{Thread: t, Step: th.PC}
		n := w.m.Allocations(&w.s, t)
		switch {
		case allocated < fail && fail <= allocated+n:
			mv.Step = spec.FailAlloc
		case mv.Step == spec.AllocAnon:
			mv.Args[0] = w.object()
		}
		allocated += n
	}
	return w.rest()
}

// apply takes one step, and remembers which object it freed.
func (w *SpecWorld) apply(mv spec.Move) {
	if mv.Step != spec.FreeAnon {
		w.m.Apply(&w.s, mv)
		return
	}
	var live [spec.MaxObjects]bool
	for a := range live {
		live[a] = w.s.Anon[a].Live
	}
	w.m.Apply(&w.s, mv)
	for a := range live {
		if live[a] && !w.s.Anon[a].Live {
			w.free = append(w.free, uint8(a+1))
		}
	}
}

// object is the object that the next allocation takes.
func (w *SpecWorld) object() uint8 {
	if n := len(w.free); n > 0 {
		a := w.free[n-1]
		w.free = w.free[:n-1]
		return a
	}
	w.fresh++
	return w.fresh
}

// rest is between two operations: every claim must hold.
func (w *SpecWorld) rest() error {
	broken := w.m.Check(&w.s)
	for _, c := range spec.Claims() {
		if broken.Has(c) {
			conjunct, values := w.m.Explain(&w.s, c)
			return fmt.Errorf("%s is violated: %s is false: %s", c, conjunct, values)
		}
	}
	return nil
}

// errRefused says that the law does not have an operation where it is asked for.
var errRefused = errors.New("the model refuses")

// State is the model's state in canonical names.
func (w *SpecWorld) State() (State, error) { return Canonical(w.raw()) }

// Visible is what can be seen of the model's state from outside.
func (w *SpecWorld) Visible() State { return w.raw().visible() }

// raw is the model's state; its ids are the model's.
func (w *SpecWorld) raw() Raw {
	raw := Raw{Walk: w.walk}
	for i := range w.s.VMA {
		if v := &w.s.VMA[i]; v.Life == spec.Mapped {
			raw.Areas = append(raw.Areas, RawArea{i + 1, int(v.MM) - 1, int(v.Start), int(v.End), int(v.Pgoff), int(v.Prot), int(v.Anon), ints(v.Chain[:v.NChain])})
		}
	}
	for i := range w.s.Anon {
		if a := &w.s.Anon[i]; a.Live {
			raw.AnonVMAs = append(raw.AnonVMAs, RawAnonVMA{i + 1, int(a.Root), ints(a.List[:a.NList]), int(a.Refs), i})
		}
	}
	for i := range w.s.Page {
		p := &w.s.Page[i]
		raw.Pages = append(raw.Pages, RawPage{i + 1, int(p.Mapping), int(p.Index), p.Cached})
	}
	for mm := range MMs {
		for slot := range Slots {
			if e := w.s.PTE[mm][slot]; e.Kind != spec.Empty {
				raw.Entries = append(raw.Entries, RawEntry{mm, slot, entryKinds[e.Kind], int(e.Page)})
			}
		}
	}
	for _, t := range w.pins {
		raw.Pins = append(raw.Pins, int(w.s.Thread[t-1].Pin))
	}
	for _, t := range w.migs {
		raw.Migrations = append(raw.Migrations, RawMigration{int(w.s.Thread[t-1].Page), int(w.s.Thread[t-1].Pin)})
	}
	return raw
}

func ints(ids []uint8) []int {
	list := make([]int, len(ids))
	for i, id := range ids {
		list[i] = int(id)
	}
	return list
}

// walk is the rmap walk of a page, by an idle walker in a copy of the state: the
// second walk of a migration, which looks for entries of both kinds.
func (w *SpecWorld) walk(page int) ([]Visit, error) {
	t := uint8(0)
	for i := w.m.MMs; i < w.m.Threads(); i++ {
		if th := &w.s.Thread[i]; th.PC == spec.Idle && th.Pin == 0 {
			t = uint8(i + 1)
		}
	}
	if t == 0 {
		return nil, errors.New("no walker is idle")
	}
	s := w.s
	th := &s.Thread[t-1]
	*th = spec.Thread{PC: spec.ReadMapping, Op: spec.Migrate, Phase: spec.Two, Page: uint8(page), Left: th.Left}
	var visits []Visit
	for steps := 0; th.Phase == spec.Two && th.PC != spec.UnlockRoot; steps++ {
		mv := spec.Move{Thread: t, Step: th.PC}
		if th.PC == spec.Oopsed || steps == maxSteps || !w.m.Enabled(&s, mv) {
			return nil, fmt.Errorf("it stops at %s", th.PC)
		}
		if th.PC == spec.Visit {
			v := &s.VMA[th.VMA-1]
			found := Nothing
			if e := s.PTE[v.MM-1][th.Slot]; int(e.Page) == page {
				found = map[spec.Kind]Found{spec.Present: Mapping, spec.Migration: MigrationEntry}[e.Kind]
			}
			visits = append(visits, Visit{int(v.MM) - 1, int(th.Slot), found})
		}
		w.m.Apply(&s, mv)
	}
	return visits, nil
}
