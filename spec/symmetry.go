package spec

import (
	"cmp"
	"slices"
)

// A canon gives states that differ only in the names of areas and objects one name. No
// object is fixed: the law never compares or orders them, and that the initial
// state calls its object a1 does not matter, as renaming it gives an initial
// state from which the same can happen, renamed. A new area gets the lowest name that is
// free, and the law does not ask more of names. Pages are handed out in order, so those are
// not interchangeable.
//
// Trying all permutations costs a factorial. The areas are sorted by what tells them apart
// without a name: process, extent, who points to them (areas.go). Then the objects are renamed in
// the order in which a fixed tour of the state comes by them; areas and threads
// are where they are by now, so that the tour is the same for all namings. What it
// never comes by is told apart by its contents, and permuted only where a root
// that was not visited either leaves that open.
type canon struct {
	m     *Model
	name  [256]uint8 // new name by old; 0: none yet
	named uint8
	anon  [MaxObjects]AnonVMA
	vma   [MaxVMAs]VMA
}

// meet names an object, and with it its parent and its root.
func (c *canon) meet(s *State, a uint8) {
	for a != 0 && int(a) <= c.m.Objects && c.name[a] == 0 {
		c.named++
		c.name[a] = c.named
		c.meet(s, s.anon(a).Parent)
		a = s.anon(a).Root
	}
}

// state renames the areas and objects of s.
func (c *canon) state(s *State) {
	m := c.m
	c.areas(s)
	c.name, c.named = [256]uint8{}, 0
	for v := range m.VMAs {
		a := &s.VMA[v]
		c.meet(s, a.Anon)
		for _, o := range a.Chain[:m.Objects] {
			c.meet(s, o)
		}
	}
	for p := range m.Pages {
		c.meet(s, s.Page[p].Mapping)
	}
	for t := range m.threads {
		th := &s.Thread[t]
		c.meet(s, th.Anon)
		c.meet(s, th.Root)
		c.meet(s, th.Held)
		c.meet(s, th.Also)
		c.meet(s, th.Pin)
	}
	switch rest := m.Objects - int(c.named); {
	case rest == 1:
		for a := uint8(1); int(a) <= m.Objects; a++ {
			c.meet(s, a)
		}
	case rest > 1:
		c.nameRest(s)
	}
	if c.same() {
		return
	}
	c.rename(s)
}

func (c *canon) same() bool {
	for a := uint8(1); int(a) <= c.m.Objects; a++ {
		if c.name[a] != a {
			return false
		}
	}
	return true
}

func (c *canon) rename(s *State) {
	m := c.m
	for v := range m.VMAs {
		a := &s.VMA[v]
		a.Anon = c.renamed(a.Anon)
		for i := range a.Chain[:m.Objects] {
			a.Chain[i] = c.renamed(a.Chain[i])
		}
	}
	c.anon = s.Anon
	for a := range m.Objects {
		o := &c.anon[a]
		o.Root, o.Parent = c.renamed(o.Root), c.renamed(o.Parent)
		s.Anon[c.name[a+1]-1] = *o
	}
	for p := range m.Pages {
		s.Page[p].Mapping = c.renamed(s.Page[p].Mapping)
	}
	for t := range m.threads {
		th := &s.Thread[t]
		th.Anon, th.Root, th.Held, th.Also, th.Pin = c.renamed(th.Anon), c.renamed(th.Root), c.renamed(th.Held), c.renamed(th.Also), c.renamed(th.Pin)
	}
}

// renamed leaves alone what is no object: a state may violate TypeOK.
func (c *canon) renamed(a uint8) uint8 {
	if n := c.name[a]; n != 0 {
		return n
	}
	return a
}

// nameRest names the objects that nothing refers to but others of their kind, by
// their roots: free ones, mostly. Sorted by contents, equals are equal, unless
// one of them has another as its root: then all orders are tried.
func (c *canon) nameRest(s *State) {
	var buf [MaxObjects]uint8
	rest, open := buf[:0], false
	for a := uint8(1); int(a) <= c.m.Objects; a++ {
		if c.name[a] == 0 {
			rest = append(rest, a)
			for _, of := range [...]uint8{s.anon(a).Root, s.anon(a).Parent} {
				open = open || of != 0 && of != a && int(of) <= c.m.Objects && c.name[of] == 0
			}
		}
	}
	slices.SortFunc(rest, func(a, b uint8) int { return c.compare(s, a, b) })
	c.give(rest)
	if !open {
		return
	}
	var best [MaxObjects]uint8
	var least [MaxObjects]AnonVMA
	first := true
	permute(rest, len(rest), func() {
		c.give(rest)
		var key [MaxObjects]AnonVMA
		for i, a := range rest {
			key[i] = *s.anon(a)
			key[i].Root, key[i].Parent = c.renamed(key[i].Root), c.renamed(key[i].Parent)
		}
		if first || compareAnons(key[:len(rest)], least[:len(rest)]) < 0 {
			first, least = false, key
			copy(best[:], rest)
		}
	})
	c.give(best[:len(rest)])
}

// give names the rest in the order of a list.
func (c *canon) give(list []uint8) {
	for i, a := range list {
		c.name[a] = c.named + uint8(i) + 1
	}
}

// compare orders two objects that have no name yet by what they contain. That an
// object is its own root is the same for all names.
func (c *canon) compare(s *State, a, b uint8) int {
	one, two := *s.anon(a), *s.anon(b)
	one.Root, two.Root = c.rootKey(one.Root, a), c.rootKey(two.Root, b)
	one.Parent, two.Parent = c.rootKey(one.Parent, a), c.rootKey(two.Parent, b)
	return compareAnon(&one, &two)
}

func (c *canon) rootKey(root, self uint8) uint8 {
	if root == self {
		return MaxObjects + 1
	}
	return c.renamed(root)
}

func compareAnons(a, b []AnonVMA) int {
	for i := range a {
		if d := compareAnon(&a[i], &b[i]); d != 0 {
			return d
		}
	}
	return 0
}

func compareAnon(a, b *AnonVMA) int {
	live := 0
	if a.Live != b.Live {
		live = 1
		if b.Live {
			live = -1
		}
	}
	if d := cmp.Or(live, cmp.Compare(a.Root, b.Root), cmp.Compare(a.Refs, b.Refs), cmp.Compare(a.Lock, b.Lock),
		cmp.Compare(a.Readers, b.Readers), cmp.Compare(a.Parent, b.Parent), cmp.Compare(a.Children, b.Children), cmp.Compare(a.Active, b.Active)); d != 0 {
		return d
	}
	return slices.Compare(a.list(), b.list())
}

// permute calls f with every order of the first n of list.
func permute(list []uint8, n int, f func()) {
	if n <= 1 {
		f()
		return
	}
	for i := range n {
		permute(list, n-1, f)
		j := 0
		if n%2 == 0 {
			j = i
		}
		list[j], list[n-1] = list[n-1], list[j]
	}
}
