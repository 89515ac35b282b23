package sched_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/triangle/sched"
)

// two is a setup of two threads that do the same.
func two(f func()) func(*sched.T) {
	return func(t *sched.T) {
		t.Go("a", f)
		t.Go("b", f)
	}
}

// under locks each of the lockers, and unlocks them in the opposite order.
func under(lockers ...sync.Locker) {
	for _, l := range lockers {
		l.Lock()
		defer l.Unlock()
	}
}

var outlives int // state that no schedule resets

// Each row is a seeded bug, with the counterexample in full; and its repair.
func TestEveryKindOfFailure(t *testing.T) {
	for _, row := range []struct {
		reason        string
		setup, repair func(*sched.T)
		options       sched.Options
		kind, message string
		lanes         string
	}{
		{
			reason: "a reader that locks again behind a writer that waits",
			setup: func(t *sched.T) {
				var m sched.RWMutex
				t.Name("m", &m)
				t.Go("reader", func() { under(m.RLocker(), m.RLocker()) })
				t.Go("writer", func() { under(&m) })
			},
			repair: func(t *sched.T) {
				var m sched.RWMutex
				t.Go("reader", func() { under(m.RLocker()); under(m.RLocker()) })
				t.Go("writer", func() { under(&m) })
			},
			kind: "deadlock", message: "reader waits in m.RLock, writer waits in m.Lock",
			lanes: `
   reader   writer
1  m.RLock  .
2  .        m.Lock
`,
		}, {
			reason: "a receiver that nobody tells of the end",
			setup: func(t *sched.T) {
				c := sched.NewChan[int](1)
				t.Name("c", c)
				t.Go("sender", func() { c.Send(7) })
				t.Go("receiver", func() {
					for range c.All() {
					}
				})
			},
			repair: func(t *sched.T) {
				c := sched.NewChan[int](1)
				t.Go("sender", func() { c.Send(7); c.Close() })
				t.Go("receiver", func() {
					for range c.All() {
					}
				})
			},
			kind: "deadlock", message: "receiver waits in c.Recv",
			lanes: `
   sender     receiver
1  c.Send(7)  .
2  .          c.Recv() = 7
3  .          c.Recv
`,
		}, {
			reason: "a channel that two threads close",
			setup: func(t *sched.T) {
				var done sched.Bool
				c := sched.NewChan[int](0)
				t.Name("c", c)
				t.Name("done", &done)
				two(func() {
					if !done.Load() {
						done.Store(true)
						c.Close()
					}
				})(t)
			},
			repair: func(t *sched.T) {
				var done sched.Bool
				c := sched.NewChan[int](0)
				two(func() {
					if done.CompareAndSwap(false, true) {
						c.Close()
					}
				})(t)
			},
			kind: "panic", message: "a: close of closed channel",
			lanes: `
   a                    b
1  done.Load() = false  .
2  .                    done.Load() = false
3  .                    done.Store(true)
4  .                    c.Close
5  done.Store(true)     .
6  c.Close              .
`,
		}, {
			reason: "an assertion in a thread",
			setup: func(t *sched.T) {
				var n sched.Int32
				t.Name("n", &n)
				t.Go("writer", func() { n.Store(1); n.Store(2) })
				t.Go("reader", func() { require.NotEqual(t, int32(1), n.Load(), "half written") })
			},
			repair: func(t *sched.T) {
				var n sched.Int32
				t.Go("writer", func() { n.Store(2) })
				t.Go("reader", func() { require.NotEqual(t, int32(1), n.Load(), "half written") })
			},
			kind: "assertion", message: "reader: \n\tError Trace:",
			lanes: `
   writer      reader
1  n.Store(1)  .
2  .           n.Load() = 1
`,
		}, {
			reason: "an assertion about the final state",
			setup: func(t *sched.T) {
				var n sched.Uint64
				t.Name("n", &n)
				two(func() { n.Store(n.Load() | 1<<n.Load()) })(t)
				t.Finally(func() { assert.Equal(t, uint64(3), n.Load()) })
			},
			repair: func(t *sched.T) {
				var n sched.Uint64
				two(func() { n.Or(3) })(t)
				t.Finally(func() { assert.Equal(t, uint64(3), n.Load()) })
			},
			kind: "assertion", message: "the final check: \n\tError Trace:",
			lanes: `
   a             b
1  n.Load() = 0  .
2  n.Load() = 0  .
3  .             n.Load() = 0
4  .             n.Load() = 0
5  .             n.Store(1)
6  n.Store(1)    .
`,
		}, {
			reason: "a loop that keeps the processor",
			setup: func(t *sched.T) {
				var flag sched.Bool
				t.Name("flag", &flag)
				t.Go("waits", func() {
					for !flag.Load() {
					}
				})
				t.Go("sets", func() { flag.Store(true) })
			},
			repair: func(t *sched.T) {
				var flag sched.Bool
				t.Go("waits", func() {
					for !flag.Load() {
						sched.Gosched()
					}
				})
				t.Go("sets", func() { flag.Store(true) })
			},
			options: sched.Options{Steps: 3},
			kind:    "livelock", message: "some thread has not ended after 3 steps; a loop that waits for another thread must call sched.Gosched",
			lanes: `
   waits
1  flag.Load() = false
2  flag.Load() = false
3  flag.Load() = false
`,
		}, {
			reason: "two threads that give way to each other for ever",
			setup: func(t *sched.T) {
				var wants [2]sched.Bool
				t.Name("wants", &wants)
				for i, name := range []string{"a", "b"} {
					t.Go(name, func() {
						for wants[i].Store(true); wants[1-i].Load(); wants[i].Store(true) {
							wants[i].Store(false)
							sched.Gosched()
						}
					})
				}
			},
			repair: func(t *sched.T) {
				var wants [2]sched.Bool
				for i, name := range []string{"a", "b"} {
					t.Go(name, func() {
						for wants[i].Store(true); i == 0 && wants[1-i].Load(); {
							sched.Gosched()
						}
						wants[i].Store(false)
					})
				}
			},
			options: sched.Options{Steps: 8},
			kind:    "livelock", message: "some thread has not ended after 8 steps; a loop that waits for another thread must call sched.Gosched",
			lanes: `
   a                        b
1  wants[0].Store(true)     .
2  wants[1].Load() = false  .
3  .                        wants[1].Store(true)
4  .                        wants[0].Load() = true
5  .                        wants[1].Store(false)
6  .                        sched.Gosched
7  .                        wants[1].Store(true)
8  .                        wants[0].Load() = true
`,
		}, {
			reason: "code that does not depend on the schedule alone",
			setup: func(t *sched.T) {
				var n sched.Int64
				t.Name("n", &n)
				outlives++
				two(func() {
					for range outlives % 3 {
						n.Add(1)
					}
				})(t)
			},
			repair: func(t *sched.T) {
				var n sched.Int64
				two(func() { n.Add(1) })(t)
			},
			kind: "not deterministic",
		},
	} {
		t.Run(row.reason, func(t *testing.T) {
			result := sched.Search(row.setup, row.options)
			c := result.Counterexample
			require.NotNil(t, c, "%v", result)
			assert.Equal(t, row.kind, c.Kind)
			if row.kind == "not deterministic" {
				assert.Contains(t, c.Message, row.message)
			} else {
				assert.True(t, strings.HasPrefix(c.Message, row.message), c.Message)
				assert.Equal(t, strings.TrimPrefix(row.lanes, "\n"), c.Lanes)
				again := sched.Search(row.setup, sched.Options{Replay: c.Schedule, Steps: row.options.Steps})
				require.NotNil(t, again.Counterexample)
				assert.Equal(t, c.Lanes, again.Counterexample.Lanes)
			}
			repaired := sched.Search(row.repair, sched.Options{})
			require.Nil(t, repaired.Counterexample, "%v", repaired.Counterexample)
			assert.True(t, repaired.Complete, "%v", repaired)
			assert.GreaterOrEqual(t, repaired.Steps, 4)
		})
	}
}

// Threads that wait in loops with Gosched are no livelock, however many wait
// for one another, and no schedule that could end goes on for ever.
func TestLoopsWithGosched(t *testing.T) {
	for _, row := range []struct {
		reason string
		setup  func(*sched.T)
	}{
		{"two wait for a third, which takes its time", func(t *sched.T) {
			var flag, work sched.Int32
			for range 2 {
				t.Go("waits", func() {
					for flag.Load() == 0 {
						sched.Gosched()
					}
				})
			}
			t.Go("sets", func() { work.Add(1); work.Add(1); flag.Store(1) })
		}},
		{"a spin lock", func(t *sched.T) {
			var lock sched.Bool
			inside := 0
			for range 2 {
				t.Go("locks", func() {
					for !lock.CompareAndSwap(false, true) {
						sched.Gosched()
					}
					inside++
					if inside != 1 {
						t.Errorf("two are inside")
					}
					inside--
					lock.Store(false)
				})
			}
		}},
		{"each waits for the one before", func(t *sched.T) {
			var turn sched.Int32
			for i := range int32(3) {
				t.Go("turn", func() {
					for turn.Load() != i {
						sched.Gosched()
					}
					turn.Add(1)
				})
			}
		}},
	} {
		result := sched.Search(row.setup, sched.Options{})
		assert.Nil(t, result.Counterexample, "%s: %v", row.reason, result.Counterexample)
		assert.True(t, result.Complete, "%s: %v", row.reason, result)
		t.Log(row.reason, result)
	}
}
