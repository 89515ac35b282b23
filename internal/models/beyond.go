package models

import (
	"fmt"

	"github.com/rootlock/rootlock/internal/tlc"
	"github.com/rootlock/rootlock/spec"
)

// Beyond is a protocol's model for random search, by rapid and by TLC's
// simulation: tla/'s world, far larger than what can be explored. It has all of
// its operations, and the claims of Full.
func Beyond(p spec.Protocol) (*Model, error) {
	m, err := spec.NewModel(p, "Wide", spec.Bounds{MMs: 3, VMAs: 8, Objects: 8, Pages: 3, Walkers: 3, Slots: 3, MMOps: 6, WalkerOps: 6, Ops: spec.AllOps()})
	if err != nil {
		return nil, err
	}
	full, err := Find(p, "Full")
	if err != nil {
		return nil, err
	}
	config := full.Config.Clone()
	for i := range config.Constants {
		c := &config.Constants[i]
		if c.Value, err = constant(m.Bounds, c.Name); err != nil {
			return nil, err
		}
	}
	return &Model{Model: m, Config: config, File: full.File}, nil
}

// constant is a constant of the world as TLC reads it: the reverse of bounds.
func constant(b spec.Bounds, name string) (tlc.Value, error) {
	numbers := map[string]int{"MMs": b.MMs, "VMAs": b.VMAs, "Objects": b.Objects, "Pages": b.Pages, "Walkers": b.Walkers,
		"Slots": b.Slots, "MMOps": b.MMOps, "WalkerOps": b.WalkerOps}
	if n, ok := numbers[name]; ok {
		return tlc.Int(int64(n)), nil
	}
	switch name {
	case "Layout":
		return tlc.Str(b.Layout.String()), nil
	case "Ops":
		var names []tlc.Value
		for _, s := range b.Ops.List() {
			names = append(names, tlc.Str(s.String()))
		}
		return tlc.Set(names...), nil
	}
	return tlc.Value{}, fmt.Errorf("rootlock: constant %s is none of the world's", name)
}
