// Package proof is the law as formulas: a fourth writing of it, for any number of processes,
// areas, anon_vmas, pages and walkers.
//
// A formula ([F]) is written once and read twice. [Text] prints it for a solver, which
// decides whether an invariant is inductive: [Prove]. A [View] makes a structure of a state
// of spec, in which the formula has a value: so tests hold the formulas to whole graphs of
// the explorer, state by state and edge by edge.
//
// Where things are: README.md says what is proved, and why it holds. term.go, smt.go and
// eval.go are the vocabulary of formulas and its two readers. state.go has the state;
// words.go what tla/AnonVMA and tla/History have in common for all steps; begin.go, link.go,
// fault.go, unlink.go and adjust.go the steps of a process, walker.go those of a walker. The
// invariant is to be read in the order threads.go, areas.go, chains.go, references.go,
// locks.go, pages.go, walks.go, done.go; claims.go and progress.go are what follows from it.
// What a protocol has of its own stands in its own files: protocol.go lists them.
// view.go and tie.go hold the formulas to spec; problem.go, solver.go, prove.go, ground.go
// and needed.go ask solvers.
package proof
