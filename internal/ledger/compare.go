package ledger

import (
	"fmt"

	"github.com/rootlock/rootlock/triangle/ledger"
)

// A Kind of change says what a difference is about.
type Kind = ledger.Kind

// Kinds of change.
const (
	New     = ledger.New   // the ledger has never seen it
	Verdict = ledger.Claim // on a claim, or the length of its shortest counterexample
	Count   = ledger.Count // states, depth, how often a step was taken
	Bound   = ledger.Further + iota
	Modules // what TLC reads; nothing that the explorer sees
)

// A Change is one thing in which a result differs from the ledger's entry.
type Change = ledger.Change

// recorded says what to do about what is new.
const recorded = "new: `check --update` records it"

// NewEntry says that the ledger has never seen an entry.
func NewEntry(name string) string { return name + " is not in the ledger: " + recorded }

// Compare says in plain words in what a result differs from what is expected;
// nothing if it does not. A model that the ledger does not know is a difference.
func Compare(want *Entry, got Entry) (diffs []string) {
	for _, c := range Changes(want, got) {
		diffs = append(diffs, c.Text)
	}
	return diffs
}

// Changes is Compare with what each difference is about.
func Changes(want *Entry, got Entry) []Change {
	if want == nil {
		return []Change{{Kind: New, Text: NewEntry(got.Name())}}
	}
	diffs := ledger.Changes(&want.Found, &got.Found)
	for i := range diffs {
		if diffs[i].Kind == New {
			diffs[i].Text += ": " + recorded
		}
	}
	if want.Bound != got.Bound {
		diffs = append(diffs, Change{Kind: Bound, Text: "the bounds are " + got.Bound + "; expected " + want.Bound})
	}
	if want.Hash != got.Hash {
		diffs = append(diffs, Change{Kind: Modules, Text: fmt.Sprintf("the TLA+ modules or the configuration changed (hash %.12s, expected %.12s)", got.Hash, want.Hash)})
	}
	for i := range diffs {
		diffs[i].Text = got.Name() + ": " + diffs[i].Text
	}
	return diffs
}
