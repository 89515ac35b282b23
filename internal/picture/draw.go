package picture

import (
	"fmt"
	"strings"

	"github.com/rootlock/rootlock/spec"
)

// The layout, in the units of the picture.
const (
	letter = 7.0 // width of a letter
	line   = 15  // height of a line of text

	pageLeft, pageWidth, pageHeight = 4, 76, 52
	anonLeft, anonWidth, anonHeight = 122, 132, 52
	mmLeft                          = 316
	slotWidth, slotHeight           = 54, 34
	labelWidth                      = 32 // of an area's name
	areaHeight                      = 24
	gap                             = 16
	top                             = 22
)

// A drawing is a picture in the making.
type drawing struct {
	m              *spec.Model
	before, s      *spec.State
	back, front    strings.Builder // arrows lie behind boxes
	width, height  int
	page, anon     map[uint8]int // the middle of each box, down
	area           map[uint8]int
	pages, objects []uint8 // those that are drawn
	trees          bool    // areas are in trees: an object has counts besides
}

// A Frame is the room of a picture.
type Frame struct{ Width, Height int }

// FrameOf is the frame that has room for each of the states: so pictures that follow each
// other have one scale, and what stands below them stays in its place.
func FrameOf(m *spec.Model, states []spec.State) (f Frame) {
	for i := range states {
		d := draw(m, &states[i], &states[i])
		f.Width, f.Height = max(f.Width, d.width), max(f.Height, d.height)
	}
	return f
}

// Draw draws the state s. What differs from the state before is marked.
func (f Frame) Draw(m *spec.Model, before, s *spec.State) string {
	d := draw(m, before, s)
	width := max(f.Width, d.width)
	return fmt.Sprintf(`<svg class="drawn" viewBox="0 0 %d %d" style="max-width:%dpx" role="img" aria-label="%s">%s%s</svg>`,
		width, max(f.Height, d.height), width*5/4, Say(m, s), d.back.String(), d.front.String())
}

func draw(m *spec.Model, before, s *spec.State) *drawing {
	d := &drawing{m: m, before: before, s: s, page: map[uint8]int{}, anon: map[uint8]int{}, area: map[uint8]int{}}
	d.choose()
	d.heading(pageLeft, "pages")
	d.heading(anonLeft, "anon_vmas")
	d.heading(mmLeft, "processes")
	y := top
	for _, p := range d.pages {
		y = d.drawPage(p, y)
	}
	y = top
	for _, a := range d.objects {
		y = d.drawAnon(a, y)
	}
	y = top
	for mm := uint8(1); int(mm) <= m.MMs; mm++ {
		y = d.drawMM(mm, y)
	}
	d.arrows()
	d.notes()
	d.width += 6
	return d
}

// few is how many boxes of a kind are drawn even if nothing uses them: so they keep their
// places in a small world, and a large one has room.
const few = 6

// choose takes the pages and objects that are to be drawn.
func (d *drawing) choose() {
	used := map[uint8]bool{}
	for p := range d.m.Pages {
		used[d.s.Page[p].Mapping] = true
		used[d.before.Page[p].Mapping] = true
		if g := &d.s.Page[p]; d.m.Pages <= few || g.Mapping != 0 || g.Lock != 0 {
			d.pages = append(d.pages, uint8(p+1))
		}
	}
	for t := range d.m.Threads() {
		for _, a := range []uint8{d.s.Thread[t].Anon, d.s.Thread[t].Root, d.s.Thread[t].Held, d.s.Thread[t].Pin} {
			used[a] = true
		}
	}
	for a := range d.m.Objects {
		o, was := &d.s.Anon[a], &d.before.Anon[a]
		d.trees = d.trees || o.Parent != 0
		if d.m.Objects <= few || o.Live || was.Live || o.NList > 0 || o.Lock != 0 || used[uint8(a+1)] {
			d.objects = append(d.objects, uint8(a+1))
		}
	}
}

func (d *drawing) reach(x, y int) {
	d.width, d.height = max(d.width, x), max(d.height, y)
}

func (d *drawing) heading(x int, text string) { d.text(x, 12, "dim", text) }

func (d *drawing) text(x, y int, class, text string) {
	if class != "" {
		class = ` class="` + class + `"`
	}
	fmt.Fprintf(&d.front, `<text x="%d" y="%d"%s>%s</text>`, x, y, class, text)
	d.reach(x+widthOf(text), y+4)
}

func widthOf(text string) int { return int(letter * float64(len([]rune(text)))) }

func (d *drawing) box(x, y, w, h int, class string) {
	fmt.Fprintf(&d.front, `<rect x="%d" y="%d" width="%d" height="%d" class="%s"/>`, x, y, w, h, class)
	d.reach(x+w, y+h+4)
}

// chip is the name of a thread, where it points to. It returns where the next one goes.
func (d *drawing) chip(x, y int, t uint8, word string) int {
	class := "mm"
	if d.m.IsWalker(t) {
		class = "walker"
	}
	if d.s.Thread[t-1].PC == spec.Oopsed {
		class = "oops"
	}
	text := d.m.ThreadName(t) + word
	w := widthOf(text) + 6
	fmt.Fprintf(&d.front, `<rect x="%d" y="%d" width="%d" height="15" class="chip %s"/><text x="%d" y="%d" class="on">%s</text>`, x, y-11, w, class, x+3, y, text)
	d.reach(x+w, y+4)
	return x + w + 3
}

// classes puts together the class of a box.
func classes(names map[string]bool, base string) string {
	for _, n := range []string{"free", "root", "locked", "changed"} {
		if names[n] {
			base += " " + n
		}
	}
	return base
}

func (d *drawing) drawPage(p uint8, y int) int {
	g := &d.s.Page[p-1]
	changed := *g != d.before.Page[p-1] || d.s.Stale[p-1] != d.before.Stale[p-1]
	d.box(pageLeft, y, pageWidth, pageHeight, classes(map[string]bool{"free": g.Mapping == 0, "locked": g.Lock != 0, "changed": changed}, "box"))
	d.text(pageLeft+6, y+line, "name", fmt.Sprintf("p%d", p))
	if g.Mapping != 0 {
		d.text(pageLeft+6, y+2*line, "", fmt.Sprintf("index %d", g.Index))
	}
	if g.Cached {
		d.text(pageLeft+30, y+line, "dim", "cached")
	}
	if g.Lock != 0 {
		d.text(pageLeft+6, y+3*line, "lock", "lock")
		d.chip(pageLeft+38, y+3*line, g.Lock, "")
	}
	d.page[p] = y + pageHeight/2
	return y + pageHeight + gap
}

func (d *drawing) drawAnon(a uint8, y int) int {
	o, height := &d.s.Anon[a-1], anonHeight
	if d.trees {
		height += line
	}
	d.box(anonLeft, y, anonWidth, height, classes(map[string]bool{"free": !o.Live, "root": o.Live && o.Root == a, "locked": d.m.Holders(d.s, a) != "", "changed": *o != d.before.Anon[a-1]}, "box"))
	name := fmt.Sprintf("a%d", a)
	d.text(anonLeft+6, y+line, "name", name)
	switch x := anonLeft + 12 + widthOf(name); {
	case !o.Live:
		d.text(x, y+line, "dim", "free")
	case o.Root == a:
		d.text(x, y+line, "dim", "root")
	case d.trees:
		d.text(x, y+line, "dim", fmt.Sprintf("of a%d", o.Parent))
	}
	if o.Live && o.Refs != 0 {
		d.text(anonLeft+64, y+line, "", fmt.Sprintf("refs %d", int8(o.Refs)))
	}
	if o.Live || o.NList > 0 {
		d.text(anonLeft+6, y+2*line, "", "list "+clip(ids("v", o.List[:o.NList]), 12))
	}
	if d.trees && o.Live {
		d.text(anonLeft+6, y+4*line-2, "small", fmt.Sprintf("children %d, areas %d", o.Children, o.Active))
	}
	x := anonLeft + 6
	for t := uint8(1); int(t) <= d.m.Threads(); t++ {
		if d.m.HasLock(d.s, t, a) {
			if x == anonLeft+6 {
				d.text(x, y+3*line, "lock", "lock")
				x += 32
			}
			x = d.chip(x, y+3*line, t, "")
		}
	}
	for t := uint8(1); int(t) <= d.m.Threads(); t++ {
		th := &d.s.Thread[t-1]
		if th.PC != spec.Idle && (th.Anon == a || th.Root == a) && !d.m.HasLock(d.s, t, a) { // the holder stands there already
			x = d.chip(x, y+3*line, t, "→")
		}
		if th.Pin == a {
			x = d.chip(x, y+3*line, t, " pin")
		}
	}
	d.anon[a] = y + height/2
	return y + height + gap
}

// drawMM draws a process: its page table, and below each slot the areas that have it.
func (d *drawing) drawMM(mm uint8, y int) int {
	var areas []uint8
	for v := range d.m.VMAs {
		if a := &d.s.VMA[v]; a.Life != spec.Unborn && a.MM == mm {
			areas = append(areas, uint8(v+1))
		}
	}
	left := mmLeft + labelWidth
	from := y
	d.text(mmLeft+4, y+line, "name", fmt.Sprintf("mm%d", mm))
	y += 4
	for slot := range d.m.Slots {
		d.drawEntry(mm, uint8(slot), left+slot*slotWidth, y)
	}
	y += slotHeight + 4
	right := left + d.m.Slots*slotWidth
	for _, v := range areas {
		right = max(right, d.drawArea(v, left, y))
		y += areaHeight
	}
	if len(areas) == 0 {
		d.text(left, y+12, "dim", "no area")
		y += areaHeight
	}
	fmt.Fprintf(&d.back, `<rect x="%d" y="%d" width="%d" height="%d" class="process"/>`, mmLeft, from, right-mmLeft+6, y-from+2)
	d.reach(right+6, y+4)
	return y + gap
}

func (d *drawing) drawEntry(mm, slot uint8, x, y int) {
	e := d.s.PTE[mm-1][slot]
	class := "slot" + map[spec.Kind]string{spec.Empty: " free", spec.Migration: " away", spec.Swapped: " away"}[e.Kind]
	if e != d.before.PTE[mm-1][slot] {
		class += " changed"
	}
	d.box(x, y, slotWidth-4, slotHeight, class)
	d.text(x+4, y+12, "dim small", fmt.Sprint(slot))
	mode := " ro"
	if e.Writable {
		mode = " rw"
	}
	switch e.Kind {
	case spec.Present:
		d.text(x+5, y+27, "", fmt.Sprintf("p%d%s", e.Page, mode))
	case spec.Migration:
		d.text(x+14, y+12, "dim small", "migr.")
		d.text(x+5, y+27, "", fmt.Sprintf("p%d%s", e.Page, mode))
	case spec.Swapped:
		d.text(x+14, y+12, "dim small", "swap")
		d.text(x+5, y+27, "", fmt.Sprintf("p%d", e.Page))
	}
}

// drawArea draws an area below its slots, and returns how far it reaches.
func (d *drawing) drawArea(v uint8, left, y int) int {
	a := &d.s.VMA[v-1]
	d.area[v] = y + 10
	class := classes(map[string]bool{"free": a.Life == spec.Detached, "changed": *a != d.before.VMA[v-1]}, "area")
	x := left + int(a.Start)*slotWidth
	d.text(mmLeft+6, y+14, "name", fmt.Sprintf("v%d", v))
	end := x + max(int(a.End)-int(a.Start), 0)*slotWidth - 4
	d.box(x, y, end-x, 20, class)
	x += 5
	say := func(class, text string) { // in the box, or where that has no room, behind it
		if x < end && x+widthOf(text) > end {
			x = end + 5
		}
		d.text(x, y+14, class, text)
		x += widthOf(text) + 7
	}
	if a.NChain > 0 {
		say("", clip(strings.ReplaceAll(ids("a", a.Chain[:a.NChain]), "→", "·"), 14))
	}
	if a.Pgoff != a.Start {
		say("", fmt.Sprintf("pgoff %d", a.Pgoff))
	}
	if a.Prot != 0 {
		say("dim", fmt.Sprintf("prot %d", a.Prot))
	}
	if a.Life == spec.Detached {
		say("dim", "detached")
	}
	if a.Locked {
		say("lock", "locked")
	}
	for t := uint8(1); int(t) <= d.m.Threads(); t++ {
		if th := &d.s.Thread[t-1]; th.PC != spec.Idle && (th.VMA == v || th.New == v) {
			if x < end {
				x = end + 5
			}
			x = d.chip(x, y+14, t, "→")
		}
	}
	return x
}

// notes are what has no place: pointers to what is gone, and the mutex of all walks.
func (d *drawing) notes() {
	say := func(class, text string) {
		d.text(pageLeft, d.height+line, class, text)
	}
	for t := uint8(1); int(t) <= d.m.Threads(); t++ {
		th, name := &d.s.Thread[t-1], d.m.ThreadName(t)
		if th.Mutex {
			say("lock", name+" holds the mutex of all walks")
		}
		switch {
		case th.PC == spec.Oopsed:
			say("bad", name+" has touched what is freed, and crashed")
		case th.Gone == spec.AreaGone:
			say("bad", name+" still points to an area that is freed")
		case th.Gone == spec.EntryGone:
			say("bad", name+" still points to a list entry that is freed")
		}
		if d.s.History[t-1].Stale && th.Anon != 0 {
			say("bad", fmt.Sprintf("%s still points to a%d, which was freed since", name, th.Anon))
		}
	}
}

// ids writes a list of names.
func ids(prefix string, list []uint8) string {
	if len(list) == 0 {
		return "empty"
	}
	words := make([]string, len(list))
	for i, id := range list {
		words[i] = fmt.Sprintf("%s%d", prefix, id)
	}
	return strings.Join(words, " ")
}

// clip shortens what has no room.
func clip(text string, most int) string {
	if len(text) <= most {
		return text
	}
	cut := strings.LastIndexByte(text[:most-1], ' ')
	return text[:cut] + " …"
}
