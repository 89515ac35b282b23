// Package ledger keeps what is expected of a law in a file, and compares it in a test: states,
// depth, how often each step was taken, and the verdict on each claim with the length of its
// shortest counterexample.
//
// A model that collapsed, a claim that nobody asks any more, a step that never fires, a bug
// that is gone: each is a difference, said in one sentence, and the test fails. One call in a
// test is all it takes:
//
//	ledger.Check(t, "testdata/ledger.json", ledger.Explored("one slot", w, x))
//
// The variable TRIANGLE_UPDATE=1, or a flag -update of the test's own, writes the file anew.
// Read the difference before you commit it.
package ledger

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/rootlock/rootlock/internal/quote"
	"github.com/rootlock/rootlock/triangle/explore"
	"github.com/rootlock/rootlock/triangle/law"
	"github.com/rootlock/rootlock/triangle/tlc"
)

// A Verdict on a claim.
type Verdict string

// The verdicts.
const (
	Holds      Verdict = "holds"
	Violated   Verdict = "violated"
	NotChecked Verdict = "not checked"
)

// Found is what there is to find in a world.
type Found struct {
	Distinct  uint64             `json:"distinct"`  // states
	Generated uint64             `json:"generated"` // the initial states and all successors
	Depth     int                `json:"depth"`     // levels
	Claims    map[string]Verdict `json:"claims"`
	Shortest  map[string]int     `json:"shortest,omitempty"` // steps to break a claim; none for one that an endless run breaks
	Steps     map[string]uint64  `json:"steps,omitempty"`    // generated states, by the step that led there
}

// A Result is what an engine found in a world of a law.
type Result struct {
	World  string `json:"world"`
	Engine string `json:"engine"`
	Found
}

// Names of engines.
const (
	Explorer = "explorer"
	TLC      = "tlc"
)

// Name is where the result belongs.
func (r Result) Name() string { return r.World + " " + r.Engine }

// Check finds what no result can be.
func (r Result) Check() error {
	if r.World == "" || r.Engine == "" {
		return errors.New("it lacks a world or an engine")
	}
	return r.Found.Check()
}

// Check finds what no result can be.
func (f *Found) Check() error {
	switch {
	case f.Distinct == 0 || f.Generated < f.Distinct || f.Depth < 1:
		return errors.New("it lacks states or depth")
	case len(f.Claims) == 0:
		return errors.New("it lacks claims")
	}
	for name, v := range f.Claims {
		if v != Holds && v != Violated && v != NotChecked {
			return fmt.Errorf("%s: %q is no verdict", quote.Line(name), quote.Clip(string(v)))
		}
	}
	for name := range f.Shortest {
		if f.Claims[name] != Violated {
			return fmt.Errorf("%s has a counterexample and is not violated", quote.Line(name))
		}
	}
	return nil
}

// Explored is what the explorer found. Of an exploration that was cut short, what is not
// violated is not checked.
func Explored[S any, M comparable](world string, l law.Law[S, M], x *explore.Exploration[S, M]) Result {
	r := Result{World: world, Engine: Explorer, Found: Found{Distinct: x.Distinct, Generated: x.Generated, Depth: x.Depth, Steps: map[string]uint64{}}}
	r.ask(x.Complete, append(slices.Clone(l.Claims()), law.TypeOK, law.NoDeadlock))
	for i, name := range l.Steps() {
		if n := x.Steps[i]; n > 0 {
			r.Steps[name] = n
		}
	}
	for _, v := range x.Violations {
		r.violated(v.Claim, len(v.Schedule))
	}
	return r
}

// Answered is what a run of TLC found, which was asked these claims; name [law.NoDeadlock]
// if it was asked that. TLC stops at the first violation: the other claims are then not
// checked. Its counts are repeatable with one worker only.
func Answered(world string, claims []string, res *tlc.Result) Result {
	r := Result{World: world, Engine: TLC, Found: Found{Distinct: uint64(max(0, res.Distinct)), Generated: uint64(max(0, res.Generated)), Depth: res.Depth}}
	r.ask(res.Verdict == tlc.Holds, claims)
	for _, f := range append([]tlc.Finding{res.Finding}, res.Others...) {
		switch f.Verdict {
		case tlc.Deadlock:
			r.violated(law.NoDeadlock, len(f.Trace)-1)
		case tlc.InvariantViolated:
			r.violated(f.Name, len(f.Trace)-1)
		case tlc.PropertyViolated:
			if f.Name != "" { // TLC does not always say which of several
				r.Claims[f.Name] = Violated // how long a loop is, is not determined
			}
		}
	}
	if res.Verdict == tlc.Holds { // else TLC counts the actions of the counterexample again
		r.Steps = map[string]uint64{}
		for name, n := range res.ActionTotals() {
			if !n.Init && n.Generated > 0 {
				r.Steps[name] = uint64(n.Generated)
			}
		}
	}
	return r
}

// ask notes which claims were asked.
func (f *Found) ask(complete bool, claims []string) {
	verdict := NotChecked
	if complete {
		verdict = Holds
	}
	f.Claims = map[string]Verdict{}
	for _, name := range claims {
		f.Claims[name] = verdict
	}
}

func (f *Found) violated(claim string, steps int) {
	f.Claims[claim] = Violated
	if f.Shortest == nil {
		f.Shortest = map[string]int{}
	}
	f.Shortest[claim] = steps
}

// verdict is what is said of a claim: "violated (36 steps)".
func (f *Found) verdict(claim string) string {
	v := f.Claims[claim]
	switch n, known := f.Shortest[claim]; {
	case v == "":
		return "not claimed"
	case v == Violated && known:
		return fmt.Sprintf("%s (%d steps)", v, n)
	}
	return string(v)
}

// A Kind says what a change is about.
type Kind int

// Kinds of change.
const (
	New     Kind = iota // nobody has recorded it
	Claim               // the verdict on a claim, or the length of its shortest counterexample
	Count               // states, depth, how often a step was taken
	Further             // a caller's own kinds begin here
)

// A Change is one thing in which a result differs from what is expected.
type Change struct {
	Kind Kind
	Text string // a plain sentence
}

// Changes says in what a result differs from what is expected; nothing if it does not.
func Changes(want, got *Found) (list []Change) {
	differ := func(kind Kind, format string, args ...any) {
		list = append(list, Change{kind, fmt.Sprintf(format, args...)})
	}
	for _, name := range union(want.Claims, got.Claims) {
		w, g := want.verdict(name), got.verdict(name)
		switch {
		case w == g:
		case want.Claims[name] == "" && got.Claims[name] == NotChecked: // it is not asked here
		case want.Claims[name] == "":
			differ(New, "claim %s is not in the ledger (found: %s)", name, g)
		default:
			differ(Claim, "%s: %s, now %s", name, w, g)
		}
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
	return list
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
