package picture

import (
	"fmt"
	"strings"

	"github.com/rootlock/rootlock/spec"
)

// Say says what the picture shows.
func Say(m *spec.Model, s *spec.State) string {
	var b strings.Builder
	for p := range m.Pages {
		if g := &s.Page[p]; g.Mapping != 0 {
			fmt.Fprintf(&b, "p%d names a%d, index %d%s%s. ", p+1, g.Mapping, g.Index, when(s.Stale[p], ", freed since"), heldBy(m, g.Lock))
		}
	}
	for a := range m.Objects {
		o := &s.Anon[a]
		switch {
		case o.Live && int(o.Root) == a+1:
			fmt.Fprintf(&b, "a%d is a root, list %s, references %d%s. ", a+1, ids("v", o.List[:o.NList]), int8(o.Refs), sharedBy(m, s, uint8(a+1)))
		case o.Live:
			fmt.Fprintf(&b, "a%d has root a%d, list %s, references %d%s. ", a+1, o.Root, ids("v", o.List[:o.NList]), int8(o.Refs), sharedBy(m, s, uint8(a+1)))
		case o.Lock != 0 || o.Readers != 0 || o.NList > 0:
			fmt.Fprintf(&b, "a%d is free, list %s%s. ", a+1, ids("v", o.List[:o.NList]), sharedBy(m, s, uint8(a+1)))
		}
	}
	for mm := range m.MMs {
		for v := range m.VMAs {
			if a := &s.VMA[v]; a.Life != spec.Unborn && int(a.MM) == mm+1 {
				fmt.Fprintf(&b, "mm%d has v%d, slots %d to %d%s, chain %s%s. ", mm+1, v+1, a.Start, int(a.End)-1, when(a.Pgoff != a.Start, fmt.Sprintf(", pgoff %d", a.Pgoff)),
					ids("a", a.Chain[:a.NChain]), when(a.Life == spec.Detached, ", detached")+when(a.Locked, ", locked"))
			}
		}
		for slot := range m.Slots {
			if e := s.PTE[mm][slot]; e.Kind != spec.Empty {
				fmt.Fprintf(&b, "Slot %d of mm%d: %s. ", slot, mm+1, e)
			}
		}
	}
	return strings.TrimSpace(b.String())
}

func when(is bool, text string) string {
	if is {
		return text
	}
	return ""
}

// sharedBy says who has the lock of an object.
func sharedBy(m *spec.Model, s *spec.State, a uint8) string {
	if who := m.Holders(s, a); who != "" {
		return ", locked by " + who
	}
	return ""
}

func heldBy(m *spec.Model, t uint8) string {
	if t == 0 {
		return ""
	}
	return ", locked by " + m.ThreadName(t)
}
