package engine

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/tlc"
)

// TLCOptions say how TLC is run.
type TLCOptions struct {
	Installation tlc.Installation
	Files        fs.FS
	Overlay      map[string][]byte // museum: modules that override
	Module       string            // museum: the root module, which overrides the law; default: the model's
	Workers      int               // 0: one, which makes counts and counterexamples repeatable; where termination is asked always one
	TimeLimit    time.Duration
	States       uint64   // that are expected, if known: a short run is shorter without Java's optimising compiler
	Violated     []string // claims that are expected to be violated, each asked in a run of its own
	Progress     func(tlc.Progress)
	Quiet        func(silent time.Duration, last string) // TLC has printed nothing for long

	// Distributed has TLC's server and workers run the model. They answer for the
	// claims that are expected to hold, without the temporal ones, and nothing is
	// asked of the others.
	Distributed *tlc.Distributed

	// Simulate has TLC draw random behaviours instead of looking at all states;
	// the rest as for Distributed.
	Simulate *tlc.Simulation
}

// safetyOnly: what is asked is one run, of the claims that are expected to hold.
func (o *TLCOptions) safetyOnly() bool { return o.Distributed != nil || o.Simulate != nil }

// AskTLC answers for a model by TLC. First all claims that are expected to hold
// are asked in one complete run, which gives the counts; then each claim that is
// expected to be violated in a run of its own, where nothing else can be
// violated instead. A claim that surprises, either way, stands in the result as
// it was found; the ledger is what calls it a surprise.
func AskTLC(ctx context.Context, m *models.Model, o TLCOptions) (*Result, error) {
	start := time.Now()
	r := newResult(m, TLC)
	if o.Simulate != nil {
		r.Engine, r.Schedules = Simulation, uint64(o.Simulate.Traces)
		r.Bound = fmt.Sprintf("%s; %d random behaviours of at most %d steps, seed %d", r.Bound, o.Simulate.Traces, o.Simulate.Depth, o.Simulate.Seed)
	}
	o.Violated = slices.DeleteFunc(slices.Clone(o.Violated), func(name string) bool { // the expectation may be of another day
		return name != spec.NoDeadlock.String() && !slices.Contains(m.Config.Invariants, name) && !slices.Contains(m.Config.Properties, name)
	})
	var keep, properties []string
	for _, name := range m.Config.Invariants {
		if !slices.Contains(o.Violated, name) {
			keep = append(keep, name)
		}
	}
	for _, name := range m.Config.Properties {
		if !slices.Contains(o.Violated, name) && !o.safetyOnly() {
			properties = append(properties, name)
		}
	}
	deadlock := !slices.Contains(o.Violated, spec.NoDeadlock.String())
	if err := askHolding(ctx, m, o, r, keep, properties, deadlock); err != nil {
		return r, err
	}
	for _, name := range o.Violated {
		if r.Violation(name) == nil && !o.safetyOnly() {
			if err := askViolated(ctx, m, o, r, name); err != nil {
				return r, err
			}
		}
	}
	r.Seconds = time.Since(start).Seconds()
	return r, nil
}

// askHolding runs all claims at once. If one is violated after all, it is taken
// out and recorded, and the rest is asked again.
func askHolding(ctx context.Context, m *models.Model, o TLCOptions, r *Result, invariants, properties []string, deadlock bool) error {
	for {
		// A simulation has no counts that mean anything.
		res, err := run(ctx, m, o, m.Config.WithInvariants(invariants...).WithProperties(properties...), deadlock, o.Simulate == nil)
		if err != nil {
			return err
		}
		if res.Verdict == tlc.Holds || res.Verdict == tlc.SimulationEnded {
			count(m, r, res)
			for _, name := range append(slices.Clone(invariants), properties...) {
				r.Claims[name] = Holds
			}
			if deadlock {
				r.Claims[spec.NoDeadlock.String()] = Holds
			}
			return nil
		}
		if res.Verdict == tlc.PropertyViolated && len(properties) > 1 { // TLC does not say which
			var kept []string
			for _, name := range properties {
				if err := askViolated(ctx, m, o, r, name); err != nil {
					return err
				}
				if r.Claims[name] == Holds {
					kept = append(kept, name)
				}
			}
			if len(kept) == len(properties) {
				return fmt.Errorf("rootlock: TLC on %s: one of %s is violated, and each holds alone", m.FullName(), strings.Join(properties, ", "))
			}
			properties = kept
			continue
		}
		name, err := record(m, o, r, res, properties)
		if err != nil {
			return err
		}
		invariants = slices.DeleteFunc(slices.Clone(invariants), func(n string) bool { return n == name })
		properties = slices.DeleteFunc(slices.Clone(properties), func(n string) bool { return n == name })
		deadlock = deadlock && name != spec.NoDeadlock.String()
	}
}

// askViolated runs one claim alone.
func askViolated(ctx context.Context, m *models.Model, o TLCOptions, r *Result, name string) error {
	config := m.Config.WithInvariants().WithProperties()
	switch {
	case name == spec.NoDeadlock.String():
	case slices.Contains(m.Config.Properties, name):
		config.Properties = []string{name}
	default:
		config.Invariants = []string{name}
	}
	res, err := run(ctx, m, o, config, name == spec.NoDeadlock.String(), false)
	if err != nil {
		return err
	}
	if res.Verdict == tlc.Holds {
		r.Claims[name] = Holds
		return nil
	}
	got, err := record(m, o, r, res, config.Properties)
	if err == nil && got != name {
		err = fmt.Errorf("rootlock: TLC on %s: asked for %s alone, it reports %s violated", m.FullName(), name, got)
	}
	return err
}

// shortRun is the number of states below which Java's optimising compiler costs
// more than it gains: a model of 600 states took 1.3 to 2.0 s without and 3.1 s
// with it, one of 40,000 states 10 s and 8 s.
const shortRun = 10_000

// shortSimulation is how many random behaviours take less time than it takes to compile.
const shortSimulation = 10

func run(ctx context.Context, m *models.Model, o TLCOptions, config *tlc.Config, deadlock, counts bool) (*tlc.Result, error) {
	config.CheckDeadlock = &deadlock
	overlay := map[string][]byte{m.File: []byte(config.String())}
	for name, text := range o.Overlay {
		overlay[name] = text
	}
	module, workers := o.Module, o.Workers
	if module == "" {
		module = m.Module()
	}
	if workers == 0 || len(config.Properties) > 0 { // with more this TLC misses violations: defects.go
		workers = 1
	}
	var jvm []string
	if o.States > 0 && o.States < shortRun || o.Simulate != nil && o.Simulate.Traces < shortSimulation {
		jvm = []string{"-XX:TieredStopAtLevel=1"}
	}
	return tlc.Run(ctx, tlc.Options{JVM: jvm, Installation: o.Installation, Files: o.Files, Overlay: overlay, Module: module, Config: m.File,
		Workers: workers, NoCounts: !counts, TimeLimit: o.TimeLimit, Progress: o.Progress, Quiet: o.Quiet, Distributed: o.Distributed, Simulate: o.Simulate})
}

// count takes over the counts of a complete run. Rest is nobody's step: its
// stuttering is not counted, so that the counts are the explorer's too. Where
// fairness is assumed TLC's coverage also counts the evaluation of the fairness
// conditions: such a result has no steps.
func count(m *models.Model, r *Result, res *tlc.Result) {
	r.Distinct, r.Generated, r.Depth = uint64(max(0, res.Distinct)), uint64(res.Generated), max(0, res.Depth) // a simulation knows neither states nor depth
	if len(res.ActionTotals()) == 0 {                                                                         // TLC's server does not count them
		return
	}
	if m.Live() {
		r.Generated -= uint64(res.ActionTotals()["Rest"].Generated)
		return
	}
	r.Steps = map[string]uint64{}
	for name, n := range res.ActionTotals() {
		switch {
		case n.Init || n.Generated == 0:
		case name == "Rest":
			r.Generated -= uint64(n.Generated)
		default:
			step, _, _ := strings.Cut(name, "_") // <Step>_<Bug> in the museum
			r.Steps[step] += uint64(n.Generated)
		}
	}
}

// record takes over a violation and says which claim it is.
func record(m *models.Model, o TLCOptions, r *Result, res *tlc.Result, properties []string) (claim string, err error) {
	v := Violation{Length: len(res.Trace) - 1}
	switch res.Verdict {
	case tlc.Deadlock:
		v.Claim = spec.NoDeadlock.String()
	case tlc.InvariantViolated:
		v.Claim = res.Name
	case tlc.PropertyViolated:
		if len(properties) != 1 {
			return "", fmt.Errorf("rootlock: TLC on %s: a temporal property is violated, and it was asked for several: %s", m.FullName(), strings.Join(properties, ", "))
		}
		v.Claim, v.Values = properties[0], strings.TrimSpace(res.Message)
	default:
		return "", fmt.Errorf("rootlock: TLC on %s: unexpected verdict %q", m.FullName(), res.Verdict)
	}
	if _, known := r.Claims[v.Claim]; !known && v.Claim != Refinement {
		return "", fmt.Errorf("rootlock: TLC on %s: %q is violated, which is no claim", m.FullName(), v.Claim)
	}
	if o.Module != "" { // another law than the model's: nothing to replay it on
		r.add(v)
		return v.Claim, nil
	}
	sch, err := models.Schedule(m.Model, res.Trace)
	if err != nil {
		return "", err
	}
	v.Schedule, v.Length = m.FormatSchedule(sch), len(sch)
	if c, err := spec.ClaimByName(v.Claim); err == nil && !c.Temporal() {
		s := m.Init()
		if err := m.Run(&s, sch, nil); err != nil {
			return "", err
		}
		if v.Conjunct, v.Values = m.Explain(&s, c); v.Conjunct == "" {
			return "", fmt.Errorf("rootlock: TLC on %s: the model keeps %s in the last state of TLC's counterexample %s", m.FullName(), v.Claim, v.Schedule)
		}
	}
	r.add(v)
	return v.Claim, nil
}
