// Package properties holds the claims as tests, one file per claim, and the
// checks of the triangle's edges that need more than one corner.
//
//	claim              file                          edge
//	each state claim   NAME_test.go, in snake case   spec = impl, random; TypeOK: every state
//	NoDeadlock         no_deadlock_test.go           spec = impl, random
//	WalkTerminates, OperationTerminates              spec alone (fair cycles); TLC in rootlock check
//	-                  names_test.go                 one list of steps, fields and claims
//	-                  sequential_test.go            spec = impl, whole operations in tla/'s world
//	-                  world_test.go                 spec = impl, whole operations in Linux's, bytes too
//	-                  ledger_test.go                tla = spec, by counts and verdicts
//	-                  cases_test.go                 every schedule in testdata/schedules
//	-                  artefact_test.go              what a failing test leaves behind
//	-                  verdicts_test.go readme_test.go  the tables in the documents
//
// Elsewhere: whole graphs and tours (internal/conform), recorded traces
// (internal/recording), linearizability (internal/linear), Linux (internal/trace), what
// files cite (docs).
//
// A claim's test knows what each protocol that is asked is expected to do with it. A claim
// that a protocol breaks must be broken: rapid has to find a schedule on model
// and implementation in lockstep, and its shrunk length is logged beside the
// shortest that breadth-first search finds. A claim that a protocol keeps must be
// kept in every model of tla/, and on random schedules far beyond their bounds. These
// schedules are drawn once for all claims that are kept.
// That each claim can fail is shown by the museum (internal/museum).
package properties
