package museum

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rootlock/rootlock/internal/engine"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/museum"
	"github.com/rootlock/rootlock/triangle/tlc"
)

// A Kind is what an entry is there to show.
type Kind string

// The kinds of entries.
const (
	Mistake Kind = "mistake" // breaks a claim that the law keeps
	Repair  Kind = "repair"  // keeps a claim that the law breaks
	NoOp    Kind = "noop"    // changes no behaviour: whoever kills it is wrong
	Unseen  Kind = "unseen"  // breaks something, and no claim sees it: a gap in the claims, on record
)

// Names of engines: who is asked about an entry.
const (
	Explorer = engine.Explorer
	TLC      = engine.TLC
	Rapid    = "rapid"
	Lockstep = engine.Lockstep
)

// Engines lists all engines in the order in which they are asked.
func Engines() []string { return []string{Explorer, TLC, Rapid, Lockstep} }

// An Entry is one known mistake, repair or no-op.
type Entry struct {
	Name  string // of the file, and the suffix of what overrides
	Story string // prose

	Protocol spec.Protocol
	Model    *models.Model // as the law has it
	Kind     Kind
	Engines  []string // who must see it; all but for a stated reason

	Expect []Expectation // asked of every engine
	Also   []Expectation // what else differs from the law in this model, by the explorer

	Remains []Remaining // what a repair does not mend, asked of explorer and TLC

	Definitions  string         // TLA+ operators
	Replacements []tlc.Constant // what they override
	Files        []museum.File  // edits of spec/ and impl/, from the module's root
}

// An Expectation is a claim whose verdict differs from the law's.
type Expectation struct {
	Claim   spec.Claim
	Verdict engine.Verdict // Holds or Violated
}

func (x Expectation) String() string { return fmt.Sprintf("%s %s", x.Claim, x.Verdict) }

// A Remaining is a claim that the law breaks in a model, and a repair too.
type Remaining struct {
	Model *models.Model
	Claim spec.Claim
}

// Violated lists the expected claims that the entry breaks.
func (e *Entry) Violated() []spec.Claim { return e.claims(engine.Violated) }

// Kept lists the expected claims that the entry keeps.
func (e *Entry) Kept() []spec.Claim { return e.claims(engine.Holds) }

func (e *Entry) claims(v engine.Verdict) []spec.Claim {
	var list []spec.Claim
	for _, x := range e.Expect {
		if x.Verdict == v {
			list = append(list, x.Claim)
		}
	}
	return list
}

// Asks reports whether the entry is for the engine.
func (e *Entry) Asks(name string) bool { return slices.Contains(e.Engines, name) }

// Module is the name of the root module that TLC checks.
func (e *Entry) Module() string { return e.Model.Module() + "_" + e.Name }

// Title is the story's first sentence or line.
func (e *Entry) Title() string {
	line, _, _ := strings.Cut(e.Story, "\n")
	return strings.TrimSpace(line)
}
