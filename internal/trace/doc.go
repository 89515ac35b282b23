// Package trace compares a world of ours with Linux: it replays the traces of
// testdata/kernel-traces operation by operation, and after each one the complete
// state must be the one that the kernel's own code left.
//
//	reader.go      a file, gzip or plain, one sequence per line; strict
//	decode.go      one line: fields and ranges
//	check.go       references within it
//	cursor.go      JSON, without what encoding/json forgives
//	op.go          the operations: their arguments and results
//	state.go       the canonical state, as the traces write it
//	compare.go     the first difference of two states, by field path
//	raw.go         a world's own state -> canonical names
//	world.go       what a world must be able to do
//	spec_world.go  the reference model as a world
//	impl_world.go  the implementation as a world
//	run.go         files through worlds
//	running_*.go   the kernel that runs this program, as a world of processes
//	record.go      operations drawn for that kernel, and what it did
//	visible.go     what can be seen of a world from outside
//
// The format is described in testdata/kernel-traces/README.md. Most traces are of
// Linux 2.6.36, so the protocol to compare is RootPointer; those of a kernel that ran are of
// 6.18, and the protocol is RwsemRoot. Operations run one at
// a time and to the end (a migration in two halves): a trace says nothing about
// interleavings. The bound is that of the traces: 4 address spaces of 16 slots.
package trace
