package impl

// Windows made wide: free threads that are kept waiting at any moment.

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/rootlock/rootlock/spec"
)

var relativesSeed = flag.Uint64("relatives.seed", 0, "the seed of the crowds of relatives; 0: new ones")

// widen lets goroutines yield before any step of a System, and between accesses
// that no step separates. Locks block as always. It is undone when nothing runs any more.
//
// Nothing here is shared but constants, and the toss is of the runtime's generator of
// the processor: a hook that synchronised would hide data races from the detector.
// So the seed decides how often whoever comes to which step yields, to make some windows
// much wider than others; who yields when is as much chance as what Go then runs.
func widen(s *System, seed uint64) (undo func()) {
	r := rand.New(rand.NewPCG(seed, 1<<40))
	var often [spec.NumSteps]uint32 // of 64 times
	for i := range often {
		often[i] = [...]uint32{1, 4, 16, 32}[r.IntN(4)]
	}
	s.seam = func(step spec.Step, _ int) int {
		yield(often[step])
		return 0
	}
	pause = func() { yield(12) }
	return func() { s.seam, pause = nil, nil }
}

// yield lets others run by chance: a few times, or, once in a while, for whole lives.
func yield(often uint32) {
	toss := rand.Uint32()
	if toss%64 >= often {
		return
	}
	times := 1 + toss>>16%3
	if toss>>24%32 == 0 {
		times = 24
	}
	for range times {
		runtime.Gosched()
	}
}

// again is what repeats a run that failed.
func again(t testing.TB, seed uint64) string {
	return fmt.Sprintf("seed %d; once more, as chance has it: go test ./impl -run %s -count 20 -relatives.seed %d", seed, t.Name(), seed)
}
