package models

import "github.com/rootlock/rootlock/spec"

// KeptAlone are the state claims that a protocol is asked to keep where operations run one
// at a time, from beginning to end. What breaks a protocol is concurrency, but for one: the
// sketch keeps no root for a child that is pinned (docs/kernel.md F6), so that an exit between
// a pin and a walk of what is pinned is enough.
func KeptAlone(p spec.Protocol) spec.ClaimSet {
	kept := spec.StateClaims & p.Asked()
	if p == spec.DeepestLock {
		kept &^= spec.RootFreedLast.Set() | spec.LockedIsRoot.Set() | spec.NoUseAfterFree.Set()
	}
	return kept
}
