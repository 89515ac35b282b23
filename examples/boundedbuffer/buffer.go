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

	hook       func(step uint8, thread uint32) int // is told of each step, and answers what it chooses; or nil
	controlled bool                                // by hook, one step at a time: nothing may block; see triangle/sched
	asleep     [MaxThreads]bool                    // under control
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
	b.step(Unlock, thread)
	b.mu.Unlock()
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
	b.step(Unlock, thread)
	b.mu.Unlock()
	return item
}

// step is a scheduling point.
func (b *Buffer) step(step uint8, thread int) (choice int) {
	if b.hook != nil {
		choice = b.hook(step, uint32(thread))
	}
	return choice
}

func (b *Buffer) lock(thread int) {
	if !b.controlled {
		b.mu.Lock()
	}
	b.step(Lock, thread)
	for b.controlled && (b.asleep[thread-1] || !b.mu.TryLock()) {
		b.step(Idle, thread) // refused
	}
}

func (b *Buffer) wait(thread int) {
	b.step(Wait, thread)
	if !b.controlled {
		b.cond.Wait()
		b.step(Lock, thread)
		return
	}
	b.asleep[thread-1] = true
	b.mu.Unlock()
	b.lock(thread)
}

func (b *Buffer) notify(thread int) {
	if woken := b.step(Notify, thread); woken > 0 {
		b.asleep[woken-1] = false
	}
	if b.broadcast {
		b.asleep = [MaxThreads]bool{}
		b.cond.Broadcast()
		return
	}
	b.cond.Signal()
}
