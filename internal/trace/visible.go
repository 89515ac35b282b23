// What can be seen of a kernel from outside: areas, pages and who shares them.

package trace

import (
	"cmp"
	"slices"
)

// visible is what a process's own files say of a state (/proc/PID/maps and pagemap): the areas
// with their protections, and which entries have one page. All else is None or empty.
func (r Raw) visible() State {
	var s State
	for _, a := range r.Areas {
		s.MMs[a.MM] = append(s.MMs[a.MM], Area{Start: a.Start, End: a.End, Prot: a.Prot, AnonVMA: None})
	}
	for mm := range s.MMs {
		slices.SortFunc(s.MMs[mm], func(a, b Area) int { return cmp.Compare(a.Start, b.Start) })
	}
	pages := map[int][]Place{}
	for _, e := range r.Entries {
		if e.Kind == Present {
			pages[e.Page] = append(pages[e.Page], Place{e.MM, e.Slot})
		}
	}
	for _, at := range pages {
		slices.SortFunc(at, comparePlaces)
		s.Pages = append(s.Pages, Page{Mapping: None, At: at})
	}
	slices.SortFunc(s.Pages, func(a, b Page) int { return comparePlaces(a.At[0], b.At[0]) })
	return s
}

func comparePlaces(a, b Place) int {
	return cmp.Or(cmp.Compare(a.MM, b.MM), cmp.Compare(a.Slot, b.Slot))
}
