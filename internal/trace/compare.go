// The first difference of two states.

package trace

import (
	"cmp"
	"slices"
	"strconv"
)

// A Difference is one field in which two states differ: its path, like
// "anon_vmas[2].list", and both values as JSON; "none" for an element that one
// side does not have.
type Difference struct {
	Field, Got, Want string
}

// Compare returns the first difference of two states, in the order of the
// fields; false: they are equal.
func Compare(got, want State) (Difference, bool) {
	var mms Difference
	for mm := range MMs {
		mms = cmp.Or(mms, eachOf("mms["+strconv.Itoa(mm)+"]", got.MMs[mm], want.MMs[mm], area))
	}
	d := cmp.Or(mms,
		eachOf("anon_vmas", got.AnonVMAs, want.AnonVMAs, anonVMA),
		eachOf("pages", got.Pages, want.Pages, page),
		eachOf("swap", got.Swap, want.Swap, swapEntry),
		list("pins", got.Pins, want.Pins),
		eachOf("migrations", got.Migrations, want.Migrations, migration))
	return d, d != Difference{}
}

// eachOf compares element by element; of lists of different length that are
// equal as far as both go, the first surplus element is the difference. The zero
// Difference, here and below: none.
func eachOf[T any](path string, got, want []T, compare func(got, want *T) Difference) Difference {
	for i := range max(len(got), len(want)) {
		var d Difference
		switch {
		case i >= len(got):
			d = Difference{"", "none", text(want[i])}
		case i >= len(want):
			d = Difference{"", text(got[i]), "none"}
		default:
			d = compare(&got[i], &want[i])
		}
		if d != (Difference{}) {
			d.Field = path + "[" + strconv.Itoa(i) + "]" + d.Field
			return d
		}
	}
	return Difference{}
}

// field compares one value.
func field[T comparable](path string, got, want T) Difference {
	if got == want {
		return Difference{}
	}
	return Difference{path, text(got), text(want)}
}

// list compares a list whose whole is worth seeing.
func list[T comparable](path string, got, want []T) Difference {
	if slices.Equal(got, want) {
		return Difference{}
	}
	return Difference{path, orEmpty(got), orEmpty(want)}
}

func orEmpty[T any](s []T) string {
	if len(s) == 0 {
		return "[]"
	}
	return text(s)
}

func area(got, want *Area) Difference {
	return cmp.Or(field(".start", got.Start, want.Start), field(".end", got.End, want.End), field(".pgoff", got.Pgoff, want.Pgoff),
		field(".prot", got.Prot, want.Prot), field(".anon_vma", got.AnonVMA, want.AnonVMA), list(".chain", got.Chain, want.Chain))
}

func anonVMA(got, want *AnonVMA) Difference {
	return cmp.Or(field(".root", got.Root, want.Root), list(".list", got.List, want.List), field(".refs", got.Refs, want.Refs), field(".slot", got.Slot, want.Slot))
}

func page(got, want *Page) Difference {
	return cmp.Or(field(".mapping", got.Mapping, want.Mapping), field(".index", got.Index, want.Index), list(".at", got.At, want.At),
		list(".migrating", got.Migrating, want.Migrating), list(".walk", got.Walk, want.Walk))
}

func swapEntry(got, want *SwapEntry) Difference {
	return cmp.Or(field(".cache", got.Cache, want.Cache), list(".at", got.At, want.At))
}

func migration(got, want *Migration) Difference {
	return cmp.Or(field(".page", got.Page, want.Page), field(".anon_vma", got.AnonVMA, want.AnonVMA))
}
