package record_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/examples/boundedbuffer"
	"github.com/rootlock/rootlock/triangle/record"
)

// Two events that the law allows, and a third that it does not: the consumer takes the lock
// that the producer holds.
func Example() {
	w := &boundedbuffer.World{Producers: 1, Consumers: 1, Capacity: 1}
	fmt.Println(record.Follow(w, []record.Event{
		{Thread: 1, Step: boundedbuffer.Lock}, {Thread: 1, Step: boundedbuffer.Put}, {Thread: 2, Step: boundedbuffer.Lock},
	}))
	// Output:
	// event 3: thread 2 takes Lock, which the law does not let it do in any of the 1 states that it may be in
}

// What a step chose is not seen: the law may be in several states, until an event tells.
func TestChoices(t *testing.T) {
	w := &boundedbuffer.World{Producers: 2, Consumers: 1, Capacity: 1}
	var events []record.Event
	add := func(thread int, steps ...int) {
		for _, s := range steps {
			events = append(events, record.Event{Thread: thread, Step: s})
		}
	}
	add(1, boundedbuffer.Lock, boundedbuffer.Put, boundedbuffer.Notify, boundedbuffer.Unlock, boundedbuffer.Lock, boundedbuffer.Wait)
	add(2, boundedbuffer.Lock, boundedbuffer.Wait)
	add(3, boundedbuffer.Lock, boundedbuffer.Get, boundedbuffer.Notify, boundedbuffer.Unlock) // wakes one of the two
	for _, woken := range []int{1, 2} {
		n := len(events)
		add(woken, boundedbuffer.Lock)
		require.NoError(t, record.Follow(w, events))
		add(woken, boundedbuffer.Put, boundedbuffer.Notify, boundedbuffer.Unlock)
		require.NoError(t, record.Follow(w, events))
		events = events[:n]
	}
	add(1, boundedbuffer.Get)
	var lost *record.Lost
	require.ErrorAs(t, record.Follow(w, events), &lost)
	assert.Equal(t, record.Lost{Index: 12, Event: record.Event{Thread: 1, Step: boundedbuffer.Get}, Step: "Get", States: 2, Instead: []string{"p1:Lock"}}, *lost)
	assert.ErrorContains(t, record.Follow(w, []record.Event{{Thread: 1, Step: 99}}), "step 99")
	assert.ErrorContains(t, record.Follow(w, nil), "nothing was recorded")
}
