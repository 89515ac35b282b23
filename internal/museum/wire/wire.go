// Package wire is what the museum asks of a specimen, and what a specimen
// answers: one JSON object each, on standard input and output.
//
// A specimen is internal/museum/specimen built with an entry's edits, so it is
// another program than the museum that runs it: nothing but this passes between
// them.
package wire

import "github.com/rootlock/rootlock/spec"

// A Question says what a specimen shall find out in one model.
type Question struct {
	Protocol, Model string
	Bounds          spec.Bounds

	Explore bool // all claims, exhaustively
	Live    bool // ... WalkTerminates too
	Fair    bool // ... assuming fair locks, not just running threads

	Hunt    []string // claims to look for with rapid, each by itself
	Conform bool     // look for a schedule on which model and implementation part

	Schedules int // per search
	Seed      uint64
}

// An Answer has what was asked for; the rest is nil.
type Answer struct {
	Exploration *Exploration
	Hunts       []Hunt // in the order of Question.Hunt
	Conformance *Hunt
}

// An Exploration is the answer of exhaustive search.
type Exploration struct {
	Distinct, Generated uint64
	Depth               int
	Seconds             float64
	Stopped             string // "" if all reachable states were explored
	Violations          []Violation
	Broken              []string // parts of state claims that are false in some state, as spec.AllConjuncts names them
}

// Violation is the violation of a claim, nil if it holds.
func (x *Exploration) Violation(claim string) *Violation {
	for i := range x.Violations {
		if x.Violations[i].Claim == claim {
			return &x.Violations[i]
		}
	}
	return nil
}

// A Violation is one claim's shortest counterexample.
type Violation struct {
	Claim, Conjunct, Values string
	Length                  int
	Schedule                string
}

// A Hunt is the answer of random search. Nothing was found if Length is 0.
type Hunt struct {
	Claim            string // asked; "" in a conformance search
	Length           int    // of the shrunk schedule
	Drawn            int    // of the schedule as first drawn
	Schedule         string // shrunk
	Conjunct, Values string
	Divergence       string // where model and implementation part, instead of a broken claim
	Schedules, Steps uint64 // work done, shrinking included
	Seconds          float64
	FirstAfter       float64 // seconds until the first failing schedule
}
