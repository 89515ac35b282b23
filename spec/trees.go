package spec

// The mm side of Linux 7.2, where an anon_vma has its areas in an interval tree: ordered by
// page offset, those that were inserted later behind those of the same. A clone and an
// unlink take the lock once, for all entries of a chain. Whose extent is stored to is out of
// its trees meanwhile. A fork may reuse an ancestor: Children and Active say which.
//
// Registers of a clone: Pos counts the chain of the source upwards while entries are made
// (LinkChain), and that of the new area downwards while they are inserted (LinkList). Root
// is the anon_vma that a fork has allocated beforehand. Of an unlink: Pos is the place in
// the chain of the entry in hand, behind those that were the last of their trees.

// holds reports whether the area has a page offset.
func (v *VMA) holds(index uint8) bool {
	return v.Pgoff <= index && int(index) < int(v.Pgoff)+int(v.End)-int(v.Start)
}

// forked reports whether the area's process, or one before it, was forked with it.
func (v *VMA) forked() bool { return v.Anon != 0 && v.NChain != 1 }

// insert puts v into the tree of a.
func (w *World) insert(a, v uint8) {
	o := w.anon(a)
	i := int(o.NList)
	for i > 0 && w.vma(o.List[i-1]).Pgoff > w.vma(v).Pgoff {
		i--
	}
	copy(o.List[i+1:], o.List[i:o.NList])
	o.List[i] = v
	o.NList++
}

// allocTree goes on after AllocAnon: a new object is its own root and parent. A root counts
// itself as a child. In a fork it is kept aside until the clone has found no ancestor.
func (m *Model) allocTree(s *State, th *Thread, a uint8) {
	o := s.anon(a)
	o.Parent, o.Children, o.Active = a, 0, 0
	if th.Op != Fork {
		o.Children = 1
		return
	}
	m.cloneFirst(s, th)
	th.Root = a
}

// clone starts anon_vma_clone: the entries are made first, without a lock. The new area
// has the source's anon_vma from the beginning, but in a fork.
func (m *Model) clone(s *State, th *Thread) {
	to, from := th.linked(s)
	src := s.vma(from)
	if th.Op != Fork {
		s.vma(to).Anon = src.Anon
	}
	th.Pos, th.Anon, th.PC = 1, src.Chain[0], LinkChain
}

// assign: the step LinkChain. Each entry goes to the head of the chain: a clone turns the
// order round.
func (m *Model) assign(s *State, th *Thread) {
	to, from := th.linked(s)
	v := s.vma(to)
	if th.prepares() && v.Anon != 0 { // the other thread came first
		th.PC = UnlockAnon
		return
	}
	v.pushChain(th.Anon)
	switch {
	case th.prepares(): // under the lock
		v.Anon = th.Anon
		s.anon(th.Anon).Active++
		th.PC = LinkList
	case th.Pos == 0: // the child's own
		v.Anon = th.Anon
		s.anon(th.Anon).Active = 1
		th.PC = LockAnon
	default:
		src := s.vma(from)
		if th.Pos < src.NChain {
			th.Anon = src.Chain[th.Pos]
			th.Pos++
			return
		}
		th.Anon, th.PC = src.Anon, LockAnon
	}
}

// lockedAnon goes on after LockAnon.
func (m *Model) lockedAnon(s *State, th *Thread) {
	to, _ := th.linked(s)
	v := s.vma(to)
	switch {
	case th.prepares():
		th.PC = LinkChain
	case th.New == 0: // an unlink
		th.Pos, th.Anon, th.PC = 1, v.Chain[0], UnlinkList
	case th.Pos == 0:
		th.PC = LinkList
	default:
		th.Anon, th.PC = v.Chain[th.Pos-1], LinkList
	}
}

// plant: the step LinkList: into the tree.
func (m *Model) plant(s *State, th *Thread) {
	to, from := th.linked(s)
	v, a := s.vma(to), s.anon(th.Anon)
	s.insert(th.Anon, to)
	switch {
	case th.prepares():
		th.PC = UnlockAnon
		return
	case th.Pos == 0:
		s.anon(a.Parent).Children++
		th.PC = UnlockAnon
		return
	case th.Op == Fork && v.Anon == 0 && m.rules.reuses(s, th.Anon, s.vma(from).Anon):
		v.Anon = th.Anon
		a.Active++
	}
	if th.Pos--; th.Pos > 0 {
		th.Anon = v.Chain[th.Pos-1]
		return
	}
	if th.Op != Fork {
		s.anon(v.Anon).Active++
	}
	th.Anon, th.PC = s.vma(from).Anon, UnlockAnon
}

// sectionOver goes on after UnlockAnon.
func (m *Model) sectionOver(s *State, t uint8, th *Thread) {
	switch {
	case th.prepares() && s.anon(th.Anon).NList == 0: // allocated, and not used
		th.PC = PutAnon
	case th.prepares():
		th.Anon = 0
		m.prepared(th)
	case th.New == 0:
		m.unlinkNext(s, t, th)
	case th.Op == Fork && th.Root != 0: // the clone is there; is the new one still wanted?
		th.Anon, th.Root, th.PC = th.Root, 0, PinRoot
		if s.vma(th.New).Anon != 0 {
			th.PC = PutAnon
		}
	case th.Op == Fork:
		m.childLinked(s, t, th)
	case th.copies(s): // mremap: the copy is no part of an adjustment
		s.vma(th.New).Life = Mapped
		m.resume(s, t, th)
	case s.vma(th.New).Life == Mapped: // two areas that merge are linked alike
		m.growNext(s, t, th)
	default:
		m.adjust(s, t, th)
	}
}

// childLinked: the child's area is complete; its entries follow.
func (m *Model) childLinked(s *State, t uint8, th *Thread) {
	th.Anon = 0
	s.vma(th.New).Life = Mapped
	m.copyNext(s, t, th, s.vma(th.VMA).Start)
}

// adopt: the step PinRoot: what a fork has allocated joins the family.
func (m *Model) adopt(s *State, th *Thread) {
	o, parent := s.anon(th.Anon), s.vma(th.VMA).Anon
	o.Root, o.Parent = s.anon(parent).Root, parent
	s.anon(o.Root).Refs++
	th.PC = LinkChain
}

// uproot: the step UnlinkList: out of the tree, and the chain entry is freed; but not that
// of a tree which is empty now: its anon_vma is put without the lock.
func (m *Model) uproot(s *State, th *Thread) {
	v, a := s.vma(th.VMA), s.anon(th.Anon)
	a.remove(th.VMA)
	m.loseEntry(s, th.VMA, th.Anon)
	if a.NList == 0 {
		s.anon(a.Parent).Children--
		th.Pos++
	} else {
		v.dropChain(th.Pos - 1)
	}
	if th.Pos <= v.NChain {
		th.Anon = v.Chain[th.Pos-1]
		return
	}
	th.Anon, th.Pos, th.PC = v.Anon, 0, UnlockAnon
	s.anon(v.Anon).Active--
	v.Anon = 0
}

// dropChain takes entry i out of the chain.
func (v *VMA) dropChain(i uint8) {
	copy(v.Chain[i:], v.Chain[i+1:v.NChain])
	v.NChain--
	v.Chain[v.NChain] = 0
}

// unlinkTrees goes on with what an area is still linked to, if it is.
func (m *Model) unlinkTrees(v *VMA, th *Thread) (more bool) {
	switch {
	case v.Anon != 0: // its anon_vma tells the lock
		th.Anon, th.PC = v.Anon, LockAnon
	case v.NChain > 0: // the second pass
		th.Anon, th.PC = v.Chain[0], PutAnon
	}
	return v.Anon != 0 || v.NChain > 0
}

// thrownAway undoes a clone that ran out of memory: nothing of it is in a tree. false: the
// thread has still to put what a fork had allocated.
func (m *Model) thrownAway(s *State, th *Thread) (over bool) {
	to, _ := th.linked(s)
	v := s.vma(to)
	v.Anon, v.NChain = 0, 0
	clear(v.Chain[:])
	if th.Op != Fork || th.Root == 0 {
		return true
	}
	th.Error, th.Need, th.Births = true, 0, 0
	th.VMA, th.New, th.Pos = th.New, 0, 0
	th.Anon, th.Root, th.PC = th.Root, 0, PutAnon
	return false
}

// moved are the areas that the next step takes out of their trees or puts back: the one
// that is adjusted, and its neighbour if that is stored to, too.
func (m *Model) moved(s *State, th *Thread) (areas [2]uint8) {
	for i, v := range [...]uint8{th.VMA, th.New} {
		if v == 0 || s.vma(v).Anon == 0 {
			continue
		}
		a, planted := s.vma(v), s.anon(s.vma(v).Anon).position(v) >= 0
		if th.PC == PutBack && !planted || th.PC == TakeOut && planted && (i == 0 || a.Life == Mapped && a.End > th.passEnd(s)) {
			areas[i] = v
		}
	}
	return areas
}

// takeOut: the areas leave all their trees: nobody finds them by what is being stored.
func (m *Model) takeOut(s *State, t uint8, th *Thread) {
	for _, v := range m.moved(s, th) {
		if v != 0 {
			for _, a := range s.vma(v).chain() {
				s.anon(a).remove(v)
			}
		}
	}
	m.storeNext(s, t, th)
}

// putBack: they are in their trees again.
func (m *Model) putBack(s *State, th *Thread) {
	for _, v := range m.moved(s, th) {
		if v != 0 {
			for _, a := range s.vma(v).chain() {
				s.insert(a, v)
			}
		}
	}
	th.PC = UnlockAdjust
}

// movesLocked reports whether mremap holds the family's lock while entries move: where the
// target was merged and does not come behind the source in the trees (need_rmap_locks).
func (m *Model) movesLocked(s *State, t uint8, th *Thread) bool {
	w := &s.World
	from, to := w.vma(m.at(w, t, th.Low)), w.vma(m.at(w, t, th.To))
	merged := to.Start != th.To || to.End != th.To+th.High-th.Low
	return from.Anon != 0 && merged && to.Pgoff <= from.Pgoff
}

// alike reports whether area v may have the pages that src has or, if that is 0, new ones
// (is_mergeable_anon_vma).
func (m *Model) alike(w *World, v, src uint8) bool {
	tgt, anon, forked := w.vma(v), uint8(0), false
	if src != 0 {
		anon, forked = w.vma(src).Anon, w.vma(src).forked()
	}
	if !m.trees {
		return tgt.Anon == 0 || anon == 0 || tgt.Anon == anon
	}
	switch {
	case tgt.Anon == 0 && anon != 0:
		return !forked
	case tgt.Anon != 0 && anon == 0:
		return !tgt.forked()
	}
	return tgt.Anon == anon
}

// sameChain reports whether two areas are linked to the same. Where a clone turns the order
// round, the order does not count.
func (m *Model) sameChain(a, b *VMA) bool {
	if !m.trees || a.NChain != b.NChain {
		return a.NChain == b.NChain && a.Chain == b.Chain
	}
	for _, o := range a.chain() {
		if !contains(b.chain(), o) {
			return false
		}
	}
	return true
}

// copied is the area that mremap copies, if the area that is to have its pages must first
// be linked like it: merged into one without an anon_vma, they would be lost (dup_anon_vma).
func (m *Model) copied(s *State, t uint8, th *Thread) uint8 {
	if !m.trees || !th.remaps() || s.vma(th.VMA).Anon != 0 {
		return 0
	}
	if v := m.at(&s.World, t, th.Low); s.vma(v).Anon != 0 {
		return v
	}
	return 0
}

// parentCounted is the object whose count of children the next step changes beside the tree; 0: none.
func (m *Model) parentCounted(s *State, th *Thread) uint8 {
	o := s.anon(th.Anon)
	if m.trees && (th.PC == UnlinkList && o.NList == 1 || th.PC == LinkList && !th.prepares() && th.Pos == 0) {
		return o.Parent
	}
	return 0
}
