package proof

import (
	"fmt"
	"slices"
)

// That there is no deadlock, in two parts. While an operation is under way some thread in one
// waits for no lock: a claim, which follows from the order in which locks are taken. And a
// thread that waits for no lock can step: some branch of its step can be taken.

// NoDeadlock is the name of both.
const NoDeadlock = "NoDeadlock"

// waits: the next step of t takes a lock that is held.
func (s *State) waits(t F) F {
	held := func(a F) F { return Not(s.unlocked(a)) }
	root := held(s.T.Root(t))
	if s.trees { // a walker waits for those that have it alone or, where readers have it, want it alone
		root = If(s.T.Empty(t), root, Not(s.mayEnter(s.T.Root(t))))
	}
	return Or(And(s.at(t, "LockAnon", "LockAdjust"), held(s.A.Root(s.T.Anon(t)))), And(s.at(t, "LockRoot"), root),
		And(s.at(t, "LockPage"), Ne(s.P.Lock(s.T.Page(t)), "None")))
}

// holder is who holds the lock that t waits for.
func (s *State) holder(t F) F {
	return If(s.at(t, "LockPage"), s.P.Lock(s.T.Page(t)), s.A.Lock(If(s.at(t, "LockRoot"), s.T.Root(t), s.A.Root(s.T.Anon(t)))))
}

// somebodyRuns: a thread in an operation waits for no lock, or who holds the lock does not,
// or who holds the lock that the holder waits for.
func (s *State) somebodyRuns() F {
	runs := func(t F) F { return And(Not(s.at(t, "Idle")), Not(s.waits(t))) }
	if s.trees { // walkers may share it
		reader := func(t F) F {
			a := If(s.at(t, "LockRoot"), s.T.Root(t), s.A.Root(s.T.Anon(t)))
			return Some(Thread, func(w F) F { return And(s.A.Readers(a, w), runs(w)) })
		}
		return All(Thread, func(t F) F {
			h := s.holder(t)
			return Imp(Not(s.at(t, "Idle")), Or(runs(t), runs(h), reader(t), runs(s.holder(h)), reader(h)))
		})
	}
	return All(Thread, func(t F) F {
		return Imp(Not(s.at(t, "Idle")), Or(runs(t), runs(s.holder(t)), runs(s.holder(s.holder(t)))))
	})
}

// progress asks of a step of a process or a walker whether it can be taken if it waits for no
// lock. There are always names for a new area and a free object, which the law reserves
// when an operation begins; and finite sets have least elements.
func (p *Protocol) progress(step string, kind *Symbol, branches []*Branch) *Problem {
	list, _ := p.invariant()
	q := &Problem{Name: "Progress." + step + "." + map[*Symbol]string{isMM: "mm", isWalker: "walker"}[kind], Choices: []F{actor}}
	q.Presume = append(q.Presume, list...)
	for _, c := range p.lates() {
		q.Presume = append(q.Presume, Goal{c.Name, c.Of(p.state())})
	}
	q.Presume = append(q.Presume, Goal{"the actor", And(kind.Of(actor), now.at(actor, step), Not(p.state().waits(actor)))},
		Goal{"free object", Some(Object, func(a F) F { return And(Ne(a, "None"), Not(now.A.Live(a))) })},
		Goal{"free name", Some(VMA, func(v F) F { return And(Ne(v, "None"), Eq(now.V.Life(v), "Unborn")) })})
	var can []F
	firsts := map[string]F{}
	for _, b := range branches {
		if b.Step() != step || b.Guard[0] != kind.Of(actor) {
			continue
		}
		can = append(can, q.possible(b, firsts))
	}
	q.Goals = []Goal{{NoDeadlock, Or(can...)}}
	return q
}

// possible: the branch can be taken. A choice that is to be the first of a set is that: a finite set
// has a first, which is given a name. Other choices that no part of the guard connects are asked for
// one by one, and what is said of no choice stands outside of the quantifiers.
func (q *Problem) possible(b *Branch, firsts map[string]F) F {
	names := map[F]F{}
	for _, f := range b.firsts {
		says := substitute(f.says, names)
		if mentions(says, slices.DeleteFunc(slices.Clone(b.Picks), func(p F) bool { return p == f.pick })) {
			panic("proof: the first of a set that another choice tells")
		}
		text := Text(says)
		name := firsts[text] // another branch may say the same
		if name == nil {
			name = intern(term{kind: variable, sort: f.pick.sort, name: fmt.Sprintf("first.%d.%s", len(firsts), f.pick.sort.Name)})
			firsts[text] = name
			q.Choices = append(q.Choices, name)
			q.Presume = append(q.Presume, Goal{"first of a set", substitute(says, map[F]F{f.pick: name})})
		}
		names[f.pick] = name
	}
	var parts, left []F
	for _, g := range b.Guard {
		left = append(left, substitute(g, names))
	}
	rest := slices.DeleteFunc(slices.Clone(b.Picks), func(p F) bool { return names[p] != nil })
	for len(rest) > 0 {
		var picks, guards []F
		for todo := rest[:1:1]; len(todo) > 0; {
			p := todo[0]
			todo = todo[1:]
			picks = append(picks, p)
			rest = slices.DeleteFunc(rest, func(x F) bool { return x == p })
			left = slices.DeleteFunc(left, func(g F) bool {
				if !mentions(g, []F{p}) {
					return false
				}
				guards = append(guards, g)
				for _, x := range rest {
					if mentions(g, []F{x}) && !slices.Contains(todo, x) {
						todo = append(todo, x)
					}
				}
				return true
			})
		}
		parts = append(parts, quantify(exists, picks, And(guards...)))
	}
	return And(append(left, parts...)...)
}

// substitute puts terms in the place of variables.
func substitute(t F, by map[F]F) F {
	if x := by[t]; x != nil {
		return x
	}
	if len(t.args) == 0 || len(by) == 0 {
		return t
	}
	next := *t
	next.args = nil
	for _, a := range t.args {
		next.args = append(next.args, substitute(a, by))
	}
	return intern(next)
}

// progressProblems are those of all steps in which a thread can be between operations' ends.
func (p *Protocol) progressProblems(branches []*Branch) (list []*Problem) {
	for _, step := range p.mmSteps() {
		if step != "Idle" {
			list = append(list, p.progress(step, isMM, branches))
		}
	}
	for _, step := range p.walkerSteps() {
		if step != "Idle" {
			list = append(list, p.progress(step, isWalker, branches))
		}
	}
	return list
}
