package proof

import (
	"fmt"
	"slices"

	"github.com/rootlock/rootlock/spec"
)

// A View shows states of a model of spec as structures: what the formulas say of them can
// be evaluated. It is the same state in other words; what the formulas leave out are
// budgets and reservations, and of a reference count all but who has the references.
type View struct {
	p    *Protocol
	m    *spec.Model
	size map[*Sort]int
	pcs  map[spec.Step]int
	ops  map[spec.Step]int
}

// NewView is the view of a model of a protocol in tla/'s world.
func NewView(p *Protocol, m *spec.Model) *View {
	v := &View{p: p, m: m, pcs: numbers(PC), ops: numbers(Op)}
	v.ops[spec.Idle] = 0
	v.size = map[*Sort]int{Thread: m.Threads() + 1, VMA: m.VMAs + 1, Object: m.Objects + 1, Page: m.Pages + 1, Slot: m.Slots + 1, Pgoff: m.Slots + 1, Index: m.Slots + 1}
	return v
}

// numbers are the values of an enumeration, by the step of the same name.
func numbers(s *Sort) map[spec.Step]int {
	m := map[spec.Step]int{}
	for i, n := range s.Names {
		if step, ok := spec.StepByName(n); ok {
			m[step] = i
		}
	}
	m[spec.Idle], m[spec.Oopsed] = 0, 1
	return m
}

// empty is the structure in which every function is 0 everywhere.
func (v *View) empty() *Structure {
	x := &Structure{mms: v.m.MMs, size: v.size}
	for _, f := range symbols {
		x.tables = append(x.tables, newTable(f, v.size))
	}
	return x
}

// bySymbol finds the symbol of a field of now by its name.
var bySymbol = func() map[string]*Symbol {
	m := map[string]*Symbol{}
	for _, f := range symbols {
		m[f.Name] = f
	}
	return m
}()

// Of is the structure of a state. The error says what it cannot tell.
func (v *View) Of(s *spec.State) (*Structure, error) {
	x := v.empty()
	set := func(name string, value int, args ...int) { x.set(bySymbol[name], value, args...) }
	yes := func(name string, value bool, args ...int) { set(name, truth(value), args...) }
	builder := map[int]int{} // of areas that are not complete
	for t := range v.m.Threads() {
		if n := s.Thread[t].New; n != 0 {
			builder[int(n)] = t + 1
		}
	}
	for i := range v.m.VMAs {
		a, n := &s.VMA[i], i+1
		set("V.Life", int(a.Life), n)
		set("V.MM", int(a.MM), n)
		set("V.Anon", int(a.Anon), n)
		set("V.Start", int(a.Start), n)
		set("V.Pgoff", int(a.Pgoff), n)
		for j, o := range a.Chain[:a.NChain] {
			yes("V.Chain", true, n, int(o))
			for _, newer := range a.Chain[:j] {
				yes("V.Newer", true, n, int(newer), int(o))
			}
			set("V.Tail", int(o), n)
		}
		if v.p.trees {
			set("V.Tail", v.family(s, a, builder[n]), n)
		}
		for slot := int(a.Start); slot < int(a.End); slot++ {
			yes("V.Has", true, n, slot)
		}
		by := int(a.MM)
		if t := builder[n]; t != 0 && a.Life == spec.Detached {
			by = t
		}
		set("V.By", by, n)
	}
	for i := range v.m.Objects {
		a, n := &s.Anon[i], i+1
		yes("A.Live", a.Live, n)
		set("A.Root", int(a.Root), n)
		set("A.Lock", int(a.Lock), n)
		for j, u := range a.List[:a.NList] {
			yes("A.List", true, n, int(u))
			for _, w := range a.List[:j] {
				yes("A.Before", true, n, int(w), int(u))
			}
		}
		yes("A.Listed", v.listed(s, n), n)
		for w := v.m.MMs + 1; w <= v.m.Threads(); w++ {
			yes("A.Readers", a.Lock != uint8(w) && v.m.HasLock(s, uint8(w), uint8(n)), n, w)
		}
		set("A.Parent", int(a.Parent), n)
		yes("A.Counted", v.counted(s, n), n)
		yes("A.Pins", a.Live && int(a.Root) != n && !v.unpinned(s, n), n)
	}
	for i := range v.m.Pages {
		p, n := &s.Page[i], i+1
		set("P.Mapping", int(p.Mapping), n)
		set("P.Index", int(p.Index), n)
		set("P.Lock", int(p.Lock), n)
		yes("P.Stale", s.Stale[i], n)
	}
	for mm := range v.m.MMs {
		for slot := range v.m.Slots {
			e := &s.PTE[mm][slot]
			set("E.Kind", int(e.Kind), mm+1, slot)
			set("E.Page", int(e.Page), mm+1, slot)
			yes("E.Writable", e.Writable, mm+1, slot)
			if e.Kind != spec.Empty {
				set("E.Area", v.areaAt(s, mm+1, slot), mm+1, slot)
			}
		}
	}
	for t := range v.m.Threads() {
		r, h, n := &s.Thread[t], &s.History[t], t+1
		pc, known := v.pcs[r.PC]
		op, knownOp := v.ops[r.Op]
		if !known || !knownOp || r.Also != 0 || r.Mutex {
			return nil, fmt.Errorf("proof: thread %d at %s in %s is none of %s's", n, r.PC, r.Op, v.p)
		}
		set("T.PC", pc, n)
		set("T.Op", op, n)
		set("T.Phase", int(phaseNumber[r.Phase]), n)
		for name, value := range map[string]uint8{"VMA": r.VMA, "New": r.New, "Anon": r.Anon, "Root": r.Root, "Held": r.Held, "Pin": r.Pin, "Ref": v.ref(s, r, v.m.IsWalker(uint8(n))), "Page": r.Page,
			"Slot": r.Slot, "Start": r.Start, "Child": r.Child, "Gone": uint8(r.Gone), "Oops": uint8(r.Oops)} {
			set("T."+name, int(value), n)
		}
		if v.p.trees && !v.m.IsWalker(uint8(n)) && r.New == 0 && r.VMA != 0 && (slices.Contains(rwsemRoot.putSteps, r.PC.String()) || r.PC == spec.UnlinkChain) {
			set("T.Kept", int(s.VMA[r.VMA-1].Chain[0]), n)
		}
		for slot := int(r.Start); slot < int(r.End); slot++ {
			yes("T.Extent", true, n, slot)
		}
		yes("T.Cloning", r.Pos != 0 && r.New != 0, n)
		yes("T.Empty", r.Empty, n)
		yes("T.Last", r.Last, n)
		yes("H.Stale", h.Stale, n)
		yes("H.Steady", h.Steady, n)
		yes("H.Missed", h.Missed, n)
		yes("H.Failed", h.Failed, n)
		for mm := range v.m.MMs {
			for slot := range v.m.Slots {
				yes("H.Owed", h.Owed.Has(uint8(mm+1), uint8(slot)), n, mm+1, slot)
			}
		}
		if r.Op == spec.Fork {
			for i := range v.m.VMAs {
				a := &s.VMA[i]
				done := a.Start < s.VMA[r.VMA-1].Start || i+1 == int(r.VMA) && r.PC != spec.CopyVMA
				copied := a.Life == spec.Mapped && int(a.MM) == n && done
				yes("T.Done", copied, n, i+1)
				if copied {
					set("V.Copy", v.copyOf(s, int(r.Child), a), i+1)
				}
			}
		}
		if r.Op == spec.Fault && (r.PC == spec.LockAnon || r.PC == spec.LinkChain || r.PC == spec.LinkList || r.PC == spec.UnlockAnon) {
			set("T.Near", v.near(s, int(r.VMA)), n)
		}
	}
	return x, v.references(s, x)
}

// phaseNumber is the place of a phase in Phase.
var phaseNumber = map[spec.Phase]int{spec.NoPhase: 0, spec.New: 1, spec.Cow: 2, spec.Plain: 3, spec.Get: 4, spec.One: 5, spec.Two: 6, spec.Put: 7, spec.Out: 8, spec.Pinned: 9}

// unpinned: a thread has object a in hand, which has no reference on its root: not yet, or
// not any more.
func (v *View) unpinned(s *spec.State, a int) bool {
	for t := range v.m.Threads() {
		r := &s.Thread[t]
		if int(r.Anon) != a {
			continue
		}
		gone := v.m.IsWalker(uint8(t+1)) || r.PC == spec.UnlockRoot || r.PC == spec.FreeAnon
		switch {
		case v.p.childFirst: // it has it until it is free
			gone = false
		case v.p.countsList:
			gone = r.Root != 0 && r.PC != spec.PutAnon
		}
		if r.PC == spec.PinRoot || r.Empty && gone {
			return true
		}
	}
	return false
}

// listed: object a has the reference of its list: from its birth until a process that has
// emptied the list drops it.
func (v *View) listed(s *spec.State, a int) bool {
	if !v.p.countsList || !s.Anon[a-1].Live {
		return false
	}
	if s.Anon[a-1].NList > 0 {
		return true
	}
	for t := range v.m.MMs {
		r := &s.Thread[t]
		if v.p.trees && v.treeCounted(s, r, a) {
			return true
		}
		if v.p.trees || int(r.Anon) != a {
			continue
		}
		switch r.PC {
		case spec.PinRoot, spec.LockAnon, spec.LinkChain, spec.LinkList: // it is new
			return true
		case spec.UnlockAnon, spec.PutAnon:
			return r.Empty && (r.PC == spec.UnlockAnon || r.Root == 0)
		}
	}
	return false
}

// ref is the object on which a thread has a reference beside that of its operation.
func (v *View) ref(s *spec.State, t *spec.Thread, walker bool) uint8 {
	if !v.p.countsList {
		return 0
	}
	if v.p.trees && t.PC == spec.PutAnon {
		freed := t.New == 0 && t.VMA != 0 && s.VMA[t.VMA-1].Chain[0] != t.Anon
		if walker {
			freed = t.Phase != spec.Put || t.Pin != t.Anon
		}
		if freed {
			return t.Anon
		}
		return 0
	}
	late := walker && t.Phase != spec.Two && t.Phase != spec.Put && t.Phase != spec.Pinned
	switch t.PC {
	case spec.PutAnon:
		if t.Root != 0 && v.p.childFirst {
			return t.Root
		} else if late && t.Root == 0 {
			return t.Anon
		}
	case spec.RecheckMapped:
		if late && t.Held == 0 {
			return t.Anon
		}
	case spec.ReadRoot:
		if late && t.Root != 0 {
			return t.Anon
		}
	case spec.LockRoot:
		if late && !t.Empty {
			return t.Anon
		}
	case spec.DropRef:
		return t.Anon
	}
	return 0
}

// holders counts those who have a reference on object a.
func (v *View) holders(x *Structure, a int) (n int) {
	n = x.get(bySymbol["A.Listed"], a)
	for t := 1; t <= v.m.Threads(); t++ {
		n += truth(x.get(bySymbol["T.Pin"], t) == a) + truth(x.get(bySymbol["T.Ref"], t) == a)
	}
	for c := range v.m.Objects {
		if x.get(bySymbol["A.Root"], c+1) == a {
			n += x.get(bySymbol["A.Pins"], c+1)
		}
	}
	return n
}

// references compares each count with those who have the references.
func (v *View) references(s *spec.State, x *Structure) error {
	for i := range v.m.Objects {
		if refs, holders := int(s.Anon[i].Refs), v.holders(x, i+1); refs != holders {
			return fmt.Errorf("proof: the law counts %d references on a%d, and %d have one", refs, i+1, holders)
		}
	}
	if !v.p.trees {
		return nil
	}
	for i := range v.m.Objects {
		children, areas := 0, 0
		for c := range v.m.Objects {
			children += truth(x.get(bySymbol["A.Parent"], c+1) == i+1 && x.get(bySymbol["A.Counted"], c+1) != 0)
		}
		for a := range v.m.VMAs {
			areas += truth(int(s.VMA[a].Anon) == i+1 && !v.cloning(s, a+1))
		}
		if o := &s.Anon[i]; int(o.Children) != children || int(o.Active) != areas {
			return fmt.Errorf("proof: the law counts %d children and %d areas of a%d, and there are %d and %d", o.Children, o.Active, i+1, children, areas)
		}
	}
	return nil
}

// areaAt is the area of a process that has an address, a dying or unfinished one if no
// other has it.
func (v *View) areaAt(s *spec.State, mm, slot int) (found int) {
	for i := range v.m.VMAs {
		a := &s.VMA[i]
		if int(a.MM) == mm && int(a.Start) <= slot && slot < int(a.End) && (a.Life == spec.Mapped || found == 0) {
			found = i + 1
		}
	}
	return found
}

// copyOf is the area of a fork's child that begins where a does.
func (v *View) copyOf(s *spec.State, child int, a *spec.VMA) int {
	for i := range v.m.VMAs {
		if c := &s.VMA[i]; c.Life != spec.Unborn && int(c.MM) == child && c.Start == a.Start {
			return i + 1
		}
	}
	return 0
}

// near is the neighbour of an area whose anon_vma it may take over: the next before the
// previous.
func (v *View) near(s *spec.State, area int) (found int) {
	a := &s.VMA[area-1]
	for i := range v.m.VMAs {
		b := &s.VMA[i]
		if b.Life != spec.Mapped || b.MM != a.MM || b.Anon == 0 || b.NChain != 1 {
			continue
		}
		if b.Start == a.End && b.Pgoff == a.Pgoff+a.End-a.Start {
			return i + 1
		}
		if a.Start == b.End && a.Pgoff == b.Pgoff+b.End-b.Start {
			found = i + 1
		}
	}
	return found
}

// ------------------------------------------------------------------------------- trees

// cloning: a split is cloning a chain for area n, which is not counted yet.
func (v *View) cloning(s *spec.State, n int) bool {
	for t := range v.m.MMs {
		if r := &s.Thread[t]; int(r.New) == n && r.Pos != 0 && r.Op != spec.Fork {
			return true
		}
	}
	return false
}

// family is the root of the family of an area's chain, while the area is linked or being linked.
func (v *View) family(s *spec.State, a *spec.VMA, builder int) int {
	own := a.Anon
	if own == 0 && builder != 0 {
		own = s.VMA[s.Thread[builder-1].VMA-1].Anon
	}
	if own == 0 {
		return 0
	}
	return int(s.Anon[own-1].Root)
}

// unplanted: process r has object a, new or out of its tree for a store, which keeps what the tree
// has.
func (v *View) unplanted(s *spec.State, r *spec.Thread, a int) bool {
	switch r.PC {
	case spec.StoreStart, spec.StoreEnd, spec.StorePgoff, spec.PutBack:
		x := &s.VMA[r.VMA-1]
		return r.Held != 0 && slices.Contains(x.Chain[:x.NChain], uint8(a))
	case spec.LockAnon, spec.LinkChain, spec.LinkList:
		return r.Op == spec.Fault && int(r.Anon) == a
	}
	return false
}

// treeCounted: process r has object a, which still has the reference of its tree: it is unplanted;
// a fork has it aside, or makes it the child's own; or it is to be put.
func (v *View) treeCounted(s *spec.State, r *spec.Thread, a int) bool {
	if v.unplanted(s, r, a) {
		return true
	}
	own := int(r.Anon) == a
	switch {
	case r.Op == spec.Fork && r.New != 0:
		return r.Root != 0 && r.PC != spec.PutAnon && r.PC != spec.CheckUnlocked && r.PC != spec.FreeAnon && r.PC != spec.LockRoot && r.PC != spec.UnlockRoot && int(r.Root) == a ||
			own && r.Pos == 0 && r.Root == 0 && (r.PC == spec.PutAnon || r.PC == spec.PinRoot || r.PC == spec.LinkChain || r.PC == spec.LockAnon || r.PC == spec.LinkList)
	case (r.Op == spec.Unmap || r.Op == spec.Exit) && r.VMA != 0:
		x := &s.VMA[r.VMA-1]
		for i, o := range x.Chain[:x.NChain] {
			if int(o) == a { // of the first it is dropped by PutAnon
				return i > 0 || r.PC == spec.UnlinkList || r.PC == spec.UnlockAnon || r.PC == spec.PutAnon && own && v.ref(s, r, false) == 0
			}
		}
	}
	return false
}

// counted: the parent of object a counts it: a root from its birth, another since it is in a tree; until
// its tree is empty.
func (v *View) counted(s *spec.State, a int) bool {
	if !v.p.trees || s.Anon[a-1].NList > 0 {
		return v.p.trees
	}
	for t := range v.m.MMs {
		if r := &s.Thread[t]; v.unplanted(s, r, a) {
			return true
		}
	}
	return false
}
