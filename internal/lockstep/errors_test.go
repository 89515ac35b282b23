package lockstep

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/impl"
	"github.com/rootlock/rootlock/internal/deep"
	"github.com/rootlock/rootlock/spec"
)

// Operations end with the errors that the model knows, and with each that it can know.
func TestErrors(t *testing.T) {
	seen := map[error]int{}
	for _, p := range []spec.Protocol{spec.OwnLock, spec.RefcountedRoot} {
		for _, b := range []spec.Bounds{small(spec.LayoutOnePage), wide(spec.LayoutOnePage)} {
			m := model(t, p, b)
			r, err := New(m)
			require.NoError(t, err)
			rng := rand.New(rand.NewPCG(11, uint64(p)))
			for range deep.Or(300, 500) {
				drive(t, m, r, rng, 300, func(mv spec.Move) bool {
					if th := &r.State().Thread[mv.Thread-1]; th.PC == spec.Idle {
						seen[r.code.calls[mv.Thread-1].owes(th)]++
					}
					return true
				})
			}
			require.NoError(t, r.Close())
		}
	}
	t.Log(seen)
	for _, err := range []error{nil, impl.ErrNoMemory, impl.ErrNotMapped, impl.ErrNotMoved} {
		assert.Greater(t, seen[err], 4, "floor on the work done: %v", err)
	}
}

// An operation that ends with another error than the model knows, or is refused with
// another, is found out.
func TestErrorIsSeen(t *testing.T) {
	m := model(t, spec.OwnLock, small(spec.LayoutOnePage))
	r, err := New(m)
	require.NoError(t, err)
	defer func() { require.NoError(t, r.Close()) }()
	sch, err := m.ParseSchedule("w1:Walk(p1) w1:ReadMapping w1:CheckMapped w1:LockLeaf w1:NextEntry w1:ReadStart w1:ReadPgoff w1:Visit w1:NextEntry w1:UnlockRoot")
	require.NoError(t, err)
	for _, mv := range sch[:len(sch)-1] {
		require.NoError(t, r.Do(mv))
	}
	r.code.calls[3].walked = false // the model forgets that there was a list to walk
	assert.ErrorContains(t, r.Do(sch[len(sch)-1]), "w1:UnlockRoot: error: model rootlock: not mapped, implementation none")

	for _, test := range []struct{ move, conjunct, want string }{
		{"mm1:Map(0,1)", "RangeFree", "mm1:Map(0,1): error: model rootlock: empty or too large a range, implementation rootlock: area overlaps a mapped one"},
		{"w1:Walk(p2)", "PageMapped", "w1:Walk(p2): error: model rootlock: empty or too large a range, implementation rootlock: not mapped"},
	} {
		require.NoError(t, r.Reset())
		kept := refusals[test.conjunct]
		refusals[test.conjunct] = []error{impl.ErrRange} // the model confuses two errors
		sch, err := m.ParseSchedule(test.move)
		require.NoError(t, err)
		did, err := r.Refuse(sch[0])
		refusals[test.conjunct] = kept
		assert.True(t, did)
		assert.ErrorContains(t, err, test.want)
	}
}

// A page of another System, which is mapped there, is refused as such.
func TestForeignPage(t *testing.T) {
	b := wide(spec.LayoutOnePage)
	b.Ops |= spec.AllOps()
	m := model(t, spec.RwsemRoot, b)
	r, err := New(m)
	require.NoError(t, err)
	defer func() { require.NoError(t, r.Close()) }()
	for _, step := range []spec.Step{spec.Walk, spec.Migrate, spec.SwapOut, spec.SwapDrop} {
		did, err := r.Refuse(spec.Move{Thread: uint8(m.MMs + 1), Step: step, Args: [3]uint8{foreignPage}})
		assert.NoError(t, err, step)
		assert.True(t, did, step)
		assert.Equal(t, impl.ErrForeign, r.code.calls[m.MMs].err, step)
	}
}

// So is an operation that allocates more or less than the model knows, a page that gets
// another frame where the model knows of none, and one that keeps its frame.
func TestUnseenIsSeen(t *testing.T) {
	m := model(t, spec.RootPointer, small(spec.LayoutOnePage))
	r, err := New(m)
	require.NoError(t, err)
	defer func() { require.NoError(t, r.Close()) }()
	for _, test := range []struct {
		spoil func()
		want  string
	}{
		{func() {}, ""},
		{func() { r.code.calls[0].allocated++ }, "mm1:MapPage: allocations: model 1, implementation 0"},
		{func() { r.code.frames.last[0]++ }, "mm1:MapPage: p1 gets another frame: model false, implementation true"},
		{func() { r.code.frames.last[1] = r.control().Page(1).Frame() + 1 }, "mm1:MapPage: p2 gets another frame: model true, implementation false"},
	} {
		require.NoError(t, r.Reset())
		sch, err := m.ParseSchedule("mm1:Fault(v1,0) mm1:MapPage")
		require.NoError(t, err)
		require.NoError(t, r.Do(sch[0]))
		test.spoil()
		if err := r.Do(sch[1]); test.want == "" {
			assert.NoError(t, err)
		} else {
			assert.ErrorContains(t, err, test.want)
		}
	}
}

func (r *Run) control() *impl.Control { return r.code.control }

// An operation that has touched what is freed ends with that error, holds nothing and has
// given its reference back.
func TestOops(t *testing.T) {
	m := model(t, spec.DeepestLock, spec.Bounds{MMs: 3, VMAs: 12, Objects: 5, Pages: 3, Walkers: 2, Slots: 2, MMOps: 14, WalkerOps: 8, Layout: spec.LayoutForked,
		Ops: spec.AllOps() | spec.WideOps()})
	r, err := New(m)
	require.NoError(t, err)
	defer func() { require.NoError(t, r.Close()) }()
	// A migration has its reference; the first area of its list is freed before it reads on.
	sch, err := m.ParseSchedule("w2:Migrate(p2) w2:LockPage w2:ReadMapping w2:LockLeaf w2:ReadFirst w2:ReadTail w2:UnlockLeaf w2:LockRoot w2:GetAnon " +
		"w2:UnlockRoot w2:ReadMapping w2:LockLeaf w2:ReadFirst w1:Walk(p2) w1:ReadMapping mm2:Unmap(v2) mm2:ZapEntry mm2:LockAnon " +
		"mm2:UnlinkList mm2:UnlockAnon mm2:UnlinkChain mm2:LockAnon mm2:UnlinkList mm2:UnlockAnon mm2:UnlinkChain mm2:FreeVMA " +
		"mm2:Map(0,1) mm2:Exit mm1:Fault(v1,0) w2:ReadTail")
	require.NoError(t, err)
	last := sch[len(sch)-1]
	walker := int(last.Thread)
	for _, test := range []struct {
		spoil func()
		want  string
	}{
		{func() {}, ""},
		{func() { r.State().Anon[4].Refs++ }, ": references: model 1, implementation 0"},
		{func() { r.State().Thread[walker-1].Phase = spec.Get }, ": references: model 1, implementation 0"},
	} {
		require.NoError(t, r.Reset())
		for _, mv := range sch {
			require.NoError(t, r.Do(mv))
		}
		require.Equal(t, spec.Oopsed, r.State().Thread[walker-1].PC)
		test.spoil()
		if err := r.Oops(last); test.want == "" {
			assert.NoError(t, err)
		} else {
			assert.ErrorContains(t, err, "after the oops of w2:ReadTail"+test.want)
		}
	}

	// A thread that does not end, as it has not touched anything, is no such thread.
	require.NoError(t, r.Reset())
	require.NoError(t, r.Do(sch[0]))
	assert.NoError(t, r.Oops(sch[0]))
	r.State().Thread[sch[0].Thread-1].PC = spec.Oopsed
	assert.ErrorContains(t, r.Oops(sch[0]), ": error: model rootlock: use after free, implementation ")
}
