package conform

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/rootlock/rootlock/triangle/lanes"
	"github.com/rootlock/rootlock/triangle/law"
	"github.com/rootlock/rootlock/triangle/sched"
	"github.com/rootlock/rootlock/triangle/shrink"
	"github.com/rootlock/rootlock/triangle/tlc"
)

// testLimit is the most states that a test holds.
const testLimit = 200_000

// Check is a test that takes the code along every edge of the law's graph, and has it refuse
// what disabled lists in each state: see [Driver.Disabled], and [Refusals]. Where law and code
// part, it shows a short schedule that leads there.
func Check[S, M comparable](t testing.TB, l law.Law[S, M], r Runner[S, M], disabled func(s *S) (moves []M, others int)) {
	t.Helper()
	g, err := Explore(t.Context(), l, testLimit)
	if err != nil {
		t.Fatal(err)
	}
	d := NewDriver(t.Context(), g, r)
	d.Disabled = disabled
	if err := d.Drive(NewTour(g)); err != nil {
		t.Fatal(told(g, r, err))
	}
	if !d.Report.Complete() || disabled != nil && d.Report.Refused == 0 {
		t.Fatalf("that is not all of the graph, or nothing was refused: %s", d.Report.String())
	}
	t.Log(d.Report.String())
}

// told is why a tour ended. A tour comes to a failure late, so it looks for a shorter way.
func told[S, M comparable](g *Graph[S, M], r Runner[S, M], err error) string {
	var f *Failure[M]
	if !errors.As(err, &f) {
		return err.Error()
	}
	sch, text := f.Schedule, err.Error()
	if short, again := shorter(g, r, f); len(short) < len(sch) {
		sch, text = short, fmt.Sprintf("%s\n%d steps do as well: %v", text, len(short), again)
	}
	shown, last := sch, ""
	if f.Refused {
		shown = sch[:len(sch)-1]
		last = "then, where the law disables it: " + g.Law.Format(sch[len(sch)-1]) + "\n"
	}
	var table strings.Builder
	if err := lanes.Write(&table, g.Law, g.States[0], shown, lanes.Options[S]{}); err != nil {
		fmt.Fprintln(&table, err)
	}
	var panicked *sched.Failure
	if errors.As(f.Err, &panicked) {
		last += string(panicked.Stack)
	}
	return fmt.Sprintf("%s\n%s%sschedule: %s", text, table.String(), last, law.Text(g.Law, sch))
}

// shorter looks for a shorter schedule on which law and code part, in the graph and then by
// leaving out. It says how they part there.
func shorter[S, M comparable](g *Graph[S, M], r Runner[S, M], f *Failure[M]) ([]M, error) {
	last := len(f.Schedule) - 1
	before := g.States[0]
	for _, mv := range f.Schedule[:last] {
		g.Law.Apply(&before, mv)
	}
	i := slices.Index(g.States, before)
	if i < 0 {
		return f.Schedule, f.Err
	}
	paths := g.Paths()
	sch := append(paths.To(i), f.Schedule[last])
	var how error
	if f.Refused {
		how = errors.Join(r.Reset(), play(r, sch[:len(sch)-1]))
		if how != nil {
			return f.Schedule, f.Err
		}
		if _, _, how = r.Refuse(f.Schedule[last]); how == nil {
			return f.Schedule, f.Err
		}
		return sch, how
	}
	x := &shrink.Subject[S, M]{Law: g.Law, Runner: r, Failed: func(err error) bool { how = err; return err != nil }}
	if !x.Fails(sch) {
		sch = f.Schedule
	}
	sch, err := x.Schedule(sch)
	if err != nil || !x.Fails(sch) {
		return f.Schedule, f.Err
	}
	return sch, how
}

func play[S, M comparable](r Runner[S, M], sch []M) error {
	for _, mv := range sch {
		if err := r.Do(mv); err != nil {
			return err
		}
	}
	return nil
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
