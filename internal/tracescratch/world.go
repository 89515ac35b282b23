package tracescratch

import (
	"fmt"

	"github.com/rootlock/rootlock/spec"
)

type op struct {
	Op                          string
	MM, Start, Len, Prot, At, Child, To, Handle, Fail int
	Res                         string
}

type world struct {
	m     *spec.Model
	s     spec.State
	free  []uint8
	fresh uint8
	pins  []uint8
	migs  []uint8
	moves []spec.Move
}

func newWorld() *world {
	m, err := spec.NewModel(spec.RootPointer, "trace", spec.Bounds{MMs: 4, VMAs: spec.MaxVMAs, Objects: spec.MaxObjects, Pages: spec.MaxPages, Walkers: spec.MaxWalkers, Slots: 16,
		MMOps: spec.Unlimited, WalkerOps: spec.Unlimited, Layout: spec.LayoutEmpty, Ops: spec.WideOps(), Prots: 3, Failures: true})
	if err != nil {
		panic(err)
	}
	w := &world{m: m}
	w.reset()
	return w
}

func (w *world) reset() { w.s = w.m.Init(); w.free, w.fresh, w.pins, w.migs = nil, 0, nil, nil }

func (w *world) at(mm, slot int) uint8 {
	for v := range w.s.VMA {
		a := &w.s.VMA[v]
		if a.Life == spec.Mapped && int(a.MM) == mm+1 && int(a.Start) <= slot && slot < int(a.End) {
			return uint8(v + 1)
		}
	}
	return 0
}

func (w *world) walker() uint8 {
	for t := 5; t <= w.m.Threads(); t++ {
		if th := &w.s.Thread[t-1]; th.PC == spec.Idle && th.Pin == 0 {
			return uint8(t)
		}
	}
	panic("no walker")
}

func (w *world) run(mv spec.Move, fail int, until func(*spec.Thread) bool) error {
	t := mv.Thread
	th := &w.s.Thread[t-1]
	count := 0
	for {
		if r := w.m.Refusal(&w.s, mv); r != "" {
			return fmt.Errorf("%s refused: %s (%s)", w.m.Format(mv), r, w.m.WhyNot(&w.s, mv))
		}
		victim := uint8(0)
		var live [spec.MaxObjects]bool
		if mv.Step == spec.FreeAnon {
			for a := range w.s.Anon {
				live[a] = w.s.Anon[a].Live
			}
		}
		w.m.Apply(&w.s, mv)
		if mv.Step == spec.FreeAnon {
			for a := range w.s.Anon {
				if live[a] && !w.s.Anon[a].Live {
					victim = uint8(a + 1)
				}
			}
			w.free = append(w.free, victim)
		}
		if th.PC == spec.Idle || th.PC == spec.Faulted || until != nil && until(th) {
			break
		}
		mv = spec.Move{Thread: t, Step: th.PC}
		n := w.m.Allocations(&w.s, t)
		if n > 0 && fail > count && fail <= count+n {
			mv.Step = spec.FailAlloc
		} else if th.PC == spec.AllocAnon {
			if k := len(w.free); k > 0 {
				mv.Args[0] = w.free[k-1]
				w.free = w.free[:k-1]
			} else {
				w.fresh++
				mv.Args[0] = w.fresh
			}
		}
		count += n
	}
	for v := range w.s.VMA {
		if w.s.VMA[v].Life == spec.Freed {
			w.s.VMA[v] = spec.VMA{}
		}
	}
	if broken := w.m.Check(&w.s); broken != 0 {
		for _, c := range spec.Claims() {
			if broken.Has(c) {
				a, b := w.m.Explain(&w.s, c)
				return fmt.Errorf("%s: %s %s", c, a, b)
			}
		}
	}
	return nil
}

func (w *world) do(o op) (string, error) {
	t := uint8(o.MM + 1)
	args := func(a ...int) (x [3]uint8) {
		for i := range a {
			x[i] = uint8(a[i])
		}
		return
	}
	begin := func(s spec.Step, a ...int) (string, error) {
		err := w.run(spec.Move{Thread: t, Step: s, Args: args(a...)}, o.Fail, nil)
		if w.s.Thread[t-1].Error {
			return "enomem", err
		}
		return "ok", err
	}
	switch o.Op {
	case "map":
		return begin(spec.Map, o.Start, o.Len, o.Prot)
	case "unmap":
		for i := o.Start; i < o.Start+o.Len; i++ {
			if w.at(o.MM, i) != 0 {
				return begin(spec.UnmapRange, o.Start, o.Len)
			}
		}
		return "ok", nil
	case "protect":
		return begin(spec.Protect, o.Start, o.Len, o.Prot)
	case "move":
		return begin(spec.MoveArea, o.Start, o.Len, o.To)
	case "exit":
		return begin(spec.Exit)
	case "fork":
		return begin(spec.Fork, o.Child+1)
	case "fault", "read":
		v := w.at(o.MM, o.At)
		if v == 0 {
			return "segv", nil
		}
		e := &w.s.PTE[o.MM][o.At]
		old := *e
		switch {
		case old.Kind == spec.Migration && o.Op == "fault":
			return "wait", nil
		case old.Kind == spec.Present && old.Writable, o.Op == "read" && old.Kind != spec.Swapped:
			return "none", nil
		}
		step, res := spec.Fault, "new"
		if o.Op == "read" {
			step = spec.Read
		}
		if old.Kind == spec.Swapped {
			res = "major"
			if w.s.Page[old.Page-1].Cached {
				res = "minor"
			}
		}
		r, err := begin(step, int(v), o.At)
		switch {
		case r == "enomem":
			return "oom", err
		case old.Kind == spec.Present && e.Page == old.Page:
			res = "reuse"
		case old.Kind == spec.Present:
			res = "cow"
		case old.Kind == spec.Swapped && o.Op == "fault" && e.Page == old.Page:
			res += "-own"
		case old.Kind == spec.Swapped && o.Op == "fault":
			res += "-cow"
		}
		return res, err
	case "pin":
		wk := w.walker()
		w.pins = append(w.pins, wk)
		return "ok", w.run(spec.Move{Thread: wk, Step: spec.Pin, Args: args(int(w.at(o.MM, o.At)))}, 0, nil)
	case "unpin":
		wk := w.pins[o.Handle]
		w.pins = append(w.pins[:o.Handle:o.Handle], w.pins[o.Handle+1:]...)
		return "ok", w.run(spec.Move{Thread: wk, Step: spec.Unpin}, 0, nil)
	case "mig1":
		wk := w.walker()
		w.migs = append(w.migs, wk)
		p := w.s.PTE[o.MM][o.At].Page
		err := w.run(spec.Move{Thread: wk, Step: spec.Migrate, Args: args(int(p))}, 0, func(th *spec.Thread) bool { return th.Phase == spec.Two && th.PC == spec.ReadMapping })
		return "ok", err
	case "mig2":
		wk := w.migs[o.Handle]
		w.migs = append(w.migs[:o.Handle:o.Handle], w.migs[o.Handle+1:]...)
		return "ok", w.run(spec.Move{Thread: wk, Step: spec.ReadMapping}, 0, nil)
	case "swapout":
		return "ok", w.run(spec.Move{Thread: w.walker(), Step: spec.SwapOut, Args: args(int(w.s.PTE[o.MM][o.At].Page))}, 0, nil)
	case "swapdrop":
		return "ok", w.run(spec.Move{Thread: w.walker(), Step: spec.SwapDrop, Args: args(int(w.s.PTE[o.MM][o.At].Page))}, 0, nil)
	}
	return "", fmt.Errorf("unknown op %s", o.Op)
}

func (w *world) walk(p uint8) [][3]int {
	out := [][3]int{}
	if w.s.Page[p-1].Cached {
		any := false
		for mm := range 4 {
			for i := range 16 {
				e := w.s.PTE[mm][i]
				any = any || e.Page == p && e.Kind != spec.Swapped
			}
		}
		if !any {
			return out
		}
	}
	s := w.s
	t := w.walker()
	th := &s.Thread[t-1]
	*th = spec.Thread{PC: spec.ReadMapping, Op: spec.Migrate, Phase: spec.Two, Page: p, Left: th.Left}
	for th.PC != spec.UnlockRoot && th.PC != spec.Faulted {
		if th.PC == spec.Visit {
			v := s.VMA[th.VMA-1]
			e := s.PTE[v.MM-1][th.Slot]
			what := 0
			if e.Page == p && e.Kind == spec.Present {
				what = 1
			} else if e.Page == p && e.Kind == spec.Migration {
				what = 2
			}
			out = append(out, [3]int{int(v.MM) - 1, int(th.Slot), what})
		}
		mv := spec.Move{Thread: t, Step: th.PC}
		if !w.m.Enabled(&s, mv) {
			panic(w.m.Format(mv))
		}
		w.m.Apply(&s, mv)
	}
	return out
}
