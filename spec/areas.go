package spec

// The names of areas under symmetry: see canon.

// areas sorts the areas of s by what tells them apart, and renames them in that order.
func (c *canon) areas(s *State) {
	m := c.m
	var keys [MaxVMAs]uint64
	var order [MaxVMAs]uint8 // old names
	sorted := true
	for i := range m.VMAs {
		keys[i] = m.areaKey(s, uint8(i+1))
		at := i
		for ; at > 0 && keys[order[at-1]-1] > keys[i]; at-- {
			order[at] = order[at-1]
			sorted = false
		}
		order[at] = uint8(i + 1)
	}
	if sorted {
		return
	}
	var name [256]uint8 // new name by old; 0 and what is no area keep theirs
	for i := range name {
		name[i] = uint8(i)
	}
	c.vma = s.VMA
	for i, old := range order[:m.VMAs] {
		name[old] = uint8(i + 1)
		s.VMA[i] = c.vma[old-1]
	}
	for a := range m.Objects {
		o := &s.Anon[a]
		for i := range o.list() {
			o.List[i] = name[o.List[i]]
		}
	}
	for t := range m.threads {
		th := &s.Thread[t]
		th.VMA, th.New, th.Area = name[th.VMA], name[th.New], name[th.Area]
	}
}

// areaKey orders areas: names that are free come last. No two areas have one key, but for
// free names that nobody points to, which are alike.
func (m *Model) areaKey(s *State, v uint8) uint64 {
	a := s.vma(v)
	key := uint64(0)
	if a.Life == Unborn {
		key = 1
	}
	for _, part := range [...]struct{ value, bits uint8 }{{a.MM, 3}, {a.Start, 5}, {a.End, 5}, {a.Pgoff, 4}, {uint8(a.Life), 2}, {a.Prot, 2}, {a.NChain, 6}} {
		key = key<<part.bits | uint64(part.value)
	}
	for t := range m.threads {
		th := &s.Thread[t]
		key <<= 2
		if th.VMA == v {
			key |= 1
		}
		if th.New == v {
			key |= 2
		}
	}
	return key
}
