package impl

import (
	"sync"
	"sync/atomic"

	"github.com/rootlock/rootlock/spec"
)

// Options of a System.
type Options struct {
	Protocol Protocol // how families are locked; the zero value is RwsemRoot
	PageSize int      // bytes per page; 0 means 64

	// FailAlloc, if it is set, is asked for every allocation of the kernel's (an area,
	// a chain entry, an anon_vma) before it is made, and lets it fail by answering
	// true. For tests of what a failure leaves behind. Several goroutines may ask at once.
	FailAlloc func() bool
}

// Bounds make a System a small closed world, for use under control: ids are
// those of the law, and what is exhausted is refused with ErrNoMemory.
type Bounds struct {
	MMs     int    // address spaces: all exist from the start, and outlive Exit
	VMAs    int    // at once; the id of a freed one is given out again
	Objects int    // anon_vmas
	Pages   int    // page descriptors
	Slots   uint32 // page slots of an address space
	Prots   int    // protections; 0: there is one, and areas are never merged

	Faulters int // so many address spaces may have two threads: areas are locked there
}

// A System is a set of address spaces that share pages by fork, and the
// reverse map that finds every entry of a page. All methods may be called by
// any number of goroutines. New makes one; the zero System panics.
type System struct {
	rules    rules
	shared   bool // walkers share the lock of a family
	hooks    *Hooks
	seam     func(spec.Step, int) int // what step calls; nil: nothing
	injected func() bool
	pageSize int
	slots    uint64
	frames   atomic.Int64
	pool     pool
	walks    lock // all walks, if the protocol has them queue

	mu       sync.Mutex
	spaces   map[int]*AddressSpace // that have not exited
	numbered int
}

// New makes an empty System. It panics if the protocol is none of the constants or
// the page size is negative.
func New(o Options) *System { return newSystem(o, nil) }

func newSystem(o Options, b *Bounds) *System {
	s := &System{rules: protocols[o.Protocol].rules, shared: protocols[o.Protocol].trees(), injected: o.FailAlloc, pageSize: o.PageSize, slots: 1<<32 - 1, spaces: map[int]*AddressSpace{}}
	switch {
	case s.pageSize < 0:
		panic("rootlock: negative page size")
	case s.pageSize == 0:
		s.pageSize = 64
	}
	s.pool.init(s, b)
	if b != nil {
		s.slots = uint64(b.Slots)
		for range b.MMs {
			s.NewAddressSpace()
		}
	}
	return s
}

// bounded reports whether the System is a closed world.
func (s *System) bounded() bool { return s.pool.bounds != nil }

// merges reports whether areas are merged where they can be.
func (s *System) merges() bool { return !s.bounded() || s.pool.bounds.Prots > 0 }

// hasProt reports whether there is such a protection.
func (s *System) hasProt(prot Prot) bool {
	return !s.bounded() || int(prot) < max(s.pool.bounds.Prots, 1)
}

// PageSize is the number of bytes per page.
func (s *System) PageSize() int { return s.pageSize }

// own refuses a page of another System. It panics if there is no System or no page.
func (s *System) own(p *Page) error {
	switch {
	case s == nil || s.rules == nil:
		panic("rootlock: a System that New did not make")
	case p == nil || p.sys == nil:
		panic("rootlock: a Page that no System made")
	case p.sys != s:
		return ErrForeign
	}
	return nil
}

// NewAddressSpace makes an empty address space. Source: mm_init.
func (s *System) NewAddressSpace() *AddressSpace {
	if s == nil || s.rules == nil {
		panic("rootlock: a System that New did not make")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.numbered++
	m := &AddressSpace{sys: s, id: s.numbered}
	s.spaces[m.id] = m
	return m
}
