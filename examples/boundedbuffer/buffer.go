package boundedbuffer

import "github.com/rootlock/rootlock/triangle/sched"

// A Buffer holds up to a capacity of items. Put waits while it is full, Get while it is
// empty. It is safe for concurrent use.
type Buffer struct {
	monitor   sched.Monitor
	items     []int
	capacity  int
	broadcast bool
}

// New makes an empty buffer. Without broadcast it loses wake-ups: the test shows when.
func New(capacity int, broadcast bool) *Buffer {
	return &Buffer{capacity: capacity, broadcast: broadcast}
}

// Put appends an item. The number of the thread is for the test.
func (b *Buffer) Put(thread, item int) {
	b.monitor.Lock(Lock, thread)
	for len(b.items) == b.capacity {
		b.monitor.Wait(Wait, Lock, thread)
	}
	b.monitor.Step(Put, thread)
	b.items = append(b.items, item)
	b.notify(thread)
	b.monitor.Unlock(Unlock, thread)
}

// Get takes the oldest item.
func (b *Buffer) Get(thread int) int {
	b.monitor.Lock(Lock, thread)
	for len(b.items) == 0 {
		b.monitor.Wait(Wait, Lock, thread)
	}
	b.monitor.Step(Get, thread)
	item := b.items[0]
	b.items = b.items[1:]
	b.notify(thread)
	b.monitor.Unlock(Unlock, thread)
	return item
}

func (b *Buffer) notify(thread int) {
	if b.broadcast {
		b.monitor.Broadcast(Notify, thread)
		return
	}
	b.monitor.Signal(Notify, thread)
}
