// Package ledger keeps what is expected of every model on every engine: the
// verdict on each claim by name, the length of each shortest counterexample,
// states, depth, how often each step was taken, and the hash of the TLA+ modules
// and bounds that gave them (testdata/ledger.json).
//
// It is what makes "as expected" mean something: a model that collapsed, a claim
// that fell out of a configuration, a step that never fires any more, a
// counterexample to the wrong claim are differences, and every difference is
// red. Only rootlock check --update rewrites the file. How it is read, written and compared
// is that of triangle/ledger; what only rootlock keeps (bounds, hashes) is here.
package ledger
