package lockstep

import (
	"fmt"

	"github.com/google/go-cmp/cmp"

	"github.com/rootlock/rootlock/impl"
	"github.com/rootlock/rootlock/spec"
	triangle "github.com/rootlock/rootlock/triangle/lockstep"
)

// A Divergence is where the model and the implementation part. Its message is
// the same for the same move and field.
type Divergence struct {
	Step        int // from 1, since Reset
	Move        string
	Field       string
	Model, Code string

	diff func() string
}

// Diff is the difference of the whole shared state, - model, + implementation; it may be
// empty. It is made when it is asked for: a shrinker parts a thousand times.
func (d *Divergence) Diff() string {
	if d.diff == nil {
		return ""
	}
	return d.diff()
}

func (d *Divergence) Error() string {
	return fmt.Sprintf("rootlock: model and implementation part at step %d, %s: %s: model %s, implementation %s", d.Step, d.Move, d.Field, d.Model, d.Code)
}

// parted is a divergence in this project's words; another error is left as it is.
func parted(err error) error {
	d, ok := err.(*triangle.Divergence)
	if !ok {
		return err
	}
	move := d.Move
	if move == "" {
		move = "the initial state"
	}
	return &Divergence{Step: d.Step, Move: move, Field: d.Field, Model: d.Law, Code: d.Code, diff: d.Diff}
}

// Compare compares the whole shared state. The walk over the snapshot is for
// speed; go-cmp says what differs when something does.
func (r *code) Compare(s *spec.State) *triangle.Difference {
	r.control.System().SnapshotInto(&r.snap)
	if inside := int(r.model.Inside(s)); inside != r.snap.Walks {
		return &triangle.Difference{Field: "thread inside a walk", Law: fmt.Sprint(inside), Code: fmt.Sprint(r.snap.Walks)}
	}
	for mm, busy := range r.snap.Busy {
		if want := r.busy(s, uint8(mm+1)); busy != want {
			return &triangle.Difference{Field: fmt.Sprintf("mm%d is in an operation", mm+1), Law: fmt.Sprint(want), Code: fmt.Sprint(busy)}
		}
	}
	if equal(&r.snap, &s.World) {
		if vmas, anons := r.spare(s); vmas != r.snap.SpareVMAs || anons != r.snap.SpareAnons {
			return &triangle.Difference{Field: "spare VMAs and objects", Law: fmt.Sprint(vmas, " ", anons), Code: fmt.Sprint(r.snap.SpareVMAs, " ", r.snap.SpareAnons)}
		}
		return r.frames.compare(r)
	}
	world, code := s.World, worldOf(&r.snap)
	d := &triangle.Difference{Diff: func() string { return cmp.Diff(world, code) }}
	d.Field, d.Law, d.Code = firstDifference(&world, &code)
	return d
}

// busy reports whether an operation of the mm is under way that has it locked alone, or the
// fork that makes it. The model has no lock for that.
func (r *code) busy(s *spec.State, mm uint8) bool {
	for t := range r.model.MMs {
		if th := &s.Thread[t]; th.PC != spec.Idle && !(t < r.model.Faulters && th.Op.Faults()) && (t+1 == int(mm) || th.Op == spec.Fork && th.Child == mm) {
			return true
		}
	}
	return false
}

// spare is what operations that begin now may still create: what is free, less what
// operations in progress have reserved.
func (r *code) spare(s *spec.State) (vmas, anons int) {
	for v := range r.model.VMAs {
		if s.VMA[v].Life == spec.Unborn {
			vmas++
		}
	}
	for a := range r.model.Objects {
		if !s.Anon[a].Live {
			anons++
		}
	}
	for t := range r.model.Threads() {
		vmas -= int(s.Thread[t].Births)
		anons -= int(s.Thread[t].Need)
	}
	return vmas, anons
}

// equal compares references as the model counts them, modulo 256: a broken
// protocol counts below zero on both sides.
func equal(snap *impl.Snapshot, w *spec.World) bool {
	for i := range snap.VMAs {
		a, b := &snap.VMAs[i], &w.VMA[i]
		if spec.Life(a.Life) != b.Life || a.MM != int(b.MM) || a.Start != uint32(b.Start) || a.End != uint32(b.End) || a.Pgoff != uint32(b.Pgoff) || a.Locked != b.Locked || a.Prot != impl.Prot(b.Prot) ||
			a.Anon != int(b.Anon) || !same(a.Chain, b.Chain[:b.NChain]) {
			return false
		}
	}
	for i := range snap.Anons {
		a, b := &snap.Anons[i], &w.Anon[i]
		if a.Live != b.Live || a.Root != int(b.Root) || uint8(a.Refs) != b.Refs || a.Lock != int(b.Lock) || !same(a.List, b.List[:b.NList]) ||
			a.Readers != uint64(b.Readers)<<(len(snap.PTEs)+1) || a.Parent != int(b.Parent) || uint8(a.Children) != b.Children || uint8(a.Active) != b.Active {
			return false
		}
	}
	for i := range snap.Pages {
		a, b := &snap.Pages[i], &w.Page[i]
		if a.Mapping != int(b.Mapping) || a.Index != uint32(b.Index) || a.Lock != int(b.Lock) || a.Cached != b.Cached {
			return false
		}
	}
	for mm := range snap.PTEs {
		for slot := range snap.PTEs[mm] {
			a, b := &snap.PTEs[mm][slot], &w.PTE[mm][slot]
			if spec.Kind(a.Kind) != b.Kind || a.Page != int(b.Page) || a.Writable != b.Writable {
				return false
			}
		}
	}
	return true
}

func same(a []int, b []uint8) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != int(b[i]) {
			return false
		}
	}
	return true
}

// worldOf is the model's World that a snapshot shows.
func worldOf(snap *impl.Snapshot) spec.World {
	var w spec.World
	for i, v := range snap.VMAs {
		w.VMA[i] = spec.VMA{Life: spec.Life(v.Life), MM: uint8(v.MM), Start: uint8(v.Start), End: uint8(v.End), Pgoff: uint8(v.Pgoff), Prot: uint8(v.Prot), Locked: v.Locked, Anon: uint8(v.Anon), NChain: uint8(len(v.Chain))}
		fill(w.VMA[i].Chain[:], v.Chain)
	}
	for i, a := range snap.Anons {
		w.Anon[i] = spec.AnonVMA{Live: a.Live, Root: uint8(a.Root), Refs: uint8(a.Refs), Lock: uint8(a.Lock), NList: uint8(len(a.List)),
			Readers: uint8(a.Readers >> (len(snap.PTEs) + 1)), Parent: uint8(a.Parent), Children: uint8(a.Children), Active: uint8(a.Active)}
		fill(w.Anon[i].List[:], a.List)
	}
	for i, p := range snap.Pages {
		w.Page[i] = spec.Page{Mapping: uint8(p.Mapping), Index: uint8(p.Index), Lock: uint8(p.Lock), Cached: p.Cached}
	}
	for mm, row := range snap.PTEs {
		for slot, e := range row {
			w.PTE[mm][slot] = spec.PTE{Kind: spec.Kind(e.Kind), Page: uint8(e.Page), Writable: e.Writable}
		}
	}
	return w
}

// fill copies ids; a list longer than a State holds is cut, and so differs by
// its length.
func fill(to []uint8, ids []int) {
	for i := range min(len(to), len(ids)) {
		to[i] = uint8(ids[i])
	}
}

// firstDifference names the first field in which two worlds differ.
func firstDifference(model, code *spec.World) (field, a, b string) {
	for i := range model.VMA {
		if m, c := model.VMA[i], code.VMA[i]; m != c {
			return fmt.Sprintf("v%d", i+1), fmt.Sprintf("%+v", m), fmt.Sprintf("%+v", c)
		}
	}
	for i := range model.Anon {
		if m, c := model.Anon[i], code.Anon[i]; m != c {
			return fmt.Sprintf("a%d", i+1), fmt.Sprintf("%+v", m), fmt.Sprintf("%+v", c)
		}
	}
	for i := range model.Page {
		if m, c := model.Page[i], code.Page[i]; m != c {
			return fmt.Sprintf("p%d", i+1), fmt.Sprintf("%+v", m), fmt.Sprintf("%+v", c)
		}
	}
	for mm := range model.PTE {
		for slot := range model.PTE[mm] {
			if m, c := model.PTE[mm][slot], code.PTE[mm][slot]; m != c {
				return fmt.Sprintf("pte[mm%d][%d]", mm+1, slot), m.String(), c.String()
			}
		}
	}
	return "shared state", "", ""
}
