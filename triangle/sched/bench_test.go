package sched_test

import (
	"iter"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/rootlock/rootlock/triangle/sched"
)

// prng is xorshift64: cheap beside a grant.
type prng uint64

func (x *prng) next() uint64 {
	*x ^= *x << 13
	*x ^= *x >> 7
	*x ^= *x << 17
	return uint64(*x)
}

// BenchmarkGrant is the cost of one step: 4 threads that loop over hooks for
// ever, the thread chosen at random.
func BenchmarkGrant(b *testing.B) {
	s := sched.New(4)
	defer s.Close()
	hook := s.Hook
	for t := 1; t <= 4; t++ {
		s.Start(t, func() {
			for object := uint32(0); ; object++ {
				hook(1, object)
			}
		})
	}
	x := prng(1)
	b.ReportAllocs()
	for b.Loop() {
		s.Grant(int(x.next()&3)+1, 0)
	}
}

// BenchmarkOperation is the cost of one step when operations are short: a
// lock and an unlock of one contended mutex, so with refusals, and Start.
func BenchmarkOperation(b *testing.B) {
	s := sched.New(4)
	defer s.Close()
	hook := s.Hook
	var mu sync.Mutex
	op := func() {
		for hook(1, 1); !mu.TryLock(); hook(0, 0) {
		}
		hook(2, 1)
		mu.Unlock()
	}
	x := prng(1)
	b.ReportAllocs()
	for b.Loop() {
		t := int(x.next()&3) + 1
		if _, busy := s.At(t); !busy {
			s.Start(t, op)
		}
		s.Grant(t, 0)
	}
}

// BenchmarkSchedule is a whole short schedule with its Reset: 4 threads, 100
// grants, all 4 abandoned at the end; per schedule.
func BenchmarkSchedule(b *testing.B) {
	s := sched.New(4)
	defer s.Close()
	hook := s.Hook
	op := func() {
		for {
			hook(1, 1)
		}
	}
	x := prng(1)
	b.ReportAllocs()
	for b.Loop() {
		for t := 1; t <= 4; t++ {
			s.Start(t, op)
		}
		for range 100 {
			s.Grant(int(x.next()&3)+1, 0)
		}
		s.Reset()
	}
}

// BenchmarkFloor is what the mechanisms cost alone, with the same 4 threads at
// random: bare iter.Pull with nothing passed, with values passed through
// yield, and goroutines with channels.
func BenchmarkFloor(b *testing.B) {
	b.Run("Pull", func(b *testing.B) { benchmarkPull[struct{}](b) })
	b.Run("PullValues", func(b *testing.B) { benchmarkPull[[4]uint64](b) })
	b.Run("Channels", func(b *testing.B) {
		var grant, parked [4]chan struct{}
		for i := range grant {
			grant[i], parked[i] = make(chan struct{}), make(chan struct{})
			defer close(grant[i])
			go func() {
				for range grant[i] {
					parked[i] <- struct{}{}
				}
			}()
		}
		x := prng(1)
		for b.Loop() {
			i := x.next() & 3
			grant[i] <- struct{}{}
			<-parked[i]
		}
	})
}

func benchmarkPull[V any](b *testing.B) {
	var next [4]func() (V, bool)
	for i := range next {
		n, stop := iter.Pull(func(yield func(V) bool) {
			var v V
			for yield(v) {
			}
		})
		defer stop()
		next[i] = n
	}
	x := prng(1)
	for b.Loop() {
		next[x.next()&3]()
	}
}

// BenchmarkExplore is the cost of one step of an exploration, with what its
// schedule costs at its beginning and its end: a buffer with three threads.
func BenchmarkExplore(b *testing.B) {
	for _, name := range []string{"", "b"} {
		b.Run("named="+strconv.FormatBool(name != ""), func(b *testing.B) {
			steps := 0
			for b.Loop() {
				steps += sched.Search(func(t *sched.T) {
					buffer := newBuffer(1, (*sched.Cond).Broadcast)
					if name != "" {
						t.Name(name, buffer)
					}
					t.Go("put", func() { buffer.Put(1); buffer.Put(2) })
					t.Go("get", func() { buffer.Get() })
					t.Go("get", func() { buffer.Get() })
				}, sched.Options{}).Steps
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(steps), "ns/step")
		})
	}
}

// BenchmarkNative is what a wrapped type costs where nothing is explored,
// beside the standard one.
func BenchmarkNative(b *testing.B) {
	locker := func(l sync.Locker) func(*testing.B) {
		return func(b *testing.B) {
			for b.Loop() {
				l.Lock()
				l.Unlock() //lint:ignore SA2001 it is what costs
			}
		}
	}
	b.Run("Mutex/sync", locker(new(sync.Mutex)))
	b.Run("Mutex/sched", locker(new(sched.Mutex)))
	var standard atomic.Int64
	b.Run("Int64/atomic", func(b *testing.B) {
		for b.Loop() {
			standard.Store(standard.Load() + 1)
		}
	})
	var wrapped sched.Int64
	b.Run("Int64/sched", func(b *testing.B) {
		for b.Loop() {
			wrapped.Store(wrapped.Load() + 1)
		}
	})
	c, d := make(chan int, 1), sched.NewChan[int](1)
	b.Run("Chan/go", func(b *testing.B) {
		for b.Loop() {
			c <- 1
			<-c
		}
	})
	b.Run("Chan/sched", func(b *testing.B) {
		for b.Loop() {
			d.Send(1)
			d.Recv()
		}
	})
}
