package spec

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/rootlock/rootlock/internal/deep"
	"github.com/rootlock/rootlock/triangle/explore"
)

// naive is the exploration as one would write it first: one goroutine, a map of
// states.
type naive struct {
	first            State
	differences      [][]byte // of the states from the first
	generated        uint64
	levels           []uint64
	perStep          [NumSteps]uint64
	violating, depth [NumClaims]uint64
}

func explorePlainly(m *Model) *naive {
	x := &naive{first: m.Init(), generated: 1}
	known := map[uint64]bool{} // a State has 7 KB
	meet := func(s *State) {
		if d := digest(s); !known[d] {
			known[d] = true
			x.differences = append(x.differences, difference(&x.first, s))
		}
	}
	meet(&x.first)
	level := 0        // where the level begins
	var s, succ State // made once: the law is an interface, so what it sees is on the heap
	var moves []Move
	violate := func(c Claim, depth int) {
		if x.violating[c] == 0 {
			x.depth[c] = uint64(depth)
		}
		x.violating[c]++
	}
	for depth := 0; level < len(x.differences); depth++ {
		this := x.differences[level:]
		x.levels = append(x.levels, uint64(len(this)))
		level += len(this)
		for _, d := range this {
			s = x.first
			s.differ(d)
			broken := m.Check(&s)
			for c := range NumClaims {
				if broken.Has(c) {
					violate(c, depth)
				}
			}
			moves = m.Moves(&s, moves[:0])
			if len(moves) == 0 && !m.Rest(&s) {
				violate(NoDeadlock, depth)
			}
			for _, mv := range moves {
				x.generated++
				x.perStep[mv.Step]++
				if m.Enabled(&s, mv) {
					succ = s
					m.Apply(&succ, mv)
					meet(&succ)
				}
			}
		}
	}
	return x
}

// states are all states, in the order in which they were met; each only until the next.
func (x *naive) states(yield func(*State) bool) {
	var s State
	for _, d := range x.differences {
		s = x.first
		if s.differ(d); !yield(&s) {
			return
		}
	}
}

// piece is how many bytes of two states are compared at a time.
const piece = 32

const _ = uint8((8*maxWords - 1) / piece) // its number is a byte

// difference has the pieces of s that are not those of first, each behind its number. It
// is a thirtieth of a state, and is no packing: it knows nothing of fields and bounds.
func difference(first, s *State) (d []byte) {
	a, b := first.bytes(), s.bytes()
	for i := 0; i < len(b); i += piece {
		if end := min(i+piece, len(b)); !bytes.Equal(a[i:end], b[i:end]) {
			d = append(append(d, byte(i/piece)), b[i:end]...)
		}
	}
	return d
}

// differ makes s, which is the first state, the state of a difference.
func (s *State) differ(d []byte) {
	for len(d) > 0 {
		n := copy(s.bytes()[int(d[0])*piece:], d[1:min(1+piece, len(d))])
		d = d[1+n:]
	}
}

// digest is Go's own hash of a state, which the explorer does not use. That two of some
// 10,000 states have one hash is less likely than one in 100,000,000,000.
func digest(s *State) uint64 { return maphash.Bytes(digestSeed, s.bytes()) }

var digestSeed = maphash.MakeSeed()

var plainly = map[string]*naive{}

// explorePlainlyOnce remembers the result for a name.
func explorePlainlyOnce(name string, m *Model) *naive {
	if plainly[name] == nil {
		plainly[name] = explorePlainly(m)
	}
	return plainly[name]
}

// selfDeadlock takes the lock of the leaf twice.
type selfDeadlock struct{ deepestLock }

func (selfDeadlock) leafLocked(_ *Model, _ *State, th *Thread) { th.PC = LockLeaf }

// wild leaves a register with a number that no object has.
type wild struct{ deepestLock }

func (wild) mappingRead(th *Thread) { th.Root, th.PC = 200, LockLeaf }

// misused puts a register of the mm side to a use that the bounds do not know.
type misused struct{ deepestLock }

func (misused) mappingRead(th *Thread) { th.New, th.PC = 1, LockLeaf }

func withRules(m *Model, r rules) *Model {
	changed := *m
	changed.rules = r
	return &changed
}

// smallModels are of a size that the naive exploration can do.
func smallModels(t testing.TB) map[string]*Model {
	models := map[string]*Model{}
	for _, p := range Protocols() {
		for name, b := range map[string]Bounds{
			"fork and walk":       {MMs: 2, VMAs: 2, Objects: 2, Pages: 1, Walkers: 1, Slots: 1, MMOps: 1, WalkerOps: 1, Ops: AllOps()},
			"two walkers":         {MMs: 1, VMAs: 2, Objects: 2, Pages: 1, Walkers: 2, Slots: 2, MMOps: 1, WalkerOps: 1, Ops: AllOps()},
			"nobody walks":        {MMs: 2, VMAs: 3, Objects: 3, Pages: 2, Slots: 2, MMOps: 2, Ops: OpsOf(Fault, Fork, Unmap, SplitAbove)},
			"neighbours":          {MMs: 1, VMAs: 3, Objects: 2, Pages: 2, Walkers: 1, Slots: 2, MMOps: 2, WalkerOps: 1, Layout: LayoutNeighbours, Ops: AllOps()},
			"mapped":              {MMs: 2, VMAs: 3, Objects: 3, Pages: 1, Walkers: 1, Slots: 1, MMOps: 2, WalkerOps: 1, Layout: LayoutMapped, Ops: OpsOf(Fault, Fork, Exit, Walk, Unmap)},
			"areas are merged":    {MMs: 1, VMAs: 4, Objects: 2, Pages: 2, Walkers: 1, Slots: 2, MMOps: 2, WalkerOps: 1, Prots: 2, Ops: WideOps()},
			"swap and failures":   {MMs: 2, VMAs: 2, Objects: 2, Pages: 2, Walkers: 1, Slots: 1, MMOps: 1, WalkerOps: 2, Failures: true, Ops: WideOps()},
			"a walk is unlimited": {MMs: 1, VMAs: 1, Objects: 1, Pages: 1, Walkers: 2, Slots: 1, WalkerOps: Unlimited, Ops: OpsOf(Walk, Migrate)},
		} {
			if b.Ops == WideOps() && p != RootPointer { // the wide world is the same for all
				continue
			}
			if strings.Contains("nobody walks, mapped, neighbours, two walkers", name) && p != DeepestLock &&
				(name != "two walkers" || p != OwnLock) && !deep.Asked() {
				continue // the largest, but one that misses a mapping
			}
			if testing.Short() && p != DeepestLock && name != "swap and failures" { // under the race detector
				continue
			}
			models[p.String()+", "+name] = mustModel(t, p, b)
		}
	}
	models["deadlock"] = withRules(models["DeepestLock, fork and walk"], selfDeadlock{})
	return models
}

func TestExploreAgainstNaive(t *testing.T) {
	states, violated := 0, ClaimSet(0)
	for name, m := range smallModels(t) {
		t.Run(name, func(t *testing.T) {
			want := explorePlainlyOnce(name, m)
			x, err := explore.Explore(t.Context(), m.Law(), explore.Options{})
			require.NoError(t, err)
			assert.True(t, x.Complete)
			assert.NoError(t, x.Stopped)
			assert.EqualValues(t, len(want.differences), x.Distinct)
			assert.Equal(t, want.generated, x.Generated)
			assert.Equal(t, want.levels, x.Levels)
			assert.Len(t, want.levels, x.Depth)
			assert.Equal(t, want.perStep[:], x.Steps)
			assert.Equal(t, want.violating[NoDeadlock], x.Deadlocks)
			for _, c := range Claims() {
				v := x.Violation(c.String())
				if want.violating[c] == 0 {
					assert.Nil(t, v, "%s holds", c)
					continue
				}
				require.NotNil(t, v, "%s is violated", c)
				assert.Equal(t, want.violating[c], v.States, "states that violate %s", c)
				assert.Len(t, v.Schedule, int(want.depth[c]), "shortest counterexample of %s", c)
				violated |= c.Set()
			}
			requireCounterexamples(t, m, x)
			states += len(want.differences)
		})
	}
	if testing.Short() {
		return
	}
	assert.Greater(t, states, 50_000, "states compared")
	for _, c := range []Claim{MutualExclusion, NoMissedMapping, NoUseAfterFree, NoDeadlock} {
		assert.True(t, violated.Has(c), "some model must violate %s", c)
	}
}

// requireCounterexamples replays every counterexample with the pure law.
func requireCounterexamples(t *testing.T, m *Model, x *explore.Exploration[State, Move]) {
	t.Helper()
	for _, v := range x.Violations {
		s := m.Init()
		for i, mv := range v.Schedule {
			next, ok := m.Next(s, mv)
			require.True(t, ok, "%s, move %d: %s is not enabled", v.Claim, i+1, m.Format(mv))
			s = next
		}
		require.Equal(t, s, v.State, v.Claim)
		if v.Claim == NoDeadlock.String() {
			require.Empty(t, m.Moves(&s, nil))
			require.False(t, m.Rest(&s))
			continue
		}
		claim, err := ClaimByName(v.Claim)
		require.NoError(t, err)
		require.True(t, m.Check(&s).Has(claim), "the last state of %s violates it", v.Claim)
	}
}

// withoutCost is what must not depend on workers.
func withoutCost(x *explore.Exploration[State, Move]) explore.Exploration[State, Move] {
	y := *x
	y.Duration, y.Memory = 0, explore.Memory{}
	return y
}

func TestExploreDoesNotDependOnWorkers(t *testing.T) {
	m := mustModel(t, OwnLock, Bounds{MMs: 2, VMAs: 2, Objects: 3, Pages: 1, Walkers: 2, Slots: 1, MMOps: 1, WalkerOps: 1, Ops: OpsOf(Fork, Exit, Walk, Migrate)})
	for _, o := range []explore.Options{{}, {Symmetry: true}, {MaxStates: 10_000}, {StopOn: []string{NoMissedMapping.String()}}} {
		t.Run(fmt.Sprintf("symmetry %t, at most %d, until %v", o.Symmetry, o.MaxStates, o.StopOn), func(t *testing.T) {
			o.Workers = 1
			one, err := explore.Explore(t.Context(), m.Law(), o)
			require.NoError(t, err)
			require.Greater(t, one.Distinct, uint64(4000), "floor")
			require.NotEmpty(t, one.Violations, "floor")
			requireCounterexamples(t, m, one)
			counts := []int{2, 4, 4}
			if testing.Short() { // under the race detector
				counts = []int{4}
			}
			for _, workers := range counts {
				o.Workers = workers
				many, err := explore.Explore(t.Context(), m.Law(), o)
				require.NoError(t, err)
				require.Equal(t, withoutCost(one), withoutCost(many), "%d workers", workers)
			}
		})
	}
}

func TestExploreStops(t *testing.T) {
	defer goleak.VerifyNone(t)
	m := mustModel(t, OwnLock, Bounds{MMs: 2, VMAs: 2, Objects: 3, Pages: 1, Walkers: 2, Slots: 1, MMOps: 1, WalkerOps: 1, Ops: OpsOf(Fork, Exit, Walk, Migrate)})

	x, err := explore.Explore(t.Context(), m.Law(), explore.Options{MaxStates: 10_000})
	require.NoError(t, err)
	assert.False(t, x.Complete)
	assert.ErrorIs(t, x.Stopped, explore.ErrMaxStates)
	assert.GreaterOrEqual(t, x.Distinct, uint64(10_000))
	last := x.Levels[len(x.Levels)-1]
	assert.Less(t, x.Distinct-last, uint64(10_000), "not a level more than it takes")

	x, err = explore.Explore(t.Context(), m.Law(), explore.Options{StopOn: []string{NoBadFree.String()}})
	require.NoError(t, err)
	assert.False(t, x.Complete)
	assert.ErrorIs(t, x.Stopped, explore.ErrViolated)
	require.NotNil(t, x.Violation(NoBadFree.String()))
	assert.Len(t, x.Violation(NoBadFree.String()).Schedule, x.Depth-1)

	m = mustModel(t, OwnLock, Bounds{MMs: 3, VMAs: 8, Objects: 8, Pages: 2, Walkers: 3, Slots: 2, MMOps: 5, WalkerOps: 5, Ops: AllOps()}) // hours
	tired := errors.New("tired")
	ctx, cancel := context.WithCancelCause(t.Context())
	reports := 0
	x, err = explore.Explore(ctx, m.Law(), explore.Options{Workers: 4, Progress: func(p explore.Progress) {
		reports++
		assert.Positive(t, p.Level)
		assert.Positive(t, p.Distinct)
		assert.Positive(t, p.Elapsed)
		cancel(tired)
	}})
	require.NoError(t, err)
	assert.False(t, x.Complete)
	assert.ErrorIs(t, x.Stopped, tired)
	assert.Equal(t, 1, reports)
	assert.Positive(t, x.Distinct)
	requireCounterexamples(t, m, x)

	x, err = explore.Explore(ctx, m.Law(), explore.Options{})
	require.NoError(t, err)
	assert.EqualValues(t, 1, x.Distinct, "cancelled before the first step")
	assert.ErrorIs(t, x.Stopped, tired)
}

// States outside their type are counted and reported, but not explored further.
func TestExploreStatesOutsideTheBounds(t *testing.T) {
	m := mustModel(t, DeepestLock, Bounds{MMs: 2, VMAs: 2, Objects: 2, Pages: 1, Walkers: 2, Slots: 1, MMOps: 1, WalkerOps: 1, Ops: OpsOf(Fork, Exit, Walk)})
	broken := withRules(m, wild{})
	for _, symmetry := range []bool{false, true} {
		one, err := explore.Explore(t.Context(), broken.Law(), explore.Options{Workers: 1, Symmetry: symmetry})
		require.NoError(t, err)
		assert.False(t, one.Complete)
		assert.ErrorIs(t, one.Stopped, explore.ErrNotTyped)
		require.Len(t, one.Violations, 1)
		v := one.Violation(TypeOK.String())
		require.NotNil(t, v)
		assert.Equal(t, "w1:Walk(p1) w1:ReadMapping", minFormat(broken, v.Schedule))
		assert.Greater(t, v.States, uint64(100))
		requireCounterexamples(t, broken, one)
		two, err := explore.Explore(t.Context(), broken.Law(), explore.Options{Workers: 2, Symmetry: symmetry})
		require.NoError(t, err)
		assert.Equal(t, withoutCost(one), withoutCost(two))
	}

	broken = withRules(m, misused{})
	x, err := explore.Explore(t.Context(), broken.Law(), explore.Options{})
	require.NoError(t, err)
	v := x.Violation(TypeOK.String())
	require.NotNil(t, v)
	assert.Equal(t, "w1:Walk(p1) w1:ReadMapping", minFormat(broken, v.Schedule))
	conjunct, values := broken.Explain(&v.State, TypeOK)
	assert.Equal(t, "TypeOK", conjunct)
	assert.Contains(t, values, ".New = 1 is outside the bounds")
}

// A step that panics in a reachable state is found where it does: TypeOK is violated there,
// by a shortest schedule, and the explorer goes on elsewhere.
func TestExploreStepsThatPanic(t *testing.T) {
	m := mustModel(t, DeepestLock, Bounds{MMs: 2, VMAs: 2, Objects: 2, Pages: 1, Walkers: 2, Slots: 1, MMOps: 1, WalkerOps: 1, Ops: OpsOf(Fork, Exit, Walk)})
	for reason, test := range map[string]struct {
		rules    rules
		schedule string
		values   string
	}{
		"a step reads behind the end of a list": {overrun{}, "w1:Walk(p1) w1:ReadMapping w1:LockLeaf",
			"w1:ReadFirst is not defined: runtime error: index out of range [64] with length 64"},
		"which lock is next is asked by the guard, and by a claim before": {nowhere{}, "mm1:Exit mm1:ZapEntry",
			"which moves are enabled is not defined: runtime error: index out of range [99] with length 32"},
		"a step says so in words": {speechless{}, "w1:Walk(p1)", "w1:ReadMapping is not defined: rootlock: what now?"},
	} {
		t.Run(reason, func(t *testing.T) {
			broken := withRules(m, test.rules)
			for _, symmetry := range []bool{false, true} {
				one, err := explore.Explore(t.Context(), broken.Law(), explore.Options{Workers: 1, Symmetry: symmetry})
				require.NoError(t, err)
				assert.ErrorIs(t, one.Stopped, explore.ErrNotTyped)
				v := one.Violation(TypeOK.String())
				require.NotNil(t, v)
				assert.Equal(t, test.schedule, minFormat(broken, v.Schedule))
				if conjunct, values := broken.Explain(&v.State, TypeOK); assert.Equal(t, "StepsDefined", conjunct) && v.Schedule[0].Thread != 4 {
					assert.Equal(t, test.values, values)
				}
				assert.Greater(t, one.Distinct, uint64(100), "what has nothing to do with it is explored")
				two, err := explore.Explore(t.Context(), broken.Law(), explore.Options{Workers: 2, Symmetry: symmetry})
				require.NoError(t, err)
				assert.Equal(t, withoutCost(one), withoutCost(two))
			}
			_, err := explore.NewGraph(t.Context(), broken.Law(), 0)
			assert.ErrorContains(t, err, "the law is not defined: ")
			assert.ErrorContains(t, err, "after "+test.schedule)
		})
	}
}

// overrun has a walker read a list too far.
type overrun struct{ deepestLock }

func (overrun) take(m *Model, s *State, t uint8, th *Thread) {
	if th.PC == ReadFirst {
		th.VMA = s.anon(th.Anon).List[int(th.Anon)+MaxVMAs-1]
	}
	deepestLock{}.take(m, s, t, th)
}

// nowhere has the mm side lock what there is not.
type nowhere struct{ deepestLock }

func (nowhere) mmLock(*State, uint8, uint8) uint8 { return 100 }

// speechless does not know what to do with a mapping.
type speechless struct{ deepestLock }

func (speechless) mappingRead(*Thread) { panic("rootlock: what now?") }

// A step that writes where no state within the bounds has anything spoils no other state.
func TestExploreWritesOutsideTheBounds(t *testing.T) {
	m := mustModel(t, DeepestLock, Bounds{MMs: 2, VMAs: 2, Objects: 2, Pages: 1, Walkers: 2, Slots: 1, MMOps: 1, WalkerOps: 1, Ops: OpsOf(Fork, Exit, Walk)})
	broken := withRules(m, astray{})
	one, err := explore.Explore(t.Context(), broken.Law(), explore.Options{Workers: 1})
	require.NoError(t, err)
	v := one.Violation(TypeOK.String())
	require.NotNil(t, v)
	assert.Equal(t, "w1:Walk(p1) w1:ReadMapping w1:LockLeaf w1:ReadFirst", minFormat(broken, v.Schedule))
	conjunct, values := broken.Explain(&v.State, TypeOK)
	assert.Equal(t, "TypeOK", conjunct)
	assert.Contains(t, values, "is outside the bounds")
	two, err := explore.Explore(t.Context(), broken.Law(), explore.Options{Workers: 2})
	require.NoError(t, err)
	assert.Equal(t, withoutCost(one), withoutCost(two))
	sound, err := explore.Explore(t.Context(), withRules(m, halting{}).Law(), explore.Options{Workers: 1})
	require.NoError(t, err)
	assert.Equal(t, sound.Distinct, one.Distinct-v.States, "all that is within the bounds is as if nothing had happened")
}

// astray writes beside the last page, and halting steps nowhere instead.
type (
	astray  struct{ deepestLock }
	halting struct{ deepestLock }
)

func (astray) take(m *Model, s *State, t uint8, th *Thread) {
	if th.PC == ReadFirst {
		s.Page[m.Pages].Mapping = 1
	}
	deepestLock{}.take(m, s, t, th)
}

func (halting) take(m *Model, s *State, t uint8, th *Thread) {
	if th.PC != ReadFirst {
		deepestLock{}.take(m, s, t, th)
	}
}

// minFormat writes a schedule with the first walker's name for either.
func minFormat(m *Model, sch Schedule) string {
	renamed := append(Schedule(nil), sch...)
	for i := range renamed {
		if m.IsWalker(renamed[i].Thread) {
			renamed[i].Thread = uint8(m.MMs + 1)
		}
	}
	return m.FormatSchedule(renamed)
}
