package tracescratch

import (
	"context"
	"testing"
	"time"

	"github.com/rootlock/rootlock/spec"
)

func TestTwo(t *testing.T) {
	base := spec.Bounds{MMs: 1, VMAs: 6, Objects: 2, Pages: 2, Walkers: 1, Slots: 3, MMOps: 1, WalkerOps: 1, Prots: 2, Layout: spec.LayoutMapped}
	type c struct {
		name string
		b    func(*spec.Bounds)
	}
	for _, p := range spec.Protocols() {
		for _, x := range []c{
			{"Boundary", func(b *spec.Bounds) { b.Ops = spec.OpsOf(spec.Fault, spec.Protect, spec.Walk, spec.Migrate); b.MMOps = 3; b.VMAs = 4 }},
			{"Remap", func(b *spec.Bounds) { b.Slots = 4; b.Layout = spec.LayoutFaulted; b.Ops = spec.OpsOf(spec.MoveArea, spec.UnmapRange, spec.Walk, spec.Migrate); b.MMOps = 3; b.VMAs = 8; b.Objects = 1; b.Pages = 1; b.Prots = 1 }},
			{"Remap3", func(b *spec.Bounds) { b.Slots = 3; b.Layout = spec.LayoutFaulted; b.Ops = spec.OpsOf(spec.MoveArea, spec.UnmapRange, spec.Walk, spec.Migrate); b.MMOps = 3; b.VMAs = 8; b.Objects = 1; b.Pages = 1; b.Prots = 1 }},
			{"Swap", func(b *spec.Bounds) { b.MMs = 2; b.Walkers = 1; b.Slots = 1; b.Objects = 3; b.VMAs = 3; b.Pages=2; b.Prots = 0; b.Layout = spec.LayoutFaulted; b.Ops = spec.OpsOf(spec.Fault, spec.Fork, spec.Exit, spec.Read, spec.SwapOut, spec.SwapDrop, spec.Walk); b.MMOps = 3; b.WalkerOps = 3 }},
			{"Failures", func(b *spec.Bounds) { b.MMs = 2; b.Slots = 2; b.Layout = spec.LayoutFaulted; b.Prots = 0; b.Objects = 3; b.VMAs = 4; b.Pages = 1; b.Failures = true; b.Ops = spec.OpsOf(spec.Fault, spec.Fork, spec.SplitBelow, spec.Exit, spec.Walk); b.MMOps = 2 }},
		} {
			b := base
			x.b(&b)
			m, err := spec.NewModel(p, x.name, b)
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
			start := time.Now()
			r, err := spec.Explore(ctx, m, spec.ExploreOptions{MaxStates: 8_000_000})
			cancel()
			if err != nil {
				t.Logf("%s/%s: %v", p, x.name, err)
			}
			if r == nil {
				continue
			}
			t.Logf("%s/%s: %d states depth %d, %.1fs", p, x.name, r.Distinct, r.Depth, time.Since(start).Seconds())
			for _, v := range r.Violations {
				a, bb := m.Explain(&v.State, v.Claim)
				t.Logf("   %s %d %s %s\n       %s", v.Claim, len(v.Schedule), a, bb, m.FormatSchedule(v.Schedule))
			}
		}
	}
}
