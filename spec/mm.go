package spec

// The steps of the mm side: fault, fork, split, unmap and exit (KERNEL.md
// 1.3-1.6, 1.10). Each is one shared access; where the thread goes next is its
// own business.

// beginFault starts do_anonymous_page (empty entry) or do_wp_page (read-only).
func (m *Model) beginFault(s *State, th *Thread, v, slot uint8) {
	area := s.vma(v)
	th.VMA, th.Slot = v, slot
	if e := s.pte(area.MM, slot); e.Kind == Present {
		th.Phase, th.Page, th.PC = Cow, e.Page, LockPage
		return
	}
	th.Phase = New
	if area.Anon != 0 {
		th.PC = MapPage
		return
	}
	// anon_vma_prepare
	if th.Anon = m.reusable(&s.World, v); th.Anon != 0 {
		th.PC = LockAnon
		return
	}
	th.Need, th.PC = 1, AllocAnon
}

// allocAnon: free -> live. The lock is not touched: a late walker may hold it.
// The root is what tells the family: in prepare the object itself, in fork the
// parent's (anon_vma_fork).
func (m *Model) allocAnon(s *State, th *Thread, a uint8) {
	o := s.anon(a)
	o.Live, o.Root = true, a
	th.Anon = a
	th.Need--
	th.PC = LockAnon
	if th.Op == Fork {
		o.Root = s.anon(s.vma(th.VMA).Anon).Root
		s.vma(th.New).Anon = a
		th.PC = LinkChain
	}
}

// linked is the area that the operation is linking or unlinking.
func (th *Thread) linked() uint8 {
	if th.New != 0 {
		return th.New
	}
	return th.VMA
}

// lockAnon: free -> held, the lock that the protocol prescribes.
func (m *Model) lockAnon(s *State, t uint8, th *Thread) {
	th.Held = m.lockTarget(s, th)
	s.anon(th.Held).Lock = t
	switch {
	case th.Op == Fault:
		th.PC = LinkChain // prepare fills the chain under the lock
	case th.Op == Unmap || th.Op == Exit:
		th.PC = UnlinkList
	default:
		th.PC = LinkList
	}
}

// linkChain: same_vma, always at the head. A clone does this before it takes
// the lock, and root first: so whoever finds the area through a list finds the
// root at the tail of its chain (KERNEL.md 1.4).
func (m *Model) linkChain(s *State, th *Thread) {
	s.vma(th.linked()).pushChain(th.Anon)
	th.PC = LockAnon
	if th.Op == Fault {
		s.vma(th.VMA).Anon = th.Anon
		th.PC = LinkList
	}
}

// linkList: same_anon_vma. 2.6.34: prepare at the head, chain_link at the tail.
func (m *Model) linkList(s *State, th *Thread) {
	if th.Op == Fault {
		s.anon(th.Anon).prepend(th.VMA)
	} else {
		s.anon(th.Anon).append(th.New)
	}
	th.PC = UnlockAnon
}

// unlockAnon: held -> free; the end of one link or unlink.
func (m *Model) unlockAnon(s *State, t uint8, th *Thread) {
	m.unlock(s, th)
	switch th.Op {
	case Fault:
		th.Anon, th.PC = 0, MapPage
	case Unmap, Exit:
		th.PC = UnlinkChain
		if th.Empty {
			th.PC = FreeAnon
		}
	default:
		m.cloneNext(s, t, th)
	}
}

// cloneFirst starts anon_vma_clone(new, vma) at the tail of the source chain,
// so that the copy has the same order.
func (m *Model) cloneFirst(s *State, th *Thread) {
	src := s.vma(th.VMA)
	th.Pos = src.NChain
	th.Anon, th.PC = src.Chain[th.Pos-1], LinkChain
}

// cloneNext goes on with the next newer entry, or with what follows the clone.
func (m *Model) cloneNext(s *State, t uint8, th *Thread) {
	switch {
	case th.Pos > 1:
		th.Pos--
		th.Anon, th.PC = s.vma(th.VMA).Chain[th.Pos-1], LinkChain
	case th.Op != Fork:
		th.Pos = 0
		m.adjust(s, th)
	case th.Pos == 1:
		th.Pos, th.PC = 0, AllocAnon
	default: // the child's own anon_vma is linked
		th.Anon = 0
		s.vma(th.New).Life = Mapped
		m.copyNext(s, t, th, s.vma(th.VMA).Start)
	}
}

// mapPage: page_add_new_anon_rmap and set_pte_at, under the pte lock. The page
// was not visible before, so its mapping and index are no steps of their own. If
// the entry changed since the fault looked (pte_same), the fault is retried by
// the process: nothing happens here.
func (m *Model) mapPage(s *State, t uint8, th *Thread) {
	e, v, old := s.pte(t, th.Slot), s.vma(th.VMA), th.Page
	asSeen := e.Kind == Empty
	if th.Phase == Cow {
		asSeen = e.maps(old) && !e.Writable
	}
	if p := m.freePage(s); asSeen && p != 0 {
		page := s.page(p)
		page.Mapping, page.Stale, page.Index = v.Anon, false, v.slotIndex(th.Slot)
		*e = PTE{Kind: Present, Page: p, Writable: true}
		m.remember(s)
	}
	th.end()
}

// checkOwn: is ours the only entry that maps the page (reuse_swap_page)?
func (m *Model) checkOwn(s *State, t uint8, th *Thread) {
	th.PC = UnlockPage
	if s.pte(t, th.Slot).maps(th.Page) && m.mapCount(&s.World, th.Page) == 1 {
		th.PC = MovePage
	}
}

// movePage: the mapping moves down the tree, to a descendant of what it was.
func (m *Model) movePage(s *State, th *Thread) {
	p := s.page(th.Page)
	p.Mapping, p.Stale = s.vma(th.VMA).Anon, false
	th.PC = AllowWrite
}

// unlockFaultPage: held -> free. The page was reused, or has gone, or is copied.
func (m *Model) unlockFaultPage(s *State, t uint8, th *Thread) {
	s.page(th.Page).Lock = 0
	if e := s.pte(t, th.Slot); e.maps(th.Page) && !e.Writable {
		th.PC = MapPage
		return
	}
	th.end()
}

// copyVMA: unborn -> detached: the child's copy of an area, or the new part of a
// split. vm_mm is set at once, as from 2.6.36-rc6 (a247c3a97a02).
func (m *Model) copyVMA(s *State, t uint8, th *Thread) {
	th.New = m.newborn(&s.World)
	th.Births--
	v, n := s.vma(th.VMA), s.vma(th.New)
	*n = VMA{Life: Detached, MM: t, Start: v.Start, End: v.End, Pgoff: v.Pgoff}
	switch th.Op {
	case Fork:
		n.MM = th.Child
	case SplitBelow:
		n.Anon, n.End = v.Anon, th.Slot
	case SplitAbove:
		n.Anon, n.Start, n.Pgoff = v.Anon, th.Slot, v.slotIndex(th.Slot)
	}
	switch {
	case v.Anon != 0:
		m.cloneFirst(s, th)
	case th.Op == Fork: // nothing to link and nothing to copy
		n.Life = Mapped
		m.forkNext(s, t, th)
	default:
		m.adjust(s, th)
	}
}

// copyNext finds the next entry of the parent's area to copy, from slot on.
func (m *Model) copyNext(s *State, t uint8, th *Thread, slot uint8) {
	for v := s.vma(th.VMA); slot < v.End; slot++ {
		if s.pte(t, slot).Kind != Empty {
			th.Slot, th.PC = slot, CopyEntry
			return
		}
	}
	m.forkNext(s, t, th)
}

// copyEntry: copy_one_pte: read-only in the parent and in the child.
func (m *Model) copyEntry(s *State, t uint8, th *Thread) {
	e := s.pte(t, th.Slot)
	e.Writable = false
	*s.pte(th.Child, th.Slot) = *e
	m.copyNext(s, t, th, th.Slot+1)
}

// forkNext goes on with the parent's next area.
func (m *Model) forkNext(s *State, t uint8, th *Thread) {
	th.New, th.Slot = 0, 0
	th.VMA = m.area(&s.World, t, Mapped, s.vma(th.VMA).Start+1)
	th.PC = CopyVMA
	if th.VMA == 0 {
		th.end()
	}
}

// zapNext: entries first, then the areas by address. The dying areas are the
// detached ones of the mm.
func (m *Model) zapNext(s *State, t uint8) {
	th := s.thread(t)
	if v, _ := m.doomedEntry(s, t); v != 0 {
		th.VMA, th.PC = v, ZapEntry
		return
	}
	th.VMA = m.area(&s.World, t, Detached, 0)
	m.unlinkNext(s, t, th)
}

// doomedEntry is the lowest entry in a dying area of mm that is not empty.
func (m *Model) doomedEntry(s *State, mm uint8) (v, slot uint8) {
	for v := m.area(&s.World, mm, Detached, 0); v != 0; v = m.area(&s.World, mm, Detached, s.vma(v).Start+1) {
		for slot := s.vma(v).Start; slot < s.vma(v).End; slot++ {
			if s.pte(mm, slot).Kind != Empty {
				return v, slot
			}
		}
	}
	return 0, 0
}

// zapEntry: entry -> empty, under the pte lock.
func (m *Model) zapEntry(s *State, t uint8) {
	_, slot := m.doomedEntry(s, t)
	*s.pte(t, slot) = PTE{}
	m.remember(s)
	m.zapNext(s, t)
}

// unlinkNext goes on with the newest entry of the chain, or frees the area.
func (m *Model) unlinkNext(s *State, t uint8, th *Thread) {
	v := s.vma(th.VMA)
	if v.NChain == 0 {
		th.Anon, th.PC = 0, FreeVMA
		return
	}
	th.Anon, th.PC = v.Chain[0], LockAnon
}

// unlinkList: off the list; whether the object is now free is decided here,
// under the lock.
func (m *Model) unlinkList(s *State, th *Thread) {
	a := s.anon(th.Anon)
	a.remove(th.VMA)
	th.Empty = a.NList == 0 && a.Refs == 0
	th.PC = UnlockAnon
}

// freeAnon: live -> free. From here on anybody may be handed the object, while
// late walkers and page.mapping still point to it.
func (m *Model) freeAnon(s *State, t uint8, th *Thread) {
	a := th.Anon
	s.anon(a).Live = false
	for p := range m.Pages {
		if s.Page[p].Mapping == a {
			s.Page[p].Stale = true
		}
	}
	for w := uint8(m.MMs + 1); w <= m.threads; w++ {
		if o := s.thread(w); w != t && o.Op != Idle && o.Anon == a {
			o.Stale = true
		}
	}
	th.Empty = false
	if m.IsWalker(t) {
		m.putDone(th)
		return
	}
	th.PC = UnlinkChain
}

// unlinkChain: the chain entry is freed.
func (m *Model) unlinkChain(s *State, t uint8, th *Thread) {
	s.vma(th.VMA).popChain()
	m.unlinkNext(s, t, th)
}

// freeVMA: detached -> freed, and on with the next dying area.
func (m *Model) freeVMA(s *State, t uint8, th *Thread) {
	*s.vma(th.VMA) = VMA{Life: Freed}
	if th.VMA = m.area(&s.World, t, Detached, 0); th.VMA == 0 {
		th.end()
		return
	}
	m.unlinkNext(s, t, th)
}

// adjust is vma_adjust: from here the extent of the area changes.
func (m *Model) adjust(s *State, th *Thread) {
	th.Anon = 0
	if v := s.vma(th.VMA); v.Anon != 0 && m.rules.locksAdjust() {
		th.Anon, th.PC = v.Anon, LockAdjust
		return
	}
	th.PC = firstStore(th.Op)
}

func firstStore(op Step) Step {
	if op == SplitBelow {
		return StoreStart
	}
	return StoreEnd
}

func (m *Model) lockAdjust(s *State, t uint8, th *Thread) {
	th.Held = m.lockTarget(s, th)
	s.anon(th.Held).Lock = t
	th.PC = firstStore(th.Op)
}

func (m *Model) storeStart(s *State, th *Thread) {
	s.vma(th.VMA).Start = th.Slot
	th.PC = StorePgoff
}

func (m *Model) storePgoff(s *State, th *Thread) {
	n := s.vma(th.New)
	s.vma(th.VMA).Pgoff = n.slotIndex(th.Slot)
	m.adjusted(s, th)
}

func (m *Model) storeEnd(s *State, th *Thread) {
	s.vma(th.VMA).End = th.Slot
	m.adjusted(s, th)
}

// adjusted: the new area joins its mm (private), and the lock, if any, is left.
func (m *Model) adjusted(s *State, th *Thread) {
	s.vma(th.New).Life = Mapped
	if th.Held != 0 {
		th.PC = UnlockAdjust
		return
	}
	th.end()
}
