// Package lockstep runs real code under the controlled scheduler beside its law.
//
// Each move is taken on both sides. After it the shared state must be equal, and the moved
// thread must stand at the same next step in both, about to act upon the same object. A move
// that the law disables must be refused by the code, and change nothing.
//
// A [Run] is what drives both: hunts, tours of a whole graph, replays and shrinking take a
// schedule on it move by move. What is particular to the code, the [Code] says.
package lockstep

import (
	"cmp"
	"fmt"
	"testing"

	"github.com/rootlock/rootlock/triangle/law"
	"github.com/rootlock/rootlock/triangle/sched"
)

// A Code is the code that a law is about, made ready to run under a scheduler: its threads
// park before each step (see package sched). The number that a step has in the code's
// points is its index in [law.Law.Steps]; the first, 0, must be no step of any thread ("Idle",
// say), since package sched takes it for a refusal.
type Code[S any, M comparable] interface {
	// Reset makes everything anew, hooked to s, as it is in the law's first initial state.
	// What abandoned operations left behind is worth nothing.
	Reset(s *sched.Scheduler) error
	// Operation is what the thread of mv runs, if it is idle and mv is its next move. Its
	// first point is mv's step.
	Operation(mv M) func()
	// Choice is what the scheduler answers at the step of mv, where that chooses something.
	Choice(mv M) int
	// At says where the law has a thread stand in s: before which step, and upon which
	// object it acts. False: it is idle, and its operation has returned. AnyObject matches
	// every object.
	At(s *S, thread int) (p sched.Point, busy bool)
	// Compare compares the shared state of the code with s: nil, or what differs.
	Compare(s *S) *Difference
}

// AnyObject as the object of a point that a [Code] gives says that the law does not know it.
const AnyObject = ^uint32(0)

// A Difference is a part of the shared state in which law and code differ.
type Difference struct {
	Field     string
	Law, Code string
	// Diff writes the difference of the whole state; it may be nil.
	Diff func() string
}

// Differ is the difference in one field, nil if there is none. A Compare is often
// cmp.Or(Differ(...), Differ(...)).
func Differ[T comparable](field string, law, code T) *Difference {
	if law == code {
		return nil
	}
	return &Difference{Field: field, Law: fmt.Sprint(law), Code: fmt.Sprint(code)}
}

// A Returner is a [Code] whose operations return something that the law knows. It is found by
// its methods, so have the compiler say that they are all there:
//
//	var _ lockstep.Returner[State, law.Move] = (*Code)(nil)
type Returner[S any, M comparable] interface {
	// Takes and Took are told of each move, and of the state before it and after it.
	Takes(mv M, before *S)
	Took(mv M, after *S)
	// Returned compares what the operation that ended with mv returned. In s, after mv, the
	// thread is idle: what the law forgets at the end of an operation, Takes can keep.
	Returned(mv M, s *S) *Difference
	// Refused compares what an operation returned that the law does not let begin.
	Refused(mv M, s *S) *Difference
}

// A Divergence is where the law and the code part. Its message is the same for the same
// move and field. If the code panicked, errors.As gives the [sched.Failure], with the stack.
type Divergence struct {
	Step int    // from 1, since Reset
	Move string // the move's text; "" for the initial state
	Difference

	failure *sched.Failure
}

// Unwrap is the panic of the code, if it is one that parted it from the law.
func (d *Divergence) Unwrap() error {
	if d.failure == nil {
		return nil
	}
	return d.failure
}

func (d *Divergence) Error() string {
	move := d.Move
	if move == "" {
		move = "the initial state"
	}
	return fmt.Sprintf("law and code part at step %d, %s: %s: law %s, code %s", d.Step, move, d.Field, d.Law, d.Code)
}

// A Run is a law and its code, in step. It is for one goroutine at a time.
type Run[S any, M comparable] struct {
	law      law.Law[S, M]
	code     Code[S, M]
	returner Returner[S, M] // nil if code is none
	sched    *sched.Scheduler
	steps    []string

	state S
	moves []M
	taken int
}

// New starts both sides in the first initial state. Close the Run.
func New[S any, M comparable](l law.Law[S, M], c Code[S, M], threads int) (*Run[S, M], error) {
	r := &Run[S, M]{law: l, code: c, sched: sched.New(threads), steps: l.Steps()}
	r.returner, _ = c.(Returner[S, M])
	err := r.Reset()
	for _, mv := range r.Moves() {
		err = cmp.Or(err, r.known(mv))
		if l.Step(mv) == 0 {
			err = fmt.Errorf("%s is step 0 of the law, which package sched takes for a refusal: put a name like Idle before it in Steps", r.steps[0])
		}
	}
	if err != nil {
		_ = r.Close()
		return nil, err
	}
	return r, nil
}

// Start is New for a test, which closes the Run at its end.
func Start[S any, M comparable](t testing.TB, l law.Law[S, M], c Code[S, M], threads int) *Run[S, M] {
	t.Helper()
	r, err := New(l, c, threads)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// Close ends the coroutines of the code's threads.
func (r *Run[S, M]) Close() error { return r.sched.Close() }

// Reset returns both sides to the initial state.
func (r *Run[S, M]) Reset() error {
	if err := r.sched.Reset(); err != nil {
		return err
	}
	r.state, r.taken = r.law.Initial()[0], 0
	if err := r.code.Reset(r.sched); err != nil {
		return err
	}
	return r.compare("")
}

// State is the law's state, until the next move.
func (r *Run[S, M]) State() *S { return &r.state }

// Hash is the hash of all that the code's threads did since Reset: the same moves must give
// the same hash.
func (r *Run[S, M]) Hash() uint64 { return r.sched.Hash() }

// Moves lists the moves that the law enables, until the next move.
func (r *Run[S, M]) Moves() []M {
	r.moves = r.law.Moves(&r.state, r.moves[:0])
	return r.moves
}

// Do takes a move that the law enables on both sides. The error is a *Divergence if the
// sides part.
func (r *Run[S, M]) Do(mv M) error {
	r.taken++
	if err := r.known(mv); err != nil {
		return err
	}
	thread := r.law.Thread(mv)
	point, outcome, stands := r.point(thread, mv)
	if !stands {
		return r.part(mv, "next step", r.stepName(mv), r.startText(point, outcome))
	}
	point, outcome = r.sched.Grant(thread, r.code.Choice(mv))
	switch outcome {
	case sched.Refused:
		return r.part(mv, "enabled", "true", "refused")
	case sched.Failed:
		return r.part(mv, "outcome", "a step", r.sched.Failure().Error())
	}
	if r.returner != nil {
		r.returner.Takes(mv, &r.state)
	}
	r.law.Apply(&r.state, mv)
	if r.returner != nil {
		r.returner.Took(mv, &r.state)
	}
	switch want, busy := r.code.At(&r.state, thread); {
	case !busy && outcome != sched.Finished:
		return r.part(mv, "next step", "the operation ends", r.pointText(point, outcome))
	case !busy && r.returner != nil:
		if d := r.returner.Returned(mv, &r.state); d != nil {
			return r.parted(mv, d)
		}
	case !busy:
	case outcome != sched.Parked || point.Step != want.Step:
		return r.part(mv, "next step", r.steps[want.Step], r.pointText(point, outcome))
	case want.Object != AnyObject && want.Object != point.Object:
		return r.part(mv, "object of "+r.steps[want.Step], fmt.Sprint(want.Object), fmt.Sprint(point.Object))
	}
	if d := r.code.Compare(&r.state); d != nil {
		return r.parted(mv, d)
	}
	return nil
}

// Refuse takes a move that the law disables to the code, which must
// refuse it and stay as it is. Only moves whose thread stands at the step, and
// moves that begin an operation of an idle thread, can be attempted: a thread
// has no way to take another step than its next. An operation that the law does not let
// begin may be refused by what it returns ([Returner]); if it waits at its first step
// instead, the Run is of no more use until the next Reset, and parked says so.
func (r *Run[S, M]) Refuse(mv M) (attempted, parked bool, err error) {
	if err := r.known(mv); err != nil {
		return false, false, err
	}
	thread := r.law.Thread(mv)
	want, busy := r.code.At(&r.state, thread)
	if busy && int(want.Step) != r.law.Step(mv) || law.Enabled(r.law, &r.state, mv) {
		return false, false, nil
	}
	begins := !busy
	if begins && !law.Begins(r.law, mv) {
		return false, false, nil
	}
	r.taken++ // what is wrong is so at the step that it would be
	defer func() { r.taken-- }()
	point, outcome, stands := r.point(thread, mv)
	if !stands && !(begins && outcome == sched.Finished) {
		return true, false, r.part(mv, "next step", r.stepName(mv), r.startText(point, outcome))
	}
	if stands {
		point, outcome = r.sched.Grant(thread, r.code.Choice(mv))
	}
	switch {
	case outcome == sched.Refused:
		parked = begins
	case outcome == sched.Finished && begins:
		if r.returner != nil {
			if d := r.returner.Refused(mv, &r.state); d != nil {
				return true, false, r.parted(mv, d)
			}
		}
	default:
		return true, false, r.part(mv, "enabled", "false", "took the step: "+r.pointText(point, outcome))
	}
	if d := r.code.Compare(&r.state); d != nil {
		return true, parked, r.parted(mv, d)
	}
	return true, parked, nil
}

// point brings the thread of mv to the point before mv's step. A thread in an operation
// stands there already: that was compared after its last move.
func (r *Run[S, M]) point(thread int, mv M) (p sched.Point, o sched.Outcome, ok bool) {
	p, busy := r.sched.At(thread)
	if busy {
		return p, sched.Parked, true
	}
	op := r.code.Operation(mv)
	if op == nil {
		return p, sched.Finished, false
	}
	p, o = r.sched.Start(thread, op)
	return p, o, o == sched.Parked && int(p.Step) == r.law.Step(mv)
}

func (r *Run[S, M]) compare(move string) error {
	if d := r.code.Compare(&r.state); d != nil {
		return &Divergence{Step: r.taken, Move: move, Difference: *d}
	}
	return nil
}

func (r *Run[S, M]) parted(mv M, d *Difference) error {
	return &Divergence{Step: r.taken, Move: r.law.Format(mv), Difference: *d}
}

func (r *Run[S, M]) part(mv M, field, law, code string) error {
	d := &Divergence{Step: r.taken, Move: r.law.Format(mv), Difference: Difference{Field: field, Law: law, Code: code}}
	d.failure = r.sched.Failure()
	return d
}

// known is an error if mv is of no thread of the run.
func (r *Run[S, M]) known(mv M) error {
	if n, all := r.law.Thread(mv), r.sched.Threads(); n < 1 || n > all {
		return fmt.Errorf("%s is a move of thread %d, and the run has threads 1 to %d", r.law.Format(mv), n, all)
	}
	return nil
}

func (r *Run[S, M]) stepName(mv M) string { return r.steps[r.law.Step(mv)] }

// startText says where an operation is that was started: at its first point, or where none was.
func (r *Run[S, M]) startText(p sched.Point, o sched.Outcome) string {
	text := r.pointText(p, o)
	if o == sched.Finished {
		text += " without a step: does Operation run the code, and the code call the scheduler's Hook?"
	}
	return text
}

func (r *Run[S, M]) pointText(p sched.Point, o sched.Outcome) string {
	switch o {
	case sched.Parked:
	case sched.Failed:
		return "the operation has failed: " + r.sched.Failure().Error()
	default:
		return "the operation has " + o.String()
	}
	return fmt.Sprintf("%s (object %d)", r.steps[p.Step], p.Object)
}
