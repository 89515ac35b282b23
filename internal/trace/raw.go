// Canonical names: whatever ids a world uses, equal states get equal names.

package trace

import (
	"cmp"
	"fmt"
	"slices"
)

// A Raw is a world's state under the world's own ids, which count from 1; 0 is
// none. Address spaces and slots count from 0, as in the traces.
type Raw struct {
	Areas      []RawArea      // those that are mapped, in any order
	AnonVMAs   []RawAnonVMA   // those that are not free, in any order
	Pages      []RawPage      // at least those that an entry or a migration refers to
	Entries    []RawEntry     // those that are not empty, in any order
	Pins       []int          // anon_vma, by handle
	Migrations []RawMigration // by handle

	// Walk says what the rmap walk of a page visits, in its order. It must not
	// change the world. It is asked for each page that the state has, but not for
	// those in the swap cache that are mapped nowhere.
	Walk func(page int) ([]Visit, error)
}

// A RawArea is a VMA.
type RawArea struct {
	ID         int
	MM         int
	Start, End int
	Pgoff      int
	Prot       int
	AnonVMA    int
	Chain      []int // anon_vmas, newest first
}

// A RawAnonVMA is an anon_vma.
type RawAnonVMA struct {
	ID   int
	Root int
	List []int // areas, in list order
	Refs int
	Slot int // which slab object, from 0
}

// A RawPage is a page.
type RawPage struct {
	ID      int
	Mapping int // an anon_vma; it may be free if the page is mapped nowhere
	Index   int
	Cached  bool // in the swap cache
}

// A RawEntry is a page-table entry.
type RawEntry struct {
	MM, Slot int
	Kind     EntryKind
	Page     int // of a Swapped entry: the page that was swapped, also when it left the cache
}

// EntryKind is the kind of a page-table entry.
type EntryKind int

// The kinds of entries.
const (
	Present EntryKind = iota + 1
	Migrating
	Swapped
)

// A RawMigration is one whose second walk has not been.
type RawMigration struct{ Page, AnonVMA int }

// names gives names in order of first appearance.
type names struct {
	of    map[int]Ref
	order []int
}

func (n *names) add(id int) {
	if _, known := n.of[id]; id == 0 || known {
		return
	}
	n.of[id] = Ref(len(n.order))
	n.order = append(n.order, id)
}

func (n *names) ref(id int) Ref {
	if id == 0 {
		return None
	}
	if r, known := n.of[id]; known {
		return r
	}
	return freed(id)
}

// A naming is a Canonical under way.
type naming struct {
	raw   *Raw
	areas [MMs][]*RawArea // in address order
	area  map[int]*RawArea
	anon  map[int]*RawAnonVMA
	page  map[int]*RawPage

	anons, pages, swaps names
}

// Canonical is the state in canonical names (testdata/kernel-traces/README.md).
// Objects that are alive although nothing leads to them come last among the
// anon_vmas: a leak is a difference. Raw's entries are put in order on the way.
func Canonical(raw Raw) (State, error) {
	n := &naming{raw: &raw, area: map[int]*RawArea{}, anon: map[int]*RawAnonVMA{}, page: map[int]*RawPage{}}
	n.anons.of, n.pages.of, n.swaps.of = map[int]Ref{}, map[int]Ref{}, map[int]Ref{}
	if err := n.index(); err != nil {
		return State{}, err
	}
	if err := n.nameAnonVMAs(); err != nil {
		return State{}, err
	}
	if err := n.namePages(); err != nil {
		return State{}, err
	}
	st := State{AnonVMAs: []AnonVMA{}, Pages: []Page{}}
	for mm, areas := range n.areas {
		st.MMs[mm] = []Area{}
		for _, a := range areas {
			st.MMs[mm] = append(st.MMs[mm], Area{a.Start, a.End, a.Pgoff, a.Prot, n.anons.ref(a.AnonVMA), n.refs(a.Chain)})
		}
	}
	for _, id := range n.anons.order {
		a, err := n.anonVMA(id)
		if err != nil {
			return State{}, err
		}
		st.AnonVMAs = append(st.AnonVMAs, a)
	}
	for _, id := range n.pages.order {
		p, err := n.pageState(id)
		if err != nil {
			return State{}, err
		}
		st.Pages = append(st.Pages, p)
	}
	for _, id := range n.swaps.order {
		e := SwapEntry{Cache: None, At: n.places(id, Swapped)}
		if p := n.page[id]; p != nil && p.Cached {
			e.Cache = n.pages.ref(id)
		}
		st.Swap = append(st.Swap, e)
	}
	if len(raw.Pins) > 0 {
		st.Pins = n.refs(raw.Pins)
	}
	for _, g := range raw.Migrations {
		st.Migrations = append(st.Migrations, Migration{n.pages.ref(g.Page), n.anons.ref(g.AnonVMA)})
	}
	return st, nil
}

// index puts areas and entries in order and finds things by id.
func (n *naming) index() error {
	for i := range n.raw.Areas {
		a := &n.raw.Areas[i]
		if a.MM < 0 || a.MM >= MMs {
			return fmt.Errorf("area %d is in mm %d; the mms are 0 to %d", a.ID, a.MM, MMs-1)
		}
		n.area[a.ID] = a
		n.areas[a.MM] = append(n.areas[a.MM], a)
	}
	for _, areas := range n.areas {
		slices.SortFunc(areas, func(a, b *RawArea) int { return cmp.Compare(a.Start, b.Start) })
	}
	for i := range n.raw.AnonVMAs {
		n.anon[n.raw.AnonVMAs[i].ID] = &n.raw.AnonVMAs[i]
	}
	for i := range n.raw.Pages {
		n.page[n.raw.Pages[i].ID] = &n.raw.Pages[i]
	}
	slices.SortFunc(n.raw.Entries, func(a, b RawEntry) int { return cmp.Or(cmp.Compare(a.MM, b.MM), cmp.Compare(a.Slot, b.Slot)) })
	return nil
}

// nameAnonVMAs: chains by mm and address; roots; pins; migrations; and whatever
// is alive besides.
func (n *naming) nameAnonVMAs() error {
	for _, areas := range n.areas {
		for _, a := range areas {
			for _, id := range a.Chain {
				n.anons.add(id)
			}
		}
	}
	for i := 0; i < len(n.anons.order); i++ {
		if a := n.anon[n.anons.order[i]]; a != nil {
			n.anons.add(a.Root)
		}
	}
	for _, id := range n.raw.Pins {
		n.addWithRoot(id)
	}
	for _, g := range n.raw.Migrations {
		n.addWithRoot(g.AnonVMA)
	}
	for _, id := range n.anons.order {
		if n.anon[id] == nil {
			return fmt.Errorf("anon_vma %d is free, and a chain, a root pointer, a pin or a migration leads to it", id)
		}
	}
	var leaked []int
	for id := range n.anon {
		if _, known := n.anons.of[id]; !known {
			leaked = append(leaked, id)
		}
	}
	slices.Sort(leaked)
	for _, id := range leaked {
		n.anons.add(id)
	}
	return nil
}

func (n *naming) addWithRoot(id int) {
	n.anons.add(id)
	if a := n.anon[id]; a != nil {
		n.anons.add(a.Root)
	}
}

// namePages: pages by mm and slot, then those under migration; swap entries
// likewise, then those that only a cached page refers to.
func (n *naming) namePages() error {
	for _, e := range n.raw.Entries {
		p := n.page[e.Page]
		if p == nil && e.Kind != Swapped {
			return fmt.Errorf("the entry at mm %d, slot %d is of page %d, which does not exist", e.MM, e.Slot, e.Page)
		}
		if e.Kind == Swapped {
			n.swaps.add(e.Page)
		}
		if e.Kind != Swapped || p != nil && p.Cached {
			n.pages.add(e.Page)
		}
	}
	for _, g := range n.raw.Migrations {
		if n.page[g.Page] == nil {
			return fmt.Errorf("page %d, which is under migration, does not exist", g.Page)
		}
		n.pages.add(g.Page)
	}
	for _, id := range n.pages.order {
		if n.page[id].Cached {
			n.swaps.add(id)
		}
	}
	return nil
}

func (n *naming) refs(ids []int) []Ref {
	list := make([]Ref, len(ids))
	for i, id := range ids {
		list[i] = n.anons.ref(id)
	}
	return list
}

func (n *naming) anonVMA(id int) (AnonVMA, error) {
	a := n.anon[id]
	st := AnonVMA{Root: n.anons.ref(a.Root), List: make([]AreaName, len(a.List)), Refs: a.Refs, Slot: a.Slot}
	for i, v := range a.List {
		v, mapped := n.area[v]
		if !mapped {
			return AnonVMA{}, fmt.Errorf("area %d is on the list of anon_vma %d, and not mapped", a.List[i], id)
		}
		st.List[i] = AreaName{v.MM, v.Start}
	}
	return st, nil
}

func (n *naming) pageState(id int) (Page, error) {
	p := n.page[id]
	st := Page{Mapping: n.anons.ref(p.Mapping), Index: p.Index, At: n.places(id, Present), Migrating: n.places(id, Migrating), Walk: []Visit{}}
	if p.Cached && len(st.At) == 0 && len(st.Migrating) == 0 {
		return st, nil
	}
	visits, err := n.raw.Walk(id)
	if err != nil {
		return st, fmt.Errorf("the rmap walk of page %d: %w", id, err)
	}
	st.Walk = append(st.Walk, visits...)
	return st, nil
}

// places is where the entries of a page and kind are, by mm, then slot.
func (n *naming) places(page int, kind EntryKind) []Place {
	list := []Place{}
	for _, e := range n.raw.Entries {
		if e.Page == page && e.Kind == kind {
			list = append(list, Place{e.MM, e.Slot})
		}
	}
	return list
}
