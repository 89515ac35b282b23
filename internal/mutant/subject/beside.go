package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/rootlock/rootlock/internal/mutant/active"
	"github.com/rootlock/rootlock/internal/mutant/wire"
	"github.com/rootlock/rootlock/internal/trace"
	"github.com/rootlock/rootlock/spec"
)

// A mutant beside the law as it is, in worlds that are too large to be explored: random
// schedules, and the sequences that were recorded of Linux.

// wander takes random schedules: those of the mutant, where claims are asked or whether it
// only narrows the law; those of the law, where the two are compared.
func (s *subject) wander(m *spec.Model, t *wire.Trial, q *wire.Question, a *wire.Answer) error {
	kept, err := claims(q.Kept)
	if err != nil {
		return err
	}
	w := &wanderer{m: m, mutant: q.Mutant, a: a, kept: kept, operations: m.Operations()}
	schedules := t.Schedules
	if q.Ask != wire.Claims { // what is otherwise is soon so
		schedules = (schedules + 1) / 2
	}
	for i := range len(t.Leads) + schedules {
		w.r = rand.New(rand.NewPCG(s.Seed, uint64(i)))
		if w.lead = nil; i < len(t.Leads) {
			w.lead = t.Leads[i]
		}
		w.s, w.sch, w.thread = m.Init(), nil, 0
		w.both = pair{w.s, w.s}
		for range len(w.lead) + turns {
			var more bool
			switch q.Ask {
			case wire.Same:
				more = w.together()
			case wire.Narrows:
				more = w.within()
			case wire.Alike:
				more = w.similar()
			case wire.Begins:
				more = w.begins()
			default:
				more = w.alone()
			}
			a.Counts.Generated++
			if a.Differs || a.Claim != "" {
				a.Length = len(w.sch)
				return nil
			}
			if !more {
				break
			}
		}
	}
	for _, c := range spec.Claims() {
		if q.Mutant == 0 && !c.Temporal() && m.Protocol.Asks(c) && !w.broken.Has(c) {
			a.Kept = append(a.Kept, c.String())
		}
	}
	return nil
}

// A wanderer is on a random schedule.
type wanderer struct {
	m            *spec.Model
	mutant       uint32
	a            *wire.Answer
	kept, broken spec.ClaimSet

	r          *rand.Rand
	s          spec.State
	both       pair          // for Alike
	operations [][]spec.Move // for Begins
	sch        spec.Schedule
	lead       spec.Schedule // to be taken first, as long as it can be
	thread     uint8         // that goes on for some steps
}

// alone takes a step of the mutant, and asks the claims; false: the schedule is over.
func (w *wanderer) alone() bool {
	var moves []spec.Move
	if defined(func() { moves = w.m.Moves(&w.s, nil) }) != "" {
		return w.breaks(spec.TypeOK.Set())
	}
	mv, ok := w.choose(moves)
	if !ok {
		if w.m.Rest(&w.s) {
			return false
		}
		return w.breaks(spec.NoDeadlock.Set())
	}
	before := w.s
	if defined(func() { w.m.Apply(&w.s, mv) }) != "" {
		w.s = before
		return w.breaks(spec.TypeOK.Set())
	}
	w.sch = append(w.sch, mv)
	var broken spec.ClaimSet
	if defined(func() { broken = w.m.Check(&w.s) }) != "" {
		return w.breaks(spec.TypeOK.Set())
	}
	return w.breaks(broken) && !broken.Has(spec.TypeOK)
}

// breaks takes down which claims are false now. It is the mutant's work only if the law, on
// the same schedule, does not break them.
func (w *wanderer) breaks(claims spec.ClaimSet) bool {
	w.broken |= claims
	for _, c := range spec.Claims() {
		if claims.Has(c) && w.kept.Has(c) && !w.lawBreaks(c) {
			w.a.Claim = c.String()
			return false
		}
	}
	return claims&(spec.TypeOK.Set()|spec.NoDeadlock.Set()) == 0
}

func (w *wanderer) lawBreaks(c spec.Claim) bool {
	active.N = 0
	defer func() { active.N = w.mutant }()
	s := w.m.Init()
	for _, mv := range w.sch {
		var ok bool
		if s, ok = w.m.Next(s, mv); !ok {
			return false
		}
	}
	if c == spec.NoDeadlock {
		return len(w.m.Moves(&s, nil)) == 0 && !w.m.Rest(&s)
	}
	return w.m.Check(&s).Has(c)
}

// within takes a step of the mutant, each of whose moves must be the law's.
func (w *wanderer) within() bool {
	moves := w.m.Moves(&w.s, nil)
	mv, ok := w.choose(moves)
	if !ok {
		return false
	}
	law := w.s
	w.m.Apply(&w.s, mv)
	w.sch = append(w.sch, mv)
	active.N = 0
	defer func() { active.N = w.mutant }()
	for _, mv := range moves {
		if !w.m.Enabled(&law, mv) {
			w.a.Differs = true
			return false
		}
	}
	w.m.Apply(&law, mv)
	w.a.Differs = law != w.s
	return !w.a.Differs
}

// similar takes a step of the law and the same of the mutant.
func (w *wanderer) similar() bool {
	active.N = 0
	moves := w.m.Moves(&w.both.law, nil)
	active.N = w.mutant
	if !similar(w.m, &w.both, moves) {
		w.a.Differs = true
		return false
	}
	mv, ok := w.choose(moves)
	if ok {
		w.both = after(w.m, &w.both, mv, w.mutant)
		w.sch = append(w.sch, mv)
	}
	return ok
}

// together takes a step of the law; the mutant must offer the same moves, and come to the
// same state by the one that is taken and some others.
func (w *wanderer) together() bool {
	m, s := w.m, &w.s
	active.N = 0
	moves := m.Moves(s, nil)
	mv, ok := w.choose(moves)
	some := []spec.Move{mv}
	for range 3 {
		if ok {
			some = append(some, moves[w.r.IntN(len(moves))])
		}
	}
	var asked spec.Schedule
	if len(w.sch)%20 == 0 {
		asked = nearby(m, s, uint8(1+w.r.IntN(m.Threads())))
	}
	why := whyNot(m, s, asked)
	active.N = w.mutant
	defer func() { active.N = w.mutant }()
	if !slices.Equal(m.Moves(s, nil), moves) || whyNot(m, s, asked) != why {
		w.a.Differs = true
		return false
	}
	if !ok {
		return false
	}
	var next spec.State
	for i, mv := range some {
		if i == 0 && !slices.Contains(m.MovesOf(s, mv.Thread, nil), mv) || m.Allocations(s, mv.Thread) != lawAllocations(w, mv.Thread) {
			w.a.Differs = true
			return false
		}
		law, own := *s, *s
		active.N = 0
		m.Apply(&law, mv)
		active.N = w.mutant
		m.Apply(&own, mv)
		if law != own {
			w.a.Differs = true
			return false
		}
		if i == 0 {
			next = law
		}
	}
	w.sch, w.s = append(w.sch, mv), next
	return true
}

func lawAllocations(w *wanderer, t uint8) int {
	active.N = 0
	defer func() { active.N = w.mutant }()
	return w.m.Allocations(&w.s, t)
}

// begins takes a step of the mutant, and now and then asks whether operations begin where they
// are possible, and nowhere else.
func (w *wanderer) begins() bool {
	if len(w.sch)%8 == 0 {
		if mv, unlike := w.m.Unlike(&w.s, w.operations); unlike {
			w.a.Differs, w.a.Said = true, w.m.Format(mv)
			return false
		}
	}
	mv, ok := w.choose(w.m.Moves(&w.s, nil))
	if ok {
		w.m.Apply(&w.s, mv)
		w.sch = append(w.sch, mv)
	}
	return ok
}

// choose takes a move: a thread goes on for some steps before another has its turn; an
// operation is chosen first, then its arguments, so that those with many are not all.
func (w *wanderer) choose(moves []spec.Move) (spec.Move, bool) {
	if len(moves) == 0 {
		return spec.Move{}, false
	}
	if len(w.lead) > 0 {
		mv := w.lead[0]
		if w.lead = w.lead[1:]; slices.Contains(moves, mv) {
			return mv, true
		}
		w.lead = nil
	}
	of := func(is func(spec.Move) bool) (list []spec.Move) {
		for _, mv := range moves {
			if is(mv) {
				list = append(list, mv)
			}
		}
		return list
	}
	own := of(func(mv spec.Move) bool { return mv.Thread == w.thread })
	if len(own) == 0 || w.r.IntN(6) == 0 {
		w.thread = moves[w.r.IntN(len(moves))].Thread
		own = of(func(mv spec.Move) bool { return mv.Thread == w.thread })
	}
	steps := kinds(own)
	step := steps[w.r.IntN(len(steps))]
	if step == spec.FailAlloc && w.r.IntN(4) > 0 { // else nothing ever succeeds
		step = steps[0]
	}
	same := of(func(mv spec.Move) bool { return mv.Thread == w.thread && mv.Step == step })
	return same[w.r.IntN(len(same))], true
}

// defined runs a step of the law; it says how that panics, if it does.
func defined(step func()) (panics string) {
	defer func() {
		switch v := recover().(type) {
		case nil:
		case runtime.Error, string:
			panics = fmt.Sprint(v)
		default:
			panic(v)
		}
	}()
	step()
	return ""
}

// follow takes the kernel's sequences through the law. A claim that breaks on the way
// decides; a result or state that is not the kernel's is a difference.
func (s *subject) follow(a *wire.Answer) error {
	world, err := trace.NewSpecWorld(spec.RootPointer)
	if err != nil {
		return err
	}
	more := len(s.traces)
	for _, q := range s.traces {
		if more--; more < 0 {
			break
		}
		var differs *trace.Mismatch
		panics := defined(func() { differs = trace.Follow(q, trace.Side{Name: "spec", World: world}) })
		a.Counts.Generated += uint64(len(q.Ops))
		said := ""
		switch {
		case panics != "":
			said = panics
		case differs != nil:
			said = differs.Ours
		default:
			continue
		}
		if claim, _, ok := strings.Cut(said, violated); ok && !strings.Contains(claim, " ") {
			a.Claim = claim
			return nil
		}
		if !a.Differs {
			a.Differs, a.Said = true, said
			more = claimSequences
		}
	}
	return nil
}

// claimSequences is how many more sequences are asked about claims after one that differs.
const claimSequences = 200

const violated = " is violated: "

// readTraces reads the kernel's sequences, the named ones first.
func readTraces(dir string) (list []*trace.Sequence, err error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.jsonl.gz"))
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(files, func(a, b string) int {
		named := func(name string) int { return strings.Index(filepath.Base(name), "named") }
		return named(b) - named(a)
	})
	for _, name := range files {
		more, err := readTrace(name)
		if err != nil {
			return nil, err
		}
		list = append(list, more...)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("rootlock: no kernel trace in %s", dir)
	}
	return list, nil
}

func readTrace(name string) (list []*trace.Sequence, err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	for r := trace.NewReader(name, f); ; {
		q, err := r.Next()
		if err == io.EOF {
			return list, nil
		} else if err != nil {
			return nil, err
		}
		list = append(list, q)
	}
}
