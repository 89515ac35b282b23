// Package conform makes two edges of the triangle exhaustive: on the state graph of
// a whole model, tla = spec and spec = impl.
//
//	graph.go   a state graph: states, and edges that are labelled with their step
//	file.go    its canonical form in testdata/graphs, gzip
//	dot.go     the graph that TLC dumps
//	compare.go two graphs: equal, or the shortest path to where they part
//	tour.go    a shortest walk over every edge
//	flow.go    how often it takes each: a flow of least cost
//	drive.go   the tour on the implementation, with every disabled step and every
//	           operation in progress run to its end
//
// # tla = spec
//
// TLC dumps the graph of a model (-dump dot,actionlabels, no symmetry, no view), the
// explorer makes its own, and testdata/graphs holds the one that both gave. A label
// in TLC's graph is the step's name without thread and arguments; these are in the
// states. Rest, which is nobody's step, is left out: it must not lead anywhere.
//
// # spec = impl
//
// The implementation is driven along a tour that takes every edge, and compared
// after each step. The tour is a shortest one, of 4.5 to 6 steps for each edge. An
// operation that has ended never begins again. So a graph is many ways from one state to
// a few, and each way begins with steps that were taken before.
//
// In every state, when it is first visited, every step that the
// model disables and that the code could attempt is attempted: the step at which a
// thread stands, with every argument, and every operation that an idle thread could
// begin. It must be refused, and change nothing. What the code cannot attempt (a step
// at which the thread does not stand; an operation that only the bounds of the model
// forbid) is counted apart.
//
// # What the comparison does not see
//
// Compared are the shared state, each thread's next step and what that acts upon. Not
// compared are the local variables of operations in progress: the root that a walker
// remembers, its place in a list, what it has still to visit. A wrong one looks right
// until it is used. But only the operation that holds it uses it, and an operation
// uses its variables in its own remaining steps and nowhere after; so a wrong one is
// told by running the operation to its end. That is done after every edge: the path to
// its state, the edge, and then all operations to their ends, first in one order of
// the threads, then in the reverse order. Each order is a suffix in the sense of
// conformance testing (a W-set): it tells the state reached from every state that
// differs from it in a variable which some operation still uses before it ends, along
// these continuations. A variable that matters only in another interleaving of the
// rest is not told; the tour and random search reach some of these. After that the world
// is closed: references are given up, every page is walked, every process exits. That
// tells words of the shared state that no snapshot shows and a later operation reads.
//
// The order of objects on the implementation's free list is no state here: under
// control the scheduler chooses the object.
package conform
