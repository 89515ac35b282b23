package ledger

import (
	"fmt"
	"maps"
	"slices"

	"github.com/rootlock/rootlock/internal/engine"
)

// Compare says in plain words in what a result differs from what is expected;
// nothing if it does not. A model that the ledger does not know is a difference.
func Compare(want *Entry, got Entry) []string {
	if want == nil {
		return []string{got.Name() + " is not in the ledger"}
	}
	var diffs []string
	differ := func(format string, args ...any) { diffs = append(diffs, got.Name()+": "+fmt.Sprintf(format, args...)) }

	for _, name := range union(want.Claims, got.Claims) {
		w, g := want.Claims[name], got.Claims[name]
		switch {
		case w == g:
		case w == "":
			differ("claim %s is not in the ledger (found: %s)", name, g)
		case g == "" || g == engine.NotChecked:
			differ("claim %s was not checked; expected: %s", name, w)
		default:
			differ("claim %s: expected %s, found %s", name, w, g)
		}
	}
	for _, name := range union(want.Shortest, got.Shortest) {
		if want.Claims[name] != engine.Violated || got.Claims[name] != engine.Violated {
			continue // told above
		}
		switch w, g := want.Shortest[name], got.Shortest[name]; {
		case w == g:
		case g == 0:
			differ("claim %s is violated without a counterexample; expected one of %d steps", name, w)
		case w == 0:
			differ("the shortest counterexample to %s has %d steps; the ledger has none", name, g)
		default:
			differ("the shortest counterexample to %s has %d steps; expected %d", name, g, w)
		}
	}
	if want.Bound != got.Bound {
		differ("the bounds are %s; expected %s", got.Bound, want.Bound)
	}
	for _, n := range []struct {
		what      string
		want, got uint64
	}{{"distinct states", want.Distinct, got.Distinct}, {"generated states", want.Generated, got.Generated}, {"depth", uint64(want.Depth), uint64(got.Depth)}} {
		switch {
		case n.got < n.want:
			differ("%s shrank from %d to %d", n.what, n.want, n.got)
		case n.got > n.want:
			differ("%s grew from %d to %d", n.what, n.want, n.got)
		}
	}
	for _, name := range union(want.Steps, got.Steps) {
		switch w, g := want.Steps[name], got.Steps[name]; {
		case w == g:
		case g == 0:
			differ("step %s never fired; expected %d times", name, w)
		case w == 0:
			differ("step %s fired %d times and is not in the ledger", name, g)
		default:
			differ("step %s fired %d times; expected %d", name, g, w)
		}
	}
	if want.Hash != got.Hash {
		differ("the TLA+ modules or the configuration changed (hash %.12s, expected %.12s)", got.Hash, want.Hash)
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
