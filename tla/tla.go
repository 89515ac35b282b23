// Package tla holds the law of rootlock in TLA+, for TLC, and embeds it.
//
// It is one of three writings of the same law; the others are the pure model in
// spec/ and the concurrent implementation in impl/. A step has the same name in
// all three: it is an action here, a constant in spec, a scheduling point in impl.
// So are state variables and fields, and claims. What spec and impl call the wide
// world (protections and merging, mremap, swap, failing allocations) is not here.
//
//	tla/                spec/               what is there
//	AnonVMA.tla         world.go            the state, the words for it, the initial states
//	MM.tla              mm.go               map, fault, fork, unmap, exit, split, step by step
//	Walker.tla          walker.go           walk, migrate, pin, walk what is pinned, unpin, step by step
//	Claims.tla          claims.go           what is claimed, central and structural
//	Uncounted.tla                           what all but RefcountedRoot share: a list is no reference
//	Rootless.tla                            what all without a root pointer share: nobody keeps its root
//	Nested.tla                              what TrylockRetry and WalkMutex share: a walk takes two locks
//	OwnLock.tla         own_lock.go         the locking of Linux 2.6.34
//	DeepestLock.tla     deepest_lock.go     the locking of the sketch of 2010-05-05
//	TrylockRetry.tla    trylock_retry.go    the patch of May 2010
//	WalkMutex.tla       walk_mutex.go       one mutex for all walks
//	RootPointer.tla     root_pointer.go     the locking of Linux 2.6.36
//	RefcountedRoot.tla  refcounted_root.go  the locking of Linux 2.6.39 and 3.0
//	FamilyMutex.tla                         what a protocol is to implement: one lock per family
//
// trace/Trace.tla is no part of the law: it has TLC follow what the code did, recorded
// by internal/recording, through any of the protocols.
//
// A protocol module builds Next and Spec. MC<Protocol>.tla adds the refinement
// mapping, and MC<Protocol><Model>.cfg holds the bounds of one model and the
// claims to check in it; nothing else has bounds. Rest, in AnonVMA, is nobody's
// step: it is there so that TLC's deadlock check means NoDeadlock.
//
// A cfg may replace a step, or one of the words MMLock, LocksAdjust, CloneFirst,
// CloneNext, in RootPointer PinsRoot, PreparesAtHead, and in RefcountedRoot
// LocksEnd, by a definition in a module that extends MC<Protocol>: CONSTANT
// ReadTail <- ReadTail_Posted.
package tla

import "embed"

// FS holds the modules and the models, as TLC reads them: all in one directory.
//
//go:embed *.tla *.cfg models/*.cfg
var FS embed.FS
