package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"

	"github.com/rootlock/rootlock/internal/conform"
	"github.com/rootlock/rootlock/internal/lockstep"
	"github.com/rootlock/rootlock/internal/mutant/active"
	"github.com/rootlock/rootlock/internal/mutant/wire"
	"github.com/rootlock/rootlock/spec"
)

// tour drives the implementation along every edge of the model's graph, attempts what the
// model disables, and then runs everything to its end after every edge.
func tour(m *spec.Model, a *wire.Answer) error {
	g, err := conform.Explore(context.Background(), m)
	if err != nil {
		return err
	}
	driven, err := conform.Drive(context.Background(), g, conform.NewTour(g))
	if driven != nil {
		a.Counts.Generated = uint64(driven.Steps)
	}
	if err == nil {
		driven, err = conform.End(context.Background(), g, 1)
		if driven != nil {
			a.Counts.Generated += uint64(driven.EndingSteps)
		}
	}
	return parted(a, err)
}

// parted takes down where model and implementation part. Where the code panicked, or did
// not end, the scheduler has caught that and says so.
func parted(a *wire.Answer, err error) error {
	var at *conform.Failure
	switch {
	case err == nil:
		return nil
	case errors.As(err, &at):
		a.Length = len(at.Schedule)
	}
	a.Differs, a.Said = true, err.Error()
	a.Hangs = strings.Contains(a.Said, active.Exhausted{}.String())
	a.Panics = !a.Hangs && strings.Contains(a.Said, " panicked ")
	return nil
}

// led takes schedules that are given.
func led(m *spec.Model, leads []spec.Schedule, a *wire.Answer) (err error) {
	run, err := lockstep.New(m)
	if err != nil {
		return parted(a, err)
	}
	defer func() {
		if closed := run.Close(); closed != nil && !a.Differs {
			err = parted(a, closed)
		}
	}()
	for _, sch := range leads {
		if err := run.Reset(); err != nil {
			return parted(a, err)
		}
		for i, mv := range sch {
			a.Length = i + 1
			if err := run.Do(mv); err != nil {
				return parted(a, err)
			}
			a.Counts.Generated++
		}
		if n := len(sch); n > 0 {
			if err := run.Oops(sch[n-1]); err != nil {
				return parted(a, err)
			}
		}
	}
	a.Length = 0
	return nil
}

// random takes random schedules of the model in lockstep, which begin with the leads by turns.
// After each step the lock steps that the model disables are attempted.
func random(m *spec.Model, t *wire.Trial, seed uint64, a *wire.Answer) (err error) {
	run, err := lockstep.New(m)
	if err != nil {
		return parted(a, err)
	}
	defer func() {
		if closed := run.Close(); closed != nil && !a.Differs {
			err = parted(a, closed)
		}
	}()
	for i := range t.Schedules {
		if i > 0 {
			if err := run.Reset(); err != nil {
				return parted(a, err)
			}
		}
		var lead spec.Schedule
		if n := len(t.Leads); n > 0 {
			lead = t.Leads[i%n]
		}
		bytes, err := schedule(m, run, lead, rand.New(rand.NewPCG(seed, uint64(i))), a)
		if err != nil {
			return parted(a, err)
		}
		if bytes != nil && !a.Bytes { // go on: perhaps they part
			a.Bytes, a.Said = true, bytes.Error()
		}
	}
	return nil
}

// turns is how long a random schedule is.
const turns = 150

// schedule takes one, as long as the two are in step; bytes is where a page has others than
// were written. A thread goes on for some steps before another has its turn; an operation is
// chosen first, then its arguments, so that those with many are not all.
func schedule(m *spec.Model, run *lockstep.Run, lead spec.Schedule, r *rand.Rand, a *wire.Answer) (bytes, err error) {
	w := &wanderer{m: m, r: r, lead: lead}
	var all written
	for n := 0; n < len(lead)+turns; n++ {
		mv, ok := w.choose(run.Moves())
		if !ok {
			return bytes, nil
		}
		a.Length = n + 1
		before := *run.State()
		if err := run.Do(mv); err != nil {
			return bytes, err
		}
		a.Counts.Generated++
		if bytes == nil {
			all.see(m, &before, run.State(), mv)
			bytes = all.check(m, run)
		}
		if n < len(lead) { // which an attempt might end
			continue
		}
		if _, err := run.Attempt(r); errors.Is(err, lockstep.ErrParked) {
			return bytes, nil
		} else if err != nil {
			return bytes, err
		}
	}
	a.Length = 0
	return bytes, nil
}

// kinds lists the steps of moves, each once.
func kinds(moves []spec.Move) (list []spec.Step) {
	for i, mv := range moves {
		if i == 0 || mv.Step != moves[i-1].Step {
			list = append(list, mv.Step)
		}
	}
	return list
}
