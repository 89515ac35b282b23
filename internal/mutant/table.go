package mutant

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// Table prints a line for each mutant, the survivors once more, and what they come to.
func Table(w io.Writer, r *Report) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprint(t, "mutant\tfunction\toperator\tseen by\twhere\tseconds\tchange\n")
	for _, x := range r.Results {
		fmt.Fprintf(t, "%s:%d\t%s\t%s\t%s\t%s\t%.2f\t%s\n", x.File, x.Line, x.Func, x.Operator, x.seenBy(), x.where(), x.Seconds, x.What())
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if list := r.Survivors(); len(list) > 0 {
		fmt.Fprintf(w, "\nsurvivors, which are not in %s:\n", Equivalents)
		for _, x := range list {
			fmt.Fprintf(w, "  %s:%d  %s: %s\n    %s\n", x.File, x.Line, x.Verdict, x.What(), x.Key())
		}
	}
	for _, x := range r.Refuted() {
		fmt.Fprintf(w, "NOT equivalent: %s:%d, by %s in %s: %s\n  the argument was: %s\n", x.File, x.Line, x.seenBy(), x.where(), x.Key(), x.Equivalent)
	}
	fmt.Fprintln(w)
	return Summary(w, r)
}

// seenBy is the verdict; of a claim its name.
func (r *Result) seenBy() string {
	switch {
	case r.Verdict == ByClaim:
		return r.Claim
	case !r.Verdict.Killed() && r.Equivalent != "":
		return "equivalent"
	case r.Narrows:
		return string(r.Verdict) + ", narrows"
	case r.Alike:
		return string(r.Verdict) + ", registers"
	}
	return string(r.Verdict)
}

// where is the model that decided, with the length of the schedule.
func (r *Result) where() string {
	if r.Trial.Protocol == "" {
		return "-"
	}
	where := r.Trial.Protocol + "/" + r.Trial.Model
	if r.Length > 0 && r.Verdict.Killed() {
		where += fmt.Sprintf(" in %d", r.Length)
	}
	return where
}

// Summary prints how many of each side were seen, by what.
func Summary(w io.Writer, r *Report) error {
	_, err := fmt.Fprintf(w, "%d of %d mutants shown in %.0f s\n", len(r.Results), r.Generated, r.Seconds)
	if r.Missing > 0 {
		fmt.Fprintf(w, "interrupted: %d mutants not shown\n", r.Missing)
	}
	for _, t := range r.Tallies() {
		share := func(n int) string { return fmt.Sprintf("%d (%.1f %%)", n, t.Percent(n)) }
		line := []string{fmt.Sprintf("%s: %d mutants", t.Side, t.Of)}
		if t.Side == Law {
			claims, can := t.By[ByClaim], t.Of-t.Narrow-t.Alike
			line = append(line, "killed by claims "+share(claims),
				fmt.Sprintf("of the %d that can break a claim %.1f %% (not counted: %d that only leave out steps of the law, and %d in which only registers differ)",
					can, percent(claims, can), t.Narrow, t.Alike),
				"by claims or by what must be possible "+share(claims+t.By[ByBegins]),
				"by these, traces, counts or graph "+share(claims+t.By[ByBegins]+t.By[ByTraces]+t.By[ByCounts]+t.By[ByGraph]),
				"by these or a panic or endless loop "+share(t.Killed()))
		} else {
			line = append(line, "killed by lockstep "+share(t.Killed()-t.By[ByBytes]), "of these by a panic or endless loop "+share(t.By[Panics]+t.By[Hangs]),
				"apart from lockstep by the bytes of pages "+share(t.By[ByBytes]))
		}
		line = append(line, "survivors "+share(t.By[Survives]), "not reached "+share(t.By[Unreached]))
		fmt.Fprintf(w, "%s; argued to be equivalent %d, refuted %d\n", strings.Join(line, ", "), t.Equivalent, t.Refuted)
	}
	return err
}

// Matrix is the report in the shape that rootlock museum --generated --json prints.
func (r *Report) Matrix() any {
	m := struct {
		OK         bool    `json:"ok"` // nothing is missing, and no argument is refuted
		Entries    []Row   `json:"entries"`
		Generated  int     `json:"generated"`
		Missing    int     `json:"missing"`
		Summary    []Tally `json:"summary"`
		Equivalent string  `json:"equivalents"`
		Seconds    float64 `json:"seconds"`
	}{r.OK(), []Row{}, r.Generated, r.Missing, r.Tallies(), Equivalents, r.Seconds}
	for _, x := range r.Results {
		m.Entries = append(m.Entries, x.Row())
	}
	return m
}

// OK reports whether all was shown and no argument is refuted. Survivors are findings, and
// not wrong.
func (r *Report) OK() bool { return r.Missing == 0 && len(r.Refuted()) == 0 }
