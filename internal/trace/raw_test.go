package trace

import (
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rootlock/rootlock/spec"
)

// one is a Raw: an area with an anon_vma and a page.
func one() Raw {
	return Raw{
		Areas:    []RawArea{{ID: 3, MM: 1, Start: 2, End: 5, Pgoff: 2, AnonVMA: 7, Chain: []int{7}}},
		AnonVMAs: []RawAnonVMA{{ID: 7, Root: 7, List: []int{3}, Slot: 4}},
		Pages:    []RawPage{{ID: 9, Mapping: 7, Index: 3}},
		Entries:  []RawEntry{{1, 3, Present, 9}},
		Walk:     func(int) ([]Visit, error) { return []Visit{{1, 3, Mapping}}, nil },
	}
}

func TestCanonical(t *testing.T) {
	st, err := Canonical(one())
	require.NoError(t, err)
	assert.Equal(t, `{"mms":[[],[{"start":2,"end":5,"pgoff":2,"prot":0,"anon_vma":0,"chain":[0]}],[],[]],`+
		`"anon_vmas":[{"root":0,"list":["1:2"],"refs":0,"slot":4}],"pages":[{"mapping":0,"index":3,"at":[[1,3]],"walk":[[1,3,1]]}]}`, text(st))
}

// What leads to nothing is told; what nothing leads to is in the state.
func TestCanonicalOfBroken(t *testing.T) {
	for _, test := range []struct {
		reason string
		edit   func(*Raw)
		want   string
	}{
		{"a free object on a chain", func(r *Raw) { r.AnonVMAs = nil }, "anon_vma 7 is free, and a chain, a root pointer, a pin or a migration leads to it"},
		{"a free root", func(r *Raw) { r.AnonVMAs[0].Root = 8 }, "anon_vma 8 is free"},
		{"a pin of a free object", func(r *Raw) { r.Pins = []int{5} }, "anon_vma 5 is free"},
		{"a freed area on a list", func(r *Raw) { r.AnonVMAs[0].List = []int{3, 4} }, "area 4 is on the list of anon_vma 7, and not mapped"},
		{"an entry of no page", func(r *Raw) { r.Pages = nil }, "the entry at mm 1, slot 3 is of page 9, which does not exist"},
		{"a migration of no page", func(r *Raw) { r.Migrations = []RawMigration{{2, 7}} }, "page 2, which is under migration, does not exist"},
		{"an mm that there is not", func(r *Raw) { r.Areas[0].MM = 4 }, "area 3 is in mm 4; the mms are 0 to 3"},
		{"a walk that fails", func(r *Raw) { r.Walk = func(int) ([]Visit, error) { return nil, errors.New("it stops") } }, "the rmap walk of page 9: it stops"},
	} {
		t.Run(test.reason, func(t *testing.T) {
			r := one()
			test.edit(&r)
			_, err := Canonical(r)
			assert.ErrorContains(t, err, test.want)
		})
	}

	r := one()
	r.AnonVMAs = append(r.AnonVMAs, RawAnonVMA{ID: 2, Root: 2, Refs: 1})
	st, err := Canonical(r)
	require.NoError(t, err)
	require.Len(t, st.AnonVMAs, 2, "a leaked object")
	assert.Equal(t, 1, st.AnonVMAs[1].Refs)

	r = one()
	r.Pages[0].Mapping = 5
	st, err = Canonical(r)
	require.NoError(t, err)
	assert.Equal(t, `"free object 5"`, st.Pages[0].Mapping.String())
}

// Other ids in another order: the same state.
func TestCanonicalForgetsIDs(t *testing.T) {
	var raws []Raw
	w, err := NewSpecWorld(spec.RootPointer)
	require.NoError(t, err)
	for _, name := range []string{"named", "swap"} {
		r := open(t, name)
		for range 64 {
			q, err := r.Next()
			if err == io.EOF {
				break
			}
			require.NoError(t, err)
			w.Reset()
			for i, op := range q.Ops {
				_, err := w.Do(op)
				require.NoError(t, err)
				raw := w.raw()
				if i%3 == 0 && len(raw.Entries) > 1 {
					raws = append(raws, raw)
				}
			}
		}
	}
	require.Greater(t, len(raws), 100, "floor on the work done")
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.SampledFrom(raws).Draw(t, "raw")
		raw.Walk = func(int) ([]Visit, error) { return nil, nil }
		want, err := Canonical(raw)
		require.NoError(t, err)
		got, err := Canonical(renamed(t, raw))
		require.NoError(t, err)
		d, differs := Compare(got, want)
		require.False(t, differs, "%+v", d)
	})
}

// renamed is raw with other ids, and its sets in another order.
func renamed(t *rapid.T, raw Raw) Raw {
	ids := make([]int, 70)
	for i := range ids {
		ids[i] = i + 1
	}
	renaming := func(what string) func(int) int {
		to := rapid.Permutation(ids).Draw(t, what)
		return func(id int) int {
			if id == 0 {
				return 0
			}
			return to[id-1]
		}
	}
	area, anon, page := renaming("areas"), renaming("anon_vmas"), renaming("pages")
	all := func(of func(int) int, list []int) []int {
		var out []int
		for _, id := range list {
			out = append(out, of(id))
		}
		return out
	}
	out := Raw{Pins: all(anon, raw.Pins), Walk: raw.Walk}
	for _, a := range raw.Areas {
		a.ID, a.AnonVMA, a.Chain = area(a.ID), anon(a.AnonVMA), all(anon, a.Chain)
		out.Areas = append(out.Areas, a)
	}
	for _, a := range raw.AnonVMAs {
		a.ID, a.Root, a.List = anon(a.ID), anon(a.Root), all(area, a.List)
		out.AnonVMAs = append(out.AnonVMAs, a)
	}
	for _, p := range raw.Pages {
		p.ID, p.Mapping = page(p.ID), anon(p.Mapping)
		out.Pages = append(out.Pages, p)
	}
	for _, e := range raw.Entries {
		e.Page = page(e.Page)
		out.Entries = append(out.Entries, e)
	}
	for _, g := range raw.Migrations {
		out.Migrations = append(out.Migrations, RawMigration{page(g.Page), anon(g.AnonVMA)})
	}
	if len(out.Areas) > 0 {
		out.Areas = rapid.Permutation(out.Areas).Draw(t, "order of areas")
	}
	if len(out.AnonVMAs) > 0 {
		out.AnonVMAs = rapid.Permutation(out.AnonVMAs).Draw(t, "order of anon_vmas")
	}
	out.Entries = rapid.Permutation(out.Entries).Draw(t, "order of entries")
	return out
}

// Whatever operation the reader lets through, the model does it, or says why not;
// and what it answers is a result that the operation may have.
func TestSpecWorldNeverPanics(t *testing.T) {
	w, err := NewSpecWorld(spec.RootPointer)
	require.NoError(t, err)
	done, refused := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		w.Reset()
		t.Repeat(map[string]func(*rapid.T){"": func(*rapid.T) {}, "op": func(t *rapid.T) {
			op := anyOp(t)
			before := *w
			res, err := w.Do(op)
			if err != nil {
				refused++
				*w = before
				return
			}
			done++
			require.Contains(t, opRules[op.Name].results, res, op)
			_, err = w.State()
			require.NoError(t, err, op)
		}})
	})
	if !testing.Short() { // rapid draws a tenth
		assert.Greater(t, done, 500, "floor on the work done")
		assert.Greater(t, refused, 100)
	}
}

func anyOp(t *rapid.T) (op Op) {
	op.Name = rapid.SampledFrom(opNames).Draw(t, "op")
	rule := opRules[op.Name]
	for _, name := range rule.args {
		at, low, high := op.arg(name)
		switch name {
		case "len":
			high = Slots - op.Start
		case "to":
			high = Slots - op.Len
		case "handle":
			high = 3
		}
		*at = rapid.IntRange(low, high).Draw(t, name)
	}
	if rule.fails && rapid.IntRange(0, 4).Draw(t, "fails") == 0 {
		op.Fail = rapid.IntRange(1, 9).Draw(t, "fail")
	}
	return op
}
