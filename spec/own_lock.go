package spec

// OwnLock is the locking of Linux 2.6.34: every anon_vma has its own lock, and
// that lock guards its list and nothing else.
//
//	walker: ReadMapping CheckMapped LockLeaf | NextEntry ... UnlockRoot
//	mm:     LockAnon (the object's own) | LinkList, UnlinkList | UnlockAnon
//	adjust: no lock at all (lost in 287d97ac0321)
//
// Source: page_lock_anon_vma, rmap_walk_anon, vma_adjust; docs/kernel.md 1.7, 1.10,
// 1.12. What 2.6.35 and 2.6.36 mended besides the locking is in the law (the
// reference that migration takes, vm_mm set before the clone), so that what breaks
// here is the lock.
type ownLock struct{ oneLock }

var ownLockProtocol = protocol{
	name: "OwnLock", rules: ownLock{},
	steps:    []Step{CheckMapped, LockLeaf, GetAnon, PutLast},
	notAsked: manyLocks,
}

func (ownLock) mmLock(_ *State, _, a uint8) uint8 { return a }

func (ownLock) adjustLock(*State, uint8, uint8) uint8 { return 0 }

func (ownLock) preparesAtHead() bool { return true }

func (ownLock) mappingOfSwapped(s *State, v uint8, _ *Page, _ bool) uint8 { return s.vma(v).tail() }

// mappingRead: try_to_unmap and page_referenced test page_mapped first; the
// second walk of a migration does not, as the page may be unmapped.
func (ownLock) mappingRead(th *Thread) {
	th.PC = CheckMapped
	if th.Phase == Two {
		th.PC = LockLeaf
	}
}

func (ownLock) mappedSeen(th *Thread) { th.PC = LockLeaf }

func (ownLock) lookupPinned(th *Thread) { th.PC = LockLeaf }

func (ownLock) leafLocked(m *Model, s *State, th *Thread) { m.locked(s, th) }

func (ownLock) take(*Model, *State, uint8, *Thread) {}
