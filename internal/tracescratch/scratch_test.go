package tracescratch

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"sort"
	"testing"

	"github.com/rootlock/rootlock/spec"
)

type area struct {
	Start, End, Pgoff, Prot int
	Anon                    *int `json:"anon_vma"`
	Chain                   []int
}
type anon struct {
	Root *int
	List []string
	Refs int
	Slot int
}
type page struct {
	Mapping   *int
	Index     int
	At        [][2]int
	Migrating [][2]int
	Walk      [][3]int
}
type swp struct {
	Cache *int
	At    [][2]int
}
type mig struct {
	Page int
	Anon int `json:"anon_vma"`
}
type state struct {
	MMs        [][]area
	Anons      []anon `json:"anon_vmas"`
	Pages      []page
	Swap       []swp
	Pins       []int
	Migrations []mig
}
type seq struct {
	Name   string
	Ops    []op
	States []state
}

func (w *world) canon() state {
	var st state
	s := &w.s
	num := map[uint8]int{}
	var order []uint8
	name := func(a uint8) {
		if a == 0 {
			return
		}
		if _, ok := num[a]; !ok {
			num[a] = len(order)
			order = append(order, a)
		}
	}
	var areas [4][]uint8
	for mm := range 4 {
		for v := range s.VMA {
			if a := &s.VMA[v]; a.Life == spec.Mapped && int(a.MM) == mm+1 {
				areas[mm] = append(areas[mm], uint8(v))
			}
		}
		sort.Slice(areas[mm], func(i, j int) bool { return s.VMA[areas[mm][i]].Start < s.VMA[areas[mm][j]].Start })
		for _, v := range areas[mm] {
			a := &s.VMA[v]
			for _, o := range a.Chain[:a.NChain] {
				name(o)
			}
		}
	}
	for i := 0; i < len(order); i++ {
		name(s.Anon[order[i]-1].Root)
	}
	for _, t := range w.pins {
		name(s.Thread[t-1].Pin)
		name(s.Anon[s.Thread[t-1].Pin-1].Root)
	}
	for _, t := range w.migs {
		name(s.Thread[t-1].Pin)
		name(s.Anon[s.Thread[t-1].Pin-1].Root)
	}
	ref := func(a uint8) *int {
		if a == 0 {
			return nil
		}
		n, ok := num[a]
		if !ok {
			n = -int(a)
		}
		return &n
	}
	vname := func(v uint8) string { a := s.VMA[v-1]; return fmt.Sprintf("%d:%d", a.MM-1, a.Start) }
	for mm := range 4 {
		row := []area{}
		for _, v := range areas[mm] {
			a := &s.VMA[v]
			x := area{int(a.Start), int(a.End), int(a.Pgoff), int(a.Prot), ref(a.Anon), []int{}}
			for _, o := range a.Chain[:a.NChain] {
				x.Chain = append(x.Chain, num[o])
			}
			row = append(row, x)
		}
		st.MMs = append(st.MMs, row)
	}
	st.Anons = []anon{}
	for _, o := range order {
		a := &s.Anon[o-1]
		x := anon{ref(a.Root), []string{}, int(a.Refs), int(o) - 1}
		for _, v := range a.List[:a.NList] {
			x.List = append(x.List, vname(v))
		}
		st.Anons = append(st.Anons, x)
	}
	pnum := map[uint8]int{}
	var pages []uint8
	pname := func(p uint8) {
		if _, ok := pnum[p]; !ok {
			pnum[p] = len(pages)
			pages = append(pages, p)
		}
	}
	var swaps []uint8
	seen := map[uint8]bool{}
	for mm := range 4 {
		for i := range 16 {
			e := s.PTE[mm][i]
			if e.Kind == spec.Empty {
				continue
			}
			if e.Kind == spec.Swapped && !seen[e.Page] {
				seen[e.Page] = true
				swaps = append(swaps, e.Page)
			}
			if e.Kind != spec.Swapped || s.Page[e.Page-1].Cached {
				pname(e.Page)
			}
		}
	}
	for _, t := range w.migs {
		pname(s.Thread[t-1].Page)
	}
	for _, p := range pages {
		if s.Page[p-1].Cached && !seen[p] {
			swaps = append(swaps, p)
		}
	}
	st.Pages = []page{}
	for _, p := range pages {
		x := page{Mapping: ref(s.Page[p-1].Mapping), Index: int(s.Page[p-1].Index), At: [][2]int{}, Walk: w.walk(p)}
		for mm := range 4 {
			for i := range 16 {
				if e := s.PTE[mm][i]; e.Page == p && e.Kind == spec.Present {
					x.At = append(x.At, [2]int{mm, i})
				} else if e.Page == p && e.Kind == spec.Migration {
					x.Migrating = append(x.Migrating, [2]int{mm, i})
				}
			}
		}
		st.Pages = append(st.Pages, x)
	}
	for _, p := range swaps {
		x := swp{At: [][2]int{}}
		if s.Page[p-1].Cached {
			n := pnum[p]
			x.Cache = &n
		}
		for mm := range 4 {
			for i := range 16 {
				if e := s.PTE[mm][i]; e.Page == p && e.Kind == spec.Swapped {
					x.At = append(x.At, [2]int{mm, i})
				}
			}
		}
		st.Swap = append(st.Swap, x)
	}
	for _, t := range w.pins {
		st.Pins = append(st.Pins, num[s.Thread[t-1].Pin])
	}
	for _, t := range w.migs {
		st.Migrations = append(st.Migrations, mig{pnum[s.Thread[t-1].Page], num[s.Thread[t-1].Pin]})
	}
	return st
}

func TestAll(t *testing.T) {
	for _, f := range []string{"named", "core", "pins-migration", "swap", "alloc-failure"} {
		file, err := os.Open("/work/shared/kernel-traces/" + f + ".jsonl.gz")
		if err != nil {
			t.Fatal(err)
		}
		z, _ := gzip.NewReader(file)
		sc := bufio.NewScanner(z)
		sc.Buffer(nil, 1<<26)
		n, bad, states, shown := 0, 0, 0, 0
		w := newWorld()
		for sc.Scan() {
			var q seq
			if err := json.Unmarshal(sc.Bytes(), &q); err != nil {
				t.Fatal(err)
			}
			n++
			w.reset()
			for i, o := range q.Ops {
				if o.Res == "" {
					o.Res = "ok"
				}
				res, err := w.do(o)
				var got state
				if err == nil {
					got = w.canon()
					states++
				}
				if err != nil || res != o.Res || !reflect.DeepEqual(got, q.States[i]) {
					bad++
					if shown < 4 {
						shown++
						a, _ := json.Marshal(got)
						b, _ := json.Marshal(q.States[i])
						ops, _ := json.Marshal(q.Ops[:i+1])
						t.Errorf("%s %d %s op %d: res %s want %s err %v\ngot  %s\nwant %s\nops %.1500s", f, n, q.Name, i, res, o.Res, err, a, b, ops)
					}
					break
				}
			}
		}
		t.Logf("%s: %d sequences, %d states, %d differ", f, n, states, bad)
	}
}
