// The first difference of two states.

package trace

import (
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
	for mm := range MMs {
		if d, differs := eachOf("mms["+strconv.Itoa(mm)+"]", got.MMs[mm], want.MMs[mm], area); differs {
			return d, true
		}
	}
	if d, differs := eachOf("anon_vmas", got.AnonVMAs, want.AnonVMAs, anonVMA); differs {
		return d, true
	}
	if d, differs := eachOf("pages", got.Pages, want.Pages, page); differs {
		return d, true
	}
	if d, differs := eachOf("swap", got.Swap, want.Swap, swapEntry); differs {
		return d, true
	}
	if d, differs := list("pins", got.Pins, want.Pins); differs {
		return d, true
	}
	return eachOf("migrations", got.Migrations, want.Migrations, migration)
}

// eachOf compares element by element; of lists of different length that are
// equal as far as both go, the first surplus element is the difference.
func eachOf[T any](path string, got, want []T, compare func(got, want *T) (Difference, bool)) (Difference, bool) {
	for i := range max(len(got), len(want)) {
		var d Difference
		differs := true
		switch {
		case i >= len(got):
			d = Difference{"", "none", text(want[i])}
		case i >= len(want):
			d = Difference{"", text(got[i]), "none"}
		default:
			d, differs = compare(&got[i], &want[i])
		}
		if differs {
			d.Field = path + "[" + strconv.Itoa(i) + "]" + d.Field
			return d, true
		}
	}
	return Difference{}, false
}

// field compares one value.
func field[T comparable](path string, got, want T) (Difference, bool) {
	if got == want {
		return Difference{}, false
	}
	return Difference{path, text(got), text(want)}, true
}

// list compares a list whose whole is worth seeing.
func list[T comparable](path string, got, want []T) (Difference, bool) {
	if slices.Equal(got, want) {
		return Difference{}, false
	}
	return Difference{path, orEmpty(got), orEmpty(want)}, true
}

func orEmpty[T any](s []T) string {
	if len(s) == 0 {
		return "[]"
	}
	return text(s)
}

func area(got, want *Area) (d Difference, differs bool) {
	if d, differs = field(".start", got.Start, want.Start); differs {
		return
	}
	if d, differs = field(".end", got.End, want.End); differs {
		return
	}
	if d, differs = field(".pgoff", got.Pgoff, want.Pgoff); differs {
		return
	}
	if d, differs = field(".prot", got.Prot, want.Prot); differs {
		return
	}
	if d, differs = field(".anon_vma", got.AnonVMA, want.AnonVMA); differs {
		return
	}
	return list(".chain", got.Chain, want.Chain)
}

func anonVMA(got, want *AnonVMA) (d Difference, differs bool) {
	if d, differs = field(".root", got.Root, want.Root); differs {
		return
	}
	if d, differs = list(".list", got.List, want.List); differs {
		return
	}
	if d, differs = field(".refs", got.Refs, want.Refs); differs {
		return
	}
	return field(".slot", got.Slot, want.Slot)
}

func page(got, want *Page) (d Difference, differs bool) {
	if d, differs = field(".mapping", got.Mapping, want.Mapping); differs {
		return
	}
	if d, differs = field(".index", got.Index, want.Index); differs {
		return
	}
	if d, differs = list(".at", got.At, want.At); differs {
		return
	}
	if d, differs = list(".migrating", got.Migrating, want.Migrating); differs {
		return
	}
	return list(".walk", got.Walk, want.Walk)
}

func swapEntry(got, want *SwapEntry) (d Difference, differs bool) {
	if d, differs = field(".cache", got.Cache, want.Cache); differs {
		return
	}
	return list(".at", got.At, want.At)
}

func migration(got, want *Migration) (d Difference, differs bool) {
	if d, differs = field(".page", got.Page, want.Page); differs {
		return
	}
	return field(".anon_vma", got.AnonVMA, want.AnonVMA)
}
