package hunt_test

import (
	"errors"
	"flag"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rootlock/rootlock/examples/boundedbuffer"
	"github.com/rootlock/rootlock/triangle/hunt"
	"github.com/rootlock/rootlock/triangle/law"
	"github.com/rootlock/rootlock/triangle/shrink"
)

// dead is a runner that does not start.
type dead struct {
	shrink.Alone[boundedbuffer.State, law.Move]
}

func (*dead) Reset() error { return errors.New("out of order") }

// shaky is a runner whose code panics at the third move.
type shaky struct {
	shrink.Alone[boundedbuffer.State, law.Move]
	moves int
}

func (r *shaky) Do(mv law.Move) error {
	if r.moves++; r.moves == 3 {
		var none []int
		_ = none[r.moves]
	}
	return r.Alone.Do(mv)
}

// A search that panicked has not found nothing: rapid takes the panic for a failure of its own.
func TestSearchPanics(t *testing.T) {
	w := &boundedbuffer.World{Producers: 1, Consumers: 1, Capacity: 1}
	alone := shrink.Alone[boundedbuffer.State, law.Move]{Law: w}
	_, err := hunt.Find(t.Context(), &hunt.Property[boundedbuffer.State, law.Move]{Law: w, Runner: &shaky{Alone: alone}}, hunt.Options{Schedules: 5})
	assert.ErrorContains(t, err, "the search panicked: runtime error: index out of range [3] with length 0")
}

// What could not be asked is not "nothing found".
func TestNoSearch(t *testing.T) {
	w := &boundedbuffer.World{Producers: 1, Consumers: 1, Capacity: 1}
	alone := shrink.Alone[boundedbuffer.State, law.Move]{Law: w}
	_, err := hunt.Find(t.Context(), &hunt.Property[boundedbuffer.State, law.Move]{Law: w, Runner: &alone, Claims: []string{"NoSuchClaim"}}, hunt.Options{Schedules: 5})
	assert.ErrorContains(t, err, `the law makes no claim "NoSuchClaim"`)
	_, err = hunt.Find(t.Context(), &hunt.Property[boundedbuffer.State, law.Move]{Law: w, Runner: &dead{alone}}, hunt.Options{Schedules: 5})
	assert.ErrorContains(t, err, "could not begin: out of order")
}

// spy is a test that is told and does not fail.
type spy struct {
	testing.TB
	told strings.Builder
}

func (s *spy) Logf(format string, a ...any)   { fmt.Fprintf(&s.told, format+"\n", a...) }
func (s *spy) Errorf(format string, a ...any) { s.Logf(format, a...) }
func (s *spy) FailNow()                       { runtime.Goexit() }

// adrift is a runner whose code parts from the law where something is got.
type adrift struct {
	shrink.Alone[boundedbuffer.State, law.Move]
}

func (r *adrift) Do(mv law.Move) error {
	if mv.Step == boundedbuffer.Get {
		return errors.New("law and code part")
	}
	return r.Alone.Do(mv)
}

// What rapid prints of a failure has the schedule and where law and code part, not only what
// was drawn.
func TestToldInTest(t *testing.T) {
	require.NoError(t, flag.Set("rapid.nofailfile", "true"))
	t.Cleanup(func() { require.NoError(t, flag.Set("rapid.nofailfile", "false")) })
	w := &boundedbuffer.World{Producers: 2, Consumers: 1, Capacity: 1}
	told := func(p *hunt.Property[boundedbuffer.State, law.Move]) (string, string) {
		s, done := &spy{TB: t}, make(chan bool)
		go func() {
			defer close(done)
			rapid.Check(s, p.Check)
		}()
		<-done
		require.NotNil(t, p.Last)
		return s.told.String(), fmt.Sprintf("schedule of %d steps, for law.Parse: %s", len(p.Last.Schedule), law.Text(w, p.Last.Schedule))
	}
	text, schedule := told(&hunt.Property[boundedbuffer.State, law.Move]{Law: w, Claims: w.Claims()})
	assert.Contains(t, text, schedule)
	assert.Contains(t, text, "NoDeadlock is violated")
	text, schedule = told(&hunt.Property[boundedbuffer.State, law.Move]{Law: w, Runner: &adrift{shrink.Alone[boundedbuffer.State, law.Move]{Law: w}}})
	assert.Contains(t, text, "law and code part\n")
	assert.Contains(t, text, schedule)
}
