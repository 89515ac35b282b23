package conform_test

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/examples/boundedbuffer"
	"github.com/rootlock/rootlock/triangle/conform"
	"github.com/rootlock/rootlock/triangle/law"
	"github.com/rootlock/rootlock/triangle/lockstep"
	"github.com/rootlock/rootlock/triangle/tlc"
)

// spy is a test that is told and does not fail.
type spy struct {
	testing.TB
	failed string
}

func (s *spy) Fatal(a ...any)                 { s.failed = fmt.Sprint(a...); runtime.Goexit() }
func (s *spy) Fatalf(format string, a ...any) { s.Fatal(fmt.Sprintf(format, a...)) }

func said(t *testing.T, check func(t testing.TB)) string {
	s := &spy{TB: t}
	done := make(chan bool)
	go func() {
		defer close(done)
		check(s)
	}()
	<-done
	return s.failed
}

type (
	state = boundedbuffer.State
	world = boundedbuffer.World
)

// Check fails where law and code part, and where nothing was refused.
func TestCheck(t *testing.T) {
	w, other := &world{Producers: 2, Consumers: 1, Capacity: 1}, &world{Producers: 2, Consumers: 1, Capacity: 2}
	none := func(*state) ([]law.Move, int) { return nil, 0 }
	run := func(w, code *world) *lockstep.Run[state, law.Move] {
		return lockstep.Start(t, w, &boundedbuffer.Code{World: code}, w.Threads())
	}
	assert.Empty(t, said(t, func(s testing.TB) { conform.Check(s, w, run(w, w), refusals(w)) }))
	assert.Empty(t, said(t, func(s testing.TB) { conform.Check(s, w, run(w, w), nil) }))
	assert.Contains(t, said(t, func(s testing.TB) { conform.Check(s, w, run(w, w), none) }), "nothing was refused: 58 of 58 states")
	assert.Equal(t, `law and code part at step 5, p1:Lock: next step: law Wait, code Put (object 1)
   p1
1  Lock    Holder=1; At[0]=2
2  Put     Count=1; At[0]=5
3  Notify  At[0]=6
4  Unlock  Holder=0; At[0]=1
5  Lock    Holder=1; At[0]=4
schedule: p1:Lock p1:Put p1:Notify p1:Unlock p1:Lock`, said(t, func(s testing.TB) { conform.Check(s, w, run(w, other), refusals(w)) }))
}

// A tour that fails late is shown by a shorter schedule, whether law and code part at a step or
// at one that the law disables.
func TestCheckShort(t *testing.T) {
	w := &world{Producers: 2, Consumers: 1, Capacity: 1}
	check := func(l law.Law[state, law.Move]) string {
		return said(t, func(s testing.TB) {
			conform.Check(s, l, lockstep.Start(t, l, &boundedbuffer.Code{World: w}, w.Threads()), refusals(l))
		})
	}
	assert.Equal(t, `law and code part at step 19, p1:Lock: enabled: law false, code took the step: Wait (object 1)
7 steps do as well: law and code part at step 7, p1:Lock: enabled: law false, code took the step: Wait (object 1)
   p1      p2
1  Lock    .     Holder=1; At[0]=2
2  Put     .     Count=1; At[0]=5
3  Notify  .     At[0]=6
4  Unlock  .     Holder=0; At[0]=1
5  .       Lock  Holder=2; At[1]=4
6  .       Wait  Holder=0; At[1]=1; Asleep[1]=true
then, where the law disables it: p1:Lock
schedule: p1:Lock p1:Put p1:Notify p1:Unlock p2:Lock p2:Wait p1:Lock`, check(shy{w}))
	assert.Equal(t, `law and code part at step 15, p1:Notify(2): asleep: law [false true false false false false], code [false false false false false false]
9 steps do as well: law and code part at step 9, c1:Notify(2): asleep: law [false true false false false false], code [false false false false false false]
   p1      p2    c1
1  Lock    .     .          Holder=1; At[0]=2
2  Put     .     .          Count=1; At[0]=5
3  Notify  .     .          At[0]=6
4  Unlock  .     .          Holder=0; At[0]=1
5  .       Lock  .          Holder=2; At[1]=4
6  .       Wait  .          Holder=0; At[1]=1; Asleep[1]=true
7  .       .     Lock       Holder=3; At[2]=3
8  .       .     Get        Count=0; At[2]=5
9  .       .     Notify(2)  At[2]=6
schedule: p1:Lock p1:Put p1:Notify p1:Unlock p2:Lock p2:Wait c1:Lock c1:Get c1:Notify(2)`, check(deaf{w}))
}

// broken is a code that panics.
type broken struct{ *boundedbuffer.Code }

func (broken) Operation(law.Move) func() { return func() { panic("ouch") } }

// Where the code panics, Check shows its stack.
func TestCheckPanic(t *testing.T) {
	w := &world{Producers: 1, Consumers: 1, Capacity: 1}
	told := said(t, func(s testing.TB) {
		conform.Check(s, w, lockstep.Start[state, law.Move](t, w, broken{&boundedbuffer.Code{World: w}}, w.Threads()), nil)
	})
	assert.Contains(t, told, "panicked before its first step: ouch\n")
	assert.Contains(t, told, "/check_test.go:")
}

func refusals(l law.Law[state, law.Move]) func(s *state) ([]law.Move, int) {
	return conform.Refusals(l, 3, func(s *state, thread int) (law.Move, bool) {
		return law.Move{Thread: uint8(thread), Step: s.At[thread-1]}, s.At[thread-1] == boundedbuffer.Lock
	})
}

// two is a law that begins with an empty buffer or with a full one.
type two struct{ *world }

func (w two) Initial() []state {
	full := w.world.Initial()[0]
	full.Count = w.Capacity
	return append(w.world.Initial(), full)
}

// A tour begins in one state.
func TestInitial(t *testing.T) {
	_, err := conform.Explore(t.Context(), two{&world{Producers: 1, Consumers: 1, Capacity: 1}}, 100)
	assert.EqualError(t, err, "the law has 2 initial states: a tour, and TLC's graph, begin in one")
}

// By a shy law nobody takes the lock while the second producer alone sleeps at a full buffer.
type shy struct{ *world }

func (w shy) Moves(s *state, buf []law.Move) []law.Move {
	return slices.DeleteFunc(w.world.Moves(s, buf), func(mv law.Move) bool {
		return mv.Step == boundedbuffer.Lock && s.Asleep[1] && !s.Asleep[0] && s.Count == 1
	})
}

// An action that the law does not know is told with the steps that it does; and so are states
// that are translated alike.
func TestForeign(t *testing.T) {
	w := &world{Producers: 1, Consumers: 1, Capacity: 1}
	read := func(action string) (*conform.Graph[state, law.Move], error) {
		const dot = "1 [label=\"/\\\\ n = 1\",style = filled]\n2 [label=\"/\\\\ n = 2\"]\n1 -> 2 [label=\"%s\"]\n"
		return conform.ReadDOT(strings.NewReader(fmt.Sprintf(dot, action)), w, func(map[string]tlc.Value) (state, error) { return w.Initial()[0], nil })
	}
	_, err := read("Free")
	assert.EqualError(t, err, `TLC's graph: the action "Free" is no step of the law; its steps are Idle, Lock, Put, Get, Wait, Notify, Unlock`)
	alike, err := read("Lock")
	require.NoError(t, err)
	g, err := conform.Explore(t.Context(), w, 100)
	require.NoError(t, err)
	d := conform.Compare(g, alike)
	require.NotNil(t, d)
	assert.Contains(t, d.Report(w.Format, "the explorer", "TLC"), "TLC has the states 0 and 1, which are equal: one of its variables is not translated, or has nothing in the state")
}

// Equal fails where the law's graph is another than TLC's.
func TestEqual(t *testing.T) {
	o := tlc.Options{Installation: tlc.Need(t), Files: os.DirFS("../../examples/boundedbuffer"), Module: "Buffer"}
	w := &world{Producers: 2, Consumers: 1, Capacity: 1, Broadcast: true}
	empty := func(map[string]tlc.Value) (state, error) { return w.Initial()[0], nil }
	assert.Contains(t, said(t, func(s testing.TB) { conform.Equal(s, w, o, empty) }), "TLC")
	o.Config = "Absent"
	assert.Contains(t, said(t, func(s testing.TB) { conform.Equal(s, w, o, empty) }), "Absent.cfg")
}

// By a deaf law the second producer goes on sleeping when it is woken.
type deaf struct{ *world }

func (w deaf) Apply(s *state, mv law.Move) {
	asleep := s.Asleep
	w.world.Apply(s, mv)
	if mv.Step == boundedbuffer.Notify && mv.Args[0] == 2 {
		s.Asleep = asleep
	}
}
