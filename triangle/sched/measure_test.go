package sched

import (
	"testing"
	"time"
)

func TestMeasure(t *testing.T) {
	progs := map[string]func(*T){
		"buffer2x2": func(t *T) {
			var mu Mutex
			c := NewCond(&mu)
			var items []int
			t.Name("mu", &mu)
			t.Name("c", c)
			for range 2 {
				t.Go("p", func() {
					mu.Lock()
					for len(items) == 1 {
						c.Wait()
					}
					items = append(items, 1)
					c.Broadcast()
					mu.Unlock()
				})
			}
			for range 2 {
				t.Go("g", func() {
					mu.Lock()
					for len(items) == 0 {
						c.Wait()
					}
					items = items[1:]
					c.Broadcast()
					mu.Unlock()
				})
			}
		},
		"atomics3x3": func(t *T) {
			var x [3]Int64
			var n Int64
			t.Name("x", &x)
			t.Name("n", &n)
			for i := range 3 {
				t.Go("a", func() { x[i].Store(1); n.Add(1); x[(i+1)%3].Load() })
			}
		},
		"philosophers3": func(t *T) {
			var f [3]Mutex
			t.Name("f", &f)
			for i := range 3 {
				t.Go("p", func() {
					a, b := i, (i+1)%3
					if a > b {
						a, b = b, a
					}
					f[a].Lock()
					f[b].Lock()
					f[b].Unlock()
					f[a].Unlock()
				})
			}
		},
		"pipeline": func(t *T) {
			a, b := NewChan[int](1), NewChan[int](0)
			t.Name("a", a)
			t.Name("b", b)
			t.Go("src", func() {
				for i := range 3 {
					a.Send(i)
				}
				a.Close()
			})
			t.Go("mid", func() {
				for v := range a.All() {
					b.Send(v)
				}
				b.Close()
			})
			t.Go("dst", func() {
				for range b.All() {
				}
			})
		},
	}
	for name, p := range progs {
		for _, bound := range []int{1, 2, 1000, -1} {
			{
				start := time.Now()
				e := &explorer{Options: Options{Schedules: 2_000_000, Steps: 1000}, s: New(maxThreads), setup: p}
				e.control(goroutineID())
				e.s.created = e.control
				exploring.Add(1)
				d := &depthFirst{bound: bound}
				n, end := e.exhaust(d)
				el := time.Since(start)
				t.Logf("%-14s bound %2d : %7d schedules, %7d run, done %v cut %v, %8d steps, %v, %v/schedule, %v/step %v", name, bound, n, e.schedules, d.exhausted, d.cut, e.steps, el.Round(time.Millisecond), el/time.Duration(e.schedules), el/time.Duration(e.steps), end)
				e.s.Close()
				exploring.Add(-1)
				for _, id := range e.ids {
					controlled.Delete(id)
				}
			}
		}
	}
}
