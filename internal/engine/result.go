package engine

import (
	"fmt"

	"github.com/rootlock/rootlock/internal/coverage"
	"github.com/rootlock/rootlock/internal/linear"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/internal/recording"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/ledger"
)

// Names of engines, as they stand in results.
const (
	Explorer   = "explorer"
	TLC        = "tlc"
	Simulation = "simulation" // by TLC: random behaviours, beyond what can be explored
	Lockstep   = "lockstep"
	Graph      = "graph"    // the whole graph of a model: tla = spec
	Tour       = "tour"     // the implementation along all of it: spec = impl
	Trace      = "trace"    // of goroutines that run freely, recorded
	Coverage   = "coverage" // of the random search, against whole graphs

	Sequential      = "sequential"      // whole operations, one at a time; and Linux's own
	Linearizability = "linearizability" // of the public operations, under native concurrency
)

// Verdict on a claim.
type Verdict = ledger.Verdict

// The verdicts.
const (
	Holds      = ledger.Holds
	Violated   = ledger.Violated
	NotChecked = ledger.NotChecked

	// NotAsked is what tables say of a claim that a protocol is not asked to have. In
	// results such a claim is not checked, and stands in NotAsked.
	NotAsked Verdict = "not asked"
)

// Refinement is checked like a claim, where a model asks for it, by TLC.
const Refinement = "Refinement"

// RefinementMeaning is the claim in words, as [spec.Claim.Meaning] is of the others.
const RefinementMeaning = "The critical sections are those of `tla/FamilyMutex.tla`: one mutex for a family, taken in one step. Where walkers share the lock: those of `tla/FamilyRwlock.tla`."

// A Result is what one engine found in one model. The JSON fields are a
// contract; fields may be added.
type Result struct {
	Protocol       string             `json:"protocol"`
	Model          string             `json:"model"`
	Engine         string             `json:"engine"`
	Bound          string             `json:"bound"`
	Distinct       uint64             `json:"distinct"`
	Generated      uint64             `json:"generated"`
	Depth          int                `json:"depth"`
	Seconds        float64            `json:"seconds"`
	Claims         map[string]Verdict `json:"claims"`
	Counterexample string             `json:"counterexample"` // the shortest of all; see Violations
	AsExpected     bool               `json:"as_expected"`

	NotAsked      []string          `json:"not_asked,omitempty"` // claims that the protocol breaks by design and without harm: see spec.WhyNotAsked
	Steps         map[string]uint64 `json:"steps,omitempty"`     // generated states by the step that led there
	Violations    []Violation       `json:"violations,omitempty"`
	BytesPerState float64           `json:"bytes_per_state,omitempty"` // explorer, of many states
	Schedules     uint64            `json:"schedules,omitempty"`       // lockstep: drawn
	Refused       map[string]uint64 `json:"refused,omitempty"`         // lockstep, hunt: by step, what the model disabled and the code refused
	Seed          uint64            `json:"seed,omitempty"`            // lockstep, hunt: of the first schedule
	Summary       string            `json:"summary,omitempty"`         // of engines that answer for no claim
	Differences   []string          `json:"differences,omitempty"`

	Recorded *recording.Tally  `json:"recorded,omitempty"` // trace: what was recorded and judged
	Coverage *coverage.Against `json:"coverage,omitempty"`
	Linear   *linear.Tally     `json:"linear,omitempty"` // linearizability: the histories

	Broken []string `json:"-"` // explorer: the parts of claims that are false in some state, as spec.AllConjuncts names them

	coverage coverage.Coverage // lockstep: of all schedules
}

// A Violation is one claim's shortest counterexample.
type Violation struct {
	Claim    string `json:"claim"`
	Conjunct string `json:"conjunct"`
	Values   string `json:"values"`
	Length   int    `json:"length"`          // steps
	Schedule string `json:"schedule"`        // "" if the engine has none (TLC's refinement)
	Model    string `json:"model,omitempty"` // lockstep: where the claim was hunted, if elsewhere than the result's model
}

// Name is where the result belongs: OwnLock/Small tlc.
func (r *Result) Name() string { return fmt.Sprintf("%s/%s %s", r.Protocol, r.Model, r.Engine) }

func newResult(m *models.Model, engine string) *Result {
	r := &Result{Protocol: m.Protocol.String(), Model: m.Name, Engine: engine, Bound: m.Bounds.String(), Claims: map[string]Verdict{}, AsExpected: true}
	for _, c := range spec.Claims() {
		r.Claims[c.String()] = NotChecked
		if !m.Protocol.Asks(c) {
			r.NotAsked = append(r.NotAsked, c.String())
		}
	}
	return r
}

// violated records a counterexample on the model; the first one recorded is the
// result's own if none shorter follows.
func (r *Result) violated(m *spec.Model, c spec.Claim, sch spec.Schedule, s *spec.State) {
	v := Violation{Claim: c.String(), Length: len(sch), Schedule: m.FormatSchedule(sch)}
	v.Conjunct, v.Values = m.Explain(s, c)
	r.add(v)
}

func (r *Result) add(v Violation) {
	r.Claims[v.Claim] = Violated
	shortest := true
	for _, o := range r.Violations {
		shortest = shortest && (o.Schedule == "" || v.Length < o.Length)
	}
	if shortest {
		r.Counterexample = v.Schedule
	}
	r.Violations = append(r.Violations, v)
}

// Violation is the counterexample to a claim, nil if there is none.
func (r *Result) Violation(claim string) *Violation {
	for i := range r.Violations {
		if r.Violations[i].Claim == claim {
			return &r.Violations[i]
		}
	}
	return nil
}
