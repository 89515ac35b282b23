package boundedbuffer

import (
	"embed"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rootlock/rootlock/triangle/conform"
	"github.com/rootlock/rootlock/triangle/explore"
	"github.com/rootlock/rootlock/triangle/hunt"
	"github.com/rootlock/rootlock/triangle/law"
	"github.com/rootlock/rootlock/triangle/lockstep"
	"github.com/rootlock/rootlock/triangle/museum"
	"github.com/rootlock/rootlock/triangle/record"
	"github.com/rootlock/rootlock/triangle/shrink"
	"github.com/rootlock/rootlock/triangle/tlc"
)

//go:embed *.tla *.cfg
var files embed.FS

// Two producers and a consumer of one slot: the smallest world that loses a wake-up.
func small(broadcast bool) *World {
	return &World{Producers: 2, Consumers: 1, Capacity: 1, Broadcast: broadcast}
}

func run(t testing.TB, w *World) *lockstep.Run[State, law.Move] {
	r, err := lockstep.New(w, &Code{World: w}, w.Threads())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, r.Close()) })
	return r
}

// The explorer finds the lost wake-up, by a shortest schedule, and the code does the same:
// in the end everybody sleeps.
func TestLostWakeUp(t *testing.T) {
	w := small(false)
	x, err := explore.Explore(t.Context(), w, explore.Options{})
	require.NoError(t, err)
	require.True(t, x.Complete)
	assert.Nil(t, x.Violation("InBounds"))
	v := x.Violation(law.NoDeadlock)
	require.NotNil(t, v)
	t.Logf("%d states; everybody sleeps after %d steps: %s", x.Distinct, len(v.Schedule), law.Text(w, v.Schedule))
	r := run(t, w)
	for _, mv := range v.Schedule {
		require.NoError(t, r.Do(mv))
	}
	assert.Equal(t, [MaxThreads]bool{true, true, true}, r.State().Asleep)
}

// As many threads as twice the capacity cannot lose one, and a broadcast loses none.
func TestNoLostWakeUp(t *testing.T) {
	for _, w := range []*World{small(true), {Producers: 3, Consumers: 3, Capacity: 2, Broadcast: true}, {Producers: 1, Consumers: 1, Capacity: 1}, {Producers: 2, Consumers: 2, Capacity: 2}} {
		x, err := explore.Explore(t.Context(), w, explore.Options{})
		require.NoError(t, err)
		assert.True(t, x.Complete)
		assert.Empty(t, x.Violations, "%+v", w)
		t.Logf("%+v: holds in all %d states", *w, x.Distinct)
	}
}

func graph(t *testing.T, w *World) *conform.Graph[State, law.Move] {
	g, err := conform.Explore(t.Context(), w, 100_000)
	require.NoError(t, err)
	require.Greater(t, len(g.States), 20, "the world has collapsed")
	return g
}

// TLC's graph is the law's: every state, every labelled edge.
func TestEqualToTLA(t *testing.T) {
	in, err := tlc.Finder{}.Find(t.Context())
	if err != nil && os.Getenv("ROOTLOCK_REQUIRE_TLC") != "1" {
		t.Skipf("no TLC: %v", err)
	}
	require.NoError(t, err)
	w := small(false)
	config, err := files.ReadFile("MCBuffer.cfg")
	require.NoError(t, err)
	asks := strings.Replace(string(config), "INVARIANT InBounds", "CHECK_DEADLOCK FALSE", 1)
	dumped, err := conform.Dump(t.Context(), w, tlc.Options{Installation: in, Files: files, Module: "MCBuffer", Config: "Graph",
		Overlay: map[string][]byte{"Graph.cfg": []byte(asks)}}, w.state)
	require.NoError(t, err)
	if d := conform.Compare(graph(t, w), dumped); d != nil {
		t.Fatal(d.Report(w.Format, "the explorer", "TLC"))
	}
}

// state translates a state as TLC prints it.
func (w *World) state(vars map[string]tlc.Value) (s State, err error) {
	count, ok := vars["count"].AsInt()
	if !ok {
		return s, fmt.Errorf("count = %s", vars["count"])
	}
	s.Count = uint8(count)
	for i, name := range w.names() {
		at, ok := vars["at"].Apply(tlc.Model(name))
		step, ok2 := at.AsString()
		if !ok || !ok2 {
			return s, fmt.Errorf("at[%s] = %s", name, at)
		}
		for k, known := range steps {
			if step == known {
				s.At[i] = uint8(k)
			}
		}
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
		g := graph(t, w)
		d := conform.NewDriver(t.Context(), g, run(t, w))
		d.Disabled = func(s *State) (moves []law.Move, others int) {
			for i, at := range s.At[:w.Threads()] {
				if mv := (law.Move{Thread: uint8(i + 1), Step: at}); at == Lock && !law.Enabled(w, s, mv) {
					moves = append(moves, mv)
				}
			}
			return moves, 0
		}
		require.NoError(t, d.Drive(conform.NewTour(g)))
		assert.True(t, d.Report.Complete())
		assert.Positive(t, d.Report.Refused)
		t.Log(d.Report.String())
	}
}

// Random schedules of a larger world find the lost wake-up too, and shrink it.
func TestRandom(t *testing.T) {
	w := &World{Producers: 3, Consumers: 3, Capacity: 2}
	r := run(t, w)
	p := &hunt.Property[State, law.Move]{Law: w, Runner: r, Claims: w.Claims()}
	_, err := hunt.Find(t.Context(), p, hunt.Options{Schedules: 20_000, Turns: 80})
	require.NoError(t, err)
	require.NotNil(t, p.Last)
	require.NoError(t, p.Last.Divergence)
	short, err := shrink.Breaking(w, p.Last.Claim).Schedule(p.Last.Schedule)
	require.NoError(t, err)
	t.Logf("%s after %d steps, drawn with %d: %s", p.Last.Claim, len(short), len(p.First.Schedule), law.Text(w, short))
	assert.LessOrEqual(t, len(short), len(p.First.Schedule))
}

// With a broadcast none does.
func TestRandomBroadcast(t *testing.T) {
	w := &World{Producers: 3, Consumers: 3, Capacity: 2, Broadcast: true}
	p := &hunt.Property[State, law.Move]{Law: w, Runner: run(t, w), Claims: w.Claims()}
	rapid.Check(t, p.Check)
}

// Threads that run freely do what the law lets them do, step by step, and pass on every item
// once. A log that was tampered with is told.
func TestFree(t *testing.T) {
	const each = 500
	w := &World{Producers: 3, Consumers: 3, Capacity: 2, Broadcast: true}
	b := New(int(w.Capacity), w.Broadcast)
	var log []record.Event
	b.seen = func(step, thread int) { log = append(log, record.Event{Thread: thread, Step: step}) }
	var group sync.WaitGroup
	got := make(chan int, 3*each)
	for k := 1; k <= 3; k++ {
		group.Go(func() {
			for i := range each {
				b.Put(k, k*each+i)
			}
		})
		group.Go(func() {
			for range each {
				got <- b.Get(3 + k)
			}
		})
	}
	group.Wait()
	close(got)
	seen := map[int]bool{}
	for item := range got {
		assert.False(t, seen[item])
		seen[item] = true
	}
	assert.Len(t, seen, 3*each)
	require.Greater(t, len(log), 6*each*4, "floor")
	require.NoError(t, record.Follow(w, log))
	t.Logf("followed %d events", len(log))

	for k := 100; k < 200; k++ {
		without := slices.Delete(slices.Clone(log), k, k+1)
		assert.Error(t, record.Follow(w, without), "without event %d, %v", k, log[k])
	}
}

// Each mistake of testdata/museum is seen by the test that it names.
func TestMuseum(t *testing.T) { museum.Run(t, "testdata/museum") }
