package impl

import (
	"slices"
	"sync"

	"github.com/rootlock/rootlock/spec"
)

// A pool hands out what operations create. Natively it grows without limit;
// under bounds it is the whole world, and an operation reserves at its
// beginning what it will need, so that it cannot fail halfway.
//
//	free      anon_vmas that are not live: last in, first out, as a slab does it
//	anons     every anon_vma ever made: id = position + 1
//	reserved  anon_vmas that operations in progress have still to allocate
//	unborn    ids for VMAs that are free and not reserved (bounds only)
//	births    natively, VMAs born: their ids
//	vmas      under bounds, by id: the area that has it, nil if none has; natively they are garbage
//	pages     under bounds, all pages; natively a page is made when it is needed
type pool struct {
	mu       sync.Mutex
	bounds   *Bounds
	free     []*anonVMA
	anons    []*anonVMA
	reserved int
	unborn   int
	births   int
	vmas     []*vma
	sys      *System
	pages    []*Page
	numbered int
}

func (p *pool) init(s *System, b *Bounds) {
	p.bounds, p.sys = b, s
	if b == nil {
		return
	}
	p.unborn, p.vmas = b.VMAs, make([]*vma, b.VMAs)
	for range b.Objects {
		p.grow()
	}
	for i := range p.anons {
		p.free = append(p.free, p.anons[len(p.anons)-1-i])
	}
	for i := range b.Pages {
		p.pages = append(p.pages, newPage(s, i+1))
	}
}

func (p *pool) grow() *anonVMA {
	a := &anonVMA{id: len(p.anons) + 1}
	a.tenure.Store(&tenure{a})
	p.anons = append(p.anons, a)
	return a
}

// A budget is what an operation in progress may still create, under bounds.
type budget struct{ anons, births int }

// reserve sets aside what the operation in progress may create, or nothing.
func (b *budget) reserve(s *System, anons, vmas int) error {
	if !s.bounded() {
		return nil
	}
	if err := s.pool.reserve(anons, vmas); err != nil {
		return err
	}
	b.anons, b.births = anons, vmas
	return nil
}

// giveBack ends what is left of the reservation.
func (b *budget) giveBack(s *System) {
	if b.anons|b.births != 0 {
		s.pool.giveBack(b.anons, b.births)
		*b = budget{}
	}
}

func (p *pool) giveBack(anons, vmas int) {
	p.mu.Lock()
	p.reserved -= anons
	p.unborn += vmas
	p.mu.Unlock()
}

func (p *pool) reserve(anons, vmas int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.free)-p.reserved < anons || p.unborn < vmas {
		return ErrNoMemory
	}
	p.reserved += anons
	p.unborn -= vmas
	return nil
}

// takeAnon takes an object off the free list: the chosen one, or, of those that
// no late walker counts itself a reference on, the last that was freed.
// nil: the chosen one is not free.
func (p *pool) takeAnon(choice int) *anonVMA {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := -1
	for i, a := range slices.Backward(p.free) {
		if a.id == choice || choice == 0 && a.count.Load() == 0 {
			at = i
			break
		}
	}
	if at < 0 && choice == 0 {
		if p.bounds == nil {
			return p.grow()
		}
		at = len(p.free) - 1
	}
	if at < 0 {
		return nil
	}
	a := p.free[at]
	p.free = slices.Delete(p.free, at, at+1)
	if p.bounds != nil {
		p.reserved--
	}
	return a
}

func (p *pool) giveAnon(a *anonVMA) {
	p.mu.Lock()
	p.free = append(p.free, a)
	p.mu.Unlock()
}

// takeVMA makes an area of an address space, m's or that of its child: Unborn ->
// Detached or, by the caller, Mapped.
func (m *AddressSpace) takeVMA(of *AddressSpace, start, end uint32, pgoff uint64, prot Prot) *vma {
	m.budget.births = max(m.budget.births-1, 0)
	p := &m.sys.pool
	v := &vma{mm: of, prot: prot}
	v.set(Detached)
	v.extent.Store(pack(start, end))
	v.pgoff.Store(pgoff)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bounds == nil {
		p.births++
		v.id = p.births
		return v
	}
	i := slices.Index(p.vmas, nil)
	v.id, p.vmas[i] = i+1, v
	return v
}

// giveVMA takes the id of an area that was freed back.
func (p *pool) giveVMA(v *vma) {
	if p.bounds == nil {
		return
	}
	p.mu.Lock()
	p.vmas[v.id-1] = nil
	p.unborn++
	p.mu.Unlock()
}

// takePage returns a page that nobody uses: the chosen one, or the lowest. nil: none.
func (p *pool) takePage(choice int) *Page {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bounds == nil {
		p.numbered++
		return newPage(p.sys, p.numbered)
	}
	for _, page := range p.pages {
		if page.free() && (choice == 0 || choice == page.id) {
			return page
		}
	}
	return nil
}

// allocAnon: free -> live. The lock is left as it is: a late walker may hold it
// (that is why LockAnon follows even for an object that nobody else can find).
// root nil: the object is its own root. nil: the allocation failed, of the object
// or of the chain entry that it will need.
func (s *System) allocAnon(b *budget, root *anonVMA) *anonVMA {
	var a *anonVMA
	for a == nil {
		choice := s.step(spec.AllocAnon, 0)
		if s.fails(choice, 2) {
			return nil
		}
		if a = s.pool.takeAnon(choice); a == nil {
			s.hooks.Refused()
		}
	}
	b.anons = max(b.anons-1, 0)
	if root == nil {
		root = a
	}
	a.root.Store(root)
	if s.rules.countsList() {
		a.get() // for the list that it will have
	}
	if s.rules.trees() {
		a.kin = kin{parent: a}
	}
	a.live.Store(true)
	return a
}

// freeAnon: live -> free, at once for anybody to allocate. Whoever looked it up
// before holds something stale.
func (s *System) freeAnon(a *anonVMA) {
	s.step(spec.FreeAnon, a.id)
	a.tenure.Store(&tenure{a})
	if a.live.Swap(false) { // who frees what is free, in a broken protocol, stores nothing
		a.kin = kin{}
		s.pool.giveAnon(a)
	}
}
