package models

import (
	"fmt"
	"slices"

	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/tlc"
)

// from is tla/'s world, far larger than what can be explored.
func from(l spec.Layout) spec.Bounds {
	return spec.Bounds{MMs: 3, VMAs: 8, Objects: 8, Pages: 3, Walkers: 3, Slots: 3, MMOps: 6, WalkerOps: 6, Layout: l, Ops: spec.AllOps()}
}

// random are the models of random search: tla/'s world from each initial state, one large
// family, the wide world, and the world of the kernel's traces.
var random = []struct {
	name   string
	bounds spec.Bounds
}{
	{"Wide", from(spec.LayoutOnePage)},
	{"WideMapped", from(spec.LayoutMapped)},
	{"WideNeighbours", from(spec.LayoutNeighbours)},
	// One family: all areas descend from the first, by fork and split. Recorded traces.
	{"Relatives", spec.Bounds{MMs: 4, VMAs: 18, Objects: 12, Pages: 6, Walkers: 3, Slots: 3, MMOps: 10, WalkerOps: 10,
		Layout: spec.LayoutOnePage, Ops: spec.AllOps() &^ spec.OpsOf(spec.Map)}},
	// mremap strays, and has its schedules in testdata.
	{"WideWorld", spec.Bounds{MMs: 3, VMAs: 40, Objects: 10, Pages: 6, Walkers: 3, Slots: 5, MMOps: 12, WalkerOps: 8, Layout: spec.LayoutOnePage,
		Ops: spec.WideOps() &^ spec.OpsOf(spec.MoveArea), Prots: 2, Failures: true}},
	{"World", spec.Bounds{MMs: 4, VMAs: spec.MaxVMAs, Objects: 24, Pages: 60, Walkers: 3, Slots: spec.MaxSlots,
		MMOps: spec.Unlimited, WalkerOps: spec.Unlimited, Layout: spec.LayoutEmpty, Ops: spec.WideOps(), Prots: 2, Failures: true}},
	// mremap again and again: back to where it came from, and in between two areas.
	{"Moves", spec.Bounds{MMs: 2, VMAs: 20, Objects: 8, Pages: 6, Walkers: 1, Slots: 4, MMOps: 20, WalkerOps: 4, Layout: spec.LayoutEmpty,
		Ops: spec.OpsOf(spec.Map, spec.Fault, spec.MoveArea, spec.MoveKeep, spec.UnmapRange, spec.Walk), Prots: 1}},
	// What only RwsemRoot has: two threads in an address space, and today's operations.
	{"Today", spec.Bounds{MMs: 3, VMAs: 40, Objects: 10, Pages: 6, Walkers: 3, Slots: 5, MMOps: 12, WalkerOps: 8, Faulters: 2, Layout: spec.LayoutOnePage,
		Ops: spec.RwsemRoot.Operations() &^ spec.OpsOf(spec.Unmap, spec.SplitBelow, spec.SplitAbove), Prots: 2, Failures: true}},
}

// Random finds a model of random search; nil if the protocol has none of that name.
func Random(p spec.Protocol, name string) (*Model, error) {
	for _, r := range random {
		if r.name != name {
			continue
		}
		if r.bounds.Ops&^p.Operations() != 0 {
			return nil, nil
		}
		m, err := spec.NewModel(p, r.name, r.bounds)
		if err != nil {
			return nil, err
		}
		return &Model{Model: m, Config: &tlc.Config{}}, nil
	}
	return nil, nil
}

// RandomNames lists the models of random search of a protocol.
func RandomNames(p spec.Protocol) (names []string) {
	for _, r := range random {
		if r.bounds.Ops&^p.Operations() == 0 {
			names = append(names, r.name)
		}
	}
	return names
}

// Beyond is a protocol's model for random search, by rapid and by TLC's simulation: Wide,
// with the claims of Full.
func Beyond(p spec.Protocol) (*Model, error) {
	m, err := Random(p, "Wide")
	if err != nil {
		return nil, err
	}
	full, err := Find(p, "Full")
	if err != nil {
		return nil, err
	}
	m.Config, m.File = full.Config.Clone(), full.File
	m.Config.Constants, m.Config.Symmetry = Constants(m.Bounds), nil
	return m, nil
}

// constant is a constant of the world as TLC reads it: the reverse of bounds.
func constant(b spec.Bounds, name string) (tlc.Value, error) {
	budget := func(n int) tlc.Value {
		if n == spec.Unlimited {
			return tlc.Model("Unlimited")
		}
		return tlc.Int(int64(n))
	}
	switch name {
	case "Slots":
		return tlc.Int(int64(b.Slots)), nil
	case "MMOps":
		return budget(b.MMOps), nil
	case "WalkerOps":
		return budget(b.WalkerOps), nil
	case "Layout":
		return tlc.Str(b.Layout.String()), nil
	case "Ops", "MoreOps":
		var names []tlc.Value
		for _, s := range b.Ops.List() {
			if more&spec.OpsOf(s) != 0 == (name == "MoreOps") {
				names = append(names, tlc.Str(s.String()))
			}
		}
		return tlc.Set(names...), nil
	case "Processes":
		return names(b.MMs, "mm"), nil
	case "MMs":
		return tlc.Set(slices.Concat(names(b.MMs, "mm").Elems(), names(b.Faulters, "f").Elems())...), nil
	case "None", "Unlimited":
		return tlc.Model(name), nil
	}
	for _, s := range sets {
		if s.constant == name {
			return names(*s.of(&b), s.prefix), nil
		}
	}
	return tlc.Value{}, fmt.Errorf("rootlock: constant %s is none of the world's", name)
}

// Constants are the constants of the world as TLC reads them, in the order of tla/.
func Constants(b spec.Bounds) []tlc.Constant {
	var list []tlc.Constant
	all := []string{"MMs", "Walkers", "VMAs", "Objects", "Pages", "Slots", "MMOps", "WalkerOps", "Layout", "Ops", "None", "Unlimited"}
	if beside(b) { // TLC has its names in the order in which it reads them: first those of processes
		all = append(append([]string{"Processes"}, all...), "MoreOps")
	}
	for _, name := range all {
		v, err := constant(b, name)
		if err != nil {
			panic(err)
		}
		list = append(list, tlc.Constant{Name: name, Value: v})
	}
	return list
}
