package hunt_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"

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
