package spec

import (
	"fmt"
	"testing"

	"github.com/rootlock/rootlock/triangle/explore"
)

// BenchmarkExplore is one whole exploration: generated states per second, and
// what is held per distinct state, by parts.
func BenchmarkExplore(b *testing.B) {
	m := mustModel(b, DeepestLock, Bounds{MMs: 2, VMAs: 3, Objects: 3, Pages: 1, Walkers: 2, Slots: 2, MMOps: 1, WalkerOps: 2, Ops: AllOps()})
	for _, o := range []explore.Options{{Workers: 1}, {Workers: 2}, {Workers: 2, Symmetry: true}} {
		b.Run(fmt.Sprintf("workers=%d/symmetry=%t", o.Workers, o.Symmetry), func(b *testing.B) {
			var generated, seconds float64
			var x *explore.Exploration[State, Move]
			b.ReportAllocs()
			for b.Loop() {
				var err error
				if x, err = explore.Explore(b.Context(), m.Law(), o); err != nil {
					b.Fatal(err)
				}
				generated += float64(x.Generated)
				seconds += x.Duration.Seconds()
			}
			b.ReportMetric(float64(x.Distinct), "states")
			b.ReportMetric(generated/seconds, "generated/s")
			b.ReportMetric(float64(x.Memory.Table)/float64(x.Distinct), "table-B/state")
			b.ReportMetric(float64(x.Memory.Frontier)/float64(x.Distinct), "frontier-B/state")
		})
	}
}

// BenchmarkExplorePlainly is the same work by the naive exploration: the ratio
// of generated/s is what the explorer is worth.
func BenchmarkExplorePlainly(b *testing.B) {
	m := mustModel(b, DeepestLock, Bounds{MMs: 2, VMAs: 3, Objects: 3, Pages: 1, Walkers: 2, Slots: 1, MMOps: 1, WalkerOps: 1, Ops: AllOps()})
	generated := uint64(0)
	for b.Loop() {
		generated += explorePlainly(m).generated
	}
	b.ReportMetric(float64(generated)/b.Elapsed().Seconds(), "generated/s")
}

// BenchmarkCheckTermination builds a graph and searches it.
func BenchmarkCheckTermination(b *testing.B) {
	m := mustModel(b, DeepestLock, Bounds{MMs: 2, VMAs: 2, Objects: 2, Pages: 1, Walkers: 2, Slots: 1, MMOps: 1, WalkerOps: Unlimited, Ops: AllOps()})
	for b.Loop() {
		l, stats, err := explore.Terminates(b.Context(), m.Law(), explore.WeakThreads|explore.StrongLocks, 0)
		if err != nil || l != nil {
			b.Fatal(l, err)
		}
		b.ReportMetric(float64(stats.States), "states")
	}
}
