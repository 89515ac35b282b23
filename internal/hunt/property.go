package hunt

import (
	"pgregory.net/rapid"

	"github.com/rootlock/rootlock/internal/coverage"
	"github.com/rootlock/rootlock/spec"
)

// A Runner takes steps: the lockstep of model and implementation, or the model
// alone. Reset returns it to the initial state.
type Runner interface {
	Reset() error
	State() *spec.State
	Moves() []spec.Move
	Do(spec.Move) error
}

// A Failure is what a schedule led to.
type Failure struct {
	Schedule   spec.Schedule
	Claim      spec.Claim // broken in the last state; meaningless if Divergence is set
	Conjunct   string
	Values     string
	Divergence error // the model and the implementation part at the last move
}

// A Property is one search: the runner, what is asked, and the last failure
// seen, which after rapid has shrunk is the smallest.
type Property struct {
	Model  *spec.Model
	Runner Runner
	Claims spec.ClaimSet // asked after every step; NoDeadlock at the end
	Whole  bool          // every turn runs to the end of its operation: one at a time
	Last   *Failure
	First  *Failure // as drawn, before shrinking

	Schedules, Steps uint64 // work done, shrinking included
	Coverage         coverage.Coverage

	tried    [2]uint64 // schedules and steps, up to First
	schedule spec.Schedule
	threads  []uint8
	own      []spec.Move
}

// Check is the rapid property. What is drawn is a list of turns; a turn is a
// thread, an operation if the thread is idle, and how far it runs: to the end of
// its operation, or some steps. So removing a turn removes an operation, and
// shrinking a turn's length towards 0 removes a context switch. Every failure of
// one claim has the same message, as rapid's shrinker demands.
func (p *Property) Check(t *rapid.T) {
	if err := p.Runner.Reset(); err != nil {
		t.Fatalf("cannot start: %v", err)
	}
	p.Schedules++
	p.schedule = p.schedule[:0]
	p.Coverage.Begin(p.Model, p.Runner.State())
	t.Repeat(map[string]func(*rapid.T){"turn": p.turn})
}

var (
	anyThread = rapid.IntRange(0, 1<<8-1)
	anyMove   = rapid.IntRange(0, 1<<8-1)
	length    = rapid.IntRange(0, 16) // 0: to the end of the operation
)

func (p *Property) turn(t *rapid.T) {
	moves := p.Runner.Moves()
	if len(moves) == 0 {
		if s := p.Runner.State(); p.Claims.Has(spec.NoDeadlock) && !p.Model.Rest(s) {
			p.fail(t, spec.NoDeadlock)
		}
		return // everything rests: what rapid still draws has nothing to do
	}
	threads := p.threads[:0] // that may move, from the set of enabled moves
	for _, mv := range moves {
		if len(threads) == 0 || threads[len(threads)-1] != mv.Thread {
			threads = append(threads, mv.Thread)
		}
	}
	p.threads = threads
	thread := threads[anyThread.Draw(t, "thread")%len(threads)]
	begin := anyMove.Draw(t, "operation")
	own, n := movesOf(moves, thread), 0
	if !p.Whole {
		n = length.Draw(t, "steps")
	}
	for ; ; n-- {
		if len(own) == 0 {
			return // waits for a lock
		}
		mv := own[0]
		if len(own) > 1 {
			mv = own[begin%len(own)]
		}
		p.take(t, mv)
		pc := p.Runner.State().Thread[thread-1].PC
		if n == 1 || pc == spec.Idle {
			return
		}
		if mv.Step == spec.UnlockLeaf && pc == spec.LockLeaf {
			return // TrylockRetry begins a walk again: left alone, for ever (docs/kernel.md M10a)
		}
		p.own = p.Model.MovesOf(p.Runner.State(), thread, p.own[:0])
		own = p.own
	}
}

// movesOf is the part of moves, which are ordered by thread, that is of thread.
func movesOf(moves []spec.Move, thread uint8) []spec.Move {
	from := 0
	for from < len(moves) && moves[from].Thread != thread {
		from++
	}
	to := from
	for to < len(moves) && moves[to].Thread == thread {
		to++
	}
	return moves[from:to]
}

// take takes one enabled move and asks the claims.
func (p *Property) take(t *rapid.T, mv spec.Move) {
	p.schedule = append(p.schedule, mv)
	p.Steps++
	if err := p.Runner.Do(mv); err != nil {
		p.record(&Failure{Divergence: err})
		t.Fatalf("the implementation parts from the model")
	}
	p.Coverage.See(p.Model, mv, p.Runner.State())
	if broken := p.Model.Check(p.Runner.State()) & p.Claims; broken != 0 {
		for c := range spec.NumClaims {
			if broken.Has(c) {
				p.fail(t, c)
			}
		}
	}
}

func (p *Property) fail(t *rapid.T, c spec.Claim) {
	conjunct, values := p.Model.Explain(p.Runner.State(), c)
	p.record(&Failure{Claim: c, Conjunct: conjunct, Values: values})
	t.Fatalf("%s is violated", c)
}

func (p *Property) record(f *Failure) {
	f.Schedule = append(spec.Schedule(nil), p.schedule...)
	if p.First == nil {
		p.First, p.tried = f, [2]uint64{p.Schedules, p.Steps}
	}
	p.Last = f
}
