package spec

// DeepestLock is Linus Torvalds's sketch of 2010-05-05: whoever needs a family
// locks its root, found at the tail of the chain of any VMA on any list of the
// family; one lock, never nested.
//
//	walker: ReadMapping LockLeaf ReadFirst ReadTail | NextEntry ... UnlockRoot      (the leaf is the root)
//	walker: ReadMapping LockLeaf ReadFirst ReadTail UnlockLeaf LockRoot | ...       (it is not)
//	mm:     LockAnon (the tail of the area's chain) | LinkList, UnlinkList | UnlockAnon
//	adjust: LockAdjust (the same) | StoreStart StorePgoff | UnlockAdjust
//
// The law is the sketch as meant. What it leaves open is left open: nothing
// re-checks after LockRoot, and nothing but the leaf's lock, which nobody else
// takes any more, protects ReadFirst and ReadTail.
type deepestLock struct{ oneLock }

var deepestLockProtocol = protocol{
	name: "DeepestLock", rules: deepestLock{},
	steps: []Step{LockAdjust, UnlockAdjust, LockLeaf, ReadFirst, ReadTail, UnlockLeaf, LockRoot, GetAnon, PutLast},
}

// mmLock: "From the vma, it's simply" the chain's last entry. A fresh object
// that is not in the chain yet is its own root.
func (deepestLock) mmLock(s *State, v, a uint8) uint8 {
	if tail := s.vma(v).tail(); tail != 0 {
		return tail
	}
	return a
}

func (deepestLock) adjustLock(s *State, v, n uint8) uint8 { return adjusted33(s, v, n) }

func (deepestLock) preparesAtHead() bool { return true }

func (deepestLock) mappingOfSwapped(s *State, v uint8, _ *Page, _ bool) uint8 { return s.vma(v).tail() }

func (deepestLock) mappingRead(th *Thread) { th.PC = LockLeaf }

func (deepestLock) mappedSeen(th *Thread) { th.PC = LockLeaf }

func (deepestLock) lookupPinned(th *Thread) { th.PC = LockLeaf }

func (deepestLock) leafLocked(_ *Model, _ *State, th *Thread) { th.PC = ReadFirst }

func (deepestLock) take(m *Model, s *State, t uint8, th *Thread) {
	switch th.PC {
	case ReadFirst:
		readFirst(s, th)
	case ReadTail:
		readTail(m, s, th)
	case UnlockLeaf:
		unlockLeaf(m, s, th)
	case LockRoot:
		lockRoot(m, s, t, th)
	}
}

// readFirst: the first chain entry of the leaf, and its VMA.
func readFirst(s *State, th *Thread) {
	leaf := s.anon(th.Anon)
	th.Root, th.PC = 0, UnlockLeaf
	if leaf.NList > 0 {
		th.VMA, th.Gone, th.PC = leaf.List[0], NotGone, ReadTail
	}
}

// readTail: the root is the last entry of that VMA's chain. If it is the leaf,
// its lock is held already.
func readTail(m *Model, s *State, th *Thread) {
	if th.Gone == AreaGone {
		th.oops(FreedVMA)
		return
	}
	v := s.vma(th.VMA)
	if v.NChain == 0 {
		th.oops(EmptyChain)
		return
	}
	th.Root, th.VMA, th.Gone = v.tail(), 0, NotGone
	if th.Root == th.Anon {
		m.locked(s, th)
		return
	}
	th.PC = UnlockLeaf
}

// unlockLeaf: held -> free. From here to LockRoot nothing keeps the root alive.
func unlockLeaf(m *Model, s *State, th *Thread) {
	m.unlock(s, th)
	if th.Root == 0 {
		m.attemptFailed(th)
		return
	}
	th.PC = LockRoot
}

// lockRoot: free -> held.
func lockRoot(m *Model, s *State, t uint8, th *Thread) {
	th.Held = th.Root
	s.anon(th.Held).Lock = t
	m.locked(s, th)
}
