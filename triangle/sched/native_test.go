package sched_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rootlock/rootlock/triangle/sched"
)

// The wrapped types have the methods of the standard ones.
var (
	_ interface {
		sync.Locker
		TryLock() bool
	} = new(sched.Mutex)
	_ interface {
		sync.Locker
		TryLock() bool
		RLock()
		TryRLock() bool
		RUnlock()
		RLocker() sync.Locker
	} = new(sched.RWMutex)
	_, _ integer[int32]   = new(atomic.Int32), new(sched.Int32)
	_, _ integer[int64]   = new(atomic.Int64), new(sched.Int64)
	_, _ integer[uint32]  = new(atomic.Uint32), new(sched.Uint32)
	_, _ integer[uint64]  = new(atomic.Uint64), new(sched.Uint64)
	_, _ integer[uintptr] = new(atomic.Uintptr), new(sched.Uintptr)
	_, _ cell[bool]       = new(atomic.Bool), new(sched.Bool)
	_, _ cell[*int]       = new(atomic.Pointer[int]), new(sched.Pointer[int])
	_, _ cell[any]        = new(atomic.Value), new(sched.Value)
)

type cell[T any] interface {
	Load() T
	Store(T)
	Swap(T) T
	CompareAndSwap(old, new T) bool
}

type integer[T any] interface {
	cell[T]
	Add(T) T
	And(T) T
	Or(T) T
}

// Natively, with the race detector: goroutines that run freely.
func TestNatively(t *testing.T) { hammer(t) }

// The same beside explorations, whose threads use the same types.
func TestNativelyBesideExplorations(t *testing.T) {
	stop := make(chan struct{})
	var explorers sync.WaitGroup
	for range 2 {
		explorers.Go(func() {
			for {
				result := sched.Search(func(t *sched.T) {
					b := newBuffer(1, (*sched.Cond).Broadcast)
					t.Go("put", func() { b.Put(1); b.Put(2) })
					t.Go("get", func() { b.Get(); b.Get() })
				}, sched.Options{})
				assert.True(t, result.Complete)
				assert.Nil(t, result.Counterexample)
				select {
				case <-stop:
					return
				default:
				}
			}
		})
	}
	hammer(t)
	close(stop)
	explorers.Wait()
}

func hammer(t *testing.T) {
	const goroutines, rounds = 4, 200
	var (
		mu      sched.Mutex
		rw      sched.RWMutex
		once    sched.Once
		group   sched.WaitGroup
		n       sched.Int64
		bits    sched.Uint32
		pointer sched.Pointer[int]
		value   sched.Value
		flag    sched.Bool
		plain   [3]int
	)
	b := newBuffer(2, (*sched.Cond).Broadcast)
	c, done := sched.NewChan[int](0), sched.NewChan[int](1)
	for g := range goroutines {
		group.Go(func() {
			for i := range rounds {
				mu.Lock()
				plain[0]++
				mu.Unlock()
				if mu.TryLock() {
					mu.Unlock()
				}
				rw.Lock()
				plain[1]++
				rw.Unlock()
				rw.RLock()
				_ = plain[1]
				rw.RUnlock()
				once.Do(func() { plain[2]++ })
				n.Add(2)
				bits.Or(1 << g)
				pointer.Store(&i)
				value.Store(i)
				flag.Store(true)
				if g%2 == 0 {
					b.Put(i)
					sched.Select(c.Sending(1), done.Receiving(nil, nil))
				} else {
					b.Get()
					v, ok := c.Recv()
					assert.True(t, ok && v == 1)
				}
				sched.Gosched()
			}
		})
	}
	group.Wait()
	assert.Equal(t, [3]int{goroutines * rounds, goroutines * rounds, 1}, plain)
	assert.Equal(t, int64(2*goroutines*rounds), n.Load())
	assert.Equal(t, uint32(1<<goroutines-1), bits.Load())
	assert.NotNil(t, pointer.Load())
	assert.True(t, flag.Load())
	c.Close()
	assert.PanicsWithError(t, "close of closed channel", c.Close)
	assert.PanicsWithError(t, "send on closed channel", func() { c.Send(1) })
	assert.PanicsWithValue(t, "sync: negative WaitGroup counter", group.Done)
	finished := make(chan bool)
	sched.Go(func() { finished <- true })
	assert.True(t, <-finished)
}

// One thread cannot tell the wrapped types from the standard ones: not
// natively, and not under control. Only what cannot wait is drawn.
func TestOneThreadSeesTheStandardTypes(t *testing.T) {
	const operations = 26
	rapid.Check(t, func(t *rapid.T) {
		program := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) [2]int {
			return [2]int{rapid.IntRange(0, operations-1).Draw(t, "operation"), rapid.IntRange(0, 3).Draw(t, "value")}
		}), 1, 30).Draw(t, "program")
		want := standard(program)
		require.Equal(t, want, wrapped(program), "natively")
		var setup, thread, final []string
		result := sched.Search(func(t *sched.T) {
			setup = wrapped(program)
			t.Go("it", func() { thread = wrapped(program) })
			t.Finally(func() { final = wrapped(program) })
		}, sched.Options{})
		require.Nil(t, result.Counterexample)
		require.True(t, result.Complete)
		require.Equal(t, want, thread, "in a thread")
		require.Equal(t, want, setup, "in setup")
		require.Equal(t, want, final, "in a final check")
	})
}

func standard(program [][2]int) []string {
	c := make(chan int, 2)
	return interpret(program, machine{
		mutex: new(sync.Mutex), rw: new(sync.RWMutex), n: new(atomic.Int32), u: new(atomic.Uint64), flag: new(atomic.Bool), value: new(atomic.Value),
		group: new(sync.WaitGroup), once: new(sync.Once), cond: sync.NewCond(new(sync.Mutex)),
		trySend: func(v int) bool {
			select {
			case c <- v:
				return true
			default:
				return false
			}
		},
		tryRecv: func() (v int, ok bool) {
			select {
			case v, ok = <-c:
			default:
			}
			return v, ok
		},
		trySelect: func(v int) (int, int, bool) {
			var got int
			var ok bool
			if v%2 == 0 {
				select {
				case got, ok = <-c:
					return 0, got, ok
				default:
				}
			} else {
				select {
				case c <- v:
					return 0, got, ok
				default:
				}
			}
			return -1, got, ok
		},
		close: func() { close(c) }, len: func() int { return len(c) }, cap: func() int { return cap(c) },
	})
}

func wrapped(program [][2]int) []string {
	c := sched.NewChan[int](2)
	return interpret(program, machine{
		mutex: new(sched.Mutex), rw: new(sched.RWMutex), n: new(sched.Int32), u: new(sched.Uint64), flag: new(sched.Bool), value: new(sched.Value),
		group: new(sched.WaitGroup), once: new(sched.Once), cond: sched.NewCond(new(sched.Mutex)),
		trySend: c.TrySend, tryRecv: c.TryRecv, close: c.Close, len: c.Len, cap: c.Cap,
		trySelect: func(v int) (i, got int, ok bool) {
			if v%2 == 0 {
				i = sched.TrySelect(c.Receiving(&got, &ok))
			} else {
				i = sched.TrySelect(c.Sending(v))
			}
			return i, got, ok
		},
	})
}

type machine struct {
	mutex interface {
		sync.Locker
		TryLock() bool
	}
	rw interface {
		sync.Locker
		TryLock() bool
		RLock()
		TryRLock() bool
		RUnlock()
	}
	n     integer[int32]
	u     integer[uint64]
	flag  cell[bool]
	value cell[any]
	group interface {
		Add(int)
		Done()
		Wait()
	}
	once      interface{ Do(func()) }
	cond      interface{ Signal() }
	trySend   func(int) bool
	tryRecv   func() (int, bool)
	trySelect func(int) (int, int, bool)
	close     func()
	len, cap  func() int
}

// interpret does what the program says, as far as it neither waits nor is
// fatal, and returns what it saw, panics included.
func interpret(program [][2]int, m machine) (saw []string) {
	held, writing, readers, count := false, false, 0, 0
	do := func(op, v int) (result any) {
		defer func() {
			if r := recover(); r != nil {
				result = fmt.Sprint("panic: ", r)
			}
		}()
		switch op {
		case 0:
			got := m.mutex.TryLock()
			held = held || got
			return got
		case 1:
			if held {
				m.mutex.Unlock()
				held = false
			}
		case 2:
			got := m.rw.TryLock()
			writing = writing || got
			return got
		case 3:
			if writing {
				m.rw.Unlock()
				writing = false
			}
		case 4:
			got := m.rw.TryRLock()
			if got {
				readers++
			}
			return got
		case 5:
			if readers > 0 {
				m.rw.RUnlock()
				readers--
			}
		case 6:
			if !writing {
				m.rw.RLock()
				readers++
			}
		case 7:
			return m.n.Add(int32(v) - 2)
		case 8:
			return m.n.CompareAndSwap(int32(v), -1)
		case 9:
			return m.n.Swap(int32(v))
		case 10:
			return m.n.And(int32(v))
		case 11:
			return m.n.Load()
		case 12:
			return m.u.Add(^uint64(0) << v)
		case 13:
			return m.u.Or(uint64(v) << 40)
		case 14:
			m.u.Store(uint64(v))
		case 15:
			return m.u.CompareAndSwap(uint64(v), 1<<63)
		case 16:
			return m.flag.Swap(v > 1)
		case 17:
			return m.flag.CompareAndSwap(v > 1, v%2 == 0)
		case 18:
			m.value.Store([]any{nil, 1, 2, "text"}[v])
		case 19:
			return fmt.Sprint(m.value.Load(), m.value.CompareAndSwap(1, 2))
		case 20:
			count += v - 1
			m.group.Add(v - 1)
		case 21:
			if count == 0 {
				m.group.Wait()
			}
		case 22:
			n := 0
			m.once.Do(func() { n++ })
			m.cond.Signal()
			return n
		case 23:
			return m.trySend(v)
		case 24:
			got, ok := m.tryRecv()
			return fmt.Sprint(got, ok, m.len(), m.cap())
		case 25:
			if v == 3 {
				m.close()
				break
			}
			return fmt.Sprint(m.trySelect(v))
		}
		return nil
	}
	for _, in := range program {
		result := do(in[0], in[1])
		saw = append(saw, fmt.Sprint(result))
		if text, ok := result.(string); ok && text == "panic: sync: negative WaitGroup counter" {
			return saw // it stays broken, in ways that are nobody's contract
		}
	}
	return saw
}
