package models

import (
	"fmt"
	"maps"
	"strings"

	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/tlc"
)

// wide are the models of the wide world, which tla/ does not have: for the
// explorer alone, the same for every protocol. Each is the smallest that shows what
// its operations can do to a walk.
var wide = map[string]spec.Bounds{
	// mprotect merges, moves boundaries and splits, also beside areas without pages.
	"Boundary": {MMs: 1, VMAs: 4, Objects: 2, Pages: 2, Walkers: 1, Slots: 3, MMOps: 3, WalkerOps: 1, Prots: 2, Layout: spec.LayoutMapped,
		Ops: spec.OpsOf(spec.Fault, spec.Protect, spec.Walk, spec.Migrate)},
	// mremap, to new areas and into neighbours; munmap of ranges.
	"Remap": {MMs: 1, VMAs: 8, Objects: 1, Pages: 1, Walkers: 1, Slots: 3, MMOps: 3, WalkerOps: 1, Prots: 1, Layout: spec.LayoutOnePage,
		Ops: spec.OpsOf(spec.MoveArea, spec.UnmapRange, spec.Walk, spec.Migrate)},
	// mremap back and forth, beside areas that were never written to.
	"Strayed": {MMs: 1, VMAs: 8, Objects: 1, Pages: 1, Walkers: 1, Slots: 3, MMOps: 4, WalkerOps: 1, Prots: 1, Layout: spec.LayoutOnePage,
		Ops: spec.OpsOf(spec.Map, spec.MoveArea, spec.UnmapRange, spec.Walk, spec.Migrate)},
	// One mremap, of what an munmap left.
	"Stack": {MMs: 1, VMAs: 6, Objects: 1, Pages: 1, Walkers: 1, Slots: 2, MMOps: 2, WalkerOps: 1, Prots: 1, Layout: spec.LayoutOnePage,
		Ops: spec.OpsOf(spec.MoveArea, spec.UnmapRange, spec.Walk, spec.Migrate)},
	// Areas that are mapped anew, and merge.
	"Merge": {MMs: 1, VMAs: 6, Objects: 2, Pages: 2, Walkers: 1, Slots: 3, MMOps: 2, WalkerOps: 1, Prots: 2, Layout: spec.LayoutOnePage,
		Ops: spec.OpsOf(spec.Map, spec.Fault, spec.Protect, spec.UnmapRange, spec.Walk, spec.Migrate)},
	// An area beside one that was forked gets its first page, and the two are merged.
	"Adopted": {MMs: 2, VMAs: 5, Objects: 3, Pages: 3, Walkers: 1, Slots: 2, MMOps: 2, WalkerOps: 1, Prots: 2, Layout: spec.LayoutNeighbours,
		Ops: spec.OpsOf(spec.Fault, spec.Fork, spec.Protect, spec.Walk)},
	// A page goes to swap and comes back, in one process or two.
	"Swap": {MMs: 2, VMAs: 2, Objects: 2, Pages: 2, Walkers: 1, Slots: 1, MMOps: 3, WalkerOps: 3, Layout: spec.LayoutOnePage,
		Ops: spec.OpsOf(spec.Fault, spec.Fork, spec.Exit, spec.Read, spec.SwapOut, spec.SwapDrop, spec.Walk)},
	// Every operation beside every other, in two address spaces and beside a walker's.
	"Pairs": {MMs: 2, VMAs: 4, Objects: 2, Pages: 2, Walkers: 1, Slots: 2, MMOps: 2, WalkerOps: 1, Prots: 1, Layout: spec.LayoutOnePage,
		Ops: spec.WideOps()},
	// Two walkers: swap, migration and walks beside each other.
	"Crossed": {MMs: 1, VMAs: 2, Objects: 1, Pages: 2, Walkers: 2, Slots: 1, MMOps: 1, WalkerOps: 2, Layout: spec.LayoutOnePage,
		Ops: spec.OpsOf(spec.Exit, spec.Read, spec.Walk, spec.Migrate, spec.SwapOut, spec.SwapDrop, spec.WalkPinned, spec.Pin, spec.Unpin)},
	// Any allocation fails, in prepare, split and fork.
	"Failures": {MMs: 2, VMAs: 4, Objects: 3, Pages: 1, Walkers: 1, Slots: 2, MMOps: 2, WalkerOps: 1, Failures: true, Layout: spec.LayoutOnePage,
		Ops: spec.OpsOf(spec.Fault, spec.Fork, spec.SplitBelow, spec.Exit, spec.Walk)},
}

// trees are the models, for the explorer alone, of protocols that have trees: the reuse of
// ancestors, and operations that neither the others nor tla/ have.
var trees = map[string]spec.Bounds{
	// Forks whose parents exit, over three generations: the last one finds an ancestor.
	"Generations": {MMs: 2, VMAs: 2, Objects: 4, Pages: 2, Walkers: 1, Slots: 1, MMOps: 3, WalkerOps: 1, Layout: spec.LayoutOnePage,
		Ops: spec.OpsOf(spec.Fault, spec.Fork, spec.Exit, spec.Walk)},
	// The first faults of an area, by two threads at once.
	"FirstFaults": {MMs: 1, VMAs: 3, Objects: 2, Pages: 2, Walkers: 1, Slots: 2, MMOps: 2, WalkerOps: 1, Faulters: 1, Layout: spec.LayoutMapped,
		Ops: spec.OpsOf(spec.Fault, spec.Unmap, spec.SplitAbove, spec.UffdMove, spec.Walk, spec.Migrate)},
	// A thread faults while the other merges, moves and unmaps areas, and has no memory for it.
	"FaultsBeside": {MMs: 1, VMAs: 6, Objects: 2, Pages: 2, Walkers: 1, Slots: 2, MMOps: 2, WalkerOps: 1, Faulters: 1, Prots: 2, Failures: true, Layout: spec.LayoutMapped,
		Ops: spec.OpsOf(spec.Map, spec.Fault, spec.Protect, spec.MoveArea, spec.MoveKeep, spec.UnmapRange, spec.UffdMove, spec.Walk)},
	// A thread faults while the other forks.
	"FaultsInFork": {MMs: 2, VMAs: 2, Objects: 2, Pages: 2, Walkers: 1, Slots: 1, MMOps: 2, WalkerOps: 1, Faulters: 1, Layout: spec.LayoutOnePage,
		Ops: spec.OpsOf(spec.Fault, spec.Fork, spec.Exit, spec.Walk)},
	// The first fault of an area, beside a second and a walk, where anon_vmas had a life before.
	"Published": {MMs: 2, VMAs: 2, Objects: 2, Pages: 2, Walkers: 1, Slots: 1, MMOps: 3, WalkerOps: 1, Faulters: 1, Layout: spec.LayoutForked,
		Ops: spec.OpsOf(spec.Map, spec.Fault, spec.Exit, spec.Walk)},
	// mremap that leaves its source, as a new one.
	"Kept": {MMs: 1, VMAs: 6, Objects: 2, Pages: 2, Walkers: 1, Slots: 3, MMOps: 3, WalkerOps: 1, Prots: 1, Layout: spec.LayoutOnePage,
		Ops: spec.OpsOf(spec.Fault, spec.MoveKeep, spec.UnmapRange, spec.Walk, spec.Migrate)},
	// An area that is mapped between two others: of one anon_vma, of two, or of none.
	"Between": {MMs: 1, VMAs: 5, Objects: 2, Pages: 2, Walkers: 1, Slots: 3, MMOps: 5, WalkerOps: 1, Prots: 1, Layout: spec.LayoutEmpty,
		Ops: spec.OpsOf(spec.Map, spec.Fault, spec.Walk)},
	// A split in trees that relatives share, whose own copies are cut already.
	"Cut": {MMs: 2, VMAs: 4, Objects: 2, Pages: 1, Walkers: 1, Slots: 3, MMOps: 2, WalkerOps: 1, Layout: spec.LayoutOnePage,
		Ops: spec.OpsOf(spec.Fork, spec.SplitAbove, spec.Walk)},
	// A fork that runs out of memory when the child has an area and its page already.
	"HalfForked": {MMs: 2, VMAs: 4, Objects: 3, Pages: 2, Walkers: 1, Slots: 2, MMOps: 1, WalkerOps: 1, Failures: true, Layout: spec.LayoutNeighbours,
		Ops: spec.OpsOf(spec.Fork, spec.Walk)},
	// A page comes home by mremap, between two areas that were never written to: all three merge.
	"MovedHome": {MMs: 1, VMAs: 6, Objects: 1, Pages: 1, Slots: 4, MMOps: 6, Prots: 1, Layout: spec.LayoutEmpty,
		Ops: spec.OpsOf(spec.Map, spec.Fault, spec.MoveArea)},
	// UFFDIO_MOVE of a page that another process has as a swap entry.
	"SwapMoved": {MMs: 2, VMAs: 2, Objects: 2, Pages: 1, Walkers: 1, Slots: 2, MMOps: 3, WalkerOps: 2, Layout: spec.LayoutOnePage,
		Ops: spec.OpsOf(spec.Fork, spec.Read, spec.UffdMove, spec.SwapOut, spec.Walk)},
	// Whether every operation ends beside UFFDIO_MOVEs without end, where pages are swapped ...
	"LiveMoves": {MMs: 1, VMAs: 1, Objects: 1, Pages: 2, Walkers: 1, Slots: 2, MMOps: spec.Unlimited, WalkerOps: spec.Unlimited, Faulters: 1, Layout: spec.LayoutOnePage,
		Ops: spec.OpsOf(spec.Fault, spec.Read, spec.UffdMove, spec.SwapOut, spec.Walk)},
	// ... and where processes come and go.
	"LiveForks": {MMs: 2, VMAs: 2, Objects: 3, Pages: 1, Walkers: 1, Slots: 2, MMOps: spec.Unlimited, WalkerOps: spec.Unlimited, Faulters: 1, Layout: spec.LayoutOnePage,
		Ops: spec.OpsOf(spec.Fork, spec.Exit, spec.UffdMove, spec.Walk)},
}

// InTLA reports whether the model is one of tla/. Others have no configuration:
// File is empty.
func (m *Model) InTLA() bool { return m.File != "" }

// Wide reports whether the model is one of the wide world, which tla/ does not have.
func (m *Model) Wide() bool {
	_, ok := wide[m.Name]
	_, deep := trees[m.Name]
	return ok || deep
}

// ForTLC reports whether TLC answers for the model in minutes. Full would take hours.
func (m *Model) ForTLC() bool { return m.InTLA() && m.Name != "Full" }

// Large reports whether exploring the model takes seconds.
func (m *Model) Large() bool { return m.Name == "Full" || m.Name == "Pairs" }

// widen lists the models of the wide world for a protocol.
func widen(p spec.Protocol) ([]*Model, error) {
	var list []*Model
	bounds := maps.Clone(wide)
	if p.Trees() {
		maps.Copy(bounds, trees)
	}
	for name, b := range bounds {
		m, err := spec.NewModel(p, name, b)
		if err != nil {
			return nil, fmt.Errorf("rootlock: model %s: %w", name, err)
		}
		config := &tlc.Config{}
		if strings.HasPrefix(name, "Live") { // they ask what those of tla/ ask
			config = &tlc.Config{Specification: "LiveSpec", Properties: []string{spec.WalkTerminates.String(), spec.OperationTerminates.String()}}
		}
		list = append(list, &Model{Model: m, Config: config})
	}
	return list, nil
}
