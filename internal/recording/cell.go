package recording

// What the threads share, as a flat list of small comparable values: so the code's
// snapshot, the model's state and a trace's text can be compared.

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/rootlock/rootlock/impl"
	"github.com/rootlock/rootlock/spec"
)

// A Cell is one object of the shared state and its value:
//
//	v2      VMA        life,mm,start,end,pgoff,anon,chain
//	a1      anon_vma   live,root,refs,lock,list
//	t1      its kin    readers,parent,children,active      where areas are in trees
//	p1      page       mapping,index,lock
//	e1.0    entry      kind,page,writable           of slot 0 of mm1
//	walks   the thread inside the mutex of all walks
//
// Lists are at the end of a value; what a value does not use is zero.
type Cell struct {
	Kind     byte // v, a, t, p, e, w
	ID, Slot uint8
	Len      uint8 // how many values
	Value    [maxValues]uint8
}

const (
	maxValues = 24
	vmaFields = 6 // before the chain
	anonField = 4 // before the list
	maxList   = maxValues - vmaFields
)

var (
	lifeWords = []string{"Unborn", "Detached", "Mapped"}
	kindWords = []string{"Empty", "Present", "Migration"}
	flagWords = []string{"false", "true"}
)

func flag(b bool) uint8 {
	if b {
		return 1
	}
	return 0
}

func cell(kind byte, id, slot int, values ...uint8) Cell {
	c := Cell{Kind: kind, ID: uint8(id), Slot: uint8(slot), Len: uint8(len(values))}
	copy(c.Value[:], values)
	return c
}

// fits reports whether every list of a model has its place in a Cell.
func fits(m *spec.Model) bool { return max(m.VMAs, m.Objects) <= maxList }

// modelCells are the cells of a state of the law.
func modelCells(m *spec.Model, s *spec.State, to []Cell) []Cell {
	to = to[:0]
	for i := range m.VMAs {
		v := &s.VMA[i]
		c := cell('v', i+1, 0, uint8(v.Life), v.MM, v.Start, v.End, v.Pgoff, v.Anon)
		c.Len += uint8(copy(c.Value[vmaFields:], v.Chain[:v.NChain]))
		to = append(to, c)
	}
	for i := range m.Objects {
		a := &s.Anon[i]
		c := cell('a', i+1, 0, flag(a.Live), a.Root, a.Refs, a.Lock)
		c.Len += uint8(copy(c.Value[anonField:], a.List[:a.NList]))
		to = append(to, c)
		if m.Protocol.Trees() {
			to = append(to, cell('t', i+1, 0, a.Readers, a.Parent, a.Children, a.Active))
		}
	}
	for i := range m.Pages {
		p := &s.Page[i]
		to = append(to, cell('p', i+1, 0, p.Mapping, p.Index, p.Lock))
	}
	for mm := range m.MMs {
		for slot := range m.Slots {
			e := &s.PTE[mm][slot]
			to = append(to, cell('e', mm+1, slot, uint8(e.Kind), e.Page, flag(e.Writable)))
		}
	}
	return append(to, cell('w', 0, 0, m.Inside(s)))
}

// codeCells are the cells of a snapshot of the implementation that differ from one
// taken before; from nil, all.
func codeCells(before, snap *impl.Snapshot) (list []Cell) {
	for i := range snap.VMAs {
		v := &snap.VMAs[i]
		if before != nil && sameVMA(v, &before.VMAs[i]) {
			continue
		}
		c := cell('v', v.ID, 0, uint8(v.Life), uint8(v.MM), uint8(v.Start), uint8(v.End), uint8(v.Pgoff), uint8(v.Anon))
		c.list(vmaFields, v.Chain)
		list = append(list, c)
	}
	for i := range snap.Anons {
		a := &snap.Anons[i]
		if before == nil || !sameAnon(a, &before.Anons[i]) {
			c := cell('a', a.ID, 0, flag(a.Live), uint8(a.Root), uint8(a.Refs), uint8(a.Lock))
			c.list(anonField, a.List)
			list = append(list, c)
		}
		if snap.Trees && (before == nil || !sameKin(a, &before.Anons[i])) {
			walkers := a.Readers >> (len(snap.PTEs) + 1) // threads count from 1, those of address spaces first
			list = append(list, cell('t', a.ID, 0, uint8(walkers), uint8(a.Parent), uint8(a.Children), uint8(a.Active)))
		}
	}
	for i, p := range snap.Pages {
		if before == nil || p != before.Pages[i] {
			list = append(list, cell('p', p.ID, 0, uint8(p.Mapping), uint8(p.Index), uint8(p.Lock)))
		}
	}
	for mm, row := range snap.PTEs {
		for slot, e := range row {
			if before == nil || e != before.PTEs[mm][slot] {
				list = append(list, cell('e', mm+1, slot, uint8(e.Kind), uint8(e.Page), flag(e.Writable)))
			}
		}
	}
	if before == nil || snap.Walks != before.Walks {
		list = append(list, cell('w', 0, 0, uint8(snap.Walks)))
	}
	return list
}

func sameVMA(a, b *impl.VMAState) bool {
	return a.Life == b.Life && a.MM == b.MM && a.Start == b.Start && a.End == b.End && a.Pgoff == b.Pgoff && a.Anon == b.Anon && slices.Equal(a.Chain, b.Chain)
}

func sameAnon(a, b *impl.AnonState) bool {
	return a.Live == b.Live && a.Root == b.Root && a.Refs == b.Refs && a.Lock == b.Lock && slices.Equal(a.List, b.List)
}

func sameKin(a, b *impl.AnonState) bool {
	return a.Readers == b.Readers && a.Parent == b.Parent && a.Children == b.Children && a.Active == b.Active
}

// list sets the list behind the first n values. A list that is too long is one
// that no law has: it is cut, and its length tells.
func (c *Cell) list(n int, ids []int) {
	for i := range min(len(ids), maxValues-n) {
		c.Value[n+i] = uint8(ids[i])
	}
	c.Len = uint8(n + len(ids))
}

// Name says which object a cell is: v2, e1.0.
func (c *Cell) Name() string {
	switch c.Kind {
	case 'w':
		return "walks"
	case 'e':
		return fmt.Sprintf("e%d.%d", c.ID, c.Slot)
	}
	return fmt.Sprintf("%c%d", c.Kind, c.ID)
}

// Text is the value of a cell, as it stands in a trace.
func (c *Cell) Text() string {
	words := c.words()
	var b strings.Builder
	scalars := len(words)
	if c.Kind == 'v' {
		scalars = vmaFields
	} else if c.Kind == 'a' {
		scalars = anonField
	}
	for i, w := range words {
		if i > 0 {
			b.WriteByte(map[bool]byte{true: ',', false: '.'}[i <= scalars])
		}
		b.WriteString(w)
	}
	if c.Kind == 'v' && scalars == len(words) || c.Kind == 'a' && scalars == len(words) {
		b.WriteString(",-")
	}
	return b.String()
}

func (c *Cell) words() []string {
	words := make([]string, min(int(c.Len), maxValues))
	for i := range words {
		words[i] = strconv.Itoa(int(c.Value[i]))
		if named := c.wordsOf(i); named != nil && int(c.Value[i]) < len(named) {
			words[i] = named[c.Value[i]]
		}
	}
	return words
}

// wordsOf are the words for value i of a cell; nil: it is a number.
func (c *Cell) wordsOf(i int) []string {
	switch {
	case c.Kind == 'v' && i == 0:
		return lifeWords
	case c.Kind == 'e' && i == 0:
		return kindWords
	case c.Kind == 'a' && i == 0, c.Kind == 'e' && i == 2:
		return flagWords
	}
	return nil
}

// parseCell reads name=value. It must be an object of m's.
func parseCell(m *spec.Model, text string) (c Cell, problem string) {
	name, value, ok := strings.Cut(text, "=")
	if !ok || name == "" {
		return c, "want object=value"
	}
	if c.Kind = name[0]; name == "walks" {
		name = "w0"
	}
	id, slot, _ := strings.Cut(name[1:], ".")
	numbers := []string{id}
	if c.Kind == 'e' {
		numbers = append(numbers, slot)
	} else if slot != "" {
		return c, "unknown object"
	}
	for i, n := range numbers {
		u, err := strconv.ParseUint(n, 10, 8)
		if err != nil {
			return c, "unknown object"
		}
		*[]*uint8{&c.ID, &c.Slot}[i] = uint8(u)
	}
	fields := map[byte]int{'v': vmaFields, 'a': anonField, 't': 4, 'p': 3, 'e': 3, 'w': 1}[c.Kind]
	limit := map[byte]int{'v': m.VMAs, 'a': m.Objects, 't': m.Objects, 'p': m.Pages, 'e': m.MMs, 'w': 0}[c.Kind]
	if fields == 0 || int(c.ID) > limit || c.ID == 0 && c.Kind != 'w' || c.Kind == 'e' && int(c.Slot) >= m.Slots {
		return c, "these bounds have no such object"
	}
	words := strings.Split(value, ",")
	if c.Kind == 'v' || c.Kind == 'a' {
		if len(words) != fields+1 {
			return c, fmt.Sprintf("want %d values and a list", fields)
		}
		if list := words[fields]; list == "-" {
			words = words[:fields]
		} else {
			words = append(words[:fields], strings.Split(list, ".")...)
		}
	} else if len(words) != fields {
		return c, fmt.Sprintf("want %d values", fields)
	}
	if len(words) > maxValues {
		return c, "the list is too long"
	}
	c.Len = uint8(len(words))
	for i, w := range words {
		if named := c.wordsOf(i); named != nil {
			k := slices.Index(named, w)
			if k < 0 {
				return c, fmt.Sprintf("value %d is %q; want one of %s", i+1, w, strings.Join(named, ", "))
			}
			c.Value[i] = uint8(k)
			continue
		}
		u, err := strconv.ParseUint(w, 10, 8)
		if err != nil {
			return c, fmt.Sprintf("value %d is %q; want a number up to 255", i+1, w)
		}
		c.Value[i] = uint8(u)
	}
	return c, ""
}

// same reports whether two cells are the same object.
func (c *Cell) same(o *Cell) bool { return c.Kind == o.Kind && c.ID == o.ID && c.Slot == o.Slot }
