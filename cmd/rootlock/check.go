package main

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rootlock/rootlock/internal/conform"
	"github.com/rootlock/rootlock/internal/coverage"
	"github.com/rootlock/rootlock/internal/engine"
	"github.com/rootlock/rootlock/internal/ledger"
	"github.com/rootlock/rootlock/internal/lockstep"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/explore"
	"github.com/rootlock/rootlock/triangle/tlc"
)

type checkCmd struct {
	Protocols []string `arg:"" optional:"" name:"protocol" help:"Check only these protocols."`

	Claim  []string `placeholder:"NAME" help:"Check only these claims. Engines that answer for no claim are left out."`
	Update bool     `help:"Write what was found into the ledger. The differences are printed: read them before you commit."`
	All    bool     `help:"Ask everything again, also what the ledger has an answer for. This takes some ten minutes."`
	Quick  bool     `help:"Leave out the largest models (Full), which have tens of millions of states."`
	HTML   string   `name:"html" placeholder:"FILE" help:"Also write a page: a coloured table of verdicts, the museum, sizes, times, coverage. Each counterexample gets a page of its own, in the folder NAME-pages beside FILE."`
}

// A checking is one run of check.
type checking struct {
	*app
	cmd    *checkCmd
	only   selection
	ledger *ledger.Ledger
	models []*models.Model

	mu     sync.Mutex
	failed bool                                 // something gave no full answer: nothing to expect in future
	stale  map[string]bool                      // differences that say that TLC's modules have changed, and nothing else
	whole  map[spec.Protocol]*coverage.Coverage // of the graphs of conform.Models
	out    results
	bar    *meter
	done   int64
}

// Run is the main job.
func (c *checkCmd) Run(a *app) error {
	only, err := selected(c.Protocols, c.Claim)
	if err != nil {
		return err
	}
	if c.Update && only.claims != 0 {
		return errors.New("--update records whole answers: leave --claim out")
	}
	at := here()
	if c.Update && at.dir == "" {
		return needs("check --update", "rewrites testdata/ledger.json")
	}
	if err := a.preparePages(c.HTML, filepath.Join(at.dir, ledger.File)); err != nil {
		return err
	}
	l, err := at.ledger()
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
	all = slices.DeleteFunc(all, func(m *models.Model) bool { return !only.answers(m) })
	k := &checking{app: a, cmd: c, only: only, ledger: l, models: all, whole: map[spec.Protocol]*coverage.Coverage{}, out: results{OK: true, Results: []*engine.Result{}, Skipped: []skipped{}}}
	start := time.Now()
	k.bar = a.meter("check", int64(k.tasks()), "tasks")
	err = k.explorer()
	if err == nil { // what it found is what the others are asked
		var group errgroup.Group // side by side, as each keeps one core busy; all give their answers, and an error stops nobody else
		group.Go(k.lockstep)
		group.Go(k.tlc)
		if k.only.claims == 0 { // these answer for no claim
			group.Go(func() error { return errors.Join(k.conform(at), k.alone(at), k.linear(), k.traces()) })
		} else {
			k.leaveOut("graphs, tours, operations alone, histories, recorded traces, coverage", "--claim: they answer for no claim")
		}
		err = errors.Join(group.Wait(), k.cover())
	}
	k.bar.done()
	if left := k.tasks() - int(k.done); err != nil || a.ctx.Err() != nil { // what was done is worth something
		why := "an engine gave no answer"
		if a.ctx.Err() != nil {
			why = "interrupted"
		}
		k.out.Cut = fmt.Sprintf("%s: %d of %d tasks not done", why, left, k.tasks())
		k.out.Skipped = append(k.out.Skipped, skipped{fmt.Sprintf("%d tasks", left), why})
	}
	k.judge()
	k.complete()
	told := k.conclude(at.dir, time.Since(start))
	if a.ctx.Err() != nil && told != nil {
		a.complain(told)
	}
	return errors.Join(err, a.ctx.Err(), told)
}

// tasks: every model by the explorer and TLC; every protocol by random search and what it
// covers, by simulation, by operations alone, by histories, by recorded traces, as graphs
// and by tours. With --claim, every protocol by random search and by simulation.
func (k *checking) tasks() int {
	each := 6 + 2*len(conform.Models)
	switch {
	case !k.only.finite():
		each = 0
	case k.only.claims != 0:
		each = 2
	}
	return 2*len(k.models) + each*len(k.only.asked())
}

// add takes a result in.
func (k *checking) add(r *engine.Result) {
	k.only.trim(r)
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

// leaveOut notes what is not done, and why.
func (k *checking) leaveOut(what, why string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.out.Skipped = append(k.out.Skipped, skipped{what, why})
}

// explorer explores the models from small to large: who waits sees verdicts at once, and
// who interrupts has most of them.
func (k *checking) explorer() error {
	for _, m := range slices.SortedStableFunc(slices.Values(k.models), func(a, b *models.Model) int { return cmp.Compare(sizeOf(k.ledger, a), sizeOf(k.ledger, b)) }) {
		if k.cmd.Quick && m.InTLA() && !m.ForTLC() {
			k.out.Skipped = append(k.out.Skipped, skipped{m.FullName() + " explorer", "--quick"})
			continue
		}
		if e := k.answered(m, engine.Explorer); !k.cmd.All && e != nil && e.Law == engine.Sources() {
			k.out.Skipped = append(k.out.Skipped, skipped{m.FullName() + " explorer", "the explorer's answer by these very sources is in the ledger: check --all explores again"})
			k.step(m.FullName())
			continue
		}
		r, err := engine.Explore(k.ctx, m, explore.Options{Progress: func(p explore.Progress) {
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

// explored is what the explorer has just found, as a ledger.
func (k *checking) explored() *ledger.Ledger {
	k.mu.Lock()
	defer k.mu.Unlock()
	fresh := &ledger.Ledger{}
	for _, r := range k.out.Results {
		if r.Engine != engine.Explorer {
			continue
		}
		e := ledger.Of(r, "")
		if e.Claims[spec.MutualExclusion.String()] == engine.Violated && k.only.claims == 0 { // the explorer does not know refinement: one lock is what exclusion is about
			e.Claims[engine.Refinement] = engine.Violated
		}
		fresh.Put(e)
	}
	return fresh
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
	only := k.only.claims
	if only == 0 {
		only = ^spec.ClaimSet(0)
	}
	if !k.only.finite() {
		return nil
	}
	var group errgroup.Group
	group.SetLimit(2)
	for _, p := range k.only.asked() {
		group.Go(func() error { return k.take(engine.Hunt(k.ctx, p, k.models, k.answers(), only)) })
	}
	return group.Wait()
}

// take takes a result in, or that model and implementation part.
func (k *checking) take(r *engine.Result, err error) error {
	var parted *lockstep.Divergence
	if errors.As(err, &parted) {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.out.OK = false
		k.out.Differences = append(k.out.Differences, err.Error())
		return nil
	}
	if err == nil {
		k.add(r)
	}
	return err
}

// alone runs whole operations, one at a time, and those of the kernel traces.
func (k *checking) alone(at project) error {
	for _, p := range k.only.columns() {
		r, err := engine.Alone(k.ctx, p, at.sub(engine.KernelTraces))
		if err := k.take(r, err); err != nil {
			return err
		}
	}
	return nil
}

// linear asks whether the public operations are linearizable.
func (k *checking) linear() error {
	for _, p := range k.only.columns() {
		r, err := engine.Linearizable(k.ctx, p)
		if err := k.take(r, err); err != nil {
			return err
		}
	}
	return nil
}

// manyEdges is from how many edges of a graph on the endings of one in six are driven:
// of all with --all.
const manyEdges = 20_000

// conform compares whole graphs, and drives the implementation along them. TLC is asked
// for its own where the modules have changed, or with --all.
func (k *checking) conform(at project) error {
	in := k.java()
	for _, p := range k.only.columns() {
		whole := &coverage.Coverage{}
		for _, name := range conform.Models {
			m, err := models.Find(p, name)
			if err != nil {
				return err
			}
			ask := in
			if !k.cmd.All && k.onRecord(m) {
				ask = nil
			}
			r, g, err := engine.CompareGraphs(k.ctx, m, at.sub("testdata/graphs"), ask)
			if err != nil {
				return err
			}
			k.add(r)
			sample := 1
			if g.Size() > manyEdges && !k.cmd.All {
				sample = 6
			}
			if r, err = engine.TourGraph(k.ctx, g, sample); err != nil {
				return err
			}
			k.add(r)
			whole.Add(g.Coverage())
		}
		k.whole[p] = whole
	}
	return nil
}

// cover says how much of the graphs the random schedules have exercised.
func (k *checking) cover() error {
	for _, r := range k.answers() {
		if r.Engine != engine.Lockstep {
			continue
		}
		p, err := spec.ProtocolByName(r.Protocol)
		if err != nil {
			return err
		}
		if whole := k.whole[p]; whole != nil {
			k.add(engine.Cover(r, whole))
		}
	}
	return nil
}

// traces records what the implementation's threads do when nobody controls them.
func (k *checking) traces() error {
	in := k.java()
	for _, p := range k.only.columns() {
		r, err := engine.Record(k.ctx, p, in)
		if err != nil {
			return err
		}
		k.add(r)
	}
	return nil
}

// java is TLC, nil if there is none: k.tlc says why.
func (k *checking) java() *tlc.Installation {
	in, err := tlc.Finder{}.Find(k.ctx)
	if err != nil {
		return nil
	}
	return &in
}

// answers are the results so far.
func (k *checking) answers() []*engine.Result {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.out.Results)
}
