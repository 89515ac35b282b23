// Package ledger keeps what is expected of every model on every engine, in
// testdata/ledger.json. An entry has the verdict on each claim, the length of each shortest
// counterexample, states, depth, and how often each step was taken. It also has the hash of
// the TLA+ modules and bounds that gave them.
//
// So "as expected" means something. Every difference from the file is red: a model that
// collapsed, a claim that fell out of a configuration, a step that never fires any more, a
// counterexample to the wrong claim. Only rootlock check --update rewrites the file.
// triangle/ledger reads, writes and compares it; what only rootlock keeps (bounds, hashes)
// is here.
package ledger
