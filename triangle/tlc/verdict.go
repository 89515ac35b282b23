package tlc

// Verdict is what a run of TLC established, or why it established nothing.
type Verdict string

// The answers: TLC's messages establish them, and [Run] returns no error.
const (
	Holds             Verdict = "holds"
	InvariantViolated Verdict = "invariant violated"
	PropertyViolated  Verdict = "property violated" // temporal or action property
	Deadlock          Verdict = "deadlock"
	AssumptionFalse   Verdict = "assumption false"
	// SimulationEnded: as many random behaviours as asked for, none violating
	// anything. It is deliberately not Holds.
	SimulationEnded Verdict = "simulation ended without a violation"
)

// The failures: [Run] returns a [RunError] that has one of them.
const (
	ParseError     Verdict = "parse error"
	ConfigError    Verdict = "configuration error"
	EvalError      Verdict = "evaluation error" // TLC met an expression without a value, or Assert(FALSE, ...)
	NoInitialState Verdict = "no initial state" // TLC itself reports "No error has been found"
	OutOfMemory    Verdict = "out of memory"
	TimeLimit      Verdict = "time limit"
	Canceled       Verdict = "canceled"
	Unknown        Verdict = "unknown" // killed from outside, contradictory or unreadable
)

// Answered reports whether v is an answer about the model.
func (v Verdict) Answered() bool {
	switch v {
	case Holds, InvariantViolated, PropertyViolated, Deadlock, AssumptionFalse, SimulationEnded:
		return true
	}
	return false
}

// Violated reports whether v is an answer that some claim does not hold.
func (v Verdict) Violated() bool { return v.Answered() && v != Holds && v != SimulationEnded }

// exitCodes are the codes that TLC 1.7.x returns with each answer.
var exitCodes = map[Verdict][]int{
	Holds:             {0},
	SimulationEnded:   {0},
	AssumptionFalse:   {10},
	Deadlock:          {11},
	InvariantViolated: {12},
	PropertyViolated:  {12, 13},
}

// Finding is one thing that TLC reported, with its counterexample.
type Finding struct {
	Verdict Verdict
	// Name is the violated invariant or property as the configuration lists it.
	// It is empty if TLC 1.7 does not say which of several properties it is:
	// then Candidates lists them.
	Name       string
	Candidates []string
	// TLC checks the conjuncts of a property one by one and tells the name of
	// the violated one (Conjunct) or else its place (Where).
	Conjunct string
	Where    string // "line 11, col 21 to line 11, col 33 of module M"
	Message  string // TLC's own words
	Trace    []TraceState
	Lasso    *Lasso // only for a temporal property
}

// TraceState is one state of a counterexample.
type TraceState struct {
	Number int    // from 1
	Action string // name of the action that led here; "" for the initial state
	Place  string // where that action stands
	Vars   map[string]Value
	Text   string // the state as TLC printed it
}

// Lasso says how an infinite counterexample goes on after its last state.
type Lasso struct {
	Stuttering bool
	BackTo     int    // number of a state, unless Stuttering
	Action     string // that leads back, unless Stuttering
}

// ActionCount is how often one action fired.
type ActionCount struct {
	Name      string
	Place     string
	Init      bool
	Distinct  int64 // new states found; depends on the order of search with several workers
	Generated int64
}

// SpecError is one error that the parser found in a module.
type SpecError struct {
	File         string // "" if TLC does not say
	Line, Column int    // 0 if TLC does not say
	Text         string
}

// Result is what a run reported. With an error beside it, it is partial.
type Result struct {
	Finding // the first failure, else the first violation, else just the verdict

	// Others are further violations found with Options.Continue, the first
	// hundred of them, or those before a failure; Violations counts all.
	Others     []Finding
	Violations int

	// Counted says that TLC gave final counts. It gives none when an initial
	// state already violates something.
	Counted   bool
	Distinct  int64 // -1 in simulation
	Generated int64
	Queue     int64
	Depth     int // may exceed the breadth-first depth with several workers
	Seconds   float64

	// Actions come from TLC's coverage report, in its order. After a violation
	// they exceed Generated: TLC runs actions again to rebuild the trace.
	Actions []ActionCount

	SpecErrors []SpecError
	Warnings   []string
	Output     []string // what the modules printed; the first thousand lines

	TLCVersion string
	ExitCode   int
	Stderr     string   // its end
	Tail       []string // last lines of standard output, coverage left out
}

// ActionTotals adds up Actions by name: a disjunct of Next that is not a
// definition of its own is counted under the name of the definition around it.
func (r *Result) ActionTotals() map[string]ActionCount {
	totals := map[string]ActionCount{}
	for _, a := range r.Actions {
		t, seen := totals[a.Name]
		if !seen {
			t = ActionCount{Name: a.Name, Place: a.Place, Init: a.Init}
		}
		t.Distinct += a.Distinct
		t.Generated += a.Generated
		totals[a.Name] = t
	}
	return totals
}

// Progress is TLC's own report, about once a minute and at the end.
type Progress struct {
	Depth     int
	Generated int64
	Distinct  int64   // -1 in simulation
	Queue     int64   // -1 in simulation
	Rate      float64 // generated states per second; 0 if TLC gave none
}
