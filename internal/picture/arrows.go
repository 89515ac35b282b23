package picture

import (
	"fmt"
	"slices"
)

// arrows draws the pointers: page.mapping, anon_vma.root, and each chain entry.
func (d *drawing) arrows() {
	for _, p := range d.pages {
		g := &d.s.Page[p-1]
		if g.Mapping == 0 {
			continue
		}
		class := "mapping"
		if d.s.Stale[p-1] || !d.s.Anon[g.Mapping-1].Live {
			class += " stale"
			d.text(pageLeft+30, d.page[p]-pageHeight/2+line, "bad small", "stale")
		}
		if g.Mapping != d.before.Page[p-1].Mapping {
			class += " new"
		}
		d.arrow(class, pageLeft+pageWidth, d.page[p], anonLeft, d.anon[g.Mapping]-8, 18, 18, false, true)
	}
	for _, a := range d.objects {
		o := &d.s.Anon[a-1]
		to, drawn := d.anon[o.Root]
		if !o.Live || o.Root == a || !drawn {
			continue
		}
		class := "up"
		if !d.s.Anon[o.Root-1].Live {
			class += " stale"
		}
		if was := &d.before.Anon[a-1]; !was.Live || was.Root != o.Root {
			class += " new"
		}
		d.arrow(class, anonLeft, d.anon[a], anonLeft, to+10, -26, 26, false, true)
	}
	for _, a := range d.objects {
		for v := uint8(1); int(v) <= d.m.VMAs; v++ {
			d.entry(a, v)
		}
	}
}

// entry is the arrow of a chain entry: its head at the area if the entry is on the list of
// the anon_vma, its head at the anon_vma if it is in the chain of the area.
func (d *drawing) entry(a, v uint8) {
	listed, chained := onBoth(d, a, v, false)
	to, drawn := d.area[v]
	if !drawn || !listed && !chained {
		return
	}
	class := "entry"
	if listed != chained {
		class += " half"
	}
	if d.s.VMA[v-1].Anon == a {
		class += " own"
	}
	if l, c := onBoth(d, a, v, true); l != listed || c != chained {
		class += " new"
	}
	d.arrow(class, anonLeft+anonWidth, d.anon[a], mmLeft, to, 26, 26, chained, listed)
}

// onBoth reports whether v is on the list of a, and a in the chain of v.
func onBoth(d *drawing, a, v uint8, before bool) (listed, chained bool) {
	s := d.s
	if before {
		s = d.before
	}
	o, area := &s.Anon[a-1], &s.VMA[v-1]
	return slices.Contains(o.List[:o.NList], v), slices.Contains(area.Chain[:area.NChain], a)
}

// arrow draws a curve that leaves and arrives level, bent by out and in; heads at its
// beginning and at its end. A root's arrow leaves and arrives at the left.
func (d *drawing) arrow(class string, x1, y1, x2, y2, out, in int, atBegin, atEnd bool) {
	fmt.Fprintf(&d.back, `<path class="%s" d="M%d %dC%d %d %d %d %d %d"/>`, class, x1, y1, x1+out, y1, x2-in, y2, x2, y2)
	head := func(x, y, back int) {
		fmt.Fprintf(&d.front, `<path class="head %s" d="M%d %dl%d -4v8z"/>`, class, x, y, back)
	}
	if atEnd {
		head(x2, y2, -7)
	}
	if atBegin {
		head(x1, y1, 7)
	}
}
