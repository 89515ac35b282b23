package spec

// rules is what a protocol decides; the rest of the law is common to all.
type rules interface {
	// mmLock is the object whose lock the mm side takes to link or unlink the
	// entry (v, a), or to adjust v, whose anon_vma is a.
	mmLock(s *State, v, a uint8) uint8
	// locksAdjust reports whether vma_adjust takes that lock around its stores.
	locksAdjust() bool
	// mappingRead says where a lookup goes after ReadMapping.
	mappingRead(th *Thread)
	// leafLocked says where it goes after LockLeaf.
	leafLocked(m *Model, s *State, th *Thread)
	// take does the steps that only this protocol's lookup has.
	take(m *Model, s *State, t uint8, th *Thread)
}

var protocolRules = [NumProtocols]rules{OwnLock: ownLock{}, DeepestLock: deepestLock{}}
