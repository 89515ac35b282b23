package sched_test

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/triangle/sched"
)

// What is misused panics, in the thread that does it, with a message that says
// what to do.
func TestMisuse(t *testing.T) {
	var outside sched.Mutex
	var elsewhere *sched.Mutex
	for _, row := range []struct {
		setup   func(t *sched.T)
		message string
		reason  string
	}{
		{func(t *sched.T) {
			var m sched.Mutex
			t.Go("a", m.Unlock)
		}, "a: sync: unlock of unlocked mutex", "natively a fatal error"},
		{func(t *sched.T) {
			var m sched.RWMutex
			t.Go("a", m.Unlock)
		}, "a: sync: Unlock of unlocked RWMutex", "the same"},
		{func(t *sched.T) {
			var m sched.RWMutex
			t.Go("a", func() { m.Lock(); m.RUnlock() })
		}, "a: sync: RUnlock of unlocked RWMutex", "the same"},
		{func(t *sched.T) {
			var g sched.WaitGroup
			t.Go("a", func() { g.Go(func() {}); g.Wait(); g.Done() })
		}, "a: sync: negative WaitGroup counter", "as natively"},
		{func(t *sched.T) {
			c := sched.NewCond(new(sched.Mutex))
			t.Go("a", c.Wait)
		}, "a: sync: unlock of unlocked mutex", "as natively"},
		{func(t *sched.T) {
			var m sync.Mutex
			c := sched.NewCond(&m)
			t.Go("a", func() { m.Lock(); c.Wait() })
		}, "a: sched: the L of Cond2 is not a Locker of this package", "it would block, and not wait"},
		{func(t *sched.T) {
			c := sched.NewChan[int](0)
			t.Go("a", func() { c.Close(); c.Close() })
		}, "a: close of closed channel", "as natively"},
		{func(t *sched.T) {
			c := sched.NewChan[int](0)
			t.Go("sender", func() { c.Send(1) })
			t.Go("closer", c.Close)
		}, "sender: send on closed channel", "while it waits, as natively"},
		{func(t *sched.T) {
			c := sched.NewChan[int](0)
			t.Go("sender", func() { sched.Select(c.Sending(1)) })
			t.Go("closer", c.Close)
		}, "sender: send on closed channel", "while it waits in a Select, as natively"},
		{func(t *sched.T) {
			var v sched.Value
			t.Go("a", func() { v.Store(1); v.Store("text") })
		}, "a: sync/atomic: store of inconsistently typed value into Value", "as natively"},
		{func(t *sched.T) {
			t.Go("a", func() { panic("its own") })
		}, "a: its own", "a panic of the code"},
		{func(t *sched.T) {
			var m sched.Mutex
			m.Lock()
			m.Lock()
		}, "setup: sched: Mutex2 would wait for ever: threads run when setup has returned, and have ended before the final checks", "setup has nobody to wait for"},
		{func(t *sched.T) {
			c := sched.NewChan[int](0)
			t.Name("c", c)
			t.Finally(func() { c.Recv() })
		}, "the final check: sched: c would wait for ever: threads run when setup has returned, and have ended before the final checks", "nor has a final check"},
		{func(t *sched.T) {
			t.Go("a", func() { under(&outside) })
		}, "a: sched: Mutex2 belongs to another schedule: make it in the setup function, which runs once for each schedule", "a variable that outlives the schedule"},
		{func(t *sched.T) {
			sched.Search(func(t *sched.T) {
				elsewhere = new(sched.Mutex)
				t.Name("elsewhere", elsewhere)
			}, sched.Options{})
		}, "setup: sched: an exploration within an exploration", "a nested Search"},
		{func(t *sched.T) { t.Name("n", sched.Int32{}) }, "setup: sched: T.Name of n: it needs a pointer to what is to be named, not a sched.Integer[int32]", "a copy cannot be named"},
		{func(t *sched.T) {
			var m sched.Mutex
			t.Go("a", func() {
				m.Lock()
				told := make(chan any)
				go func() {
					defer func() { told <- recover() }()
					m.Unlock()
				}()
				panic(<-told)
			})
		}, "a: sched: Mutex2 is under control, and the goroutine that uses it is not: start it with sched.Go", "a go statement; noticed in the first schedule and in replays"},
		{func(t *sched.T) {
			t.Go("a", func() {
				for range 300 {
					sched.Go(func() {})
				}
			})
		}, "a: sched: more than 255 threads in one schedule", "too many threads"},
	} {
		c := sched.Search(row.setup, sched.Options{}).Counterexample
		if assert.NotNil(t, c, row.reason) {
			assert.Equal(t, "panic", c.Kind, row.reason)
			assert.Equal(t, row.message, c.Message, row.reason)
			assert.Contains(t, c.Stack, "panic(", row.reason)
		}
	}
	assert.PanicsWithValue(t, "sched: Mutex2 belongs to a schedule that is over: look at what it leaves behind in T.Finally", outside.Lock)
	assert.Panics(t, func() { sched.NewCond(&outside).Wait() })
}

// Names lead to where the wrapped values are.
func TestName(t *testing.T) {
	type inner struct{ n sched.Int32 }
	type outer struct {
		sched.Mutex
		in      inner
		list    []*inner
		c       *sched.Chan[int]
		self    *outer
		skipped map[string]*inner
	}
	var used []string
	c := sched.Search(func(t *sched.T) {
		o := &outer{list: []*inner{{}, {}}, c: sched.NewChan[int](1), skipped: map[string]*inner{"k": {}}}
		o.self = o
		t.Name("o", o)
		t.Go("a", func() {
			o.Lock()
			o.in.n.Load()
			o.list[1].n.Load()
			o.c.Send(1)
			o.skipped["k"].n.Load()
			t.Fatalf("shown")
		})
	}, sched.Options{}).Counterexample
	require.NotNil(t, c)
	for line := range strings.Lines(c.Lanes) {
		used = append(used, strings.Fields(line)[1:]...)
	}
	assert.Equal(t, "o.Mutex.Lock o.in.n.Load() = 0 o.list[1].n.Load() = 0 o.c.Send(1) Integer7.Load() = 0", strings.Join(used, " "))
}

// What is shown does not differ from run to run, addresses neither.
func TestTextOfValues(t *testing.T) {
	type node struct{ next *node }
	type named struct{ sched.Int32 }
	c := sched.Search(func(t *sched.T) {
		var p sched.Pointer[node]
		var v sched.Value
		t.Name("p", &p)
		t.Name("v", &v)
		a, b := new(node), new(node)
		var v2 sched.Pointer[named]
		second := new(named)
		t.Name("v2", &v2)
		t.Name("second", second)
		t.Go("it", func() {
			p.Store(a)
			p.CompareAndSwap(a, b)
			p.Swap(nil)
			v.Store(node{a})
			v.Store(node{nil})
			v.Load()
			v2.Store(second)
			t.Fatalf("shown")
		})
	}, sched.Options{}).Counterexample
	require.NotNil(t, c)
	assert.Equal(t, `   it
1  p.Store(&node1)
2  p.CompareAndSwap(&node1, &node2) = true
3  p.Swap(nil) = &node2
4  v.Store(sched_test.node)
5  v.Store({<nil>})
6  v.Load() = {<nil>}
7  v2.Store(&second)
`, c.Lanes)
}

// A select statement may take any case that is possible: each is tried.
func TestSelectTriesEachCase(t *testing.T) {
	seen := map[string]bool{}
	result := sched.Search(func(t *sched.T) {
		a, b, c := sched.NewChan[int](1), sched.NewChan[int](1), sched.NewChan[string](1)
		a.Send(1)
		b.Send(2)
		t.Go("it", func() {
			for range 2 {
				var v int
				i := sched.Select(a.Receiving(&v, nil), b.Receiving(&v, nil), c.Sending("s"))
				seen[fmt.Sprint(i, v)] = true
			}
		})
	}, sched.Options{})
	require.Nil(t, result.Counterexample)
	assert.Equal(t, map[string]bool{"0 1": true, "1 2": true, "2 0": true}, seen)
	assert.Equal(t, []int{6}, result.Bounds, "3 at first, 2 then")
}

// What channels look like in the lanes.
func TestChannelsInLanes(t *testing.T) {
	c := sched.Search(func(t *sched.T) {
		a, b, none := sched.NewChan[int](0), sched.NewChan[int](1), new(sched.Chan[int])
		t.Name("a", a)
		t.Name("b", b)
		t.Name("none", none)
		t.Go("one", func() {
			a.Recv()
			a.Send(8)
			b.TryRecv()
			sched.TrySelect(b.Receiving(nil, nil), b.Sending(2))
			b.Close()
			sched.Select(none.Receiving(nil, nil), a.Sending(3))
		})
		t.Go("two", func() {
			a.Send(7)
			sched.Select(a.Receiving(nil, nil), none.Sending(1))
			for range b.All() {
			}
			none.Recv()
		})
	}, sched.Options{}).Counterexample
	require.NotNil(t, c)
	assert.Equal(t, "deadlock", c.Kind)
	assert.Equal(t, "one waits in sched.Select(none.Recv, a.Send), two waits in none.Recv", c.Message)
	assert.Equal(t, `    one                                  two
 1  a.Recv                               .
 2  a.Recv() = 7                         a.Send(7)
 3  .                                    sched.Select(a.Recv, none.Send)
 4  a.Send(8)                            sched.Select(a.Recv, none.Send) = 0
 5  b.TryRecv() = 0, false               .
 6  sched.TrySelect(b.Recv, b.Send) = 1  .
 7  b.Close                              .
 8  sched.Select(none.Recv, a.Send)      .
 9  .                                    b.Recv() = 2
10  .                                    b.Recv() = 0, false
11  .                                    none.Recv
`, c.Lanes)
}

// deep fails only where three preemptions come at the right steps.
func deep(t *sched.T) {
	var n sched.Int64
	t.Name("n", &n)
	t.Go("a", func() {
		for want := int64(0); want < 6; want += 2 {
			if !n.CompareAndSwap(want, want+1) {
				return
			}
			n.Load()
		}
		for range 20 {
			n.Load()
		}
	})
	t.Go("b", func() {
		for want := int64(1); want < 6; want += 2 {
			if !n.CompareAndSwap(want, want+1) {
				return
			}
			n.Load()
		}
		t.Fatalf("reached")
	})
}

// Beyond the bounds, random schedules find what they find: the same each time.
func TestBeyondTheBounds(t *testing.T) {
	small := sched.Options{Preemptions: 2, Schedules: 10, Random: -1}
	result := sched.Search(deep, small)
	require.Nil(t, result.Counterexample)
	assert.False(t, result.Complete)

	for schedules, want := range map[int]string{
		1:  "holds in 1 schedule without preemption (not all) (18 steps)",
		3:  "holds in all 2 schedules without preemption, 1 schedule with at most 1 preemption (not all) (28 steps)",
		10: "holds in all 4 schedules with at most 1 preemption, 4 schedules with at most 2 preemptions (not all) (82 steps)",
	} {
		result := sched.Search(deep, sched.Options{Schedules: schedules, Random: -1})
		assert.Equal(t, want, result.String())
	}

	small.Random = 1000
	result = sched.Search(deep, small)
	require.NotNil(t, result.Counterexample)
	assert.Greater(t, result.Random, 0)
	assert.Equal(t, result, sched.Search(deep, small), "the same seed, the same schedules")
	assert.Equal(t, 4, strings.Count(result.Counterexample.Schedule, ",")-1, "what is random is made simple: %s", result.Counterexample.Schedule)
	small.Seed = 1
	assert.NotEqual(t, result, sched.Search(deep, small), "another seed")

	all := sched.Search(deep, sched.Options{Preemptions: 5})
	require.NotNil(t, all.Counterexample)
	assert.Len(t, all.Bounds, 5, "it needs four preemptions")
	all = sched.Search(deep, sched.Options{Preemptions: -1})
	require.NotNil(t, all.Counterexample)
	assert.Greater(t, all.Reduced, 0)
}

// Explorations of parallel tests have nothing in common.
func TestParallelExplorations(t *testing.T) {
	for i := range 4 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			for range 10 {
				result := sched.Explore(t, func(t *sched.T) {
					b := newBuffer(1, (*sched.Cond).Broadcast)
					t.Go("put", func() { b.Put(i); b.Put(i) })
					for range 2 {
						t.Go("get", func() { assert.Equal(t, i, b.Get()) })
					}
				})
				require.Equal(t, "holds in all 40 schedules (1,032 steps)", result.String())
			}
		})
	}
}

// recorder is a testing.TB that remembers.
type recorder struct {
	testing.TB
	name string
	logs []string
}

func (r *recorder) Helper()                   {}
func (r *recorder) Name() string              { return r.name }
func (r *recorder) Cleanup(f func())          { r.TB.Cleanup(f) }
func (r *recorder) Logf(f string, a ...any)   { r.logs = append(r.logs, fmt.Sprintf(f, a...)) }
func (r *recorder) Fatalf(f string, a ...any) { r.Logf(f, a...); runtime.Goexit() }

func explore(t *testing.T, name string, setup func(*sched.T)) []string {
	r := &recorder{TB: t, name: name}
	done := make(chan bool)
	go func() {
		defer close(done)
		sched.Explore(r, setup)
	}()
	<-done
	return r.logs
}

func TestFailureMessage(t *testing.T) {
	setup := func(t *sched.T) {
		var m sched.Mutex
		t.Name("m", &m)
		t.Go("it", func() { m.Lock(); m.Lock() })
	}
	want := func(name string) []string {
		return []string{"deadlock after 1 schedule without preemption (3 steps)\ndeadlock: it waits in m.Lock\n   it\n1  m.Lock\n\nreplay this schedule:\n    SCHED_REPLAY='" + name + "=1' go test -run '^Test$/^it'\\''s \\(not\\)$' github.com/rootlock/rootlock/triangle/sched"}
	}
	assert.Equal(t, want(`Test/it'\''s (not)`), explore(t, "Test/it's (not)", setup))
	assert.Equal(t, want(`Test/it'\''s (not)#2`), explore(t, "Test/it's (not)", setup), "the second exploration of a test has its own name")

	logs := explore(t, "TestThat", func(*sched.T) {
		(&sched.T{}).Go("", nil)
	})
	require.Len(t, logs, 1)
	assert.Contains(t, logs[0], "panic: setup: runtime error: invalid memory address")

	logs = explore(t, "TestOther", func(t *sched.T) {
		var m sched.Mutex
		t.Go("a", func() { m.Lock(); runtime.Goexit() })
	})
	assert.Equal(t, []string{"sched: the exploration was cut short: did a thread call FailNow or Fatal of the testing.T, in place of the T that setup is given?"}, logs)
}

// Long schedules are shown from both ends.
func TestLongLanes(t *testing.T) {
	c := sched.Search(func(t *sched.T) {
		var n sched.Int64
		t.Name("n", &n)
		t.Go("it", func() {
			for {
				n.Add(1)
			}
		})
	}, sched.Options{}).Counterexample
	require.NotNil(t, c)
	lines := strings.Split(c.Lanes, "\n")
	assert.Len(t, lines, 1+60+1+60+1)
	assert.Equal(t, "     ... 1,880 steps more ...", lines[61])
	assert.Equal(t, "2000  n.Add(1) = 2000", lines[121])
	assert.Equal(t, "1x2000", c.Schedule)

	for _, schedule := range []string{"x", "1x", "1/", "1x70000", "300", "", "1,,2"} {
		c := sched.Search(func(*sched.T) {}, sched.Options{Replay: schedule}).Counterexample
		if schedule == "" {
			assert.Nil(t, c)
			continue
		}
		if assert.NotNil(t, c, schedule) {
			assert.Equal(t, "unreadable schedule", c.Kind)
			assert.Contains(t, c.Message, fmt.Sprintf("sched: reading schedule %q", schedule))
		}
	}
	c = sched.Search(func(t *sched.T) { t.Go("a", new(sched.Mutex).Lock) }, sched.Options{Replay: "1x2"}).Counterexample
	require.NotNil(t, c)
	assert.Equal(t, "not deterministic", c.Kind)
}

// What cannot be replayed is told: not a schedule, of another exploration, or not as it was.
func TestReplayTold(t *testing.T) {
	setup := func(t *sched.T) {
		var n sched.Int64
		for _, name := range []string{"ann", "ben"} {
			t.Go(name, func() { n.Add(1) })
		}
	}
	t.Setenv("SCHED_REPLAY", "TestA=1*2")
	assert.Equal(t, []string{`sched: reading schedule "1*2": "1*2" is not like 1x3 (three steps of thread 1) or 2/1 (a step of thread 2, its second way)`}, explore(t, "TestA", setup))
	assert.Equal(t, []string{
		"SCHED_REPLAY='TestA=1*2' is about another exploration than TestB, whose schedules are all run",
		"holds in all 2 schedules (8 steps)",
	}, explore(t, "TestB", setup))
	t.Setenv("SCHED_REPLAY", "TestC=3")
	logs := explore(t, "TestC", setup)
	require.Len(t, logs, 1)
	assert.Contains(t, logs[0], "step 1 of a schedule that was run before is not the same, now ann or ben can go on: the code has changed, or")
}
