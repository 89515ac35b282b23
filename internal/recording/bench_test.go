package recording

// What recording costs: the same operations on the same code, with and without it.

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/impl"
	"github.com/rootlock/rootlock/internal/lockstep"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
)

// BenchmarkDisturbance walks a page, on one goroutine and on two, natively and
// recorded; "x" is how much longer the recorded ones take.
func BenchmarkDisturbance(b *testing.B) {
	full, err := models.Find(spec.RootPointer, "Full")
	require.NoError(b, err)
	m := full.Model
	for _, threads := range []int{1, 2} {
		b.Run(map[int]string{1: "one", 2: "two"}[threads], func(b *testing.B) {
			each := func(walk func(t int) error) time.Duration {
				var group sync.WaitGroup
				start := time.Now()
				for t := range threads {
					group.Go(func() {
						for range b.N {
							if err := walk(t + 1); err != nil {
								b.Error(err)
								return
							}
						}
					})
				}
				group.Wait()
				return time.Since(start)
			}
			native := impl.NewControl(impl.Options{Protocol: impl.RootPointer}, impl.Bounds{MMs: m.MMs, VMAs: m.VMAs, Objects: m.Objects, Pages: m.Pages, Slots: uint32(m.Slots)})
			require.NoError(b, lockstep.LayOut(native, m))
			without := each(func(int) error { return native.Walk(1) })

			r, err := NewRecorder(m)
			require.NoError(b, err)
			for t := 1; t <= m.Threads(); t++ {
				r.prepare(t, 1)
			}
			steps := 0
			with := each(func(t int) error {
				t += m.MMs // walkers
				_, err := r.operate(t, func() (spec.Move, func() error) {
					steps += len(r.events)
					r.events = r.events[:0]
					return spec.Move{Thread: uint8(t), Step: spec.Walk, Args: [3]uint8{1}}, func() error { return r.control.Walk(1) }
				})
				return err
			})
			b.ReportMetric(float64(with)/float64(without), "x")
			b.ReportMetric(float64(without.Nanoseconds())/float64(b.N*threads), "ns/native-walk")
			b.ReportMetric(float64(with.Nanoseconds())/float64(max(steps, 1)), "ns/recorded-step")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkRecord, BenchmarkCheck and BenchmarkText are about one trace.
func BenchmarkRecord(b *testing.B) {
	m, err := models.Find(spec.RootPointer, "Full")
	require.NoError(b, err)
	steps := 0
	for i := range b.N {
		trace, err := Record(m.Model, uint64(i))
		require.NoError(b, err)
		steps += len(trace.Events)
	}
	perSecond(b, steps)
}

func BenchmarkCheck(b *testing.B) {
	m, traces := someTraces(b)
	c := NewChecker(m)
	steps := 0
	for i := 0; b.Loop(); i++ {
		trace := traces[i%len(traces)]
		if r := c.Check(trace); r != nil {
			b.Fatal(r)
		}
		steps += len(trace.Events)
	}
	perSecond(b, steps)
}

func BenchmarkText(b *testing.B) {
	m, traces := someTraces(b)
	steps := 0
	for i := 0; b.Loop(); i++ {
		trace, err := Parse(m, traces[i%len(traces)].Text(m))
		if err != nil {
			b.Fatal(err)
		}
		steps += len(trace.Events)
	}
	perSecond(b, steps)
}

func someTraces(b *testing.B) (*spec.Model, []*Trace) {
	full, err := models.Find(spec.RootPointer, "Full")
	require.NoError(b, err)
	traces := make([]*Trace, 200)
	for i := range traces {
		traces[i], err = Record(full.Model, uint64(i))
		require.NoError(b, err)
	}
	return full.Model, traces
}

func perSecond(b *testing.B, steps int) {
	b.ReportMetric(float64(steps)/b.Elapsed().Seconds(), "steps/s")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "traces/s")
}
