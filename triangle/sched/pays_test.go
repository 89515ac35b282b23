package sched

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// pipeline is three threads and two channels.
func pipeline(t *T) {
	a, b := NewChan[int](1), NewChan[int](0)
	t.Name("a", a)
	t.Name("b", b)
	t.Go("source", func() {
		for i := range 3 {
			a.Send(i)
		}
		a.Close()
	})
	t.Go("middle", func() {
		for v := range a.All() {
			b.Send(v)
		}
		b.Close()
	})
	t.Go("sink", func() {
		for range b.All() {
		}
	})
}

// What the reduction of depthFirst saves: schedules in all, schedules that it
// runs to their end, and those that it begins.
func TestReductionPays(t *testing.T) {
	for _, row := range []struct {
		reason             string
		setup              func(*T)
		all, orders, begun int
	}{
		{"three threads with three atomic steps each, most of them on different values", func(t *T) {
			var x [3]Int64
			var n Int64
			t.Name("x", &x)
			t.Name("n", &n)
			for i := range x {
				t.Go("t", func() { x[i].Store(1); n.Add(1); x[(i+1)%3].Load() })
			}
		}, 1680, 18, 61},
		{"three philosophers, who take the lower fork first", func(t *T) {
			var forks [3]Mutex
			t.Name("forks", &forks)
			for i := range forks {
				t.Go("p", func() {
					low, high := min(i, (i+1)%3), max(i, (i+1)%3)
					forks[low].Lock()
					defer forks[low].Unlock()
					forks[high].Lock()
					defer forks[high].Unlock()
				})
			}
		}, 142, 6, 16},
		{"a pipeline of three threads", pipeline, 36163, 544, 842},
	} {
		run := func(bound int) (schedules, begun int) {
			o := Options{Preemptions: bound, Schedules: 100_000, Steps: 1000}
			e, end := newExplorer(row.setup, o)
			defer end()
			d := &depthFirst{bound: bound}
			schedules, failed := e.exhaust(d)
			assert.Nil(t, failed, row.reason)
			assert.True(t, d.exhausted && !d.cut, row.reason)
			return schedules, e.schedules
		}
		all, begun := run(1000)
		assert.Equal(t, row.all, all, row.reason)
		assert.Equal(t, all, begun, row.reason)
		orders, begun := run(-1)
		assert.Equal(t, row.orders, orders, row.reason)
		assert.Equal(t, row.begun, begun, row.reason)
	}
}
