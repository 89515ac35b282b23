package spec

// The steps of the mm side: fault, fork, unmap and exit (docs/kernel.md 1.3-1.6).
// Each is one shared access; where the thread goes next is its own business.
// Splits, merges and boundary moves: adjust.go.

// beginFault starts do_anonymous_page (empty entry) or do_wp_page (read-only).
func (m *Model) beginFault(s *State, t uint8, th *Thread, v, slot uint8) {
	area := s.vma(v)
	th.VMA, th.Slot = v, slot
	m.entersFault(s, t, th)
	if th.Op == Fault && area.Anon == 0 && m.reusable(&s.World, v) == 0 {
		th.Need = 1
	}
	if e := s.pte(area.MM, slot); e.Kind == Present {
		th.Phase, th.Page, th.PC = Cow, e.Page, LockPage
		return
	} else if e.Kind == Swapped {
		th.Phase, th.Page, th.PC = New, e.Page, LockPage
		return
	}
	th.Phase = New
	m.prepare(s, th)
}

// prepare: anon_vma_prepare: an area without an anon_vma gets one before a page is
// mapped there.
func (m *Model) prepare(s *State, th *Thread) {
	if s.vma(th.VMA).Anon != 0 {
		m.prepared(th)
		return
	}
	th.PC = AllocAnon
	if th.Anon = m.reusable(&s.World, th.VMA); th.Anon != 0 {
		th.PC = LockAnon
	}
}

// prepares reports whether the operation gives an area without an anon_vma one.
func (th *Thread) prepares() bool { return th.Op == Fault || th.Op == UffdMove }

// prepared goes on when the area has an anon_vma.
func (m *Model) prepared(th *Thread) {
	th.PC = MapPage
	if th.Op == UffdMove {
		th.PC = LockPage
	}
}

// allocAnon: free -> live. The lock is not touched: a late walker may hold it.
// The root is what tells the family: in prepare the object itself, in fork the
// parent's (anon_vma_fork).
func (m *Model) allocAnon(s *State, th *Thread, a uint8) {
	o := s.anon(a)
	o.Live, o.Root = true, a
	if m.rules.countsList() { // atomic_set: for the list that it will have
		o.Refs = 1
	}
	th.Anon = a
	th.Need--
	th.PC = LockAnon
	if m.trees {
		m.allocTree(s, th, a)
		return
	}
	if th.Op == Fork {
		o.Root = s.anon(s.vma(th.VMA).Anon).Root
		s.vma(th.New).Anon = a
		th.PC = LinkChain
		if m.rules.pinsRoot() {
			th.PC = PinRoot
		}
	}
}

// pinRoot: refs + 1. No lock: the parent's area keeps the root.
func (m *Model) pinRoot(s *State, th *Thread) {
	if m.trees {
		m.adopt(s, th)
		return
	}
	s.anon(s.anon(th.Anon).Root).Refs++
	th.PC = LinkChain
}

// linked is the area that the operation is linking or unlinking, and from the
// area that it is linked like. A new area is linked like the old one; in an
// adjustment the one that grows is linked like the one that shrinks.
func (th *Thread) linked(s *State) (to, from uint8) {
	switch {
	case th.New == 0:
		return th.VMA, 0
	case th.imports(s):
		return th.VMA, th.New
	}
	return th.New, th.VMA
}

// lockAnon: free -> held, the lock that the protocol prescribes.
func (m *Model) lockAnon(s *State, t uint8, th *Thread) {
	th.Held = m.lockTarget(s, th)
	s.anon(th.Held).Lock = t
	if m.trees {
		m.lockedAnon(s, th)
		return
	}
	switch {
	case th.Op == Fault:
		th.PC = LinkChain // prepare fills the chain under the lock
	case th.New == 0:
		th.PC = UnlinkList
	default:
		th.PC = LinkList
	}
}

// linkChain: same_vma, always at the head. A clone does this before it takes
// the lock, and root first: so whoever finds the area through a list finds the
// root at the tail of its chain (docs/kernel.md 1.4).
func (m *Model) linkChain(s *State, th *Thread) {
	if m.trees {
		m.assign(s, th)
		return
	}
	to, _ := th.linked(s)
	s.vma(to).pushChain(th.Anon)
	th.PC = LockAnon
	if th.Op == Fault {
		s.vma(th.VMA).Anon = th.Anon
		th.PC = LinkList
	}
}

// linkList: same_anon_vma: at the tail; in 2.6.34 prepare links at the head.
func (m *Model) linkList(s *State, th *Thread) {
	if m.trees {
		m.plant(s, th)
		return
	}
	to, _ := th.linked(s)
	if th.Op == Fault && m.rules.preparesAtHead() {
		s.anon(th.Anon).prepend(to)
	} else {
		s.anon(th.Anon).append(to)
	}
	th.PC = UnlockAnon
}

// unlockAnon: held -> free; the end of one link or unlink.
func (m *Model) unlockAnon(s *State, t uint8, th *Thread) {
	m.unlock(s, th)
	if m.trees {
		m.sectionOver(s, t, th)
		return
	}
	root := s.anon(th.Anon).Root
	switch {
	case th.Op == Fault:
		th.Anon, th.PC = 0, MapPage
	case th.New != 0:
		m.cloneNext(s, t, th)
	case !th.Empty:
		th.PC = UnlinkChain
	case m.rules.countsList():
		th.PC = PutAnon
	case m.rules.pinsRoot() && root != th.Anon:
		th.Root, th.PC = root, PutAnon
	default:
		th.PC = FreeAnon
	}
}

// cloneFirst starts anon_vma_clone at the tail of the source chain, so that the
// copy has the same order.
func (m *Model) cloneFirst(s *State, th *Thread) {
	if m.trees {
		m.clone(s, th)
		return
	}
	_, from := th.linked(s)
	src := s.vma(from)
	th.Pos = src.NChain
	th.Anon, th.PC = src.Chain[th.Pos-1], LinkChain
}

// cloneNext goes on with the next newer entry, or with what follows the clone.
func (m *Model) cloneNext(s *State, t uint8, th *Thread) {
	to, from := th.linked(s)
	switch {
	case th.Pos > 1:
		th.Pos--
		th.Anon, th.PC = s.vma(from).Chain[th.Pos-1], LinkChain
	case th.Op == Fork && th.Pos == 1:
		th.Pos, th.PC = 0, AllocAnon
	case th.Op == Fork: // the child's own anon_vma is linked
		th.Anon = 0
		s.vma(th.New).Life = Mapped
		m.copyNext(s, t, th, s.vma(th.VMA).Start)
	case th.copies(s): // mremap: the copy is no part of an adjustment
		s.vma(to).Life = Mapped
		m.resume(s, t, th)
	default:
		th.Pos = 0
		s.vma(to).Anon = s.vma(from).Anon
		m.adjust(s, t, th)
	}
}

// mapPage: page_add_new_anon_rmap and set_pte_at, under the pte lock. The page
// was not visible before, so its mapping and index are no steps of their own. If
// the entry changed since the fault looked (pte_same), the fault is retried by
// the process: nothing happens here.
func (m *Model) mapPage(s *State, t uint8, th *Thread) {
	e, v, old := s.pte(m.MM(t), th.Slot), s.vma(th.VMA), th.Page
	asSeen := e.Kind == Empty
	if th.Phase == Cow {
		asSeen = e.maps(old) && !e.Writable
	}
	if p := m.freePage(s); asSeen && p != 0 {
		page := s.page(p)
		page.Mapping, page.Index = v.Anon, v.slotIndex(th.Slot)
		*e = PTE{Kind: Present, Page: p, Writable: true}
		if old != 0 {
			m.uncache(s, old)
		}
	}
	th.end()
}

// checkOwn: is ours the only entry that maps the page (reuse_swap_page)?
func (m *Model) checkOwn(s *State, t uint8, th *Thread) {
	if th.Op == UffdMove {
		m.checkMovable(s, t, th)
		return
	}
	th.PC = UnlockPage
	p := s.page(th.Page)
	if s.pte(m.MM(t), th.Slot).maps(th.Page) && m.mapCount(&s.World, th.Page) == 1 && !(p.Cached && m.swappedCount(&s.World, th.Page) > 0) {
		p.Cached = false
		th.PC = MovePage
	}
}

// swapIn: swapped entry -> present. The page comes back from the swap cache or,
// if it is not there, from the swap device. Ours alone, it leaves the cache at
// once and may be written.
func (m *Model) swapIn(s *State, t uint8, th *Thread) {
	th.PC = UnlockPage
	e, p := s.pte(m.MM(t), th.Slot), s.page(th.Page)
	if e.Kind != Swapped || e.Page != th.Page {
		return
	}
	present := m.mapped(&s.World, th.Page)
	exclusive := th.Op == Fault && !present && m.swappedCount(&s.World, th.Page) == 1
	if !present {
		p.Mapping = m.rules.mappingOfSwapped(s, th.VMA, p, exclusive)
		p.Index = s.vma(th.VMA).slotIndex(th.Slot)
	}
	p.Cached = !exclusive
	*e = PTE{Kind: Present, Page: th.Page, Writable: exclusive}
	if th.Op == Fault {
		th.Phase = Cow
	}
}

// movePage: the mapping moves down the tree, to a descendant of what it was; in a UffdMove it
// may be any other.
func (m *Model) movePage(s *State, th *Thread) {
	s.page(th.Page).Mapping = s.vma(th.VMA).Anon
	if th.PC = AllowWrite; th.Op == UffdMove {
		th.PC = StoreIndex
	}
}

// unlockFaultPage: held -> free. The page was reused, or has gone, or is copied.
func (m *Model) unlockFaultPage(s *State, t uint8, th *Thread) {
	s.page(th.Page).Lock = 0
	if e := s.pte(m.MM(t), th.Slot); th.Phase == Cow && th.Op != UffdMove && e.maps(th.Page) && !e.Writable {
		m.prepare(s, th)
		return
	}
	th.end()
}

// copyVMA: unborn -> detached: the child's copy of an area, the new part of a
// split, the target of a move; or an area that is like no other. vm_mm is set at
// once, as from 2.6.36-rc6 (a247c3a97a02).
func (m *Model) copyVMA(s *State, t uint8, th *Thread) {
	th.Births--
	if th.Op == Map {
		*s.vma(m.newborn(&s.World)) = VMA{Life: Mapped, MM: t, Start: th.Low, End: th.High, Pgoff: th.Low, Prot: th.Prot}
		th.end()
		return
	}
	th.New = m.newborn(&s.World)
	v, n := s.vma(th.VMA), s.vma(th.New)
	*n = VMA{Life: Detached, MM: t, Start: v.Start, End: v.End, Pgoff: v.Pgoff, Prot: v.Prot, Locked: th.Op != Fork && m.faulterOf(t) != 0}
	switch {
	case th.Op == Fork:
		n.MM = th.Child
	case th.copies(s):
		n.Anon, n.Start, n.End, n.Pgoff = v.Anon, th.To, th.To+th.High-th.Low, m.movedPgoff(v, th)
	default:
		start, end := th.extent(s)
		n.Anon = v.Anon
		if start > v.Start {
			n.End = start
		} else {
			n.Start, n.Pgoff = end, v.slotIndex(end)
		}
	}
	switch {
	case v.Anon != 0 && th.Op == Fork && m.trees: // which may prove to be of no use
		th.PC = AllocAnon
	case v.Anon != 0:
		m.cloneFirst(s, th)
	case th.Op == Fork: // nothing to link and nothing to copy
		n.Life = Mapped
		m.forkNext(s, t, th)
	case th.copies(s):
		n.Life = Mapped
		m.resume(s, t, th)
	default:
		m.adjust(s, t, th)
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
	m.forkArea(s, th)
}

// forkArea goes on with the parent's area in hand, if there is one.
func (m *Model) forkArea(s *State, th *Thread) {
	switch {
	case th.VMA == 0:
		th.end()
	case !m.awaits(s, th, th.VMA):
		th.PC = CopyVMA
	}
}

// dying is the mm whose areas the thread destroys: its own, or the child of a
// fork that failed.
func (th *Thread) dying(t uint8) uint8 {
	if th.Op == Fork {
		return th.Child
	}
	return t
}

// zapNext: entries first, then the areas by address. The dying areas are the
// detached ones of the mm; the thread stands at the lowest of them all the while.
func (m *Model) zapNext(s *State, t uint8) {
	th := s.thread(t)
	th.VMA = m.area(&s.World, th.dying(t), Detached, 0)
	if m.doomedEntry(s, th.dying(t)) != nil {
		th.PC = ZapEntry
		return
	}
	m.unlinkNext(s, t, th)
}

// doomedEntry is the lowest entry in a dying area of mm that is not empty, or nil.
func (m *Model) doomedEntry(s *State, mm uint8) *PTE {
	for v := m.area(&s.World, mm, Detached, 0); v != 0; v = m.area(&s.World, mm, Detached, s.vma(v).Start+1) {
		for slot := s.vma(v).Start; slot < s.vma(v).End; slot++ {
			if e := s.pte(mm, slot); e.Kind != Empty {
				return e
			}
		}
	}
	return nil
}

// zapEntry: entry -> empty, under the pte lock.
func (m *Model) zapEntry(s *State, t uint8) {
	mm := s.thread(t).dying(t)
	e := m.doomedEntry(s, mm)
	p := e.Page
	*e = PTE{}
	m.uncache(s, p)
	m.zapNext(s, t)
}

// unlinkNext goes on with the newest entry of the chain, or frees the area. One
// that stays is the importer of an import that failed.
func (m *Model) unlinkNext(s *State, t uint8, th *Thread) {
	v := s.vma(th.VMA)
	if m.trees && m.unlinkTrees(v, th) {
		return
	}
	switch {
	case v.NChain == 0 && v.Life == Mapped:
		m.resume(s, t, th)
		return
	case v.NChain == 0:
		th.Anon, th.PC = 0, FreeVMA
		return
	}
	th.Anon, th.PC = v.Chain[0], LockAnon
}

// unlinkList: off the list; whether the object is now free is decided here,
// under the lock.
func (m *Model) unlinkList(s *State, th *Thread) {
	if m.trees {
		m.uproot(s, th)
		return
	}
	a := s.anon(th.Anon)
	a.remove(th.VMA)
	m.loseEntry(s, th.VMA, th.Anon)
	th.Empty = a.NList == 0 && a.Refs == 0
	th.PC = UnlockAnon
	if m.rules.countsList() { // the list's own reference goes after the lock
		th.Empty = a.NList == 0
	}
}

// freed is the object that the thread frees next. A put frees its object and then
// the root that it was the last to use; an unlink, and any put where the list is
// counted, the root first.
func (m *Model) freed(t uint8, th *Thread) uint8 {
	if th.Last && (!th.Empty || !m.IsWalker(t) || m.rules.countsList()) {
		return th.Root
	}
	return th.Anon
}

// freeAnon: live -> free. From here on anybody may be handed the object, while
// late walkers and page.mapping still point to it.
func (m *Model) freeAnon(s *State, t uint8, th *Thread) {
	a := m.freed(t, th)
	s.anon(a).Live = false
	if a == th.Anon {
		th.Empty = false
	} else {
		th.Last = false
	}
	switch {
	case m.trees:
		m.freedChildFirst(s, t, th)
	case m.rules.countsList():
		m.freedCounted(t, th)
	case th.Empty || th.Last:
	case m.IsWalker(t):
		m.putDone(th)
	default:
		th.Root, th.PC = 0, UnlinkChain
	}
}

// unlinkChain: the chain entry is freed.
func (m *Model) unlinkChain(s *State, t uint8, th *Thread) {
	s.vma(th.VMA).popChain()
	m.unlinkNext(s, t, th)
}

// loseEntry marks the walkers whose cursor is at the chain entry that this step frees.
func (m *Model) loseEntry(s *State, v, a uint8) {
	for w := uint8(m.MMs + 1); m.IsWalker(w); w++ {
		if o := s.thread(w); o.VMA == v && o.Anon == a {
			o.Gone = EntryGone
		}
	}
}

// loseArea marks the walkers whose cursor is at the area that this step frees, and the
// faulters that are in it: it dangles.
func (m *Model) loseArea(s *State, v uint8) {
	for w := uint8(m.MMs + 1); w <= m.threads; w++ {
		if o := s.thread(w); o.VMA == v {
			if o.Gone = AreaGone; m.IsWalker(w) {
				o.VMA = 0
			}
		}
	}
}

// freeVMA: detached -> freed, and on with the next dying area. Its name may be given out
// again at once.
func (m *Model) freeVMA(s *State, t uint8, th *Thread) {
	*s.vma(th.VMA) = VMA{}
	m.loseArea(s, th.VMA)
	if th.VMA = m.area(&s.World, th.dying(t), Detached, 0); th.VMA == 0 {
		m.resume(s, t, th)
		return
	}
	m.unlinkNext(s, t, th)
}
