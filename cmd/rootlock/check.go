package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rootlock/rootlock/internal/engine"
	"github.com/rootlock/rootlock/internal/ledger"
	"github.com/rootlock/rootlock/internal/lockstep"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/internal/tlc"
	"github.com/rootlock/rootlock/spec"
)

type checkCmd struct {
	Update bool `help:"Rewrite the ledger with what was found. Read the differences first: they are printed."`
	All    bool `help:"Ask TLC also for the larger models whose modules have not changed since it answered (some ten minutes)."`
	Quick  bool `help:"Leave out the models of tens of millions of states (Full)."`
}

// A checking is one run of check.
type checking struct {
	*app
	cmd    *checkCmd
	ledger *ledger.Ledger
	models []*models.Model

	mu     sync.Mutex
	failed bool // something gave no full answer: nothing to expect in future
	out    results
	bar    *meter
	done   int64
}

// Run is the main job.
func (c *checkCmd) Run(a *app) error {
	dir, err := root()
	if err != nil {
		return err
	}
	path := filepath.Join(dir, ledger.File)
	l, err := ledger.Load(path)
	if err != nil {
		if !c.Update {
			return err
		}
		a.printf("%v\n", err)
		l = &ledger.Ledger{}
	}
	all, err := models.All()
	if err != nil {
		return err
	}
	k := &checking{app: a, cmd: c, ledger: l, models: all, out: results{OK: true, Results: []*engine.Result{}, Skipped: []skipped{}}}
	start := time.Now()
	k.bar = a.meter("check", int64(2*len(all)+len(spec.Protocols())), "tasks")
	err = errors.Join(k.explorer(), k.tlc(), k.lockstep())
	k.bar.done()
	if err != nil && a.ctx.Err() == nil {
		return errors.Join(err, a.write(k.out))
	}
	k.judge()
	if a.ctx.Err() != nil {
		a.summary(&k.out, "tasks not done", 2*len(all)+len(spec.Protocols())-int(k.done))
		for _, d := range k.out.Differences { // among them what was not run
			a.printf("%s\n", d)
		}
		return errors.Join(a.ctx.Err(), a.write(k.out))
	}
	return k.conclude(path, time.Since(start))
}

// add takes a result in.
func (k *checking) add(r *engine.Result) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.out.Results = append(k.out.Results, r)
	k.bar.done()
	k.line(r)
	k.step(r.Name())
}

func (k *checking) step(what string) {
	k.done++
	k.bar.at(k.done, "tasks; last: "+what)
}

func (k *checking) explorer() error {
	for _, m := range k.models {
		if k.cmd.Quick && m.InTLA() && !m.ForTLC() {
			k.out.Skipped = append(k.out.Skipped, skipped{m.FullName() + " explorer", "--quick"})
			continue
		}
		r, err := engine.Explore(k.ctx, m, spec.ExploreOptions{Progress: func(p spec.Progress) {
			k.bar.at(k.done, fmt.Sprintf("tasks; exploring %s: %d states", m.FullName(), p.Distinct))
		}})
		if err != nil && (r == nil || k.ctx.Err() != nil) {
			return err
		}
		if err != nil { // a state that is no state of the world: a verdict, if not on everything
			k.fail(r, err)
		}
		k.add(r)
	}
	return nil
}

// fail notes why a result is not a full answer.
func (k *checking) fail(r *engine.Result, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.failed = true
	r.Differences = append(r.Differences, err.Error())
}

// tlc runs two models at a time, each with one worker: so counts and
// counterexamples are repeatable, and both cores are busy.
func (k *checking) tlc() error {
	in, err := tlc.Finder{}.Find(k.ctx)
	if err != nil {
		var setup *tlc.SetupError
		if !errors.As(err, &setup) || requireTLC() {
			return err
		}
		k.out.Skipped = append(k.out.Skipped, skipped{"TLC on all models", err.Error()})
		return nil
	}
	k.printf("TLC %s (%s), Java %s\n", in.TLCVersion, in.JarSource, in.JavaVersion)
	group, ctx := errgroup.WithContext(k.ctx)
	group.SetLimit(2)
	// The largest first, so that no core is idle at the end.
	order := slices.SortedStableFunc(slices.Values(k.models), func(a, b *models.Model) int { return cmp.Compare(k.size(b), k.size(a)) })
	for _, m := range order {
		if !m.InTLA() {
			k.step(m.FullName())
			continue
		}
		why := ""
		switch {
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
	return group.Wait()
}

// large is from how many states on TLC is not asked again for what it has answered.
const large = 10_000

// onRecord reports whether TLC answered for a large model, out of the modules and
// the configuration as they are now.
func (k *checking) onRecord(m *models.Model) bool { return k.answered(m) != nil && k.size(m) > large }

// answered is TLC's answer in the ledger, if it is for the modules as they are.
func (k *checking) answered(m *models.Model) *ledger.Entry {
	hash, err := ledger.HashOf(m)
	e := k.ledger.Find(m.Protocol.String(), m.Name, engine.TLC)
	if err != nil || e == nil || e.Hash != hash {
		return nil
	}
	return e
}

// recorded are TLC's answers that stand, as results of an engine of their own.
func (k *checking) recorded() (list []*engine.Result) {
	for _, m := range k.models {
		e := k.answered(m)
		if e == nil || k.find(m, engine.TLC) != nil {
			continue
		}
		r := &engine.Result{Protocol: e.Protocol, Model: e.Model, Engine: "tlc on record", Claims: e.Claims}
		for c, n := range e.Shortest {
			r.Violations = append(r.Violations, engine.Violation{Claim: c, Length: n})
		}
		list = append(list, r)
	}
	return list
}

// askTLC expects what the explorer has just found: the ledger judges both.
func (k *checking) askTLC(ctx context.Context, m *models.Model, in tlc.Installation) (*engine.Result, error) {
	fresh := &ledger.Ledger{}
	if x := k.find(m, engine.Explorer); x != nil {
		e := ledger.Of(x, "")
		if m.Refines() && m.Protocol == spec.OwnLock { // the explorer does not know refinement; OwnLock does not claim it
			e.Claims[engine.Refinement] = engine.Violated
		}
		fresh.Put(e)
	}
	return askTLC(ctx, m, fresh, in, 1, 0, nil)
}

// size is how many states the explorer found.
func (k *checking) size(m *models.Model) uint64 {
	if x := k.find(m, engine.Explorer); x != nil {
		return x.Distinct
	}
	return 0
}

func (k *checking) find(m *models.Model, name string) *engine.Result {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, r := range k.out.Results {
		if r.Protocol == m.Protocol.String() && r.Model == m.Name && r.Engine == name {
			return r
		}
	}
	return nil
}

// lockstep hunts for every claim that the explorer found broken, and drives
// model and implementation far beyond the bounds for those it did not.
func (k *checking) lockstep() error {
	for _, p := range spec.Protocols() {
		r, err := engine.Hunt(k.ctx, p, k.models, k.out.Results)
		var parted *lockstep.Divergence
		if errors.As(err, &parted) {
			k.out.OK = false
			k.out.Differences = append(k.out.Differences, err.Error())
			continue
		}
		if err != nil {
			return err
		}
		k.add(r)
	}
	return nil
}

// judge compares everything with the ledger, and the engines with each other.
func (k *checking) judge() {
	for _, r := range k.out.Results {
		i := slices.IndexFunc(k.models, func(m *models.Model) bool { return m.Protocol.String() == r.Protocol && m.Name == r.Model })
		if i < 0 {
			continue // lockstep: judged by the explorer's answers
		}
		r.Differences = append(r.Differences, differences(k.ledger, k.models[i], r)...)
		if x := k.find(k.models[i], engine.Explorer); r.Engine == engine.TLC && x != nil {
			r.Differences = append(r.Differences, disagree(x, r)...)
		}
	}
	for _, r := range k.out.Results {
		r.AsExpected = len(r.Differences) == 0
		k.out.OK = k.out.OK && r.AsExpected
		k.out.Differences = append(k.out.Differences, r.Differences...)
	}
	for i := range k.ledger.Entries {
		if e := &k.ledger.Entries[i]; !k.ran(e) && !k.skipped(e) {
			k.out.OK = false
			k.out.Differences = append(k.out.Differences, e.Name()+" is in the ledger and was not run")
		}
	}
	slices.SortStableFunc(k.out.Results, func(a, b *engine.Result) int {
		return cmp.Or(cmp.Compare(a.Protocol, b.Protocol), cmp.Compare(a.Model, b.Model), cmp.Compare(a.Engine, b.Engine))
	})
}

func (k *checking) ran(e *ledger.Entry) bool {
	return slices.ContainsFunc(k.out.Results, func(r *engine.Result) bool { return r.Name() == e.Name() })
}

// skipped: left out with a reason that the output gives.
func (k *checking) skipped(e *ledger.Entry) bool {
	return slices.ContainsFunc(k.out.Skipped, func(s skipped) bool {
		return s.What == e.Name() || e.Engine == engine.TLC && strings.HasPrefix(s.What, "TLC on all")
	})
}

// conclude prints what there is to say, and rewrites the ledger if asked to.
func (k *checking) conclude(path string, took time.Duration) error {
	k.printf("\n")
	k.table(slices.Concat(k.out.Results, k.recorded()))
	k.printSkipped()
	states := uint64(0)
	for _, r := range k.out.Results {
		states += r.Distinct
	}
	for _, d := range k.out.Differences {
		k.printf("%s\n", k.style.Red(d))
	}
	verdict := k.style.Green("as expected")
	if !k.out.OK {
		verdict = k.style.Red(fmt.Sprintf("NOT as expected: %d differences", len(k.out.Differences)))
	}
	k.printf("%d results over %s states in %.0f s: %s\n", len(k.out.Results), number(states), took.Seconds(), verdict)
	if k.cmd.Update && k.failed {
		return errors.Join(errors.New("the ledger is not rewritten: see above for what gave no full answer"), k.write(k.out))
	}
	if k.cmd.Update {
		if err := k.update(path); err != nil {
			return err
		}
	}
	if err := k.write(k.out); err != nil {
		return err
	}
	if !k.out.OK && !k.cmd.Update {
		return errFails
	}
	return nil
}

// printSkipped prints what was left out, by reason.
func (k *checking) printSkipped() {
	var reasons []string
	by := map[string][]string{}
	for _, s := range k.out.Skipped {
		if by[s.Why] == nil {
			reasons = append(reasons, s.Why)
		}
		by[s.Why] = append(by[s.Why], s.What)
	}
	for _, why := range reasons {
		slices.Sort(by[why])
		k.printf("not checked: %s: %s\n", strings.Join(by[why], ", "), why)
	}
}

// update rewrites the ledger. Entries that were skipped stay as they are.
func (k *checking) update(path string) error {
	kept := slices.DeleteFunc(k.ledger.Entries, func(e ledger.Entry) bool { return !k.ran(&e) && !k.skipped(&e) })
	k.ledger.Entries = kept
	for _, r := range k.out.Results {
		i := slices.IndexFunc(k.models, func(m *models.Model) bool { return m.Protocol.String() == r.Protocol && m.Name == r.Model })
		if i < 0 {
			continue
		}
		e, err := entryOf(k.models[i], r)
		if err != nil {
			return err
		}
		k.ledger.Put(e)
	}
	if err := k.ledger.Save(path); err != nil {
		return err
	}
	k.printf("wrote %s: read the difference before you commit it\n", path)
	return nil
}
