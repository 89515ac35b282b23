// Package hunt looks for broken claims at random, far beyond what can be explored. rapid draws
// schedules from the moves that are enabled. A runner takes each move: the law alone, or law and
// code in lockstep. The claims are asked after every move. rapid shrinks a schedule that fails;
// package shrink makes it 1-minimal.
//
// In a test, hand [Property.Check] to rapid.Check. Elsewhere call [Find].
package hunt

import (
	"fmt"
	"slices"

	"pgregory.net/rapid"

	"github.com/rootlock/rootlock/triangle/law"
	"github.com/rootlock/rootlock/triangle/shrink"
)

// A Runner takes moves: the lockstep of law and code, or the law alone (shrink.Alone). Reset
// returns it to an initial state.
type Runner[S any, M comparable] interface {
	Reset() error
	State() *S
	Moves() []M // enabled in the present state; good until the next move
	Do(M) error
}

// A Failure is what a schedule led to.
type Failure[M comparable] struct {
	Schedule   []M
	Claim      string // broken in the last state; "" if Divergence is set
	Divergence error  // law and code part at the last move
}

// A Property is one search: the runner, what is asked, and the last failure
// seen, which after rapid has shrunk is the smallest.
type Property[S any, M comparable] struct {
	Law    law.Law[S, M]
	Runner Runner[S, M] // nil: the law alone
	Claims []string     // asked after every move; NoDeadlock where nothing moves; nil: none
	Whole  bool         // every turn runs to the end of its operation (of a law.Live): one at a time

	// MovesOf lists the enabled moves of one thread, in the law's order: a faster way than
	// to pick them from all. It may be nil.
	MovesOf func(thread int) []M
	// Began is told of each schedule, and Saw of each move and the state after it; where it
	// says so, the turn of the thread ends. They may be nil.
	Began func(s *S)
	Saw   func(mv M, s *S) (enough bool)

	Last  *Failure[M]
	First *Failure[M] // as drawn, before shrinking

	Schedules, Steps uint64 // work done, shrinking included

	unable   error     // why nothing can be asked
	tried    [2]uint64 // schedules and steps, up to First
	asked    law.Claims
	deadlock bool
	live     law.Live[S, M]
	schedule []M
	threads  []int
	own      []M
}

// Check is the rapid property. What is drawn is a list of turns; a turn is a
// thread, an operation if the thread is idle, and how far it runs: to the end of
// its operation, or some steps. So removing a turn removes an operation, and
// shrinking a turn's length towards 0 removes a context switch. Every failure of
// one claim has the same message, as rapid's shrinker demands. The schedule, and where the code
// parts from the law, are logged before it.
func (p *Property[S, M]) Check(t *rapid.T) {
	if p.Runner == nil {
		p.Runner = &shrink.Alone[S, M]{Law: p.Law}
	}
	if p.Schedules == 0 {
		p.unable = p.prepare()
	}
	if p.unable == nil {
		p.unable = p.Runner.Reset()
	}
	if p.unable != nil {
		t.Fatalf("cannot start: %v", p.unable)
	}
	p.Schedules++
	p.schedule = p.schedule[:0]
	if p.Began != nil {
		p.Began(p.Runner.State())
	}
	t.Repeat(map[string]func(*rapid.T){"turn": p.turn})
}

func (p *Property[S, M]) prepare() error {
	p.live, _ = p.Law.(law.Live[S, M])
	names := p.Law.Claims()
	for _, c := range p.Claims {
		i := slices.Index(names, c)
		switch {
		case c == law.NoDeadlock:
			p.deadlock = true
		case i < 0:
			return fmt.Errorf("the law makes no claim %q", c)
		default:
			p.asked |= 1 << i
		}
	}
	return nil
}

var (
	anyThread = rapid.IntRange(0, 1<<8-1)
	anyMove   = rapid.IntRange(0, 1<<8-1)
	length    = rapid.IntRange(0, 16) // 0: to the end of the operation
)

// solo is how many steps a thread takes in one turn at most where the law does not say what
// an operation is.
const solo = 100

func (p *Property[S, M]) turn(t *rapid.T) {
	moves := p.Runner.Moves()
	if len(moves) == 0 {
		if p.deadlock && !p.Law.Rest(p.Runner.State()) {
			p.fail(t, law.NoDeadlock)
		}
		return // everything rests: what rapid still draws has nothing to do
	}
	threads := p.threads[:0] // that may move, from the set of enabled moves
	for _, mv := range moves {
		if thread := p.Law.Thread(mv); len(threads) == 0 || threads[len(threads)-1] != thread {
			threads = append(threads, thread)
		}
	}
	p.threads = threads
	thread := threads[anyThread.Draw(t, "thread")%len(threads)]
	begin := anyMove.Draw(t, "operation")
	own, n := p.movesOf(moves, thread), 0
	if !p.Whole {
		n = length.Draw(t, "steps")
	}
	if n == 0 && p.live == nil {
		n = solo
	}
	for ; ; n-- {
		if len(own) == 0 {
			return // waits for a lock
		}
		mv := own[0]
		if len(own) > 1 {
			mv = own[begin%len(own)]
		}
		enough := p.take(t, mv)
		if n == 1 || enough || p.live != nil && !p.live.Busy(p.Runner.State(), thread) {
			return
		}
		if p.MovesOf != nil {
			own = p.MovesOf(thread)
		} else {
			own = p.movesOf(p.Runner.Moves(), thread)
		}
	}
}

// movesOf is the part of moves, which are ordered by thread, that is of thread.
func (p *Property[S, M]) movesOf(moves []M, thread int) []M {
	p.own = p.own[:0]
	for _, mv := range moves {
		if p.Law.Thread(mv) == thread {
			p.own = append(p.own, mv)
		}
	}
	return p.own
}

// take takes one enabled move and asks the claims.
func (p *Property[S, M]) take(t *rapid.T, mv M) (enough bool) {
	p.schedule = append(p.schedule, mv)
	p.Steps++
	if err := p.Runner.Do(mv); err != nil {
		p.record(&Failure[M]{Divergence: err})
		t.Logf("%v\n%v", err, lazily(p.text))
		t.Fatalf("the code parts from the law")
	}
	s := p.Runner.State()
	if p.Saw != nil {
		enough = p.Saw(mv, s)
	}
	if broken := p.Law.Check(s) & p.asked; broken != 0 {
		p.fail(t, broken.Names(p.Law.Claims())[0])
	}
	return enough
}

func (p *Property[S, M]) fail(t *rapid.T, claim string) {
	p.record(&Failure[M]{Claim: claim})
	t.Logf("%v", lazily(p.text))
	t.Fatalf("%s is violated", claim)
}

// text is the schedule that was drawn.
func (p *Property[S, M]) text() string {
	return fmt.Sprintf("schedule of %d steps, for law.Parse: %s", len(p.schedule), law.Text(p.Law, p.schedule))
}

// lazily is a text that is made only if it is printed: rapid does not while it shrinks.
type lazily func() string

func (f lazily) String() string { return f() }

func (p *Property[S, M]) record(f *Failure[M]) {
	f.Schedule = slices.Clone(p.schedule)
	if p.First == nil {
		p.First, p.tried = f, [2]uint64{p.Schedules, p.Steps}
	}
	p.Last = f
}
