package museum

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/rootlock/rootlock/internal/museum/wire"
	"github.com/rootlock/rootlock/spec"
)

func TestScratchCustom(t *testing.T) {
	list, _ := Load(os.DirFS("../../testdata/museum"))
	for _, c := range []struct {
		entry string
		b     spec.Bounds
	}{
		{"DecThenLock", spec.Bounds{MMs: 1, VMAs: 3, Objects: 2, Pages: 1, Walkers: 1, Slots: 1, MMOps: 4, WalkerOps: 1, Ops: spec.OpsOf(spec.Map, spec.Fault, spec.Exit, spec.Pin, spec.Unpin)}},
		{"DecThenLock", spec.Bounds{MMs: 1, VMAs: 3, Objects: 2, Pages: 1, Walkers: 1, Slots: 1, MMOps: 5, WalkerOps: 1, Ops: spec.OpsOf(spec.Map, spec.Fault, spec.Exit, spec.Pin, spec.Unpin)}},
		{"DecThenLock", spec.Bounds{MMs: 2, VMAs: 4, Objects: 2, Pages: 2, Walkers: 1, Slots: 1, MMOps: 4, WalkerOps: 1, Ops: spec.OpsOf(spec.Map, spec.Fault, spec.Exit, spec.Pin, spec.Unpin)}},
		{"DecThenLock", spec.Bounds{MMs: 2, VMAs: 3, Objects: 2, Pages: 2, Walkers: 1, Slots: 1, MMOps: 3, WalkerOps: 1, Ops: spec.OpsOf(spec.Map, spec.Fault, spec.Exit, spec.Pin, spec.Unpin)}},
		{"Renamed", spec.Bounds{MMs: 2, VMAs: 4, Objects: 2, Pages: 2, Walkers: 1, Slots: 1, MMOps: 4, WalkerOps: 1, Ops: spec.OpsOf(spec.Map, spec.Fault, spec.Exit, spec.Pin, spec.Unpin)}},
		{"HandOverHand", spec.Bounds{MMs: 2, VMAs: 2, Objects: 2, Pages: 2, Walkers: 2, Slots: 1, MMOps: 2, WalkerOps: 2, Ops: spec.OpsOf(spec.Fault, spec.Fork, spec.Exit, spec.Walk, spec.Pin, spec.Unpin)}},
		{"HandOverHand", spec.Bounds{MMs: 2, VMAs: 3, Objects: 2, Pages: 2, Walkers: 2, Slots: 1, MMOps: 4, WalkerOps: 1, Ops: spec.OpsOf(spec.Map, spec.Fault, spec.Fork, spec.Exit, spec.Walk)}},
	} {
		for i := range list {
			e := &list[i]
			if e.Name != c.entry || os.Getenv("ENTRY") != "" && e.Name != os.Getenv("ENTRY") {
				continue
			}
			s, err := build(context.Background(), e, "../..", t.TempDir()+"/x", Sides()...)
			if err != nil {
				t.Fatal(err)
			}
			a, err := s.ask(context.Background(), &wire.Question{Protocol: "DeepestLock", Model: "custom", Bounds: c.b, Explore: true})
			if err != nil {
				t.Fatal(err)
			}
			fmt.Printf("%s %s: %d %.2fs\n", e.Name, c.b, a.Exploration.Distinct, a.Exploration.Seconds)
			for _, v := range a.Exploration.Violations {
				fmt.Printf("  %s %s (%d): %s\n", v.Claim, v.Conjunct, v.Length, v.Values)
				if e.Name == "DecThenLock" || v.Claim == "NoDeadlock" {
					fmt.Printf("  %s\n", v.Schedule)
				}
			}
		}
	}
}
