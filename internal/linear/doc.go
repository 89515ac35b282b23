// Package linear asks whether the public operations of impl are linearizable. Many
// goroutines operate on the same address spaces while walkers migrate and swap their pages.
// One goroutine that does the same operations alone, in some order that respects time, must
// get the same answers. porcupine looks for the order.
//
//	family.go    records a history: a family of address spaces, clients, walkers
//	registers.go the sequential specification: a register for each slot
//	tally.go     many histories, judged, and once more tampered with
//
// It is asked of every protocol: what a broken one loses is where entries are, not
// bytes. A stranded entry is an answer like another, but RootPointer, RefcountedRoot and RwsemRoot
// give it only if areas are protected or moved.
package linear
