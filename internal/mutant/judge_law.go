package mutant

import (
	"context"
	"slices"

	"github.com/rootlock/rootlock/internal/mutant/wire"
	"github.com/rootlock/rootlock/spec"
)

// judgeLaw asks whether a claim breaks, and failing that whether anything is otherwise than
// the law has it. A mutant that only narrows the law is asked no claims on random schedules:
// each of its states is one of the law's. Nor is one in which only registers differ.
func (r *run) judgeLaw(ctx context.Context, w *worker, result *Result) error {
	j := &lawJudge{run: r, ctx: ctx, w: w, result: result}
	if err := j.explored(); err != nil || result.Verdict == ByClaim {
		return err
	}
	if err := j.begins(); err != nil {
		return err
	}
	if !result.Verdict.Killed() {
		if err := j.same(); err != nil {
			return err
		}
	}
	if result.Verdict.Killed() {
		if err := j.narrows(); err != nil {
			return err
		}
		if !result.Narrows && !result.Alike {
			if err := j.wandered(); err != nil || result.Verdict == ByClaim {
				return err
			}
		}
	}
	return j.traced()
}

// A lawJudge judges one mutant of the law.
type lawJudge struct {
	*run
	ctx    context.Context
	w      *worker
	result *Result
	shown  []int // explored trials that the mutant was shown to
	more   bool  // somewhere it has more states or moves than the law, or more of some step
	alike  []int // of these, and of those that only a comparison of graphs asks, what counts as the law does
}

// ask puts a question about the mutant.
func (j *lawJudge) ask(i int, ask wire.Ask) (*wire.Answer, error) {
	t := &j.trials[i]
	q := &wire.Question{Mutant: j.result.Number, Trial: i, Ask: ask, Kept: t.law.Kept, Calls: calls(t)}
	if t.Kind == wire.Explored {
		q.States = 4*t.law.Counts.Distinct + 1000
	}
	if ask == wire.Same || t.Kind == wire.Random {
		q.Calls = max(q.Calls, 30*t.compared+1_000_000)
	}
	a, err := j.w.ask(j.ctx, q)
	if err == nil {
		j.result.Seconds += a.Seconds
	}
	return a, err
}

// everywhere lists the trials of a kind in which the mutant's code runs.
func (j *lawJudge) everywhere(kind wire.Kind) (list []int) {
	for _, i := range j.order {
		if t := &j.trials[i]; t.Kind == kind && (t.asked[j.result.Number] || kind == wire.Random && slices.Contains(t.more, j.result.Number)) {
			list = append(list, i)
		}
	}
	return list
}

// reached is everywhere, but of the random trials, which are all large, only those of two
// protocols if the mutant's code runs there.
func (j *lawJudge) reached(kind wire.Kind) []int {
	list := j.everywhere(kind)
	first := func(i int) bool {
		p := j.trials[i].Protocol
		return p == spec.RootPointer.String() || p == spec.RefcountedRoot.String()
	}
	if kind == wire.Random && slices.ContainsFunc(list, first) {
		list = slices.DeleteFunc(list, func(i int) bool { return !first(i) })
	}
	return list
}

// explored asks the explorer about claims and counts.
func (j *lawJudge) explored() error {
	work := uint64(0)
	var otherwise []int
	for _, i := range j.order {
		if t := &j.trials[i]; t.Kind == wire.Explored && slices.Contains(t.more, j.result.Number) {
			j.alike = append(j.alike, i)
		}
	}
	for n, i := range j.reached(wire.Explored) {
		t := &j.trials[i]
		if work += t.law.Counts.Generated; work > j.options.Work && n > 0 && (j.result.Verdict.Killed() || work > 4*j.options.Work) {
			break // what nothing has told yet is shown more
		}
		j.shown = append(j.shown, i)
		a, err := j.ask(i, wire.Claims)
		if err != nil {
			return err
		}
		j.more = j.more || !a.Counts.Within(&t.law.Counts)
		differs := a.Panics || a.Hangs || !a.Counts.Equal(&t.law.Counts)
		if t.ends && differs && !a.Panics && !a.Hangs && len(otherwise) < lives {
			otherwise = append(otherwise, i)
		}
		switch {
		case a.Claim != "":
			j.result.take(ByClaim, t, a)
			return nil
		case !differs:
			j.alike = append(j.alike, i)
			j.result.weaker(Survives, t, a)
		case a.Hangs:
			j.result.weaker(Hangs, t, a)
		case a.Panics:
			j.result.weaker(Panics, t, a)
		default:
			j.result.weaker(ByCounts, t, a)
		}
	}
	for _, i := range otherwise {
		a, err := j.ask(i, wire.Live)
		if err != nil {
			return err
		}
		if a.Claim != "" {
			j.result.take(ByClaim, &j.trials[i], a)
			return nil
		}
	}
	return nil
}

// lives is in how many trials that count otherwise it is asked whether operations end.
const lives = 8

// wandered asks about claims on random schedules.
func (j *lawJudge) wandered() error {
	for _, i := range j.reached(wire.Random) {
		a, err := j.ask(i, wire.Claims)
		switch t := &j.trials[i]; {
		case err != nil:
			return err
		case a.Claim != "":
			j.result.take(ByClaim, t, a)
			return nil
		default:
			j.result.ended(t, a)
		}
	}
	return nil
}

// begins asks whether operations begin where they are possible, and nowhere else: in the
// explored trials that are small, and on random schedules. In each model once: the guards of
// operations are those of all protocols.
func (j *lawJudge) begins() error {
	asked := map[string]bool{}
	for _, i := range slices.Concat(j.shown, j.alike, j.reached(wire.Random)) {
		t := &j.trials[i]
		if asked[t.Model] || t.Kind == wire.Explored && t.law.Counts.Distinct > graphStates {
			continue
		}
		asked[t.Model] = true
		a, err := j.ask(i, wire.Begins)
		if err != nil {
			return err
		}
		if a.Differs {
			j.result.weaker(ByBegins, t, a)
			return nil
		}
	}
	return nil
}

// traced asks what Linux did.
func (j *lawJudge) traced() error {
	for _, i := range j.reached(wire.Traced) {
		a, err := j.ask(i, wire.Claims)
		switch t := &j.trials[i]; {
		case err != nil:
			return err
		case a.Claim != "":
			j.result.take(ByClaim, t, a)
		case a.Differs:
			j.result.weaker(ByTraces, t, a)
		default:
			j.result.ended(t, a)
		}
	}
	return nil
}

// ended notes how a trial ended in which no claim broke and nothing differed.
func (r *Result) ended(t *trial, a *wire.Answer) {
	switch {
	case a.Hangs:
		r.weaker(Hangs, t, a)
	case a.Panics:
		r.weaker(Panics, t, a)
	default:
		r.weaker(Survives, t, a)
	}
}

// same compares what has survived with the law: state by state in small models, and along
// random schedules in large ones.
func (j *lawJudge) same() error {
	for _, i := range j.alike {
		if j.trials[i].law.Counts.Distinct > graphStates {
			continue
		}
		if done, err := j.compare(i); done || err != nil {
			return err
		}
	}
	for _, i := range j.everywhere(wire.Random) {
		if done, err := j.compare(i); done || err != nil {
			return err
		}
	}
	return nil
}

func (j *lawJudge) compare(i int) (differs bool, err error) {
	a, err := j.ask(i, wire.Same)
	if err != nil {
		return false, err
	}
	j.result.weaker(Survives, &j.trials[i], a)
	if differs = a.Differs || a.Panics || a.Hangs; differs {
		j.result.take(ByGraph, &j.trials[i], a)
	}
	return differs, nil
}

// narrows asks of a mutant that differs, and breaks no claim, whether it takes any step
// that the law does not: of all explored trials by what they count, of the smaller ones edge
// by edge. Failing that, whether it differs in anything but registers.
func (j *lawJudge) narrows() (err error) {
	if v := j.result.Verdict; v != ByCounts && v != ByGraph && v != ByBegins {
		return nil
	}
	if !j.more {
		work := uint64(0)
		if j.result.Narrows, err = j.never(wire.Narrows, func(t *trial) bool {
			work += t.law.Counts.Generated
			return work < j.options.Work/10
		}); err != nil {
			return err
		}
	}
	if !j.result.Narrows {
		j.result.Alike, err = j.never(wire.Alike, func(t *trial) bool { return t.law.Counts.Distinct <= pairStates })
	}
	return err
}

// never reports whether the answer to a question is yes in all trials: the explored ones
// that the mutant was shown to, as far as they are small, and the random ones.
func (j *lawJudge) never(ask wire.Ask, small func(*trial) bool) (bool, error) {
	asked := 0
	for _, i := range append(slices.Clone(j.shown), j.reached(wire.Random)...) {
		if t := &j.trials[i]; t.Kind == wire.Explored && !small(t) {
			continue
		}
		a, err := j.ask(i, ask)
		if err != nil {
			return false, err
		}
		if a.Differs || a.Panics || a.Hangs {
			return false, nil
		}
		asked++
	}
	return asked > 0, nil
}

// pairStates is how large a model may be that is explored side by side with the mutant.
const pairStates = 3_000

// graphStates is how large a model's graph may be that is compared state by state.
const graphStates = 8_000
