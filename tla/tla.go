// Package tla holds the law of rootlock in TLA+, for TLC, and embeds it.
//
// It is one of three writings of the same law; the others are the pure model in
// spec/ and the concurrent implementation in impl/. A step has the same name in
// all three: it is an action here, a constant in spec, a scheduling point in impl.
// So are state variables and fields, and claims. What spec and impl call the wide
// world (protections and merging, mremap, swap, failing allocations) is not here.
//
//	tla/                spec/               what is there
//	AnonVMA.tla         state.go, world.go  the state, the words for it, the initial states
//	History.tla         history.go          what happened, for the claims: no step reads it
//	MM.tla              mm.go               map, fault, fork, unmap, exit, split, step by step
//	Walker.tla          walker.go           walk, migrate, pin, walk what is pinned, unpin, step by step
//	Claims.tla          claims.go           what is claimed, central and structural
//	OwnLock.tla         own_lock.go         the locking of Linux 2.6.34
//	DeepestLock.tla     deepest_lock.go     the locking of the sketch of 2010-05-05
//	TrylockRetry.tla    trylock_retry.go    the patch of May 2010
//	WalkMutex.tla       walk_mutex.go       one mutex for all walks
//	RootPointer.tla     root_pointer.go     the locking of Linux 2.6.36
//	RefcountedRoot.tla  refcounted_root.go  the locking of Linux 2.6.39 and 3.0
//	RwsemRoot.tla       rwsem_root.go       the locking of Linux 7.2
//	RwsemRootFaulters.tla                   RwsemRoot with a second thread in a process (faulter.go) and
//	                                        UFFDIO_MOVE (uffd.go)
//	FamilyMutex.tla                         what a protocol is to implement: one lock per family
//	FamilyRwlock.tla                        the same where walkers share the lock
//
// Read AnonVMA first; then one protocol, which is one page, from top to bottom; then Claims.
//
// trace/Trace.tla is no part of the law: it has TLC follow what the code did, recorded
// by internal/recording, through any of the protocols.
//
// A model is two configurations put together: MC<Protocol>.cfg has the claims that are
// asked of the protocol, models/<Model>.cfg the bounds of the world, which stand nowhere
// else. To run TLC by hand:
//
//	cat MCRootPointer.cfg models/Pins.cfg > Pins.cfg
//	java -cp tla2tools.jar tlc2.TLC -config Pins.cfg MCRootPointer
//
// Models of one protocol alone are in models/<Protocol>/: those of RwsemRootFaulters have the
// claims of RwsemRoot, and the root module MCRwsemRootFaulters.
//
// Rest, in Claims, is nobody's step: it is there so that TLC's deadlock check means
// NoDeadlock. Where Record is replaced by Forget, in History, the history is erased.
//
// A configuration may replace a step, or a word such as MMLock, LockAndStore, CloneFirst
// or CloneNext, by a definition in a module that extends MC<Protocol>: CONSTANT
// ReadTail <- ReadTail_Posted.
package tla

import "embed"

// FS holds the modules, the claims and the models.
//
//go:embed *.tla *.cfg models/*.cfg models/*/*.cfg
var FS embed.FS
