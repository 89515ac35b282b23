package boundedbuffer

import "sync"

// A Buffer holds up to a capacity of items. Put waits while it is full, Get while it is
// empty. It is safe for concurrent use.
type Buffer struct {
	mu        sync.Mutex
	cond      *sync.Cond
	items     []int
	capacity  int
	broadcast bool

	hook     func(step, object int) int // nil natively; see triangle/sched
	sleepers map[int]bool               // under control: by thread, whether it is asleep
	seen     func(step, thread int)     // is told of each step of a free run, under mu; or nil
}

// New makes an empty buffer. Without broadcast it loses wake-ups: the test shows when.
func New(capacity int, broadcast bool) *Buffer {
	b := &Buffer{capacity: capacity, broadcast: broadcast}
	b.cond = sync.NewCond(&b.mu)
	return b
}

// Put appends an item. The number of the thread is for the test.
func (b *Buffer) Put(thread, item int) {
	b.lock(thread)
	for len(b.items) == b.capacity {
		b.wait(thread)
	}
	b.step(Put, thread)
	b.items = append(b.items, item)
	b.notify(thread)
	b.unlock(thread)
}

// Get takes the oldest item.
func (b *Buffer) Get(thread int) int {
	b.lock(thread)
	for len(b.items) == 0 {
		b.wait(thread)
	}
	b.step(Get, thread)
	item := b.items[0]
	b.items = b.items[1:]
	b.notify(thread)
	b.unlock(thread)
	return item
}

// step is a scheduling point.
func (b *Buffer) step(step, thread int) (choice int) {
	if b.seen != nil {
		b.seen(step, thread)
	}
	if b.hook == nil {
		return 0
	}
	return b.hook(step, thread)
}

func (b *Buffer) lock(thread int) {
	if b.hook == nil {
		b.mu.Lock()
		b.step(Lock, thread)
		return
	}
	for b.hook(Lock, thread); b.sleepers[thread] || !b.mu.TryLock(); b.hook(-1, thread) { // -1: refused
	}
}

func (b *Buffer) unlock(thread int) {
	b.step(Unlock, thread)
	b.mu.Unlock()
}

func (b *Buffer) wait(thread int) {
	b.step(Wait, thread)
	if b.hook == nil {
		b.cond.Wait()
		b.step(Lock, thread)
		return
	}
	b.sleepers[thread] = true
	b.mu.Unlock()
	b.lock(thread)
}

func (b *Buffer) notify(thread int) {
	woken := b.step(Notify, thread)
	switch {
	case b.hook != nil && b.broadcast:
		clear(b.sleepers)
	case b.hook != nil:
		delete(b.sleepers, woken)
	case b.broadcast:
		b.cond.Broadcast()
	default:
		b.cond.Signal()
	}
}
