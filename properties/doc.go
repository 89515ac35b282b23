// Package properties holds the claims as tests, one file per claim, and the
// checks of the triangle's edges that need more than one corner.
//
//	claim              file                          edge
//	TypeOK             type_ok_test.go               every state, on either side
//	OneRoot            one_root_test.go              spec = impl, random
//	MutualExclusion    mutual_exclusion_test.go      spec = impl, random
//	LockedIsRoot       locked_is_root_test.go        spec = impl, random
//	NoMissedMapping    no_missed_mapping_test.go     spec = impl, random
//	ListStable         list_stable_test.go           spec = impl, random
//	NoUseAfterFree     no_use_after_free_test.go     spec = impl, random
//	UnlockMatchesLock  unlock_matches_lock_test.go   spec = impl, random
//	NothingHeldAtRest  nothing_held_at_rest_test.go  spec = impl, random
//	NothingLeaked      nothing_leaked_test.go        spec = impl, random
//	RootFreedLast      root_freed_last_test.go       spec = impl, random
//	LockSucceeds       lock_succeeds_test.go         spec = impl, random
//	NoDeadlock         no_deadlock_test.go           spec = impl, random
//	WalkTerminates     walk_terminates_test.go       spec alone (fair cycles); TLC in rootlock check
//	-                  names_test.go                 one list of steps, fields and claims
//	-                  sequential_test.go            spec = impl, whole operations in tla/'s world
//	-                  world_test.go                 spec = impl, whole operations in Linux's, bytes too
//	-                  ledger_test.go                tla = spec, by counts and verdicts
//	-                  cases_test.go                 every schedule in testdata/schedules
//	-                  artefact_test.go              what a failing test leaves behind
//	-                  verdicts_test.go readme_test.go  the tables in the documents
//
// Elsewhere: whole graphs and tours (internal/conform), recorded traces
// (internal/recording), linearizability (internal/linear), Linux (internal/trace).
//
// A claim's test knows what each protocol is expected to do with it. A claim
// that a protocol breaks must be broken: rapid has to find a schedule on model
// and implementation in lockstep, and its shrunk length is logged beside the
// shortest that breadth-first search finds. A claim that a protocol keeps must be
// kept in every model of tla/ and on random schedules far beyond their bounds, which
// are drawn once for all claims that are kept.
// That each claim can fail is shown by the museum (internal/museum).
package properties
