package impl

import "github.com/rootlock/rootlock/spec"

// A Control drives a bounded System by the ids and operations of the law, one
// method per operation. The thread that calls a method is the one that the hooks
// see. Every method returns nil when the operation has run to its end, or the reason
// why it was refused at its beginning, and then nothing has changed. An operation
// whose address space is locked by another (the law's busyChild) is not refused: it
// waits, by Hooks.Refused, at its first step.
//
// Without hooks the methods run straight through, for one goroutine only, and
// every choice is the lowest free id or, for anon_vmas, the last freed; so the
// initial states of the law are
//
//	OnePage     Map(1, 0, Slots); Fault(1, Slots-1)
//	Mapped      Map(1, 0, Slots)
//	Neighbours  Map(1, 0, 1); Fault(1, 0); Map(1, 1, Slots-1)
type Control struct{ sys *System }

// NewControl makes a closed world. Hooks are set when the initial state is there.
func NewControl(o Options, b Bounds) *Control {
	return &Control{newSystem(o, &b)}
}

// SetHooks puts the System under control, or with nil takes it out. No thread may run.
func (c *Control) SetHooks(h *Hooks) {
	c.sys.hooks, c.sys.seam = h, nil
	if h != nil {
		c.sys.seam = h.Step
	}
}

// System is the System under control, for its pages and bytes.
func (c *Control) System() *System { return c.sys }

// AddressSpace finds an address space by its id; nil if there is none.
func (c *Control) AddressSpace(mm int) *AddressSpace { return c.sys.spaces[mm] }

// Page finds a page by its id; nil if there is none.
func (c *Control) Page(page int) *Page {
	if page < 1 || page > len(c.sys.pool.pages) {
		return nil
	}
	return c.sys.pool.pages[page-1]
}

// vma finds the VMA that has an id; nil if none has.
func (c *Control) vma(id int) *vma {
	p := &c.sys.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	if id < 1 || id > len(p.vmas) {
		return nil
	}
	return p.vmas[id-1]
}

// space runs an operation on an address space.
func (c *Control) space(mm int, operation func(*AddressSpace) error) error {
	m := c.AddressSpace(mm)
	if m == nil {
		return ErrUnknown
	}
	return operation(m)
}

// Map makes slots [start, start+length) of an address space accessible.
func (c *Control) Map(mm int, start, length uint32, prot Prot) error {
	return c.space(mm, func(m *AddressSpace) error { return m.MapProt(start, length, prot) })
}

// UnmapRange takes slots [start, start+length) away.
func (c *Control) UnmapRange(mm int, start, length uint32) error {
	return c.space(mm, func(m *AddressSpace) error { return m.Unmap(start, length) })
}

// Protect gives slots [start, start+length) a protection.
func (c *Control) Protect(mm int, start, length uint32, prot Prot) error {
	return c.space(mm, func(m *AddressSpace) error { return m.Protect(start, length, prot) })
}

// Move moves the pages of slots [start, start+length) to those from to on.
func (c *Control) Move(mm int, start, length, to uint32) error {
	return c.space(mm, func(m *AddressSpace) error { return m.Move(start, length, to) })
}

// MoveKeep is Move, and the source stays.
func (c *Control) MoveKeep(mm int, start, length, to uint32) error {
	return c.space(mm, func(m *AddressSpace) error { return m.MoveKeep(start, length, to) })
}

// UffdMove moves the page at one slot to another.
func (c *Control) UffdMove(mm int, from, to uint32) error {
	return c.space(mm, func(m *AddressSpace) error { return m.UffdMove(from, to) })
}

// on runs an operation on a VMA, with its address space locked.
func (c *Control) on(step spec.Step, id int, operation func(*AddressSpace, *vma) error) error {
	v := c.vma(id)
	if v == nil {
		return ErrUnknown
	}
	if err := v.mm.begin(step, v.id); err != nil {
		return err
	}
	defer v.mm.end()
	return operation(v.mm, v)
}

// faults runs a fault at a slot of a VMA.
func (c *Control) faults(step spec.Step, id int, slot uint32, fault func(*AddressSpace, *vma) error) error {
	v := c.vma(id)
	if v == nil {
		return ErrUnknown
	}
	l, err := v.mm.beginFault(step, v.id, func() error {
		if !v.is(Mapped) || !v.covers(slot) {
			return ErrNotMapped
		}
		return nil
	}, slot)
	if err != nil {
		return err
	}
	defer l.end()
	return fault(v.mm, v)
}

// Fault is a write fault at a slot of a VMA. Refused if the VMA is not mapped
// there, the entry is writable (ErrWritable) or a migration entry (ErrMigrating).
// Ends with ErrNoMemory if no page is free at MapPage.
func (c *Control) Fault(id int, slot uint32) error {
	return c.faults(spec.Fault, id, slot, func(m *AddressSpace, v *vma) error { return m.fault(v, slot) })
}

// Read is a read fault at a slot of a VMA. Refused if the VMA is not mapped there,
// or the entry is not Swapped (ErrNotSwapped).
func (c *Control) Read(id int, slot uint32) error {
	return c.faults(spec.Read, id, slot, func(m *AddressSpace, v *vma) error {
		e := m.table.load(slot)
		if e == nil || e.kind != Swapped {
			return ErrNotSwapped
		}
		return m.swapIn(v, slot, e.page, false, nil)
	})
}

// Fork copies an address space into the one that the hook chooses, else the
// lowest other without areas.
func (c *Control) Fork(mm int) error {
	return c.space(mm, func(m *AddressSpace) error {
		_, err := m.Fork()
		return err
	})
}

// Unmap takes a whole area away.
func (c *Control) Unmap(id int) error {
	return c.on(spec.Unmap, id, func(m *AddressSpace, v *vma) error {
		if !v.is(Mapped) {
			return ErrNotMapped
		}
		m.lockArea(v)
		i := m.at(v.start())
		m.destroy(m.detach(i, i+1))
		return nil
	})
}

// Exit takes all areas of an address space away. The address space can be used again.
func (c *Control) Exit(mm int) error { return c.space(mm, (*AddressSpace).Exit) }

// SplitBelow cuts an area; the new VMA is the lower part.
func (c *Control) SplitBelow(id int, at uint32) error {
	return c.cut(spec.SplitBelow, id, at, func(_, end uint32) (uint32, uint32) { return at, end })
}

// SplitAbove cuts an area; the new VMA is the upper part.
func (c *Control) SplitAbove(id int, at uint32) error {
	return c.cut(spec.SplitAbove, id, at, func(start, _ uint32) (uint32, uint32) { return start, at })
}

// cut splits a VMA; keep says what it keeps of its extent.
func (c *Control) cut(step spec.Step, id int, at uint32, keep func(start, end uint32) (uint32, uint32)) error {
	return c.on(step, id, func(m *AddressSpace, v *vma) error {
		low, high := v.span()
		if !v.is(Mapped) || at <= low || high <= at {
			return ErrNotMapped
		}
		if err := m.budget.reserve(m.sys, 0, 1); err != nil {
			return err
		}
		start, end := keep(low, high)
		return m.split(v, start, end)
	})
}

// paged runs an operation on a page.
func (c *Control) paged(page int, operation func(*Page) error) error {
	p := c.Page(page)
	if p == nil {
		return ErrUnknown
	}
	return operation(p)
}

// Walk is a whole plain walk of a page.
func (c *Control) Walk(page int) error {
	return c.paged(page, func(p *Page) error { return c.sys.Walk(p, func(Mapping) bool { return true }) })
}

// Places lists what a walk of a page looks at, in its order: each slot at which an
// area on the list would have the page, with the entry as it is if it is one of
// this page, else Empty. Unlike Walk it does not ask whether the page is mapped.
func (c *Control) Places(page int) ([]PTEState, error) {
	places := []PTEState{}
	err := c.paged(page, func(p *Page) error {
		_, err := c.sys.walkPage(p, true, func(v *vma, slot uint32) bool {
			state := PTEState{MM: v.mm.id, Slot: slot}
			if e := v.mm.table.load(slot); e != nil && e.page == p {
				state.Kind, state.Page, state.Writable = e.kind, p.id, e.writable
			}
			places = append(places, state)
			return true
		})
		return err
	})
	return places, err
}

// Migrate migrates a page. Like Walk it returns ErrNotMapped when refused, and
// also when its first attempt to lock failed; ErrNotMoved is no refusal.
func (c *Control) Migrate(page int) error { return c.paged(page, c.sys.Migrate) }

// SwapOut swaps a page out.
func (c *Control) SwapOut(page int) error { return c.paged(page, c.sys.SwapOut) }

// SwapDrop lets an unmapped page leave the swap cache.
func (c *Control) SwapDrop(page int) error { return c.paged(page, c.sys.SwapDrop) }

// Pin takes a reference on the anon_vma of a VMA; Unpin is the Pin's Release.
func (c *Control) Pin(id int) (*Pin, error) {
	var pin *Pin
	pinning := func(m *AddressSpace, v *vma) (err error) {
		pin, err = m.pin(v)
		return err
	}
	v := c.vma(id)
	if v == nil || !v.mm.guarded() {
		err := c.on(spec.Pin, id, pinning)
		return pin, err
	}
	v.mm.mmap.share(c.sys, spec.Pin, id) // beside faults
	defer v.mm.mmap.rw.RUnlock()
	err := pinning(v.mm, v)
	return pin, err
}
