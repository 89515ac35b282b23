package lockstep_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/examples/boundedbuffer"
	"github.com/rootlock/rootlock/triangle/law"
	"github.com/rootlock/rootlock/triangle/lockstep"
)

// forgetful is a law in which nobody is told of an item: its code parts from it.
type forgetful struct{ *boundedbuffer.World }

func (l forgetful) Apply(s *boundedbuffer.State, mv law.Move) {
	l.World.Apply(s, mv)
	if mv.Step == boundedbuffer.Put {
		s.At[mv.Thread-1] = boundedbuffer.Unlock
	}
}

// lost is a law that forgets an item.
type lost struct{ *boundedbuffer.World }

func (l lost) Apply(s *boundedbuffer.State, mv law.Move) {
	l.World.Apply(s, mv)
	if mv.Step == boundedbuffer.Put {
		s.Count = 0
	}
}

// early is a law in which the lock is never busy.
type early struct{ *boundedbuffer.World }

func (l early) Moves(s *boundedbuffer.State, _ []law.Move) []law.Move {
	free := *s
	free.Holder = 0
	return l.World.Moves(&free, nil)
}

func TestDivergence(t *testing.T) {
	w := &boundedbuffer.World{Producers: 1, Consumers: 1, Capacity: 1}
	for _, test := range []struct {
		law  law.Law[boundedbuffer.State, law.Move]
		sch  []law.Move
		want string
	}{
		{forgetful{w}, []law.Move{{Thread: 1, Step: boundedbuffer.Lock}, {Thread: 1, Step: boundedbuffer.Put}}, "step 2, p1:Put: next step: law Unlock, code Notify (object 1)"},
		{lost{w}, []law.Move{{Thread: 1, Step: boundedbuffer.Lock}, {Thread: 1, Step: boundedbuffer.Put}}, "step 2, p1:Put: items: law 0, code 1"},
		{early{w}, []law.Move{{Thread: 1, Step: boundedbuffer.Lock}, {Thread: 2, Step: boundedbuffer.Lock}}, "step 2, c1:Lock: enabled: law true, code refused"},
	} {
		r, err := lockstep.New(test.law, &boundedbuffer.Code{World: w}, w.Threads())
		require.NoError(t, err)
		for i, mv := range test.sch {
			err := r.Do(mv)
			if i < len(test.sch)-1 {
				require.NoError(t, err)
				continue
			}
			var d *lockstep.Divergence
			require.ErrorAs(t, err, &d)
			assert.Equal(t, "law and code part at "+test.want, err.Error())
		}
		first := r.Hash()
		require.NoError(t, r.Reset())
		for _, mv := range test.sch {
			_ = r.Do(mv)
		}
		assert.Equal(t, first, r.Hash(), "the same moves, the same hash")
		require.NoError(t, r.Close())
	}
}

// numbered is a law whose first step is one that threads take.
type numbered struct{ *boundedbuffer.World }

func (numbered) Step(mv law.Move) int { return int(mv.Step) - 1 }

func TestStepZero(t *testing.T) {
	w := &boundedbuffer.World{Producers: 1, Consumers: 1, Capacity: 1}
	_, err := lockstep.New(numbered{w}, &boundedbuffer.Code{World: w}, w.Threads())
	assert.ErrorContains(t, err, "step 0 of the law, which package sched takes for a refusal: put a name like Idle before it in Steps")
}

func TestDiffer(t *testing.T) {
	assert.Nil(t, lockstep.Differ("items", 1, 1))
	assert.Equal(t, &lockstep.Difference{Field: "items", Law: "1", Code: "2"}, lockstep.Differ("items", 1, 2))
}
