package conform

import (
	"testing"

	"github.com/rootlock/rootlock/triangle/law"
	"github.com/rootlock/rootlock/triangle/tlc"
)

// testLimit is the most states that a test holds.
const testLimit = 200_000

// Check is a test that takes the code along every edge of the law's graph, and has it refuse
// what disabled lists in each state: see [Driver.Disabled], and [Refusals].
func Check[S, M comparable](t testing.TB, l law.Law[S, M], r Runner[S, M], disabled func(s *S) (moves []M, others int)) {
	t.Helper()
	g, err := Explore(t.Context(), l, testLimit)
	if err != nil {
		t.Fatal(err)
	}
	d := NewDriver(t.Context(), g, r)
	d.Disabled = disabled
	if err := d.Drive(NewTour(g)); err != nil {
		t.Fatal(err)
	}
	if !d.Report.Complete() || disabled != nil && d.Report.Refused == 0 {
		t.Fatalf("that is not all of the graph, or nothing was refused: %s", d.Report.String())
	}
	t.Log(d.Report.String())
}

// Equal is a test that compares the law's graph with TLC's: see [Dump] and [Compare].
func Equal[S, M comparable](t testing.TB, l law.Law[S, M], o tlc.Options, state func(vars map[string]tlc.Value) (S, error)) {
	t.Helper()
	g, err := Explore(t.Context(), l, testLimit)
	if err != nil {
		t.Fatal(err)
	}
	dumped, err := Dump(t.Context(), l, o, state)
	if err != nil {
		t.Fatal(err)
	}
	if d := Compare(g, dumped); d != nil {
		t.Fatal(d.Report(l.Format, "the explorer", "TLC"))
	}
	t.Logf("TLC has the same %d states and the same edges", len(g.States))
}
