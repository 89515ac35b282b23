package conform_test

import (
	"fmt"
	"os"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"

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
	refusals := conform.Refusals(w, w.Threads(), func(s *state, thread int) (law.Move, bool) {
		return law.Move{Thread: uint8(thread), Step: s.At[thread-1]}, s.At[thread-1] == boundedbuffer.Lock
	})
	none := func(*state) ([]law.Move, int) { return nil, 0 }
	run := func(w, code *world) *lockstep.Run[state, law.Move] {
		return lockstep.Start(t, w, &boundedbuffer.Code{World: code}, w.Threads())
	}
	assert.Empty(t, said(t, func(s testing.TB) { conform.Check(s, w, run(w, w), refusals) }))
	assert.Empty(t, said(t, func(s testing.TB) { conform.Check(s, w, run(w, w), nil) }))
	assert.Contains(t, said(t, func(s testing.TB) { conform.Check(s, w, run(w, w), none) }), "nothing was refused: 58 of 58 states")
	assert.Contains(t, said(t, func(s testing.TB) { conform.Check(s, w, run(w, other), refusals) }), "next step: law Wait, code Put")
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
