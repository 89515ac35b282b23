package impl

import (
	"cmp"
	"maps"
	"slices"
)

// A Snapshot is what threads share, in the law's terms: ids count from 1, 0 is
// none. Under bounds each slice has the bounds' length and an id is a position + 1;
// natively VMAs are those that exist, pages those that an entry refers to, both by id.
type Snapshot struct {
	VMAs  []VMAState
	Anons []AnonState
	Pages []PageState
	PTEs  [][]PTEState // by address space. Bounded: then by slot; natively: those not empty
	Walks int          // the thread inside the mutex of all walks; kept under control only
	Busy  []bool       // by address space, under bounds: an operation has it locked, alone
	Trees bool         // areas are in trees

	SpareVMAs, SpareAnons int // under bounds: what operations that begin now may still create
}

// VMAState is a VMA; all but ID are zero when it is Unborn.
type VMAState struct {
	ID         int
	Life       Life
	MM         int
	Start, End uint32
	Pgoff      uint32
	Prot       Prot
	Anon       int
	Chain      []int // newest first, root last
	Locked     bool  // faults are kept out; under bounds, where there are faulters
}

// AnonState is an anon_vma.
type AnonState struct {
	ID   int
	Live bool
	Root int   // outlives the object
	Refs int   // where the protocol counts it, one for the list
	Lock int   // the thread that holds it; kept under control only
	List []int // same_anon_vma order

	Readers                  uint64 // the threads that share it: a bit for each; kept under control only
	Parent, Children, Active int    // where areas are in trees
}

// PageState is a page.
type PageState struct {
	ID      int
	Mapping int
	Index   uint32
	Lock    int  // the thread that holds it; kept under control only
	Cached  bool // in the swap cache
}

// PTEState is a page-table entry.
type PTEState struct {
	MM       int
	Slot     uint32
	Kind     Kind
	Page     int
	Writable bool
}

// Snapshot projects the System. No thread may be running.
func (s *System) Snapshot() Snapshot {
	var snap Snapshot
	s.SnapshotInto(&snap)
	return snap
}

// SnapshotInto is Snapshot into one that was used before: under bounds it
// allocates nothing then.
func (s *System) SnapshotInto(snap *Snapshot) {
	if !s.bounded() {
		s.survey(snap)
		return
	}
	p := &s.pool
	snap.VMAs = resize(snap.VMAs, p.bounds.VMAs)
	for i := range snap.VMAs {
		snap.VMAs[i] = VMAState{ID: i + 1, Chain: snap.VMAs[i].Chain[:0]}
		if v := p.vmas[i]; v != nil {
			v.project(&snap.VMAs[i])
		}
	}
	snap.Walks, snap.Trees = s.walks.owner, s.rules.trees()
	snap.SpareVMAs, snap.SpareAnons = p.unborn, len(p.free)-p.reserved
	snap.projectAnons(p.anons)
	snap.Pages = resize(snap.Pages, len(p.pages))
	for i, page := range p.pages {
		page.project(&snap.Pages[i])
	}
	snap.PTEs = resize(snap.PTEs, p.bounds.MMs)
	snap.Busy = resize(snap.Busy, p.bounds.MMs)
	for i := range snap.PTEs {
		m := s.spaces[i+1]
		snap.Busy[i] = m.mmap.alone
		snap.PTEs[i] = resize(snap.PTEs[i], int(p.bounds.Slots))
		for slot := range snap.PTEs[i] {
			m.project(uint32(slot), &snap.PTEs[i][slot])
		}
	}
}

// survey is a Snapshot of a System that may be of any size.
func (s *System) survey(snap *Snapshot) {
	*snap = Snapshot{}
	seen := map[*Page]bool{}
	for _, id := range slices.Sorted(maps.Keys(s.spaces)) {
		m := s.spaces[id]
		for _, v := range m.areas {
			var state VMAState
			v.project(&state)
			snap.VMAs = append(snap.VMAs, state)
		}
		var row []PTEState
		for slot, ok := m.table.next(0, 1<<32-1); ok; slot, ok = m.table.next(slot+1, 1<<32-1) {
			var state PTEState
			m.project(slot, &state)
			row = append(row, state)
			seen[m.table.load(slot).page] = true
		}
		snap.PTEs = append(snap.PTEs, row)
	}
	slices.SortFunc(snap.VMAs, func(a, b VMAState) int { return cmp.Compare(a.ID, b.ID) })
	snap.projectAnons(s.pool.anons)
	for page := range seen {
		var state PageState
		page.project(&state)
		snap.Pages = append(snap.Pages, state)
	}
	slices.SortFunc(snap.Pages, func(a, b PageState) int { return cmp.Compare(a.ID, b.ID) })
}

func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return slices.Grow(s, n-len(s))[:n]
	}
	return s[:n]
}

func (snap *Snapshot) projectAnons(anons []*anonVMA) {
	snap.Anons = resize(snap.Anons, len(anons))
	for i, a := range anons {
		state := &snap.Anons[i]
		*state = AnonState{ID: a.id, Live: a.live.Load(), Refs: a.refs(), Lock: a.lock.owner, List: state.List[:0], Readers: uint64(a.lock.readers), Children: int(a.children), Active: int(a.active)}
		if a.parent != nil {
			state.Parent = a.parent.id
		}
		if root := a.root.Load(); root != nil {
			state.Root = root.id
		}
		for e := a.first.Load(); e != nil; e = e.next.Load() {
			state.List = append(state.List, e.vma.id)
		}
	}
}

func (v *vma) project(state *VMAState) {
	state.ID, state.Life = v.id, Life(v.life.Load())
	state.MM = v.mm.id
	state.Start, state.End = v.span()
	state.Pgoff = uint32(v.pgoff.Load())
	state.Prot, state.Locked = v.prot, v.locked
	if v.anon != nil {
		state.Anon = v.anon.id
	}
	for e := v.newest; e != nil; e = e.older {
		state.Chain = append(state.Chain, e.anon.id)
	}
}

func (p *Page) project(state *PageState) {
	*state = PageState{ID: p.id, Index: uint32(p.index.Load()), Lock: p.lock.owner, Cached: p.cached.Load()}
	if t := p.mapping.Load(); t != nil {
		state.Mapping = t.anon.id
	}
}

func (m *AddressSpace) project(slot uint32, state *PTEState) {
	*state = PTEState{MM: m.id, Slot: slot}
	if e := m.table.load(slot); e != nil {
		state.Kind, state.Page, state.Writable = e.kind, e.page.id, e.writable
	}
}
