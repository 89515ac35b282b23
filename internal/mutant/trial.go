package mutant

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"math"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/internal/mutant/wire"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/explore"
)

// A trial is one that mutants are shown to, and what the code does there as it is.
type trial struct {
	wire.Trial
	law   *wire.Answer
	ends  bool // all walks do, where threads and locks are fair
	asked []bool

	more     []uint32 // mutants that only the comparison of graphs asks about
	compared uint64   // how often that asks
}

// candidates are the models of all protocols. What is too large to be asked of every
// mutant is asked with fewer operations: see survey.
func candidates(side Side, o *Options) ([]wire.Trial, error) {
	all, err := models.All()
	if err != nil {
		return nil, err
	}
	var list []wire.Trial
	wanted := func(name string) bool { return len(o.Models) == 0 || slices.Contains(o.Models, name) }
	for _, m := range all {
		if !wanted(m.Name) {
			continue
		}
		t := wire.Trial{Protocol: m.Protocol.String(), Model: m.Name, Bounds: m.Bounds}
		if side == Code {
			t.Kind = wire.Toured
		}
		same := func(o wire.Trial) bool { return o.Protocol == t.Protocol && o.Bounds == t.Bounds && o.Kind == t.Kind }
		if side == Code && max(m.MMOps, m.WalkerOps) == spec.Unlimited {
			continue // a graph that leads back has no short tour, and a world without end no end
		}
		if m.Name != "Full" && !slices.ContainsFunc(list, same) {
			list = append(list, t)
			if side == Code {
				t.Kind, t.Model = wire.Led, m.Name+"*"
				list = append(list, t)
			}
		}
	}
	for _, p := range spec.Protocols() {
		worlds := scarce
		if p.Trees() {
			worlds = maps.Clone(scarce)
			maps.Copy(worlds, scarceToday)
		}
		for _, name := range slices.Sorted(maps.Keys(worlds)) {
			if b := worlds[name]; wanted(name) && side == Law {
				list = append(list, wire.Trial{Protocol: p.String(), Model: name, Bounds: b})
			} else if wanted(name) {
				list = append(list, wire.Trial{Protocol: p.String(), Model: name, Bounds: b, Kind: wire.Toured})
			}
		}
	}
	for _, p := range spec.Protocols() {
		kind, schedules := wire.Lockstep, o.Schedules
		if side == Law {
			kind, schedules = wire.Random, 0
		}
		trials, err := descended(p, kind, schedules)
		if err != nil {
			return nil, err
		}
		for _, t := range trials {
			if wanted(t.Model) && (side == Code || p.Trees()) { // of the law, what only RwsemRoot's forks and moves do
				list = append(list, t)
			}
		}
	}
	if side == Law {
		if wanted("Freed") {
			t, err := freed(o.Root, wire.Random)
			if err != nil {
				return nil, err
			}
			list = append(list, t)
		}
		return append(list, beside(o)...), nil
	}
	for _, p := range spec.Protocols() {
		for _, name := range []string{"Wide", "WideMapped", "WideNeighbours", "WideWorld", "World", "Today", "Moves"} {
			m, err := models.Random(p, name)
			if err != nil {
				return nil, err
			}
			if m != nil && wanted(name) {
				n := o.Schedules
				if name == "World" { // where a step costs fifty times as much
					n = max(1, n/20)
				}
				list = append(list, wire.Trial{Protocol: p.String(), Model: name, Bounds: m.Bounds, Kind: wire.Lockstep, Schedules: n})
			}
		}
	}
	if wanted("Freed") {
		t, err := freed(o.Root, wire.Led)
		if err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	return append(list, large(o, wire.Lockstep, o.Schedules)...), nil
}

// scarce are models in which things run short that are plenty in those of the catalogue:
// objects, names, slots, memory on the way to a merge; and small ones of swap alone, of moves,
// there and back, and of boundaries in two slots or three.
var scarce = map[string]spec.Bounds{
	"NoObject": {MMs: 2, VMAs: 4, Objects: 1, Pages: 2, Slots: 3, MMOps: 3, Layout: spec.LayoutEmpty,
		Ops: spec.OpsOf(spec.Map, spec.Fault, spec.Fork, spec.Exit, spec.Unmap)},
	"NoName": {MMs: 1, VMAs: 3, Objects: 2, Pages: 2, Slots: 3, MMOps: 4, Prots: 2, Layout: spec.LayoutOnePage,
		Ops: spec.OpsOf(spec.Map, spec.Fault, spec.Unmap, spec.SplitBelow, spec.SplitAbove, spec.Protect, spec.UnmapRange)},
	"NoSlot": {MMs: 1, VMAs: 3, Objects: 1, Pages: 1, Slots: 1, MMOps: 2, Prots: 2, Layout: spec.LayoutOnePage,
		Ops: spec.OpsOf(spec.Fault, spec.Protect)},
	"SwapRace": {MMs: 2, VMAs: 2, Objects: 2, Pages: 2, Walkers: 1, Slots: 1, MMOps: 2, WalkerOps: 1, Layout: spec.LayoutOnePage,
		Ops: spec.OpsOf(spec.Fault, spec.Fork, spec.Exit, spec.SwapOut)},
	"NoRoom": {MMs: 1, VMAs: 1, Objects: 1, Pages: 1, Walkers: 1, Slots: 2, MMOps: 1, WalkerOps: 2, Layout: spec.LayoutOnePage,
		Ops: spec.OpsOf(spec.Exit, spec.WalkPinned, spec.Pin, spec.Unpin)},
	"Shift": {MMs: 1, VMAs: 5, Objects: 2, Pages: 2, Slots: 3, MMOps: 4, Prots: 2, Layout: spec.LayoutMapped,
		Ops: spec.OpsOf(spec.Fault, spec.Protect)},
	"MoveName": {MMs: 1, VMAs: 4, Objects: 1, Pages: 1, Slots: 5, MMOps: 2, Layout: spec.LayoutNeighbours,
		Ops: spec.OpsOf(spec.MoveArea, spec.SplitAbove, spec.UnmapRange)},
	"MoveTwo": {MMs: 1, VMAs: 6, Objects: 1, Pages: 2, Slots: 4, MMOps: 3, Prots: 2, Layout: spec.LayoutEmpty,
		Ops: spec.OpsOf(spec.MoveArea, spec.Fault, spec.Map)},
	"MoveHome": {MMs: 1, VMAs: 5, Objects: 1, Pages: 1, Slots: 4, MMOps: 5, Prots: 1, Layout: spec.LayoutEmpty,
		Ops: spec.OpsOf(spec.Map, spec.Fault, spec.MoveArea)},
	"ApartNext": {MMs: 1, VMAs: 5, Objects: 1, Pages: 1, Slots: 3, MMOps: 4, Prots: 3, Failures: true, Layout: spec.LayoutOnePage,
		Ops: spec.OpsOf(spec.Map, spec.UnmapRange, spec.Protect)},
	"SwapTwo": {MMs: 2, VMAs: 2, Objects: 2, Pages: 2, Walkers: 1, Slots: 2, MMOps: 2, WalkerOps: 2, Layout: spec.LayoutOnePage,
		Ops: spec.OpsOf(spec.Fault, spec.Fork, spec.Read, spec.SwapOut)},
	"Endless": {MMs: 1, VMAs: 3, Objects: 2, Pages: 1, Walkers: 1, Slots: 2, MMOps: spec.Unlimited, WalkerOps: spec.Unlimited, Prots: 2, Layout: spec.LayoutOnePage,
		Ops: spec.OpsOf(spec.Fault, spec.Protect, spec.Walk, spec.Pin, spec.Unpin)},
	"ApartForked": {MMs: 2, VMAs: 6, Objects: 3, Pages: 2, Slots: 2, MMOps: 1, Prots: 2, Failures: true, Layout: spec.LayoutNeighbours,
		Ops: spec.OpsOf(spec.Fork, spec.Protect)},
	"Apart": {MMs: 1, VMAs: 6, Objects: 2, Pages: 2, Slots: 3, MMOps: 3, Prots: 2, Failures: true, Layout: spec.LayoutNeighbours,
		Ops: spec.OpsOf(spec.Fault, spec.Protect, spec.Map, spec.MoveArea)},
}

// scarceToday are those of what only RwsemRoot has: swapped pages that two threads of a process
// bring back, two UFFDIO_MOVEs at once, no object for what one comes to, and an area that goes back to where it
// is merged and its pages are moved under the family's lock.
var scarceToday = map[string]spec.Bounds{
	"ReadBeside": {MMs: 1, VMAs: 3, Objects: 1, Pages: 2, Walkers: 1, Slots: 2, MMOps: 2, WalkerOps: 2, Faulters: 1, Layout: spec.LayoutOnePage,
		Ops: spec.OpsOf(spec.SplitAbove, spec.Unmap, spec.Read, spec.SwapOut, spec.UffdMove)},
	"SwapBeside": {MMs: 1, VMAs: 2, Objects: 1, Pages: 1, Walkers: 1, Slots: 2, MMOps: 2, WalkerOps: 1, Faulters: 1, Layout: spec.LayoutOnePage,
		Ops: spec.OpsOf(spec.Fault, spec.Read, spec.SwapOut)},
	"MovePair": {MMs: 1, VMAs: 2, Objects: 1, Pages: 2, Slots: 4, MMOps: 2, Faulters: 1, Layout: spec.LayoutOnePage,
		Ops: spec.OpsOf(spec.Fault, spec.UffdMove)},
	"MoveBack": {MMs: 1, VMAs: 5, Objects: 1, Pages: 1, Slots: 3, MMOps: 4, Prots: 1, Layout: spec.LayoutEmpty,
		Ops: spec.OpsOf(spec.Map, spec.Fault, spec.MoveArea)},
	"MoveNoObject": {MMs: 2, VMAs: 4, Objects: 2, Pages: 2, Slots: 2, MMOps: 2, Layout: spec.LayoutNeighbours,
		Ops: spec.OpsOf(spec.Fault, spec.Fork, spec.UffdMove)},
}

// tight is a world of every operation with few names, slots and objects: the last name is
// given out, ranges meet, moves come back to where they began, and one operation in many fails.
var tight = spec.Bounds{MMs: 2, VMAs: 6, Objects: 3, Pages: 3, Walkers: 1, Slots: 4, MMOps: 30, WalkerOps: 8, Layout: spec.LayoutEmpty,
	Ops: spec.AllOps() | spec.WideOps(), Prots: 3, Failures: true}

// kin is a world in which areas that were forked are cut and merged again.
var kin = spec.Bounds{MMs: 2, VMAs: 10, Objects: 5, Pages: 3, Walkers: 1, Slots: 2, MMOps: 20, WalkerOps: 4, Layout: spec.LayoutForked, Prots: 2,
	Ops: spec.OpsOf(spec.Fault, spec.Fork, spec.Protect, spec.Map, spec.UnmapRange, spec.Walk)}

// large are random schedules of worlds with every operation, too large to be explored.
func large(o *Options, kind wire.Kind, schedules int) (list []wire.Trial) {
	for _, p := range spec.Protocols() {
		for _, l := range []spec.Layout{spec.LayoutOnePage, spec.LayoutNeighbours, spec.LayoutForked} {
			b := spec.Bounds{MMs: 3, VMAs: 24, Objects: 8, Pages: 5, Walkers: 2, Slots: 4, MMOps: 12, WalkerOps: 8, Layout: l,
				Ops: spec.AllOps() | spec.WideOps(), Prots: 2, Failures: true}
			if p.Trees() { // with what only it has
				b.Ops |= p.Operations()
				if l == spec.LayoutOnePage {
					b.Faulters = 2
				}
			}
			if l == spec.LayoutForked { // and areas are never merged: there is no protection to give them
				b.Prots, b.Ops = 0, b.Ops&^spec.OpsOf(spec.Protect)
			}
			if name := "Random" + l.String(); len(o.Models) == 0 || slices.Contains(o.Models, name) {
				list = append(list, wire.Trial{Protocol: p.String(), Model: name, Bounds: b, Kind: kind, Schedules: schedules})
			}
		}
		for _, w := range []struct {
			name   string
			bounds spec.Bounds
		}{{"RandomTight", tight}, {"RandomKin", kin}} {
			if len(o.Models) == 0 || slices.Contains(o.Models, w.name) {
				list = append(list, wire.Trial{Protocol: p.String(), Model: w.name, Bounds: w.bounds, Kind: kind, Schedules: schedules})
			}
		}
	}
	return list
}

// beside are the trials of the law in worlds that are too large to be explored: random
// schedules of all operations, and the kernel's traces.
func beside(o *Options) []wire.Trial {
	list := large(o, wire.Random, o.Wander)
	if len(o.Models) == 0 || slices.Contains(o.Models, "Traces") {
		b := spec.Bounds{MMs: 1, VMAs: 1, Objects: 1, Pages: 1, Slots: 1} // the traces have their own
		list = append(list, wire.Trial{Protocol: spec.RootPointer.String(), Model: "Traces", Bounds: b, Kind: wire.Traced})
	}
	return list
}

// fewer is a trial with one operation less, of the side that has more; false if each has one.
func fewer(t wire.Trial) (wire.Trial, bool) {
	b := &t.Bounds
	switch {
	case b.MMOps > 1 && b.MMOps >= b.WalkerOps:
		b.MMOps--
	case b.WalkerOps > 1:
		b.WalkerOps--
	default:
		return t, false
	}
	t.Model += "-"
	return t, true
}

// fitting are the candidates that have no more states than limit, some with fewer
// operations than they are known with.
func fitting(ctx context.Context, list []wire.Trial, limit uint64) ([]wire.Trial, error) {
	fit := make([]*wire.Trial, len(list))
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(1)
	for i, t := range list {
		group.Go(func() error {
			for ok := true; ok; t, ok = fewer(t) {
				limit := limit
				switch t.Kind {
				case wire.Led:
					if limit = leadStates; len(t.Leads) > 0 { // they were found before
						fit[i] = &t
						return nil
					}
				case wire.Explored, wire.Toured:
				default:
					fit[i] = &t
					return nil
				}
				p, err := spec.ProtocolByName(t.Protocol)
				if err != nil {
					return err
				}
				m, err := spec.NewModel(p, t.Model, t.Bounds)
				if err != nil {
					return err
				}
				x, err := explore.Explore(inner, m.Law(), explore.Options{Workers: 1, MaxStates: limit})
				if err != nil {
					return err
				}
				if x.Complete || errors.Is(x.Stopped, explore.ErrNotTyped) {
					fit[i] = &t
					return nil
				}
				if inner.Err() != nil {
					return context.Cause(inner)
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	for i, t := range fit { // the same models, for what is broken there
		if t != nil && t.Kind == wire.Led && len(t.Leads) == 0 {
			if err := lead(ctx, t); err != nil {
				return nil, err
			}
			if len(t.Leads) == 0 {
				fit[i] = nil
			}
		}
	}
	var kept []wire.Trial
	for _, t := range fit {
		same := func(o wire.Trial) bool {
			return o.Protocol == t.Protocol && o.Bounds == t.Bounds && o.Kind == t.Kind && o.Schedules == t.Schedules
		}
		if t != nil && !slices.ContainsFunc(kept, same) {
			kept = append(kept, *t)
		}
	}
	return kept, nil
}

// survey asks what the code does as it is, in each trial, and which mutants have a part in
// that.
func (r *run) survey(ctx context.Context) error {
	r.trials = make([]trial, len(r.setup.Trials))
	var mu sync.Mutex
	next := 0
	err := r.workers(ctx, func(ctx context.Context, w *worker) (bool, error) {
		mu.Lock()
		i := next
		next++
		mu.Unlock()
		if i >= len(r.trials) {
			return false, nil
		}
		t := &r.trials[i]
		t.Trial = r.setup.Trials[i]
		var err error
		if t.law, err = w.ask(ctx, &wire.Question{Trial: i}); err != nil {
			return false, err
		}
		if t.law.Panics || t.law.Hangs || t.law.Differs || t.law.Bytes {
			return false, errors.New("rootlock: without any mutant, " + t.Protocol + "/" + t.Model + ": " + t.law.Said)
		}
		t.asked = make([]bool, r.setup.Mutants+1)
		for _, n := range t.law.Asked {
			t.asked[n] = true
		}
		if r.side == Law {
			return true, r.surveyLaw(ctx, w, i)
		}
		return true, nil
	})
	for i := range r.trials {
		r.order = append(r.order, i)
	}
	if err == nil {
		r.agree()
		r.sort()
	}
	return err
}

// sort puts schedules of the code first, which come far in little time. Of the models the
// small ones come first. Among those of about one size each model has its turn before any has
// a second one; of a model first the protocol that keeps most claims.
func (r *run) sort() {
	size := func(i int) uint64 { return r.trials[i].law.Counts.Generated }
	slices.SortStableFunc(r.order, func(i, j int) int {
		return cmp.Or(cmp.Compare(len(r.trials[j].law.Kept), len(r.trials[i].law.Kept)), cmp.Compare(size(i), size(j)))
	})
	turn, seen := make([]int, len(r.trials)), map[string]int{}
	for _, i := range r.order {
		t := &r.trials[i]
		if t.Kind == wire.Lockstep || t.Kind == wire.Led {
			continue
		}
		seen[t.Model]++
		turn[i] = seen[t.Model]
		if r.side == Law {
			turn[i] += 10 * slices.IndexFunc(sizes, func(n uint64) bool { return size(i) <= n })
		}
	}
	slices.SortStableFunc(r.order, func(i, j int) int { return cmp.Or(cmp.Compare(turn[i], turn[j]), cmp.Compare(size(i), size(j))) })
}

// sizes are about one size, in generated states of the law.
var sizes = []uint64{20_000, 80_000, math.MaxUint64}

// surveyLaw asks more of the law in a trial: what the comparison of graphs asks, and
// whether operations end.
func (r *run) surveyLaw(ctx context.Context, w *worker, i int) error {
	t := &r.trials[i]
	if t.Kind == wire.Random || t.Kind == wire.Explored && t.law.Counts.Distinct <= graphStates {
		g, err := w.ask(ctx, &wire.Question{Trial: i, Ask: wire.Same})
		if err != nil {
			return err
		}
		t.compared = g.Calls
		for _, n := range g.Asked { // why moves are refused is asked here alone
			if !t.asked[n] {
				t.more = append(t.more, n)
			}
		}
	}
	if t.Kind == wire.Explored && t.law.Counts.Distinct <= liveStates {
		l, err := w.ask(ctx, &wire.Question{Trial: i, Ask: wire.Live})
		if err != nil {
			return err
		}
		t.ends = l.Claim == ""
	}
	return nil
}

// agree keeps, of the claims that a protocol was seen to keep on random schedules, those
// that it keeps in every model that is explored: other random schedules might break them.
func (r *run) agree() {
	for i := range r.trials {
		t := &r.trials[i]
		if t.Kind != wire.Random {
			continue
		}
		for j := range r.trials {
			if o := &r.trials[j]; o.Kind == wire.Explored && o.Protocol == t.Protocol {
				t.law.Kept = slices.DeleteFunc(t.law.Kept, func(c string) bool { return !slices.Contains(o.law.Kept, c) })
			}
		}
	}
}

// liveStates is how large a model may be for the search for walks that never end.
const liveStates = 12_000
