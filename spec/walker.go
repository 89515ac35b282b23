package spec

// The steps of a walker that all protocols share: migration's frame, the walk
// of a same_anon_vma list, and references (docs/kernel.md 1.11, 1.12). How the lock
// is found and taken is the protocol's: see protocol.go.

// lookup begins an attempt to lock the family of the page in hand.
func (m *Model) lookup(th *Thread) {
	th.PC = ReadMapping
	if th.Phase == Pinned { // the leaf is known
		m.rules.lookupPinned(th)
	}
	if m.rules.queues() && th.Phase != Get {
		th.PC = LockWalks
	}
}

// readMapping: page_anon_vma: a pointer, no validity. A page that has left the
// swap cache has none.
func (m *Model) readMapping(s *State, th *Thread) {
	p := s.page(th.Page)
	if p.Mapping == 0 {
		m.attemptFailed(th)
		return
	}
	th.Anon = p.Mapping
	m.rules.mappingRead(th)
}

// checkMapped: page_mapped, without any lock but (in Migrate) the page's.
func (m *Model) checkMapped(s *State, th *Thread) {
	if m.mapped(&s.World, th.Page) {
		m.rules.mappedSeen(th)
		return
	}
	m.attemptFailed(th)
}

// lockLeaf: free -> held: the own lock of the leaf.
func (m *Model) lockLeaf(s *State, t uint8, th *Thread) {
	th.Held = th.Anon
	s.anon(th.Held).Lock = t
	m.rules.leafLocked(m, s, th)
}

// locked: the protocol holds what it believes to be the family's lock.
func (m *Model) locked(s *State, th *Thread) {
	switch {
	case th.Phase == Get:
		th.PC = GetAnon
		return
	case th.Phase == Put || !th.walks():
		th.PC = PutLast
		return
	}
	th.VMA, th.Gone, th.PC = 0, NotGone, NextEntry
}

// refers reports whether the thread has a reference on the leaf that it looks up, so that
// it need not ask whether the page is mapped.
func (th *Thread) refers() bool { return th.Phase == Two || th.Phase == Put || th.Phase == Pinned }

// walks reports whether the operation is one that walks a list.
func (th *Thread) walks() bool {
	return th.Op == Walk || th.Op == Migrate || th.Op == SwapOut || th.Op == WalkPinned
}

// attemptFailed: the lock function answered NULL.
func (m *Model) attemptFailed(th *Thread) {
	if th.Phase == Put { // the list is empty: nobody else can link to the object
		th.Root, th.PC = 0, PutLast
		return
	}
	m.walkDone(th)
}

// walkDone goes on after a walk, or after an attempt that failed.
func (m *Model) walkDone(th *Thread) {
	th.Anon, th.Root = 0, 0
	if th.Mutex {
		th.PC = UnlockWalks
		return
	}
	switch th.Phase {
	case Plain, Pinned:
		if th.Phase == Plain && m.rules.locksPage() {
			th.PC = UnlockPage
			return
		}
		th.end()
	case Get: // without a reference there is no migration
		th.PC = UnlockPage
		if th.Pin != 0 {
			th.Phase = One
			m.lookup(th)
		}
	case One:
		th.Phase = Two
		m.lookup(th)
	case Two:
		th.Phase, th.Anon, th.PC = Put, th.Pin, PutAnon
	case Out:
		th.PC = UnlockPage
	}
}

func (th *Thread) oops(kind OopsKind) {
	th.Oops, th.PC = kind, Oopsed
}

// nextEntry: list_for_each_entry. list_del poisons the entry it removes.
func (m *Model) nextEntry(s *State, th *Thread) {
	if th.Gone != NotGone {
		th.oops(UnlinkedEntry)
		return
	}
	list, next := s.anon(th.Anon), 0
	if th.VMA != 0 {
		next = list.position(th.VMA) + 1
	}
	for m.trees && th.Phase != Pinned && next < int(list.NList) && !s.vma(list.List[next]).holds(s.page(th.Page).Index) {
		next++
	}
	if next == int(list.NList) {
		th.VMA, th.Gone, th.PC = 0, NotGone, UnlockRoot
		return
	}
	th.VMA, th.Gone, th.PC = list.List[next], NotGone, ReadStart
	if m.rules.nests() {
		th.PC = ReadAnon
	}
}

// areaDone goes on after an area: its own lock, if the walk took it, is given back.
func (th *Thread) areaDone() {
	th.PC = NextEntry
	if th.Also != 0 {
		th.PC = UnlockVMA
	}
}

// readStart: the first half of vma_address: vm_start and vm_end. A walk of what is pinned
// knows the address, and asks only whether the area has it (rmap_walk_ksm).
func (m *Model) readStart(s *State, th *Thread) {
	if th.Gone == AreaGone {
		th.oops(FreedVMA)
		return
	}
	v := s.vma(th.VMA)
	if th.Phase == Pinned {
		th.areaDone()
		if v.covers(th.Slot) {
			th.PC = Visit
		}
		return
	}
	th.Start, th.End, th.PC = v.Start, v.End, ReadPgoff
}

// readPgoff: the second half: vm_pgoff, and with it the address.
func (m *Model) readPgoff(s *State, th *Thread) {
	if th.Gone == AreaGone {
		th.oops(FreedVMA)
		return
	}
	v := s.vma(th.VMA)
	address := int(th.Start) + int(s.page(th.Page).Index) - int(v.Pgoff)
	th.areaDone()
	if int(th.Start) <= address && address < int(th.End) {
		th.Slot, th.PC = uint8(address), Visit
	}
	th.Start, th.End = 0, 0
}

// visit: page_check_address and what the walk does there, under the pte lock.
func (m *Model) visit(s *State, th *Thread) {
	if th.Gone == AreaGone {
		th.oops(FreedVMA)
		return
	}
	e := s.pte(s.vma(th.VMA).MM, th.Slot)
	switch {
	case th.Phase == One && e.maps(th.Page):
		e.Kind = Migration
	case th.Phase == Two && e.Kind == Migration && e.Page == th.Page:
		e.Kind = Present
	case th.Phase == Out && e.maps(th.Page):
		*e = PTE{Kind: Swapped, Page: th.Page}
	}
	th.areaDone()
	if th.Phase != Pinned { // the address is the page's in this area alone
		th.Slot = 0
	}
}

// unlockRoot: held -> free; the walk, or the last put, is complete.
func (m *Model) unlockRoot(s *State, t uint8, th *Thread) {
	m.unlock(s, th)
	switch {
	case th.Empty && m.trees && th.Root == 0: // the last reference went under the lock
		th.PC = CheckUnlocked
	case th.Empty && m.trees:
		th.PC = FreeAnon
	case th.Empty && m.rules.countsList():
		m.freeCounted(s, th)
	case th.walks() && th.Phase != Put:
		m.walkDone(th)
	case !m.IsWalker(t) || th.Empty:
		th.PC = FreeAnon
	default:
		m.putDone(th)
	}
}

// getAnon: a plain increment under the lock that the lookup took, as from 2.6.38
// (1ce82b69e96c), so that the safety of migration is the safety of the lock.
func (m *Model) getAnon(s *State, th *Thread) {
	s.anon(th.Anon).Refs++
	th.Pin, th.PC = th.Anon, UnlockRoot
}

// dropped is the object that a put concerns: for a walker what it holds a
// reference on, for an mm thread the root that a child it frees had pinned. Where
// the list is counted both put the object first, and if it goes its root.
func (m *Model) dropped(t uint8, th *Thread) uint8 {
	if m.trees || m.rules.countsList() && th.Root == 0 {
		return th.Anon
	} else if m.rules.countsList() {
		return th.Root
	}
	if m.IsWalker(t) {
		return th.Anon
	}
	return th.Root
}

// putAnon: the fast path of atomic_dec_and_lock; where the list is counted, a
// plain decrement.
func (m *Model) putAnon(s *State, t uint8, th *Thread) {
	if m.trees {
		m.putChildFirst(s, t, th)
		return
	}
	if m.rules.countsList() {
		m.putCounted(s, t, th)
		return
	}
	a := s.anon(m.dropped(t, th))
	switch {
	case a.Refs > 1 && m.IsWalker(t):
		a.Refs--
		th.Pin = 0
		m.putDone(th)
	case a.Refs > 1:
		a.Refs--
		th.PC = FreeAnon
	case m.IsWalker(t):
		m.rules.lookupPinned(th)
	default:
		th.PC = LockRoot
	}
}

// putLast: the decrement under the lock, and whether the object is now free. An
// object that goes drops its root too.
func (m *Model) putLast(s *State, t uint8, th *Thread) {
	x := m.dropped(t, th)
	a := s.anon(x)
	a.Refs--
	empty := a.Refs == 0 && a.NList == 0
	if !m.IsWalker(t) {
		th.Last, th.PC = empty, UnlockRoot
		return
	}
	th.Pin, th.Empty = 0, empty
	if empty && m.rules.pinsRoot() && a.Root != x {
		root := s.anon(a.Root)
		root.Refs--
		th.Last = root.Refs == 0 && root.NList == 0
	}
	switch {
	case th.Held != 0:
		th.PC = UnlockRoot
	case th.Empty:
		th.PC = FreeAnon
	default:
		m.putDone(th)
	}
}

func (m *Model) putDone(th *Thread) {
	th.Anon, th.Root, th.Empty = 0, 0, false
	if th.Op == Migrate {
		th.PC = UnlockPage
		return
	}
	th.end()
}

// addToSwap: the page enters the swap cache, if something still maps it.
func (m *Model) addToSwap(s *State, th *Thread) {
	if !m.mapped(&s.World, th.Page) {
		th.PC = UnlockPage
		return
	}
	s.page(th.Page).Cached = true
	m.lookup(th)
}

// swapDrop: an unmapped page leaves the swap cache and is gone; its id remains
// for the entries that stand for it.
func (m *Model) swapDrop(s *State, p uint8) {
	page := s.page(p)
	page.Cached, page.Mapping, page.Index = false, 0, 0
}

// uncache takes a page that no entry refers to out of the swap cache.
func (m *Model) uncache(s *State, p uint8) {
	if page := s.page(p); page.Cached && !m.referred(&s.World, p) {
		page.Cached = false
	}
}
