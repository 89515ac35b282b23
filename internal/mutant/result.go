package mutant

import (
	"github.com/rootlock/rootlock/internal/engine"
	"github.com/rootlock/rootlock/internal/mutant/wire"
)

// A Verdict is what became of a mutant.
type Verdict string

// The verdicts. All but the last two are kills.
const (
	ByClaim   Verdict = "claim"       // breaks a claim that the law keeps
	ByBegins  Verdict = "possible"    // breaks no claim, but an operation begins where it is not possible, or does not where it is
	ByTraces  Verdict = "traces"      // a state or result is not what Linux recorded
	ByCounts  Verdict = "counts"      // another number of states, moves, levels, or of some step
	ByGraph   Verdict = "graph"       // the numbers are the same, the states or edges are not
	Parts     Verdict = "parts"       // model and implementation part
	ByBytes   Verdict = "bytes"       // in step, but a page has other bytes than were written
	Panics    Verdict = "panics"      // the mutated code does
	Hangs     Verdict = "hangs"       // the mutated code does not end, or waits for ever
	Survives  Verdict = "survives"    // nothing tells it from the code as it is
	Unreached Verdict = "not reached" // no trial comes to the code that it changes
)

// Killed reports whether the mutant was told from the code as it is.
func (v Verdict) Killed() bool { return v != Survives && v != Unreached }

// A Result is a mutant and what became of it.
type Result struct {
	*Mutant
	Verdict    Verdict
	Trial      wire.Trial // that decided
	Narrows    bool       // takes no step that the law does not: no claim about states can tell it
	Alike      bool       // differs from the law in registers that nobody reads: no claim can tell it either
	Claim      string
	Length     int    // of the counterexample, or of the schedule on which they part
	Said       string // the panic; where they part
	Equivalent string // the argument that it is no mistake; "" if there is none
	Seconds    float64
}

// A Row is a result in JSON. The fields up to Seconds are those of the hand-made entries.
type Row struct {
	Entry    string  `json:"entry"`
	Kind     string  `json:"kind"`
	Protocol string  `json:"protocol"`
	Engine   string  `json:"engine"`
	Killed   bool    `json:"killed"`
	Claim    string  `json:"claim"`
	Shortest int     `json:"shortest"`
	Shrunk   int     `json:"shrunk"` // always 0: nothing is shrunk here; see steps
	Seconds  float64 `json:"seconds"`

	Verdict    Verdict  `json:"verdict"`
	Model      string   `json:"model"`
	File       string   `json:"file"`
	Line       int      `json:"line"`
	Func       string   `json:"function"`
	Operator   Operator `json:"operator"`
	Was        string   `json:"was"`
	Now        string   `json:"now,omitempty"`
	Steps      int      `json:"steps,omitempty"` // of the schedule on which model and implementation part
	Values     string   `json:"values,omitempty"`
	Narrows    bool     `json:"narrows,omitempty"` // takes no step that the law does not
	Alike      bool     `json:"alike,omitempty"`   // differs in registers that nobody reads
	Equivalent string   `json:"equivalent,omitempty"`
}

// Row is the result's row.
func (r *Result) Row() Row {
	row := Row{Entry: r.Key(), Kind: "generated", Protocol: r.Trial.Protocol, Engine: engine.Explorer, Killed: r.Verdict.Killed(), Claim: r.Claim,
		Shortest: r.Length, Seconds: r.Seconds, Verdict: r.Verdict, Model: r.Trial.Model, File: r.File, Line: r.Line, Func: r.Func,
		Operator: r.Operator, Was: r.Was, Now: r.Now, Values: r.Said, Narrows: r.Narrows, Alike: r.Alike, Equivalent: r.Equivalent}
	if r.Side == Code {
		row.Engine, row.Shortest, row.Steps = engine.Lockstep, 0, r.Length
	}
	return row
}

// A Report is the results in the order of the source.
type Report struct {
	Generated int // of which the results are a sample, or all
	Results   []*Result
	Missing   int // chosen, and not judged
	Seconds   float64
}

// A Tally counts the results of one side. Those that are argued to be equivalent and live
// are apart: Of is without them.
type Tally struct {
	Side       Side            `json:"side"`
	Of         int             `json:"mutants"`
	By         map[Verdict]int `json:"by"`
	Narrow     int             `json:"narrow"` // of those killed, by no claim: they take no step that the law does not
	Alike      int             `json:"alike"`  // ... they differ from the law in registers that nobody reads
	Equivalent int             `json:"equivalent"`
	Refuted    int             `json:"refuted"` // argued to be equivalent, and killed
}

// Killed is how many were told from the code as it is.
func (t *Tally) Killed() int { return t.Of - t.By[Survives] - t.By[Unreached] }

// Percent is n of the mutants that count.
func (t *Tally) Percent(n int) float64 { return percent(n, t.Of) }

func percent(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return 100 * float64(n) / float64(of)
}

// Tallies counts each side that has results.
func (r *Report) Tallies() (list []Tally) {
	for _, side := range Sides() {
		t := Tally{Side: side, By: map[Verdict]int{}}
		for _, x := range r.Results {
			switch {
			case x.Side != side:
				continue
			case x.Equivalent != "" && !x.Verdict.Killed():
				t.Equivalent++
				continue
			case x.Equivalent != "":
				t.Refuted++
			}
			t.Of++
			if x.Narrows {
				t.Narrow++
			}
			if x.Alike {
				t.Alike++
			}
			t.By[x.Verdict]++
		}
		if t.Of+t.Equivalent > 0 {
			list = append(list, t)
		}
	}
	return list
}

// Survivors lists what nothing told from the code as it is, and nobody argued away.
func (r *Report) Survivors() (list []*Result) {
	for _, x := range r.Results {
		if !x.Verdict.Killed() && x.Equivalent == "" {
			list = append(list, x)
		}
	}
	return list
}

// Refuted lists what was argued to be equivalent, and is not.
func (r *Report) Refuted() (list []*Result) {
	for _, x := range r.Results {
		if x.Verdict.Killed() && x.Equivalent != "" {
			list = append(list, x)
		}
	}
	return list
}
