package museum

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rootlock/rootlock/internal/engine"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/internal/museum/wire"
	"github.com/rootlock/rootlock/internal/scratch"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/tlc"
)

// Options say how [Run] works.
type Options struct {
	Root      string            // folder of go.mod: whose spec/ and impl/ are edited
	TLC       *tlc.Installation // nil: TLC is left out, and Result.Skipped says so
	WhyNoTLC  string            // for Result.Skipped
	Within    int               // schedules in which a search must find what is there; 0: 100,000
	Schedules int               // that a search must survive; 0: 10,000
	Seed      uint64            // of the random searches; 0: 1
	Woven     *Woven            // the entries that are in it are not built; nil: each is
}

// Run shows an entry to its engines. An error means that the museum could not
// tell: an EntryError if the entry is at fault, or ctx's error, or whatever kept
// the engines from running. A verdict that the entry does not expect is no
// error: it is in Result.Differences.
//
// Run may be called by several goroutines at once. What it starts is dead, and
// what it wrote is gone, when it returns.
func Run(ctx context.Context, e *Entry, o Options) (_ *Result, err error) {
	o.Within, o.Schedules, o.Seed = cmp.Or(o.Within, 100_000), cmp.Or(o.Schedules, 10_000), cmp.Or(o.Seed, 1)
	dir, err := scratch.MakeDir("museum")
	if err != nil {
		return nil, err
	}
	defer func() {
		if gone := dir.Remove(); err == nil {
			err = gone
		}
	}()
	start := time.Now()
	r := &runner{entry: e, options: o, dir: dir.Path, result: &Result{Entry: e}, edited: map[string]*wire.Exploration{}, explored: make(chan struct{})}
	if r.law, err = exploreLaw(ctx, e.Model); err != nil {
		return nil, err
	}
	if err := r.sound(ctx); err != nil {
		return nil, err
	}
	// One goroutine for each program that is built or started.
	group, inner := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer r.isExplored() // or never will be
		return r.twin(inner)
	})
	group.Go(func() error { return r.conform(inner) })
	group.Go(func() error { return r.tlc(inner) })
	if err := group.Wait(); err != nil {
		return nil, err
	}
	if x := r.edited[e.Model.Name]; x != nil {
		r.result.Broken = broken(r.law, x)
	}
	r.agree()
	slices.SortStableFunc(r.result.Rows, func(a, b Row) int {
		return slices.Index(Engines(), a.Engine) - slices.Index(Engines(), b.Engine)
	})
	for i := range r.result.Rows {
		w := &r.result.Rows[i]
		w.Asked, w.Found = w.words()
	}
	slices.Sort(r.result.Differences)
	r.result.Seconds = time.Since(start).Seconds()
	return r.result, nil
}

// RunAll runs entries, n at a time (0: one), and calls done after each, with its result or
// its error, from one goroutine at a time. They are built together if the options do not
// say where they are. The results are in the order of the entries. An entry that is at
// fault does not keep the others from being run: it has no result, and all such errors are
// returned together.
func RunAll(ctx context.Context, entries []Entry, o Options, n int, done func(*Entry, *Result, error)) ([]*Result, error) {
	if o.Woven == nil && len(entries) > 0 {
		w, err := Weave(ctx, entries, o.Root)
		if err != nil {
			return nil, err
		}
		defer w.Close()
		o.Woven = w
	}
	var mu sync.Mutex
	results := make([]*Result, len(entries))
	faults := make([]error, len(entries))
	group := &errgroup.Group{}
	group.SetLimit(max(1, n))
	for i := range entries {
		group.Go(func() error {
			if faults[i] = ctx.Err(); faults[i] != nil {
				return nil
			}
			results[i], faults[i] = Run(ctx, &entries[i], o)
			if done != nil && ctx.Err() == nil {
				mu.Lock()
				defer mu.Unlock()
				done(&entries[i], results[i], faults[i])
			}
			return nil
		})
	}
	_ = group.Wait()
	results = slices.DeleteFunc(results, func(r *Result) bool { return r == nil })
	if ctx.Err() != nil {
		return results, context.Cause(ctx)
	}
	return results, errors.Join(faults...)
}

// A runner is one call of Run.
type runner struct {
	entry   *Entry
	options Options
	dir     string
	law     *engine.Result
	edited  map[string]*wire.Exploration // by model

	once     sync.Once
	explored chan struct{} // closed when the twin's model is explored: what it shows bounds the searches

	mu     sync.Mutex
	result *Result
}

// twin asks the specimen whose model and implementation are both edited.
func (r *runner) twin(ctx context.Context) error {
	e := r.entry
	if !e.Asks(Explorer) && !e.Asks(Rapid) {
		return nil
	}
	s, err := r.build(ctx, "twin")
	if err != nil {
		return err
	}
	if err := r.explore(ctx, s, e.Model); err != nil {
		return err
	}
	r.isExplored()
	if e.Asks(Explorer) {
		r.judge()
		for _, left := range e.Remains {
			if err := r.explore(ctx, s, left.Model); err != nil {
				return err
			}
			row := r.claimed(left.Model, left.Claim)
			r.expect(&row, engine.Violated)
		}
	}
	if e.Asks(Rapid) {
		return r.rapid(ctx, s)
	}
	return nil
}

// explore asks the twin about a model.
func (r *runner) explore(ctx context.Context, s *specimen, m *models.Model) error {
	if r.edited[m.Name] != nil {
		return nil
	}
	q := r.question(m)
	q.Explore, q.Live, q.Fair = true, m.Live(), m.Fair()
	a, err := s.ask(ctx, q)
	if err == nil {
		r.edited[m.Name] = a.Exploration
	}
	return err
}

// isExplored says that the twin's model is explored, or that it will not be.
func (r *runner) isExplored() { r.once.Do(func() { close(r.explored) }) }

// afterExplored waits for the twin's model to be explored, if anybody does that.
func (r *runner) afterExplored(ctx context.Context) (*wire.Exploration, error) {
	if r.entry.Asks(Explorer) || r.entry.Asks(Rapid) {
		select {
		case <-r.explored:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	return r.edited[r.entry.Model.Name], nil
}

// rapid hunts on the twin: for a mistake until the claim breaks, else through as
// many schedules as it must survive.
func (r *runner) rapid(ctx context.Context, s *specimen) error {
	e, q := r.entry, r.question(r.entry.Model)
	want := engine.Violated
	switch e.Kind {
	case Mistake:
		return r.rapidMistake(ctx, s)
	case Repair:
		want, q.Hunt = NotFound, names(e.Kept())
		for _, c := range e.Kept() {
			if err := r.lawBreaks(ctx, c); err != nil {
				return err
			}
		}
	case NoOp, Unseen:
		want = NotFound
		for _, c := range r.kept() {
			if !c.Temporal() {
				q.Hunt = append(q.Hunt, c.String())
			}
		}
		q.Schedules = max(1, q.Schedules/len(q.Hunt))
	}
	return r.hunt(ctx, s, q, want)
}

// fewSchedules are enough to show of a claim, which full exploration finds kept, that random
// schedules do not break it either.
const fewSchedules = 1_000

// rapidMistake hunts for each claim that the entry breaks. Where the explorer has found that
// it does not, a long search would find nothing for minutes: that is soon said, and what
// breaks instead is hunted.
func (r *runner) rapidMistake(ctx context.Context, s *specimen) error {
	x := r.edited[r.entry.Model.Name]
	q, vain := r.question(r.entry.Model), r.question(r.entry.Model)
	q.Schedules, vain.Schedules = r.options.Within, min(fewSchedules, r.options.Within)
	for _, c := range r.entry.Violated() {
		if kept(x, c) {
			vain.Hunt = append(vain.Hunt, c.String())
		} else {
			q.Hunt = append(q.Hunt, c.String())
		}
	}
	if len(q.Hunt) > 0 {
		if err := r.hunt(ctx, s, q, engine.Violated); err != nil {
			return err
		}
	}
	if len(vain.Hunt) == 0 {
		return nil
	}
	if err := r.hunt(ctx, s, vain, engine.Violated); err != nil {
		return err
	}
	for _, c := range r.instead() {
		if !c.Temporal() {
			instead := *q
			instead.Hunt = []string{c.String()}
			return r.hunt(ctx, s, &instead, NotFound)
		}
	}
	return nil
}

// hunt asks the twin and judges what it says.
func (r *runner) hunt(ctx context.Context, s *specimen, q *wire.Question, want Verdict) error {
	e := r.entry
	a, err := s.ask(ctx, q)
	if err != nil {
		return err
	}
	for i := range a.Hunts {
		row := r.hunted(Rapid, &a.Hunts[i], q)
		if row.Verdict == Parts {
			return e.bad("", fmt.Errorf("its edits of spec/ and impl/ are not the same mistake: %s\nschedule: %s", a.Hunts[i].Divergence, a.Hunts[i].Schedule))
		}
		if row.Verdict == NotFound && want == NotFound && (e.Kind == NoOp || e.Kind == Unseen) {
			if i > 0 {
				continue // one row says it for all
			}
			row.Claim, row.Schedules = "", row.Schedules*uint64(len(a.Hunts))
		}
		r.expect(&row, want)
	}
	return nil
}

// lawBreaks shows that rapid does find on the law what the repair mends: in no
// more schedules than the repair must survive.
func (r *runner) lawBreaks(ctx context.Context, c spec.Claim) error {
	h, err := r.huntLaw(ctx, c)
	if err != nil {
		return err
	}
	if h.Length == 0 {
		r.differ("%d schedules do not break %s on the law either: that as many do not break it here says nothing", h.Schedules, c)
	}
	return nil
}

// conform asks the specimen that has the law's model and the edited
// implementation.
func (r *runner) conform(ctx context.Context) error {
	if !r.entry.Asks(Lockstep) {
		return nil
	}
	s, err := r.build(ctx, "impl", "impl")
	if err != nil {
		return err
	}
	x, err := r.afterExplored(ctx)
	if err != nil {
		return err
	}
	q, want := r.question(r.entry.Model), NotFound
	if q.Conform = true; r.entry.Kind != NoOp {
		want = Parts
		if x == nil || !r.same(x) { // what does as the law does will not part, however long one looks
			q.Schedules = r.options.Within
		}
	}
	a, err := s.ask(ctx, q)
	if err != nil {
		return err
	}
	row := r.hunted(Lockstep, a.Conformance, q)
	r.expect(&row, want)
	return nil
}

// tlc asks TLC, if there is one.
func (r *runner) tlc(ctx context.Context) error {
	e := r.entry
	switch {
	case !e.Asks(TLC):
		return nil
	case r.options.TLC == nil:
		r.mu.Lock()
		defer r.mu.Unlock()
		why := r.options.WhyNoTLC
		if why == "" {
			why = "no installation was given"
		}
		r.result.Skipped = append(r.result.Skipped, "TLC: "+why)
		return nil
	}
	in := *r.options.TLC
	x, err := r.afterExplored(ctx)
	if err != nil {
		return err
	}
	switch e.Kind {
	case Mistake:
		for _, c := range e.Violated() {
			want := engine.Violated
			if list := r.instead(); kept(x, c) && len(list) > 0 { // the explorer has said so; TLC says what breaks
				r.differ("%s: %s: not asked, as it holds by the explorer; asked for %s, which does not", TLC, c, list[0])
				c, want = list[0], engine.Holds
			}
			if err := r.tlcBroken(ctx, in, e.Model, []spec.Claim{c}, want); err != nil {
				return err
			}
		}
		return nil
	case Repair:
		if err := r.tlcKept(ctx, in, names(e.Kept())); err != nil {
			return err
		}
		for _, left := range e.Remains {
			if err := r.tlcBroken(ctx, in, left.Model, []spec.Claim{left.Claim}, engine.Violated); err != nil {
				return err
			}
		}
		return nil
	}
	return r.tlcKept(ctx, in, names(r.kept()))
}

// kept lists the claims that the law keeps in the entry's model.
func (r *runner) kept() []spec.Claim {
	var list []spec.Claim
	for _, c := range spec.Claims() {
		if r.law.Claims[c.String()] == engine.Holds {
			list = append(list, c)
		}
	}
	return list
}

func (r *runner) build(ctx context.Context, name string, sides ...string) (*specimen, error) {
	if s := r.options.Woven.specimen(r.entry, sides...); s != nil {
		return s, nil
	}
	s, err := build(ctx, r.entry, specimenPackage, r.options.Root, filepath.Join(r.dir, name), sides...)
	if err == nil {
		r.mu.Lock()
		r.result.BuildSeconds += s.seconds
		r.mu.Unlock()
	}
	return s, err
}

func (r *runner) question(m *models.Model) *wire.Question {
	return &wire.Question{Protocol: m.Protocol.String(), Model: m.Name, Bounds: m.Bounds, Schedules: r.options.Schedules, Seed: r.options.Seed}
}

func names(claims []spec.Claim) []string {
	var list []string
	for _, c := range claims {
		list = append(list, c.String())
	}
	return list
}
