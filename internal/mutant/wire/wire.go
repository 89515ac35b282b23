// Package wire is what internal/mutant asks of a subject, and what the subject answers: one
// JSON object on a line each, on standard input and output.
//
// A subject is internal/mutant/subject, built with all mutants of one side. The first line
// that it reads is its Setup; then it answers questions until its input ends.
package wire

import "github.com/rootlock/rootlock/spec"

// NoMemory is what a subject says last that a mutant has made take memory without end.
const NoMemory = "the mutated code takes memory without end"

// A Setup is the same for all questions.
type Setup struct {
	Mutants uint32 // how many there are
	Trials  []Trial
	Seed    uint64
	Traces  string // the directory of the kernel's
}

// A Trial is what a mutant is shown to: a model to explore or to drive the implementation
// through, random schedules of a model, or the kernel's traces.
type Trial struct {
	Protocol, Model string
	Bounds          spec.Bounds
	Kind            Kind
	Schedules       int             // of the random kinds
	Leads           []spec.Schedule // of kind Led; of Random: taken before the random ones; of Lockstep: these begin with them
}

// A Kind of trial.
type Kind uint8

// The kinds: of the law the first three, of the code the others.
const (
	Explored Kind = iota // every state of a model
	Random               // random schedules of a model that is too large for that
	Traced               // the kernel's traces
	Toured               // every edge of a model, in lockstep
	Lockstep             // random schedules, in lockstep
	Led                  // schedules that lead to what a broken protocol breaks, in lockstep
)

// An Ask says what is asked of a mutant of the law.
type Ask uint8

// The questions.
const (
	Claims  Ask = iota // is one violated? And what are the counts?
	Live               // does an operation never end?
	Same               // is the graph the law's, state by state, with what each refuses?
	Narrows            // is every move one of the law's, with the law's successor?
	Alike              // side by side with the law: always the same moves, the same world, the same claims?
	Begins             // does an operation begin where it is possible, and nowhere else?
)

// A Question is about one mutant in one trial.
type Question struct {
	Mutant uint32 // 0: what does the code do as it is?
	Trial  int
	Ask    Ask

	Kept   []string // claims that the law keeps there: nothing else is a kill
	States uint64   // stop after so many; 0: no limit
	Calls  uint64   // ... or when the mutated code has asked so often who it is
}

// An Answer is what became of it.
type Answer struct {
	Counts  Counts
	Claim   string // violated, of those that the law keeps
	Length  int    // of the shortest counterexample; in lockstep: of the schedule
	Said    string // what it panicked with; where model and implementation parted
	Hangs   bool
	Panics  bool
	Differs bool // the answer to Same, Narrows, Alike and Begins is no; of traces: a state or result is not the kernel's
	Bytes   bool // in lockstep: a page has others than were written
	Seconds float64

	// Of the code as it is only.
	Kept  []string // claims that hold
	Calls uint64   // how often it asked
	Asked []uint32 // the mutants that it asked about: the others change nothing in this trial
}

// Counts are what an exploration counted.
type Counts struct {
	Distinct, Generated uint64
	Depth               int
	Stopped             string // why not all was explored
	PerStep             []uint64
}

// Equal reports whether all counts are the same.
func (c *Counts) Equal(o *Counts) bool {
	if c.Distinct != o.Distinct || c.Generated != o.Generated || c.Depth != o.Depth || c.Stopped != o.Stopped {
		return false
	}
	for i := range c.PerStep {
		if c.PerStep[i] != o.PerStep[i] {
			return false
		}
	}
	return len(c.PerStep) == len(o.PerStep)
}

// Within reports whether no count but the depth is larger than o's.
func (c *Counts) Within(o *Counts) bool {
	for i := range c.PerStep {
		if c.PerStep[i] > o.PerStep[i] {
			return false
		}
	}
	return c.Distinct <= o.Distinct && c.Generated <= o.Generated && len(c.PerStep) == len(o.PerStep)
}
