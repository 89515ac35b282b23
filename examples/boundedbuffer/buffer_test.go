package boundedbuffer

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rootlock/rootlock/triangle/conform"
	"github.com/rootlock/rootlock/triangle/explore"
	"github.com/rootlock/rootlock/triangle/hunt"
	"github.com/rootlock/rootlock/triangle/law"
	"github.com/rootlock/rootlock/triangle/ledger"
	"github.com/rootlock/rootlock/triangle/lockstep"
	"github.com/rootlock/rootlock/triangle/museum"
	"github.com/rootlock/rootlock/triangle/page"
	"github.com/rootlock/rootlock/triangle/record"
	"github.com/rootlock/rootlock/triangle/shrink"
	"github.com/rootlock/rootlock/triangle/tlc"
)

// The smallest world that loses a wake-up, unless it wakes all; and a larger one.
func small(broadcast bool) *World { return &World{2, 1, 1, broadcast} }
func large(broadcast bool) *World { return &World{3, 3, 2, broadcast} }

func run(t testing.TB, w *World) *lockstep.Run[State, law.Move] {
	return lockstep.Start(t, w, &Code{World: w}, w.Threads())
}

// What holds and what does not stands in testdata/ledger.json. As many threads as twice the
// capacity lose no wake-up, and a broadcast loses none.
func TestLedger(t *testing.T) {
	var results []ledger.Result
	for name, w := range map[string]*World{"small": small(false), "small, broadcast": small(true), "large": large(false), "large, broadcast": large(true),
		"1+1 for 1": {1, 1, 1, false}, "2+2 for 2": {2, 2, 2, false}} {
		x, err := explore.Explore(t.Context(), w, explore.Options{})
		require.NoError(t, err)
		results = append(results, ledger.Explored(name, w, x))
	}
	ledger.Check(t, "testdata/ledger.json", results...)
}

// The code loses the wake-up too, by the explorer's schedule or that of SCHEDULE: in the end
// everybody sleeps. With go test -artifacts the page of the schedule stays.
func TestLostWakeUp(t *testing.T) {
	w := small(false)
	x, err := explore.Explore(t.Context(), w, explore.Options{})
	require.NoError(t, err)
	v := x.Violation(law.NoDeadlock)
	require.NotNil(t, v)
	sch, err := law.Parse(w, v.From, cmp.Or(os.Getenv("SCHEDULE"), law.Text(w, v.Schedule)))
	require.NoError(t, err)
	r := run(t, w)
	for _, mv := range sch {
		require.NoError(t, r.Do(mv))
	}
	require.Equal(t, [MaxThreads]bool{true, true, true}, r.State().Asleep)
	o := page.Options[State]{Title: "2 producers, 1 consumer, 1 slot", Command: "SCHEDULE='" + law.Text(w, sch) + "' go test -run LostWakeUp"}
	require.NoError(t, page.Save(filepath.Join(t.ArtifactDir(), "lost-wake-up.html"), w, v.From, sch, o))
}

// TLC says the same of the small world. Its graph is the law's: every state, every labelled edge.
func TestEqualToTLA(t *testing.T) {
	w, o := small(false), tlc.Options{Installation: tlc.Need(t), Files: os.DirFS("."), Module: "Buffer", Workers: 1, JVM: []string{"-XX:TieredStopAtLevel=1"}}
	res, err := tlc.Run(t.Context(), o)
	require.NoError(t, err)
	ledger.Check(t, "testdata/ledger.json", ledger.Answered("small", w.Claims(), res))
	conform.Equal(t, w, o, w.state)
}

// state translates a state as TLC prints it. What TLC has and we do not know is a state that
// the law has not.
func (w *World) state(vars map[string]tlc.Value) (s State, err error) {
	count, _ := vars["count"].AsInt()
	s.Count = uint8(count)
	for i, name := range w.names() {
		at, _ := vars["at"].Apply(tlc.Model(name))
		step, _ := at.AsString()
		s.At[i] = uint8(slices.Index(steps, step))
		s.Asleep[i] = vars["asleep"].Contains(tlc.Model(name))
		if vars["holder"].Contains(tlc.Model(name)) {
			s.Holder = uint8(i + 1)
		}
	}
	return s, nil
}

// A tour takes the code along every edge of the graph; what a state disables, it refuses.
func TestEveryEdge(t *testing.T) {
	for _, w := range []*World{small(false), small(true)} {
		conform.Check(t, w, run(t, w), conform.Refusals(w, w.Threads(), func(s *State, thread int) (law.Move, bool) {
			return law.Move{Thread: uint8(thread), Step: s.At[thread-1]}, s.At[thread-1] == Lock
		}))
	}
}

// Random schedules of a larger world find the lost wake-up too, and shrink it. With a
// broadcast none does.
func TestRandom(t *testing.T) {
	w, b := large(false), large(true)
	p := &hunt.Property[State, law.Move]{Law: w, Runner: run(t, w), Claims: w.Claims()}
	_, err := hunt.Find(t.Context(), p, hunt.Options{Schedules: 20_000, Turns: 80})
	require.NoError(t, err)
	require.NotNil(t, p.Last)
	require.NoError(t, p.Last.Divergence)
	short, err := shrink.Breaking(w, p.Last.Claim).Schedule(p.Last.Schedule)
	require.NoError(t, err)
	t.Logf("%s after %d steps, drawn with %d: %s", p.Last.Claim, len(short), len(p.First.Schedule), law.Text(w, short))
	require.LessOrEqual(t, len(short), len(p.First.Schedule))
	rapid.Check(t, (&hunt.Property[State, law.Move]{Law: b, Runner: run(t, b), Claims: b.Claims()}).Check)
}

// Threads that run freely do what the law lets them do, step by step, and pass on every item
// once. A log that was tampered with is told.
func TestFree(t *testing.T) {
	const each = 500
	w := large(true)
	b := New(int(w.Capacity), w.Broadcast)
	var log []record.Event
	b.hook = func(step uint8, thread uint32) int { // always under the lock
		log = append(log, record.Event{Thread: int(thread), Step: int(step)})
		return 0
	}
	var group sync.WaitGroup
	got := make([]int, 4*each)
	for k := 1; k <= 3; k++ {
		group.Go(func() {
			for i := range each {
				b.Put(k, k*each+i)
			}
		})
		group.Go(func() {
			for range each {
				got[b.Get(3+k)]++
			}
		})
	}
	group.Wait()
	require.Equal(t, slices.Repeat([]int{1}, 3*each), got[each:])
	require.Greater(t, len(log), 6*each*4, "floor")
	require.NoError(t, record.Follow(w, log))
	for k := 100; k < 200; k++ {
		require.Error(t, record.Follow(w, slices.Delete(slices.Clone(log), k, k+1)), "without event %d, %v", k, log[k])
	}
}

// Each mistake of testdata/museum is seen by the test that it names.
func TestMuseum(t *testing.T) { museum.Run(t, "testdata/museum") }
