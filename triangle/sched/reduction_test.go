package sched_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rootlock/rootlock/triangle/sched"
)

// world is what random programs act upon.
type world struct {
	n     [2]sched.Int64
	mu    sched.Mutex
	rw    sched.RWMutex
	once  sched.Once
	group sched.WaitGroup
	cond  *sched.Cond
	c     [2]*sched.Chan[int]
}

// instructions do one thing each and return what they saw.
var instructions = []struct {
	name string
	do   func(w *world) any
}{
	{"load0", func(w *world) any { return w.n[0].Load() }},
	{"load1", func(w *world) any { return w.n[1].Load() }},
	{"add0", func(w *world) any { return w.n[0].Add(1) }},
	{"store0", func(w *world) any { w.n[0].Store(7); return nil }},
	{"store1", func(w *world) any { w.n[1].Store(8); return nil }},
	{"cas0", func(w *world) any { return w.n[0].CompareAndSwap(0, 5) }},
	{"swap1", func(w *world) any { return w.n[1].Swap(3) }},
	{"locked", func(w *world) any { w.mu.Lock(); defer w.mu.Unlock(); return w.n[1].Add(2) }},
	{"trylock", func(w *world) any { return w.mu.TryLock() && func() bool { w.mu.Unlock(); return true }() }},
	{"rlocked", func(w *world) any { w.rw.RLock(); defer w.rw.RUnlock(); return w.n[0].Load() }},
	{"wlocked", func(w *world) any { w.rw.Lock(); defer w.rw.Unlock(); return w.n[0].Add(3) }},
	{"tryrlock", func(w *world) any { return w.rw.TryRLock() && func() bool { w.rw.RUnlock(); return true }() }},
	{"once", func(w *world) any { w.once.Do(func() { w.n[1].Add(4) }); return nil }},
	{"send0", func(w *world) any { return w.c[0].TrySend(1) }},
	{"trysend1", func(w *world) any { return w.c[1].TrySend(6) }},
	{"send1", func(w *world) any { w.c[1].Send(2); return nil }},
	{"recv0", func(w *world) any { v, ok := w.c[0].TryRecv(); return fmt.Sprint(v, ok) }},
	{"recv1", func(w *world) any { v, ok := w.c[1].Recv(); return fmt.Sprint(v, ok) }},
	{"len0", func(w *world) any { return w.c[0].Len() }},
	{"select", func(w *world) any {
		var v int
		i := sched.Select(w.c[0].Receiving(&v, nil), w.c[1].Receiving(&v, nil), w.c[0].Sending(9))
		return fmt.Sprint(i, v)
	}},
	{"selectrecv", func(w *world) any {
		var v int
		i := sched.Select(w.c[0].Receiving(&v, nil), w.c[1].Receiving(&v, nil))
		return fmt.Sprint(i, v)
	}},
	{"tryselect", func(w *world) any { return sched.TrySelect(w.c[1].Sending(4), w.c[0].Receiving(nil, nil)) }},
	{"gosched", func(w *world) any { sched.Gosched(); return nil }},
	{"signal", func(w *world) any { w.cond.Signal(); return nil }},
	{"wait", func(w *world) any { w.mu.Lock(); defer w.mu.Unlock(); w.cond.Wait(); return w.n[0].Load() }},
	{"go", func(w *world) any { w.group.Go(func() { w.n[0].Add(10) }); return nil }},
	{"join", func(w *world) any { w.group.Wait(); return w.n[0].Load() }},
}

func newWorld() *world {
	w := &world{c: [2]*sched.Chan[int]{sched.NewChan[int](1), sched.NewChan[int](0)}}
	w.cond = sched.NewCond(&w.mu)
	return w
}

// run does what one thread of a program does, and returns what it saw.
func (w *world) run(code []int) (saw []string) {
	for _, n := range code {
		saw = append(saw, fmt.Sprint(instructions[n].name, "=", instructions[n].do(w)))
	}
	return saw
}

// outcome is the final state and what each thread saw.
func (w *world) outcome(saw [][]string) string {
	return fmt.Sprint(w.n[0].Load(), w.n[1].Load(), w.c[0].Len(), saw)
}

// outcomes runs a program of indices of instructions and returns what its
// schedules led to.
func outcomes(program [][]int, o sched.Options) (map[string]bool, sched.Result) {
	seen := map[string]bool{}
	result := sched.Search(func(t *sched.T) {
		w, saw := newWorld(), make([][]string, len(program))
		t.Name("w", w)
		for i, code := range program {
			t.Go(fmt.Sprint("t", i), func() { saw[i] = w.run(code) })
		}
		t.Finally(func() { seen[w.outcome(saw)] = true })
	}, o)
	return seen, result
}

// compare runs a program with and without the reduction.
func compare(t require.TestingT, program [][]int) (full, reduced sched.Result) {
	all, full := outcomes(program, sched.Options{Preemptions: 1000, Schedules: 20_000, Random: -1})
	if full.Counterexample == nil && !full.Complete {
		return full, reduced // too large
	}
	some, reduced := outcomes(program, sched.Options{Preemptions: -1, Schedules: 20_000, Random: -1})
	if full.Counterexample != nil { // a deadlock: the first one is the end
		require.NotNil(t, reduced.Counterexample)
		require.Equal(t, full.Counterexample.Kind, reduced.Counterexample.Kind)
		return full, reduced
	}
	require.Nil(t, reduced.Counterexample)
	require.True(t, reduced.Complete)
	require.Equal(t, all, some, "%v and %v", full, reduced)
	return full, reduced
}

// One schedule for each order of dependent steps leads wherever any schedule leads.
func TestReductionLosesNothing(t *testing.T) {
	for _, row := range []struct{ program, reason string }{
		{"selectrecv; send0; trysend1", "two channels, one Select that waits for both"},
		{"load1 gosched add0; store1 rlocked", "a step that leads to Gosched: who goes first depends on all before"},
		{"wait; signal locked; signal add0", "a wake-up"},
	} {
		var program [][]int
		for thread := range strings.SplitSeq(row.program, "; ") {
			var code []int
			for name := range strings.FieldsSeq(thread) {
				code = append(code, index(t, name))
			}
			program = append(program, code)
		}
		t.Run(row.reason, func(t *testing.T) { compare(t, program) })
	}

	complete, deadlocks, saved := 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		program := rapid.SliceOfN(rapid.SliceOfN(rapid.IntRange(0, len(instructions)-1), 1, 3), 2, 3).Draw(t, "program")
		full, reduced := compare(t, program)
		switch {
		case full.Counterexample != nil:
			deadlocks++
		case full.Complete:
			complete++
			if full.Bounds[len(full.Bounds)-1] > reduced.Reduced {
				saved++
			}
		}
	})
	assert.GreaterOrEqual(t, complete, 5)
	assert.GreaterOrEqual(t, deadlocks, 1)
	assert.GreaterOrEqual(t, saved, 3)
}

func index(t *testing.T, name string) int {
	for i, in := range instructions {
		if in.name == name {
			return i
		}
	}
	t.Fatalf("no instruction %s", name)
	return 0
}

// What goroutines see that run freely is among what an exploration sees.
func TestNativeOutcomesAreExplored(t *testing.T) {
	const freely = 30
	programs := 0
	rapid.Check(t, func(t *rapid.T) {
		program := rapid.SliceOfN(rapid.SliceOfN(rapid.IntRange(0, len(instructions)-3), 1, 3), 2, 3).Draw(t, "program") // without go and join
		for _, code := range program {
			yields := 0
			for _, n := range code {
				if instructions[n].name == "gosched" {
					yields++
				}
			}
			if yields > 1 {
				return // goroutines that run freely need not be fair
			}
		}
		explored, result := outcomes(program, sched.Options{Preemptions: -1, Schedules: 5_000, Random: -1})
		if result.Counterexample != nil || !result.Complete {
			return // it may never end
		}
		programs++
		for range freely {
			w, saw := newWorld(), make([][]string, len(program))
			var threads sync.WaitGroup
			start := make(chan bool)
			for i, code := range program {
				threads.Go(func() {
					<-start
					saw[i] = w.run(code)
				})
			}
			close(start)
			threads.Wait()
			require.Contains(t, explored, w.outcome(saw))
		}
	})
	assert.GreaterOrEqual(t, programs, 5)
}
