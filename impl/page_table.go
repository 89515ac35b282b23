package impl

import (
	"math/bits"
	"sync"
	"sync/atomic"
)

// A pageTable maps the slots of an address space to entries: a radix tree that
// grows in height with the highest slot used, so that a small address space has a
// small table. Tables are not given back before the address space.
//
// Reading is free of locks. Every change is made under lock (the kernel's pte
// lock), within one step of the law, by one atomic store of a pointer.
type pageTable struct {
	lock sync.Mutex
	top  atomic.Pointer[tableNode]
}

const (
	tableBits = 5
	tableSize = 1 << tableBits
)

// A tableNode covers tableSize<<shift slots: entries if shift is 0, else nodes.
type tableNode struct {
	shift uint
	down  *[tableSize]atomic.Pointer[tableNode]
	leaf  *[tableSize]atomic.Pointer[entry]
}

func newNode(shift uint) *tableNode {
	if shift == 0 {
		n := new(struct {
			tableNode
			entries [tableSize]atomic.Pointer[entry]
		})
		n.leaf = &n.entries
		return &n.tableNode
	}
	n := new(struct {
		tableNode
		nodes [tableSize]atomic.Pointer[tableNode]
	})
	n.shift, n.down = shift, &n.nodes
	return &n.tableNode
}

func (n *tableNode) span() uint64 { return tableSize << n.shift }

// load returns the entry of a slot.
func (t *pageTable) load(slot uint32) *entry {
	n := t.top.Load()
	if n == nil || uint64(slot) >= n.span() {
		return nil
	}
	for n.shift > 0 {
		if n = n.down[slot>>n.shift%tableSize].Load(); n == nil {
			return nil
		}
	}
	return n.leaf[slot%tableSize].Load()
}

// set stores an entry and keeps the counts of the pages concerned: a count may
// be too high for a moment, never too low. The caller holds lock.
func (t *pageTable) set(slot uint32, e *entry) {
	place := t.place(slot)
	old := place.Load()
	e.count(1)
	gap()
	place.Store(e)
	gap()
	old.count(-1)
}

// count: the counts of e's page -> + n.
func (e *entry) count(n int64) {
	if e == nil {
		return
	}
	switch e.kind {
	case Present:
		e.page.mapped.Add(n)
	case Swapped:
		e.page.swapped.Add(n)
	}
	e.page.entries.Add(n)
}

// place makes the nodes down to a slot.
func (t *pageTable) place(slot uint32) *atomic.Pointer[entry] {
	n := t.top.Load()
	if n == nil {
		height := uint(max(bits.Len32(slot)-1, 0)) / tableBits
		n = newNode(height * tableBits)
		t.top.Store(n)
	}
	for uint64(slot) >= n.span() {
		above := newNode(n.shift + tableBits)
		above.down[0].Store(n)
		t.top.Store(above)
		n = above
	}
	for n.shift > 0 {
		place := &n.down[slot>>n.shift%tableSize]
		if place.Load() == nil {
			place.Store(newNode(n.shift - tableBits))
		}
		n = place.Load()
	}
	return &n.leaf[slot%tableSize]
}

// next finds the lowest slot in [from, end) whose entry is not empty. Only the
// thread of the address space makes entries empty or not, so for it the answer stands.
func (t *pageTable) next(from, end uint32) (slot uint32, ok bool) {
	n := t.top.Load()
	if n == nil {
		return 0, false
	}
	at, ok := n.next(uint64(from), min(uint64(end), n.span()))
	return uint32(at), ok
}

func (n *tableNode) next(from, end uint64) (uint64, bool) {
	for at := from; at < end; {
		if n.shift == 0 {
			if n.leaf[at%tableSize].Load() != nil {
				return at, true
			}
			at++
			continue
		}
		upTo := min((at>>n.shift+1)<<n.shift, end)
		if d := n.down[at>>n.shift%tableSize].Load(); d != nil {
			if slot, ok := d.next(at, upTo); ok {
				return slot, true
			}
		}
		at = upTo
	}
	return 0, false
}
