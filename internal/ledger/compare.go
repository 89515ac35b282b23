package ledger

import (
	"fmt"
	"maps"
	"slices"

	"github.com/rootlock/rootlock/internal/engine"
)

// A Kind of change says what a difference is about.
type Kind int

// Kinds of change.
const (
	New     Kind = iota // the ledger has never seen it
	Verdict             // on a claim, or the length of its shortest counterexample
	Bound               // the model is another one
	Count               // states, depth, how often a step was taken
	Modules             // what TLC reads; nothing that the explorer sees
)

// A Change is one thing in which a result differs from the ledger's entry.
type Change struct {
	Kind Kind
	Text string // in plain words
}

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
		return []Change{{New, NewEntry(got.Name())}}
	}
	var diffs []Change
	differ := func(kind Kind, format string, args ...any) {
		diffs = append(diffs, Change{kind, got.Name() + ": " + fmt.Sprintf(format, args...)})
	}

	for _, name := range union(want.Claims, got.Claims) {
		w, g := want.Claims[name], got.Claims[name]
		switch {
		case w == g:
		case w == "" && g == engine.NotChecked: // a new claim, which this is not asked
		case w == "":
			differ(New, "claim %s is not in the ledger (found: %s): %s", name, g, recorded)
		case g == "" || g == engine.NotChecked:
			differ(Verdict, "claim %s was not checked; expected: %s", name, w)
		default:
			differ(Verdict, "claim %s: expected %s, found %s", name, w, g)
		}
	}
	for _, name := range union(want.Shortest, got.Shortest) {
		if want.Claims[name] != engine.Violated || got.Claims[name] != engine.Violated {
			continue // told above
		}
		switch w, g := want.Shortest[name], got.Shortest[name]; {
		case w == g:
		case g == 0:
			differ(Verdict, "claim %s is violated without a counterexample; expected one of %d steps", name, w)
		case w == 0:
			differ(Verdict, "the shortest counterexample to %s has %d steps; the ledger has none", name, g)
		default:
			differ(Verdict, "the shortest counterexample to %s has %d steps; expected %d", name, g, w)
		}
	}
	if want.Bound != got.Bound {
		differ(Bound, "the bounds are %s; expected %s", got.Bound, want.Bound)
	}
	for _, n := range []struct {
		what      string
		want, got uint64
	}{{"distinct states", want.Distinct, got.Distinct}, {"generated states", want.Generated, got.Generated}, {"depth", uint64(want.Depth), uint64(got.Depth)}} {
		switch {
		case n.got < n.want:
			differ(Count, "%s shrank from %d to %d", n.what, n.want, n.got)
		case n.got > n.want:
			differ(Count, "%s grew from %d to %d", n.what, n.want, n.got)
		}
	}
	for _, name := range union(want.Steps, got.Steps) {
		switch w, g := want.Steps[name], got.Steps[name]; {
		case w == g:
		case g == 0:
			differ(Count, "step %s never fired; expected %d times", name, w)
		case w == 0:
			differ(Count, "step %s fired %d times and is not in the ledger", name, g)
		default:
			differ(Count, "step %s fired %d times; expected %d", name, g, w)
		}
	}
	if want.Hash != got.Hash {
		differ(Modules, "the TLA+ modules or the configuration changed (hash %.12s, expected %.12s)", got.Hash, want.Hash)
	}
	return diffs
}

// union is the sorted keys of both maps.
func union[V any](a, b map[string]V) []string {
	keys := map[string]bool{}
	for k := range a {
		keys[k] = true
	}
	for k := range b {
		keys[k] = true
	}
	return slices.Sorted(maps.Keys(keys))
}
