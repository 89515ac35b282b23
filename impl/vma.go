package impl

import (
	"sync"
	"sync/atomic"
)

// Life of a VMA, as in the law. Its id is free again as soon as the area is freed; what
// was freed is marked for good, so that a thread that still points to it is found out.
type Life uint8

const (
	Unborn   Life = iota // no area has the id
	Detached             // not among the areas of its mm: being built, or dying
	Mapped

	freed // the mark
)

// A vma is an area of page slots of one address space (struct vm_area_struct).
//
//	mm        constant
//	life      Detached <-> Mapped -> freed
//	extent    start and end: one word, one store
//	pgoff     the page offset of start: a store of its own (docs/kernel.md 1.10), so
//	          a reader between the two computes a wrong address
//	area      the area's lock: shared by faults. locked: an operation has it, to its end; mmap lock
//	prot      areas of different protection are not merged. mmap lock
//	anon      where new pages go; nil before the first fault. mmap lock and prepares
//	seen      the same, without a lock: for faults, and walkers of TrylockRetry and WalkMutex
//	newest    head of the chain (same_vma). mmap lock
//	oldest    tail of the chain: the root. Read by walkers of DeepestLock
//	          without any lock that protects it
//
// Readers without a lock read one word and find in that word whether the VMA
// was freed: extent 0, pgoff freedPgoff, oldest poison, seen freedAnon.
type vma struct {
	id     int
	mm     *AddressSpace
	life   atomic.Uint32
	extent atomic.Uint64
	pgoff  atomic.Uint64
	area   sync.RWMutex
	locked bool
	prot   Prot
	anon   *anonVMA
	seen   atomic.Pointer[anonVMA]
	newest *chainEntry
	oldest atomic.Pointer[chainEntry]
}

const freedPgoff = 1 << 63

// freedAnon is what walkers see as the anon_vma of a freed VMA.
var freedAnon = new(anonVMA)

// own: new pages of v go to a.
func (v *vma) own(a *anonVMA) {
	v.anon = a
	v.seen.Store(a)
}

// Prot is the protection of an area: of the kernel's flags, what keeps two areas
// from being one. Accesses are not checked against it.
type Prot uint8

func pack(start, end uint32) uint64            { return uint64(start)<<32 | uint64(end) }
func unpack(extent uint64) (start, end uint32) { return uint32(extent >> 32), uint32(extent) }

func (v *vma) is(l Life) bool          { return Life(v.life.Load()) == l }
func (v *vma) set(l Life)              { v.life.Store(uint32(l)) }
func (v *vma) start() uint32           { start, _ := v.span(); return start }
func (v *vma) end() uint32             { _, end := v.span(); return end }
func (v *vma) span() (uint32, uint32)  { return unpack(v.extent.Load()) }
func (v *vma) covers(slot uint32) bool { start, end := v.span(); return start <= slot && slot < end }

// offset is the page offset of a slot, of v or below or above it.
func (v *vma) offset(slot uint32) uint64 {
	return v.pgoff.Load() + uint64(int64(slot)-int64(v.start()))
}

// tail is the oldest anon_vma of the chain, nil if the chain is empty: for the
// mm side, under its mmap lock.
func (v *vma) tail() *anonVMA {
	if e := v.oldest.Load(); e != nil {
		return e.anon
	}
	return nil
}

// singular: the chain has exactly one entry, so v was never forked.
func (v *vma) singular() bool { return v.newest != nil && v.newest.older == nil }

// push: chain -> [e] ++ chain.
func (v *vma) push(e *chainEntry) {
	e.older = v.newest
	if v.newest != nil {
		v.newest.newer = e
	} else {
		v.oldest.Store(e)
	}
	v.newest = e
}

// pop: [e] ++ chain -> chain.
func (v *vma) pop() {
	v.newest = v.newest.older
	if v.newest != nil {
		v.newest.newer = nil
	} else {
		v.oldest.Store(nil)
	}
}

// free: Detached -> freed. Every word that a walker may read says so.
func (v *vma) free() {
	v.set(freed)
	v.anon = nil
	v.seen.Store(freedAnon)
	v.oldest.Store(poison)
	v.pgoff.Store(freedPgoff)
	v.extent.Store(0)
}
