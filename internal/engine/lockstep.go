package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/rootlock/rootlock/internal/conform"
	"github.com/rootlock/rootlock/internal/hunt"
	"github.com/rootlock/rootlock/internal/lockstep"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/internal/report"
	"github.com/rootlock/rootlock/spec"
)

const (
	huntSchedules = 60_000 // per seed, within which rapid must find what the explorer found
	keptSchedules = 1_000  // per seed, on bounds far beyond the explorer's
)

// Hunt answers for a protocol by random search with rapid, on model and
// implementation in lockstep. A claim that the explorer found broken is hunted
// where the explorer's counterexample is shortest; all the others are asked
// together on wide bounds. The explorer's answers are what is expected. Only the given
// claims are asked.
func Hunt(ctx context.Context, p spec.Protocol, list []*models.Model, found []*Result, only spec.ClaimSet) (*Result, error) {
	start := time.Now()
	m, err := models.Beyond(p)
	if err != nil {
		return nil, err
	}
	wide := m.Model
	r := newResult(m, Lockstep)
	kept := (spec.StateClaims | spec.NoDeadlock.Set()) & only
	for _, c := range spec.Claims() {
		m, shortest := shortestFor(p, c, list, found)
		if m == nil || c.Temporal() || !only.Has(c) {
			continue
		}
		kept &^= c.Set()
		h, err := hunted(ctx, m.Model, c.Set(), huntSchedules)
		if err != nil {
			return nil, err
		}
		r.Schedules += h.Schedules
		r.Generated += h.Steps
		r.coverage.Add(&h.Coverage)
		if h.Failure == nil {
			r.Claims[c.String()] = Holds
			r.Differences = append(r.Differences, fmt.Sprintf("%s: rapid drew %d schedules of %s and none breaks %s; the explorer has one of %d steps", r.Name(), h.Schedules, m.FullName(), c, shortest))
			continue
		}
		if h.Failure.Divergence != nil {
			return nil, parted(m.Model, h.Failure)
		}
		r.add(Violation{Claim: c.String(), Conjunct: h.Failure.Conjunct, Values: h.Failure.Values, Length: len(h.Failure.Schedule), Schedule: m.FormatSchedule(h.Failure.Schedule), Model: m.Name})
	}
	for _, c := range spec.Claims() {
		if kept.Has(c) {
			r.Claims[c.String()] = Holds
		}
	}
	if kept == 0 {
		r.Seconds = time.Since(start).Seconds()
		return r, nil
	}
	for _, name := range conform.Models { // whose graphs say what there is to exercise
		m, err := models.Find(p, name)
		if err != nil {
			return nil, err
		}
		if err := r.ask(ctx, m.Model, kept); err != nil {
			return nil, err
		}
	}
	if err := r.ask(ctx, wide, kept); err != nil {
		return nil, err
	}
	r.Seconds = time.Since(start).Seconds()
	return r, nil
}

// ask asks claims that hold, in random schedules of m. One that breaks is a difference.
func (r *Result) ask(ctx context.Context, m *spec.Model, kept spec.ClaimSet) error {
	h, err := hunted(ctx, m, kept, keptSchedules)
	if err != nil {
		return err
	}
	r.Schedules += h.Schedules
	r.Generated += h.Steps
	r.coverage.Add(&h.Coverage)
	if f := h.Failure; f != nil {
		if f.Divergence != nil {
			return parted(m, f)
		}
		r.add(Violation{Claim: f.Claim.String(), Conjunct: f.Conjunct, Values: f.Values, Length: len(f.Schedule), Schedule: m.FormatSchedule(f.Schedule), Model: m.Name})
		r.Differences = append(r.Differences, fmt.Sprintf("%s: %s breaks in random schedules of %s, and in no explored model: %s", r.Name(), f.Claim, m.Name, m.FormatSchedule(f.Schedule)))
	}
	return nil
}

// parted says where model and implementation part, and how to see it again.
func parted(m *spec.Model, f *hunt.Failure) error {
	return fmt.Errorf("rootlock: %s/%s: %w; replay: %s", m.Protocol, m.Name, f.Divergence, report.Command(m, f.Schedule))
}

func hunted(ctx context.Context, m *spec.Model, claims spec.ClaimSet, schedules int) (_ *hunt.Result, err error) {
	run, err := lockstep.New(m)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, run.Close()) }()
	return hunt.Find(ctx, m, run, claims, hunt.Options{Schedules: schedules})
}

// shortestFor finds the model in which the explorer breaks c with the fewest steps;
// of several the one with the fewest states, where a random search meets it soonest: in a
// large model only if no other shows it.
func shortestFor(p spec.Protocol, c spec.Claim, list []*models.Model, found []*Result) (best *models.Model, length int) {
	var states uint64
	for _, r := range found {
		v := r.Violation(c.String())
		if r.Protocol != p.String() || r.Engine != Explorer || v == nil {
			continue
		}
		i := slices.IndexFunc(list, func(m *models.Model) bool { return m.Protocol == p && m.Name == r.Model })
		if i < 0 {
			continue
		}
		m, better := list[i], true
		switch {
		case best == nil:
		case m.Large() != best.Large():
			better = best.Large()
		default:
			better = v.Length < length || v.Length == length && r.Distinct < states
		}
		if better {
			best, length, states = m, v.Length, r.Distinct
		}
	}
	return best, length
}
