package sched

import (
	"fmt"
	"sync"
)

// A Mutex is a sync.Mutex. Under control, any thread that waits may be the next.
type Mutex struct {
	control
	native sync.Mutex
}

// Lock is sync.Mutex.Lock.
func (m *Mutex) Lock() {
	if o := m.enter(opLock, "Mutex"); o != nil {
		o.held = true
		return
	}
	m.native.Lock()
}

// TryLock is sync.Mutex.TryLock.
func (m *Mutex) TryLock() bool {
	o := m.enter(opTryLock, "Mutex")
	if o == nil {
		return m.native.TryLock()
	}
	got := !o.held
	o.held = true
	return result(o, opTryLock, got)
}

// Unlock is sync.Mutex.Unlock. Under control, the unlock of an unlocked Mutex is
// a panic and not a fatal error.
func (m *Mutex) Unlock() {
	o := m.enter(opUnlock, "Mutex")
	switch {
	case o == nil:
		m.native.Unlock()
	case !o.held:
		panic("sync: unlock of unlocked mutex")
	default:
		o.held = false
	}
}

// An RWMutex is a sync.RWMutex: a Lock that waits for readers keeps new readers
// out, so that a reader which locks again may wait for ever.
type RWMutex struct {
	control
	native sync.RWMutex
}

// Lock is sync.RWMutex.Lock.
func (m *RWMutex) Lock() {
	o := m.enter(opLock, "RWMutex")
	if o == nil {
		m.native.Lock()
		return
	}
	o.held = true
	if o.readers > 0 {
		o.run.step(opDrain, o)
	}
}

// TryLock is sync.RWMutex.TryLock.
func (m *RWMutex) TryLock() bool {
	o := m.enter(opTryLock, "RWMutex")
	if o == nil {
		return m.native.TryLock()
	}
	got := !o.held && o.readers == 0
	o.held = o.held || got
	return result(o, opTryLock, got)
}

// Unlock is sync.RWMutex.Unlock.
func (m *RWMutex) Unlock() {
	o := m.enter(opUnlock, "RWMutex")
	switch {
	case o == nil:
		m.native.Unlock()
	case !o.held || o.readers > 0:
		panic("sync: Unlock of unlocked RWMutex")
	default:
		o.held = false
	}
}

// RLock is sync.RWMutex.RLock.
func (m *RWMutex) RLock() {
	if o := m.enter(opRLock, "RWMutex"); o != nil {
		o.readers++
		return
	}
	m.native.RLock()
}

// TryRLock is sync.RWMutex.TryRLock.
func (m *RWMutex) TryRLock() bool {
	o := m.enter(opTryRLock, "RWMutex")
	if o == nil {
		return m.native.TryRLock()
	}
	if !o.held {
		o.readers++
	}
	return result(o, opTryRLock, !o.held)
}

// RUnlock is sync.RWMutex.RUnlock.
func (m *RWMutex) RUnlock() {
	o := m.enter(opRUnlock, "RWMutex")
	switch {
	case o == nil:
		m.native.RUnlock()
	case o.readers == 0:
		panic("sync: RUnlock of unlocked RWMutex")
	default:
		o.readers--
	}
}

// RLocker is sync.RWMutex.RLocker.
func (m *RWMutex) RLocker() sync.Locker { return (*reader)(m) }

type reader RWMutex

func (m *reader) Lock()   { (*RWMutex)(m).RLock() }
func (m *reader) Unlock() { (*RWMutex)(m).RUnlock() }

// A Cond is a sync.Cond, to be made with NewCond or by setting L. Under control
// L must be a Locker of this package. Signal wakes who has waited longest, as
// Go's does. To wait and to unlock L are one step, which nobody can tell from
// two; to lock L again is the next.
type Cond struct {
	sync.Cond // L, and what waits natively
	control
}

// NewCond is sync.NewCond.
func NewCond(l sync.Locker) *Cond { return &Cond{Cond: sync.Cond{L: l}} }

// Wait is sync.Cond.Wait.
func (c *Cond) Wait() {
	o := c.enter(opWait, "Cond")
	if o == nil {
		c.Cond.Wait()
		return
	}
	r := o.run
	o.waiting = append(o.waiting, entry{waiter: &waiter{thread: r.s.Current()}})
	r.quiet = true
	c.L.Unlock()
	if r.quiet {
		panic(fmt.Sprintf("sched: the L of %s is not a Locker of this package", o.name))
	}
	r.block(o)
	c.L.Lock()
}

// Signal is sync.Cond.Signal.
func (c *Cond) Signal() {
	o := c.enter(opSignal, "Cond")
	if o == nil {
		c.Cond.Signal()
		return
	}
	o.run.wake(&o.waiting)
}

// Broadcast is sync.Cond.Broadcast.
func (c *Cond) Broadcast() {
	o := c.enter(opBroadcast, "Cond")
	if o == nil {
		c.Cond.Broadcast()
		return
	}
	for more := true; more; {
		_, more = o.run.wake(&o.waiting)
	}
}

// A WaitGroup is a sync.WaitGroup.
type WaitGroup struct {
	control
	native sync.WaitGroup
}

// Add is sync.WaitGroup.Add.
func (g *WaitGroup) Add(delta int) {
	o := g.enter(opAdd, "WaitGroup")
	if o == nil {
		g.native.Add(delta)
		return
	}
	note(o, opAdd, delta)
	o.addCount(delta)
}

// Done is sync.WaitGroup.Done.
func (g *WaitGroup) Done() {
	o := g.enter(opDone, "WaitGroup")
	if o == nil {
		g.native.Done()
		return
	}
	o.addCount(-1)
}

func (o *object) addCount(delta int) {
	o.count += delta
	if o.count < 0 {
		panic("sync: negative WaitGroup counter")
	}
}

// Wait is sync.WaitGroup.Wait.
func (g *WaitGroup) Wait() {
	if g.enter(opWaitZero, "WaitGroup") == nil {
		g.native.Wait()
	}
}

// Go is sync.WaitGroup.Go. Under control f runs in a virtual thread of its own.
func (g *WaitGroup) Go(f func()) {
	o := g.enter(opGo, "WaitGroup")
	if o == nil {
		g.native.Go(f)
		return
	}
	o.count++
	o.run.spawn("", func() {
		f()
		g.Done()
	})
}

// A Once is a sync.Once.
type Once struct {
	control
	native sync.Once
}

// Do is sync.Once.Do.
func (c *Once) Do(f func()) {
	o := c.enter(opDo, "Once")
	switch {
	case o == nil:
		c.native.Do(f)
	case o.count == 0:
		o.held = true
		defer func() { o.held, o.count = false, 1 }()
		f()
	}
}
