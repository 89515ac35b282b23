package main

// What check asks of TLC.

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/rootlock/rootlock/internal/engine"
	"github.com/rootlock/rootlock/internal/ledger"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/tlc"
)

// tlc runs two models at a time, each with one worker: so counts and
// counterexamples are repeatable, and both cores are busy.
func (k *checking) tlc() error {
	in, err := tlc.Finder{}.Find(k.ctx)
	if err != nil {
		var setup *tlc.SetupError
		if !errors.As(err, &setup) || requireTLC() {
			return err
		}
		k.mu.Lock()
		defer k.mu.Unlock()
		k.out.Skipped = append(k.out.Skipped, skipped{"TLC on all models", err.Error()})
		return nil
	}
	k.mu.Lock()
	k.printf("TLC %s (%s), Java %s\n", in.TLCVersion, in.JarSource, in.JavaVersion)
	k.mu.Unlock()
	group, ctx := errgroup.WithContext(k.ctx)
	group.SetLimit(2)
	// The largest first, so that no core is idle at the end.
	order := slices.SortedStableFunc(slices.Values(k.models), func(a, b *models.Model) int { return cmp.Compare(k.size(b), k.size(a)) })
	for _, m := range order {
		why := ""
		switch {
		case !m.InTLA():
			k.mu.Lock()
			k.step(m.FullName())
			k.mu.Unlock()
			continue
		case !m.ForTLC():
			why = "too large for TLC in minutes: rootlock tlc MODEL tries"
		case !k.cmd.All && k.onRecord(m):
			why = "TLC's answer for these very modules is in the ledger: check --all asks again"
		}
		if why != "" {
			k.mu.Lock()
			k.out.Skipped = append(k.out.Skipped, skipped{m.FullName() + " tlc", why})
			k.step(m.FullName())
			k.mu.Unlock()
			continue
		}
		group.Go(func() error {
			r, err := k.askTLC(ctx, m, in)
			if err != nil && (r == nil || ctx.Err() != nil) {
				return err
			}
			if err != nil { // of this model; the others are asked all the same
				k.fail(r, err)
			}
			k.add(r)
			return nil
		})
	}
	for _, p := range k.only.asked() {
		if k.only.finite() {
			group.Go(func() error { return k.simulate(ctx, p, in) })
		}
	}
	return group.Wait()
}

// simulations is how many random behaviours TLC draws of a protocol: half a second each;
// with --all so many.
const simulations, allSimulations = 4, 30

func (k *checking) simulate(ctx context.Context, p spec.Protocol, in tlc.Installation) error {
	m, err := models.Beyond(p)
	if err != nil {
		return err
	}
	if !m.InTLA() {
		k.leaveOut(m.FullName()+" simulation", "there is no tla/"+models.ClaimsFile(p))
		return nil
	}
	n := simulations
	if k.cmd.All {
		n = allSimulations
	}
	r, err := simulate(ctx, k.only.model(m), brokenIn(k.explored(), p), in, tlc.Simulation{Traces: n, Depth: simulationDepth, Seed: 1}, 1, nil)
	if err != nil && (r == nil || ctx.Err() != nil) {
		return err
	}
	if err != nil {
		k.fail(r, err)
	}
	r.Differences = append(r.Differences, surprises(nil, m, r)...)
	k.add(r)
	return nil
}

// large is from how many states on TLC is not asked again for what it has answered. A small
// model is, so that TLC is seen to answer here: where one run does, or else every claim that
// breaks is a run of its own, of the first such protocol.
const large = 1_000

// onRecord reports whether TLC answered for a model, out of the modules and the
// configuration as they are now, and is not asked again.
func (k *checking) onRecord(m *models.Model) bool {
	e := k.answered(m, engine.TLC)
	return e != nil && (k.size(m) > large || breaksAny(e) && m.Protocol != k.only.asked()[0])
}

func breaksAny(e *ledger.Entry) bool {
	for _, v := range e.Claims {
		if v == engine.Violated {
			return true
		}
	}
	return false
}

// answered is an engine's answer in the ledger, if it is for the modules as they are.
func (k *checking) answered(m *models.Model, name string) *ledger.Entry {
	hash, err := ledger.HashOf(m)
	e := k.ledger.Find(m.Protocol.String(), m.Name, name)
	if err != nil || e == nil || e.Hash != hash {
		return nil
	}
	return e
}

// askTLC expects what the explorer has just found: the ledger judges both.
func (k *checking) askTLC(ctx context.Context, m *models.Model, in tlc.Installation) (*engine.Result, error) {
	return askTLC(ctx, k.only.model(m), k.explored(), in, engine.TLCOptions{Workers: 1, Quiet: k.quiet(m)})
}
