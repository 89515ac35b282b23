package shorten

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/rootlock/rootlock/internal/deep"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/internal/watch"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/explore"
	"github.com/rootlock/rootlock/triangle/law"
	"github.com/rootlock/rootlock/triangle/shrink"
)

// What is drawn at random until it fails, shrinks to what is 1-minimal and as short as
// breadth-first search finds it.
func TestSchedule(t *testing.T) {
	work := 0
	for _, test := range []struct{ protocol, model string }{
		{"OwnLock", "Tiny"}, {"OwnLock", "Recycle"}, {"OwnLock", "Pins"}, {"DeepestLock", "Recycle"}, {"DeepestLock", "Pins"}, {"WalkMutex", "Pins"}, {"TrylockRetry", "Small"},
	} {
		if test.model != "Tiny" && !deep.Asked() {
			continue
		}
		p, err := spec.ProtocolByName(test.protocol)
		require.NoError(t, err)
		m, err := models.Find(p, test.model)
		require.NoError(t, err)
		x, err := explore.Explore(t.Context(), m.Model.Law(), explore.Options{})
		require.NoError(t, err)
		for _, v := range x.Violations {
			claim, err := spec.ClaimByName(v.Claim)
			require.NoError(t, err)
			long := draw(t, m.Model, claim)
			if long == nil { // too rare for a walk without aim: pad the shortest one
				long = v.Schedule
			}
			short, err := Schedule(t.Context(), m.Model, long, claim, nil)
			require.NoError(t, err)
			require.True(t, shrink.Breaking(m.Law(), claim.String()).Fails(short))
			assert.LessOrEqual(t, len(short), len(long))
			for _, smaller := range shrink.Smaller(m.Law(), short) {
				assert.False(t, shrink.Breaking(m.Law(), claim.String()).Fails(smaller) && better(m.Model, smaller, short), "%s %s: %s fails as well as %s", m.FullName(), v.Claim, m.FormatSchedule(smaller), m.FormatSchedule(short))
			}
			if shrink.Threads(m.Law(), short) == shrink.Threads(m.Law(), v.Schedule) {
				assert.LessOrEqual(t, len(short), (5*len(v.Schedule)+3)/4, "%s %s: 1.25 times the shortest", m.FullName(), v.Claim)
			}
			t.Logf("%s %s: drawn %d steps, shrunk %d, %d threads, %d switches; shortest %d", m.FullName(), v.Claim, len(long), len(short), shrink.Threads(m.Law(), short), shrink.Switches(m.Law(), short), len(v.Schedule))
			work++
		}
	}
	assert.GreaterOrEqual(t, work, deep.Or(3, 20), "floor on the work done")
}

// better: a removal is shorter by itself; joined runs must save a switch.
func better(m *spec.Model, a, b spec.Schedule) bool {
	return len(a) < len(b) || shrink.Switches(m.Law(), a) < shrink.Switches(m.Law(), b)
}

// faulty parts from the model when mm2 links a list while w1 is amid a walk.
type faulty struct {
	shrink.Alone[spec.State, spec.Move]
	cancel func()
}

func faultyOf(m *spec.Model, cancel func()) *faulty {
	return &faulty{shrink.Alone[spec.State, spec.Move]{Law: m.Law()}, cancel}
}

var errFaulty = errors.New("they part")

func (f *faulty) Do(mv spec.Move) error {
	if f.cancel != nil {
		f.cancel()
	}
	if mv.Thread == 2 && mv.Step == spec.LinkList && f.State().Thread[2].Op == spec.Walk {
		return errFaulty
	}
	return f.Alone.Do(mv)
}

// A schedule on which a runner parts from the model shrinks to a 1-minimal one, and its
// last move gives the error.
func TestDivergence(t *testing.T) {
	m, err := models.Find(spec.RootPointer, "Recycle")
	require.NoError(t, err)
	fails := func(sch spec.Schedule) bool {
		r := faultyOf(m.Model, nil)
		require.NoError(t, r.Reset())
		for i, mv := range sch {
			if !m.Enabled(r.State(), mv) {
				return false
			}
			if err := r.Do(mv); err != nil {
				return i == len(sch)-1
			}
		}
		return false
	}
	rng, work := rand.New(rand.NewPCG(1, 1)), 0
	for range 2000 {
		r := faultyOf(m.Model, nil)
		require.NoError(t, r.Reset())
		var sch spec.Schedule
		for range 80 {
			moves := m.Moves(r.State(), nil)
			if len(moves) == 0 {
				break
			}
			sch = append(sch, moves[rng.IntN(len(moves))])
			if r.Do(sch[len(sch)-1]) != nil {
				break
			}
		}
		if !fails(sch) {
			continue
		}
		work++
		short, parted, err := Divergence(t.Context(), m.Model, faultyOf(m.Model, nil), sch)
		require.NoError(t, err)
		assert.Equal(t, errFaulty, parted)
		require.True(t, fails(short))
		assert.Less(t, len(short), 12, "Map, Fault and its steps, Walk")
		for _, smaller := range shrink.Smaller(m.Law(), short) {
			assert.False(t, better(m.Model, smaller, short) && fails(smaller), "%s", m.FormatSchedule(smaller))
		}
	}
	assert.Greater(t, work, 20, "floor on the work done")

	sch, err := m.ParseSchedule("w1:Walk(p1)")
	require.NoError(t, err)
	_, _, err = Divergence(t.Context(), m.Model, faultyOf(m.Model, nil), sch)
	assert.ErrorIs(t, err, ErrUnbroken)
	ctx, cancel := context.WithCancel(t.Context())
	sch, err = m.ParseSchedule("w1:Walk(p1) mm2:Map(0,1) mm2:Fault(v2,0) mm2:AllocAnon(a2) mm2:LockAnon mm2:LinkChain mm2:LinkList")
	require.NoError(t, err)
	require.True(t, fails(sch))
	_, _, err = Divergence(ctx, m.Model, faultyOf(m.Model, cancel), sch)
	assert.ErrorIs(t, err, context.Canceled)
}

// A loop in which a walk never ends, with other operations around it, shrinks to what is
// 1-minimal: the loop alone.
func TestLoop(t *testing.T) {
	m, err := models.Find(spec.OwnLock, models.Unfair)
	require.NoError(t, err)
	sch, err := m.ParseSchedule(`w1:Walk(p1) w1:ReadMapping w1:CheckMapped
		w2:Walk(p1) w2:ReadMapping w2:CheckMapped w2:LockLeaf w2:NextEntry w2:ReadStart w2:ReadPgoff w2:Visit w2:NextEntry w2:UnlockRoot
		w2:Walk(p1) w2:ReadMapping w2:CheckMapped w2:LockLeaf w2:NextEntry w2:ReadStart w2:ReadPgoff w2:Visit w2:NextEntry w2:UnlockRoot`)
	require.NoError(t, err)
	f := explore.WeakThreads
	loop := func(f explore.Fairness) (spec.Schedule, error) {
		w := watch.New(m.Model)
		return Failing(m.Model, w, sch, func(error) bool { return w.Loop(f) != nil })
	}
	_, err = loop(f | explore.StrongLocks)
	require.ErrorIs(t, err, ErrUnbroken, "w1 gets a fair lock")
	short, err := loop(f)
	require.NoError(t, err)
	require.Less(t, len(short), len(sch))
	ends := func(sch spec.Schedule) bool {
		w, err := watch.Observe(m.Model, sch)
		return err == nil && w.Loop(f) != nil
	}
	require.True(t, ends(short))
	for _, smaller := range shrink.Smaller(m.Law(), short) {
		assert.False(t, better(m.Model, smaller, short) && ends(smaller), "%s", m.FormatSchedule(smaller))
	}
	t.Logf("%d steps: %s", len(short), m.FormatSchedule(short))
}

// draw walks at random until c breaks.
func draw(t *testing.T, m *spec.Model, c spec.Claim) spec.Schedule {
	broken := law.Breaker(m.Law(), c.String())
	t.Helper()
	seed := uint64(1)
	for range 20_000 {
		s := m.Init()
		var sch spec.Schedule
		for range 120 {
			moves := m.Moves(&s, nil)
			if len(moves) == 0 {
				break
			}
			seed = seed*6364136223846793005 + 1442695040888963407
			mv := moves[int(seed>>33)%len(moves)]
			m.Apply(&s, mv)
			sch = append(sch, mv)
			if broken(&s) {
				return sch
			}
		}
	}
	return nil
}

func TestNothingToShrink(t *testing.T) {
	m, err := models.Find(spec.OwnLock, "Tiny")
	require.NoError(t, err)
	sch, err := m.ParseSchedule("w1:Walk(p1)")
	require.NoError(t, err)
	_, err = Schedule(t.Context(), m.Model, sch, spec.LockedIsRoot, nil)
	assert.ErrorIs(t, err, ErrUnbroken)
	_, err = Schedule(t.Context(), m.Model, sch, spec.WalkTerminates, nil)
	assert.ErrorContains(t, err, "no finite schedule breaks WalkTerminates: see Failing")
	sch, err = m.ParseSchedule("w1:LockLeaf")
	require.NoError(t, err)
	_, err = Schedule(t.Context(), m.Model, sch, spec.LockedIsRoot, nil)
	var refused *spec.RefusedError
	assert.ErrorAs(t, err, &refused)
}

// Interrupted, it returns what it has so far, which fails all the same.
func TestInterrupted(t *testing.T) {
	m, err := models.Find(spec.DeepestLock, "Pins")
	require.NoError(t, err)
	long := draw(t, m.Model, spec.MutualExclusion)
	ctx, cancel := context.WithCancel(t.Context())
	var told []int
	short, err := Schedule(ctx, m.Model, long, spec.MutualExclusion, func(done, all, steps int) {
		assert.Less(t, done, all)
		told = append(told, done)
		if done == 1 {
			cancel()
		}
	})
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, []int{0, 1}, told)
	assert.True(t, shrink.Breaking(m.Law(), spec.MutualExclusion.String()).Fails(short))
	assert.LessOrEqual(t, len(short), len(long))
}
