package lockstep_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/examples/boundedbuffer"
	"github.com/rootlock/rootlock/triangle/law"
	"github.com/rootlock/rootlock/triangle/lockstep"
	"github.com/rootlock/rootlock/triangle/sched"
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

// odd is a code with another operation.
type odd struct {
	*boundedbuffer.Code
	operation func()
}

func (c odd) Operation(law.Move) func() { return c.operation }

// What is said of an operation that comes to no step, and of a move of nobody.
func TestNoStep(t *testing.T) {
	w := &boundedbuffer.World{Producers: 1, Consumers: 1, Capacity: 1}
	for _, test := range []struct {
		operation func()
		want      string
	}{
		{func() {}, "the operation has finished without a step: does Operation run the code, and the code call the scheduler's Hook?"},
		{nil, "the operation has finished without a step: does Operation run the code, and the code call the scheduler's Hook?"},
		{func() { panic("ouch") }, "the operation has failed: sched: thread 1 panicked before its first step: ouch"},
	} {
		r := lockstep.Start[boundedbuffer.State, law.Move](t, w, odd{&boundedbuffer.Code{World: w}, test.operation}, w.Threads())
		err := r.Do(r.Moves()[0])
		assert.EqualError(t, err, "law and code part at step 1, p1:Lock: next step: law Lock, code "+test.want)
		var f *sched.Failure
		assert.Equal(t, strings.Contains(test.want, "ouch"), errors.As(err, &f))
		if f != nil {
			assert.Contains(t, string(f.Stack), "lockstep_test.go")
		}
	}
	_, err := lockstep.New(w, &boundedbuffer.Code{World: w}, 1)
	assert.EqualError(t, err, "c1:Lock is a move of thread 2, and the run has threads 1 to 1")
	r := lockstep.Start(t, w, &boundedbuffer.Code{World: w}, w.Threads())
	assert.EqualError(t, r.Do(law.Move{Thread: 3, Step: boundedbuffer.Lock}), "thread3:Lock is a move of thread 3, and the run has threads 1 to 2")
	_, _, err = r.Refuse(law.Move{Thread: 3, Step: boundedbuffer.Lock})
	assert.EqualError(t, err, "thread3:Lock is a move of thread 3, and the run has threads 1 to 2")
}

func TestDiffer(t *testing.T) {
	assert.Nil(t, lockstep.Differ("items", 1, 1))
	assert.Equal(t, &lockstep.Difference{Field: "items", Law: "1", Code: "2"}, lockstep.Differ("items", 1, 2))
}
