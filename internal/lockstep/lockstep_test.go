package lockstep

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/rootlock/rootlock/impl"
	"github.com/rootlock/rootlock/internal/deep"
	"github.com/rootlock/rootlock/spec"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// small is a world of the operations that tla/ has, wide one of all others too.
func small(layout spec.Layout) spec.Bounds {
	return spec.Bounds{MMs: 3, VMAs: 8, Objects: 8, Pages: 3, Walkers: 3, Slots: 3, MMOps: 6, WalkerOps: 6, Layout: layout, Ops: spec.AllOps()}
}

func wide(layout spec.Layout) spec.Bounds {
	return spec.Bounds{MMs: 3, VMAs: 40, Objects: 10, Pages: 6, Walkers: 3, Slots: 5, MMOps: 12, WalkerOps: 8, Layout: layout, Ops: spec.WideOps(), Prots: 2, Failures: true}
}

// swap is a world in which pages go to swap and come back.
func swap() spec.Bounds {
	return spec.Bounds{MMs: 2, VMAs: 2, Objects: 2, Pages: 2, Walkers: 1, Slots: 1, MMOps: 6, WalkerOps: 6, Layout: spec.LayoutOnePage,
		Ops: spec.OpsOf(spec.Fault, spec.Fork, spec.Exit, spec.Read, spec.SwapOut, spec.SwapDrop, spec.Walk)}
}

// today has what only RwsemRoot has: two threads in a process, and operations of its own.
func today() spec.Bounds {
	b := wide(spec.LayoutOnePage)
	b.Faulters, b.Ops = b.MMs, spec.RwsemRoot.Operations()
	return b
}

func model(t testing.TB, p spec.Protocol, b spec.Bounds) *spec.Model {
	m, err := spec.NewModel(p, "Wide", b)
	require.NoError(t, err)
	return m
}

// drive takes random moves until nothing moves, n are taken, or each, if there is one, says
// that it is enough.
func drive(t testing.TB, m *spec.Model, r *Run, rng *rand.Rand, n int, each func(spec.Move) (more bool)) spec.Schedule {
	t.Helper()
	require.NoError(t, r.Reset())
	var sch spec.Schedule
	for range n {
		moves := r.Moves()
		if len(moves) == 0 {
			break
		}
		mv := moves[rng.IntN(len(moves))]
		sch = append(sch, mv)
		if err := r.Do(mv); err != nil {
			var d *Divergence
			require.True(t, errors.As(err, &d), "%v", err)
			t.Fatalf("%s: %v\n%s\n%s", m.Protocol, err, m.FormatSchedule(sch), d.Diff())
		}
		if each != nil && !each(mv) {
			break
		}
	}
	return sch
}

// Random moves far beyond the exhaustive bounds: the sides never part, every
// step is taken, and every step that the model disables is refused and changes
// nothing.
func TestNoDivergence(t *testing.T) {
	for _, p := range spec.Protocols() {
		t.Run(p.String(), func(t *testing.T) {
			schedules := deep.Or(30, 300)
			if p.Trees() { // whose mremap seldom needs a lock
				schedules = deep.Or(75, 300)
			}
			taken, refused := map[spec.Step]int{}, map[spec.Step]int{}
			steps := 0
			worlds := []spec.Bounds{small(spec.LayoutOnePage), small(spec.LayoutMapped), small(spec.LayoutNeighbours), wide(spec.LayoutOnePage), wide(spec.LayoutEmpty), swap()}
			if p.Trees() {
				worlds = append(worlds, today())
			}
			for _, b := range worlds {
				m := model(t, p, b)
				r, err := New(m)
				require.NoError(t, err)
				rng := rand.New(rand.NewPCG(7, uint64(p)))
				for range schedules {
					drive(t, m, r, rng, 400, func(mv spec.Move) bool {
						steps++
						taken[mv.Step]++
						for u := range m.Threads() {
							if th := r.State().Thread[u]; th.PC != spec.Idle && th.PC != spec.Oopsed && th.PC != spec.AllocAnon {
								did, err := r.Refuse(spec.Move{Thread: uint8(u + 1), Step: th.PC})
								require.NoError(t, err)
								if did {
									refused[th.PC]++
								}
							}
						}
						return true
					})
				}
				require.NoError(t, r.Close())
			}
			for _, s := range spec.Steps() {
				if p.Has(s) {
					assert.NotZero(t, taken[s], "%s was never taken", s)
				} else {
					assert.Zero(t, taken[s], "%s is no step of %s", s, p)
				}
			}
			for _, s := range []spec.Step{spec.LockAnon, spec.LockLeaf, spec.LockRoot, spec.LockAdjust, spec.LockVMA, spec.LockWalks, spec.LockPage, spec.LockArea} {
				if p.Has(s) {
					assert.NotZero(t, refused[s], "%s was never refused", s)
				}
			}
			assert.Greater(t, steps, 200*schedules, "floor on the work done")
			t.Logf("%d steps, refused %v", steps, refused)
		})
	}
}

// Operations that the model does not let begin are refused by the code and
// change nothing.
func TestBeginsRefused(t *testing.T) {
	m := model(t, spec.DeepestLock, small(spec.LayoutOnePage))
	r, err := New(m)
	require.NoError(t, err)
	defer func() { require.NoError(t, r.Close()) }()
	for _, test := range []struct{ before, move, reason string }{
		{"", "mm1:Map(0,1)", "RangeFree"},
		{"", "mm1:Map(2,3)", "InSlots"},
		{"", "mm1:Fault(v1,2)", "NotWritable"},
		{"", "mm1:Unmap(v2)", "AreaMapped: unborn"},
		{"", "mm1:SplitBelow(v1,0)", "InsideArea"},
		{"", "mm2:Exit", "MMExists"},
		{"", "mm2:Fork(mm3)", "MMExists"},
		{"mm2:Map(0,1)", "w1:Pin(v2)", "HasAnon"},
		{"mm2:Map(0,1)", "mm1:Fork(mm2)", "ChildFree"},
		{"", "w1:Walk(p2)", "PageMapped"},
		{"", "w1:Migrate(p2)", "PageMapped"},
	} {
		require.NoError(t, r.Reset())
		sch, err := m.ParseSchedule(test.before + " " + test.move)
		require.NoError(t, err)
		for _, mv := range sch[:len(sch)-1] {
			require.NoError(t, r.Do(mv))
		}
		did, err := r.Refuse(sch[len(sch)-1])
		require.NoError(t, err, "%s: %s", test.move, test.reason)
		assert.True(t, did, "%s: %s", test.move, test.reason)
	}
}

// Between random moves of a large world the code refuses whatever the model does, also what
// names things that there are not, and says why.
func TestAttempts(t *testing.T) {
	refused := 0
	for _, p := range spec.Protocols() {
		for _, layout := range []spec.Layout{spec.LayoutOnePage, spec.LayoutNeighbours} {
			b := wide(layout)
			b.Ops |= spec.AllOps()
			if p.Trees() && layout == spec.LayoutOnePage { // and with what only it has
				b.Ops, b.Faulters = b.Ops|p.Operations(), min(2, b.MMs)
			}
			m := model(t, p, b)
			r, err := New(m)
			require.NoError(t, err)
			rng := rand.New(rand.NewPCG(11, uint64(p)))
			for range deep.Or(30, 60) {
				drive(t, m, r, rng, 200, func(spec.Move) bool {
					n, err := r.Attempt(rng)
					refused += n
					if !errors.Is(err, ErrParked) {
						require.NoError(t, err)
					}
					return err == nil
				})
			}
			require.NoError(t, r.Close())
		}
	}
	assert.Greater(t, refused, deep.Or(2_500, 5_000), "floor on the work done")
	t.Log(refused)
}

// The same moves give the same events.
func TestDeterminism(t *testing.T) {
	m := model(t, spec.DeepestLock, small(spec.LayoutOnePage))
	r, err := New(m)
	require.NoError(t, err)
	defer func() { require.NoError(t, r.Close()) }()
	rng := rand.New(rand.NewPCG(1, 2))
	seen := map[uint64]bool{}
	for range 50 {
		sch := drive(t, m, r, rng, 200, nil)
		hash := r.Hash()
		require.NoError(t, r.Reset())
		for _, mv := range sch {
			require.NoError(t, r.Do(mv))
		}
		assert.Equal(t, hash, r.Hash())
		seen[hash] = true
	}
	assert.Greater(t, len(seen), 40, "different schedules give different hashes")
}

// An implementation of another protocol is found out.
func TestDivergenceIsSeen(t *testing.T) {
	m := model(t, spec.DeepestLock, small(spec.LayoutOnePage))
	r, err := newRun(m, impl.OwnLock)
	require.NoError(t, err)
	defer func() { require.NoError(t, r.Close()) }()
	sch, err := m.ParseSchedule("w1:Walk(p1) w1:ReadMapping")
	require.NoError(t, err)
	require.NoError(t, r.Do(sch[0]))
	assert.EqualError(t, r.Do(sch[1]), "rootlock: model and implementation part at step 2, w1:ReadMapping: next step: model LockLeaf, implementation CheckMapped (object 1)")

	// And a difference in the shared state says which field.
	require.NoError(t, r.Reset())
	r.State().Anon[0].Refs = 1
	err = r.Do(sch[0])
	var d *Divergence
	require.ErrorAs(t, err, &d)
	assert.Equal(t, "a1", d.Field)
	assert.Contains(t, d.Diff(), "Refs")

	// So does one in what the operations in progress have set aside.
	require.NoError(t, r.Reset())
	r.State().Thread[0].Need = 1
	assert.ErrorContains(t, r.Do(sch[0]), "w1:Walk(p1): spare VMAs and objects: model 7 6, implementation 7 7")
}

// Stop in the middle of a step that the model enables and the code refuses.
func TestRefusalIsSeen(t *testing.T) {
	m := model(t, spec.OwnLock, small(spec.LayoutOnePage))
	r, err := New(m)
	require.NoError(t, err)
	defer func() { require.NoError(t, r.Close()) }()
	sch, err := m.ParseSchedule("w1:Walk(p1) w1:ReadMapping w1:CheckMapped w1:LockLeaf w2:Walk(p1) w2:ReadMapping w2:CheckMapped w2:LockLeaf")
	require.NoError(t, err)
	for _, mv := range sch[:7] {
		require.NoError(t, r.Do(mv))
	}
	r.State().Anon[0].Lock = 0 // the model forgets who holds it
	assert.ErrorContains(t, r.Do(sch[7]), "w2:LockLeaf: enabled: model true, implementation refused")
}

func BenchmarkLockstep(b *testing.B) {
	m := model(b, spec.DeepestLock, small(spec.LayoutOnePage))
	r, err := New(m)
	require.NoError(b, err)
	rng := rand.New(rand.NewPCG(7, 7))
	for n := 0; b.Loop(); n++ {
		moves := r.Moves()
		if len(moves) == 0 || n > 300 {
			n = 0
			if err := r.Reset(); err != nil {
				b.Fatal(err)
			}
			moves = r.Moves()
		}
		if err := r.Do(moves[rng.IntN(len(moves))]); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(1e9/float64(b.Elapsed().Nanoseconds())*float64(b.N), "steps/s")
	require.NoError(b, r.Close())
}

// Strict takes what the model disables to the code, and tells of each refusal.
func TestStrict(t *testing.T) {
	m := model(t, spec.OwnLock, small(spec.LayoutOnePage))
	r, err := New(m)
	require.NoError(t, err)
	defer func() { require.NoError(t, r.Close()) }()
	refused := map[spec.Step]int{}
	sch, err := m.ParseSchedule("w1:Walk(p1) w1:ReadMapping w1:CheckMapped w1:LockLeaf mm1:SplitBelow(v1,1) mm1:CopyVMA mm1:LinkChain w1:NextEntry")
	require.NoError(t, err)
	s := Strict{Run: r, Refused: func(s spec.Step) { refused[s]++ }}
	for _, mv := range sch {
		require.NoError(t, s.Do(mv))
	}
	assert.Equal(t, map[spec.Step]int{spec.LockAnon: 2}, refused, "after LinkChain, and after the walker's next step")
	assert.Equal(t, "root_pointer", fileName("RootPointer"))
}
