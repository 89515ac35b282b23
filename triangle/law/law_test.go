package law_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/examples/boundedbuffer"
	"github.com/rootlock/rootlock/triangle/law"
)

// What Text writes, Parse reads, and nothing that the law does not allow.
func TestParse(t *testing.T) {
	w := &boundedbuffer.World{Producers: 2, Consumers: 1, Capacity: 1}
	const text = "p1:Lock p1:Put p1:Notify p1:Unlock p1:Lock p1:Wait c1:Lock c1:Get c1:Notify(1)"
	sch, err := law.Parse(w, w.Initial()[0], text)
	require.NoError(t, err)
	assert.Equal(t, text, law.Text(w, sch))
	sch, err = law.Parse(w, w.Initial()[0], " \n")
	require.NoError(t, err)
	assert.Empty(t, sch)
	for text, want := range map[string]string{
		"p1:Lock p2:Lock":    `move 2, "p2:Lock", is not enabled; enabled are: p1:Put`,
		"p1:Lock p1:Put\x1b": `move 2, "p1:Put\x1b", is not enabled; enabled are: p1:Put`,
		"p9:Lock":            `move 1, "p9:Lock", is not enabled; enabled are: p1:Lock p2:Lock c1:Lock`,
	} {
		_, err := law.Parse(w, w.Initial()[0], text)
		assert.EqualError(t, err, want)
	}
}

// deaf is a law whose Format does not say who is woken.
type deaf struct{ *boundedbuffer.World }

func (l deaf) Format(mv law.Move) string { return mv.Format([]string{"p1", "p2", "c1"}, l.Steps(), 0) }

// A word that is two moves is no schedule: the first of them may not be the one that was meant.
func TestParseAmbiguous(t *testing.T) {
	l := deaf{&boundedbuffer.World{Producers: 2, Consumers: 1, Capacity: 1}}
	const text = "p1:Lock p1:Put p1:Notify p1:Unlock p1:Lock p1:Wait p2:Lock p2:Wait c1:Lock c1:Get c1:Notify"
	_, err := law.Parse(l, l.Initial()[0], text)
	assert.EqualError(t, err, `move 11, "c1:Notify", is two moves that are enabled, {3 5 [1 0 0]} and {3 5 [2 0 0]}: Format must tell them apart`)
}

func TestFormat(t *testing.T) {
	threads, steps := []string{"ann"}, []string{"Idle", "Look"}
	for want, mv := range map[string]law.Move{
		"ann:Look(2,0)":      {Thread: 1, Step: 1, Args: [3]uint8{2}},
		"thread0:Idle(0,0)":  {},
		"thread2:step2(0,0)": {Thread: 2, Step: 2},
	} {
		assert.Equal(t, want, mv.Format(threads, steps, 2))
	}
}

// unnamed is a law whose last step has no name; ghost one whose first thread is nobody.
type (
	unnamed struct{ *boundedbuffer.World }
	ghost   struct{ *boundedbuffer.World }
)

func (l unnamed) Steps() []string      { return l.World.Steps()[:boundedbuffer.Unlock] }
func (l ghost) Thread(mv law.Move) int { return int(mv.Thread) - 1 }

// A move without step or thread is none that the law defines.
func TestUndefined(t *testing.T) {
	w := &boundedbuffer.World{Producers: 1, Consumers: 1, Capacity: 1}
	s := w.Initial()[0]
	assert.Empty(t, law.Undefined(w, &s))
	assert.Equal(t, "p1:Lock is of thread 0, and threads count from 1", law.Undefined(ghost{w}, &s))
	assert.Empty(t, law.Undefined(unnamed{w}, &s))
	s.Holder, s.At[0] = 1, boundedbuffer.Unlock
	assert.Equal(t, "p1:Unlock is step 6, and Steps has 6 names, from 0", law.Undefined(unnamed{w}, &s))
}
