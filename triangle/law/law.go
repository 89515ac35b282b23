// Package law says what the law of a concurrent protocol is to the rest of the triangle:
// the states of a bounded world, the moves that its threads may take, and what is claimed
// of every state. Everything else under triangle/ works on a [Law]: it is the only package
// that a protocol's law has to import.
//
// A law is written for two type parameters. S is the state: a plain value of integers,
// booleans, arrays and structs, without pointers, so that a copy is another state and equal
// memory is the same state. M is a move: one atomic step of one thread with what the step
// chooses. [Move] will do for most laws.
//
// The smallest law that says something: two threads, a lock that each takes and gives back.
// See the example of package explore.
package law

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"
)

// A Law is what may happen in a bounded world. Its methods are functions of their arguments
// and may be called by several goroutines at a time.
type Law[S any, M comparable] interface {
	// Initial lists the initial states: at least one, without duplicates.
	Initial() []S
	// Moves appends every enabled move to buf, always in the same order.
	Moves(s *S, buf []M) []M
	// Apply takes an enabled move in place. A step that panics with a runtime error or a
	// string is not defined in s: the explorer reports it as a violation of TypeOK.
	Apply(s *S, mv M)
	// Rest reports whether s may stand still: without a move it is no deadlock.
	Rest(s *S) bool

	// Claims names what is claimed of the states: at most 64, in the order of Check's bits.
	// Two names have a role of their own. States that violate TypeOK are not explored
	// further, and a step that is not defined violates it. States without a move that are
	// not at Rest violate NoDeadlock, of which Check says nothing. A law that does not name
	// them is asked about them all the same.
	Claims() []string
	// Check is the set of claims that are false in s.
	Check(s *S) Claims

	// Steps names the steps, for counts: what TLA+ calls actions.
	Steps() []string
	// Step is the index in Steps of a move's step.
	Step(mv M) int
	// Thread is the thread whose move it is; threads count from 1, without gaps.
	Thread(mv M) int
	// Format writes a move as text, such as "w1:Walk(p1)": a schedule is such words with
	// blanks between them. A word has no blank, and no other move enabled in the same state
	// has the same word.
	Format(mv M) string
}

// The two claims that the explorer decides itself.
const (
	TypeOK     = "TypeOK"
	NoDeadlock = "NoDeadlock"
)

// A Packer is a law that writes its states in fewer words than their memory has. Without
// it a state is packed as it lies in memory, without padding.
type Packer[S any] interface {
	// Words is the length of a packed state: the same for all states.
	Words() int
	// Pack writes s to out. Two states are packed alike only if they are equal. It reports
	// false if s has something that no state within the bounds has: that violates TypeOK.
	Pack(s *S, out []uint64) bool
	// Unpack is the inverse of Pack. *s holds zero, or another state of the same law.
	Unpack(in []uint64, s *S)
	// Within is asked of every new state: what Pack need not look at each time.
	Within(s *S) bool
}

// A Copier is a law of a large S of which a bounded world uses a part.
type Copier[S any] interface {
	// Copy copies what states of the law use. *to holds zero, or another state of the law.
	Copy(to, from *S)
}

// A Symmetric law has states that differ in names only.
type Symmetric[S any] interface {
	// Canon returns a function that gives all states that differ in names only the same
	// form. The function is for one goroutine.
	Canon() func(s *S)
}

// A Parted law names the parts of its claims, at most 64, so that an exploration tells which
// of them are ever false.
type Parted[S any] interface {
	Parts() []string
	// Broken is the set of parts, other than known, that are false in s, of the claims that
	// are violated there.
	Broken(s *S, violated Claims, known uint64) uint64
}

// A law with Operations tells which moves begin one. Without it a thread is one operation.
type Operations[M comparable] interface {
	Begins(mv M) bool
}

// A Refuser is a law that knows whether a move is enabled without listing all that are.
type Refuser[S any, M comparable] interface {
	// Refusal names what keeps mv from being taken in s; "" if it is enabled.
	Refusal(s *S, mv M) string
}

// Enabled reports whether mv is enabled in s.
func Enabled[S any, M comparable](l Law[S, M], s *S, mv M) bool {
	if r, ok := l.(Refuser[S, M]); ok {
		return r.Refusal(s, mv) == ""
	}
	return slices.Contains(l.Moves(s, nil), mv)
}

// Breaker returns a function that reports whether a state violates a claim. NoDeadlock is
// violated where nothing moves that is not at rest. It panics if the law makes no such claim:
// what cannot be asked must not look like a claim that holds.
func Breaker[S any, M comparable](l Law[S, M], claim string) func(s *S) bool {
	if claim == NoDeadlock {
		return func(s *S) bool { return !l.Rest(s) && len(l.Moves(s, nil)) == 0 }
	}
	i := slices.Index(l.Claims(), claim)
	if i < 0 {
		panic(fmt.Sprintf("law.Breaker: the law makes no claim %q; its claims are %s", claim, strings.Join(l.Claims(), ", ")))
	}
	return func(s *S) bool { return l.Check(s).Has(i) }
}

// Text writes a schedule: its moves with blanks between them.
func Text[S any, M comparable](l Law[S, M], sch []M) string {
	words := make([]string, len(sch))
	for i, mv := range sch {
		words[i] = l.Format(mv)
	}
	return strings.Join(words, " ")
}

// Parse reads a schedule that Text wrote: it takes the moves, from a state on. The error says
// which word is no move that is enabled there, and which moves are; or that the law's Format
// does not tell two moves apart.
func Parse[S any, M comparable](l Law[S, M], from S, text string) (sch []M, err error) {
	for i, word := range strings.Fields(text) {
		moves := l.Moves(&from, nil)
		k := slices.IndexFunc(moves, func(mv M) bool { return l.Format(mv) == word })
		if k < 0 {
			return nil, fmt.Errorf("move %d, %q, is not enabled; enabled are: %s", i+1, word, Text(l, moves))
		}
		for _, mv := range moves[k+1:] {
			if l.Format(mv) == word {
				return nil, fmt.Errorf("move %d, %q, is two moves that are enabled, %v and %v: Format must tell them apart", i+1, word, moves[k], mv)
			}
		}
		sch = append(sch, moves[k])
		l.Apply(&from, moves[k])
	}
	return sch, nil
}

// Begins reports whether mv begins an operation of the law.
func Begins[S any, M comparable](l Law[S, M], mv M) bool {
	o, ok := l.(Operations[M])
	return ok && o.Begins(mv)
}

// A Live law has operations that are to end. Fairness demands of nobody to begin one.
type Live[S any, M comparable] interface {
	Operations[M]
	Threads() int
	// Locks reports whether the move waits for a lock and takes it.
	Locks(mv M) bool
	// Busy reports whether the thread is in an operation.
	Busy(s *S, thread int) bool
	// Ends names the claim that the operations of the thread end; "" if none is made.
	Ends(thread int) string
}

// Claims is a set of claims, by their place in [Law.Claims].
type Claims uint64

// Has reports whether claim i is in the set.
func (c Claims) Has(i int) bool { return c>>i&1 != 0 }

// Names lists the members of a set whose names are given in order.
func (c Claims) Names(names []string) (list []string) {
	for ; c != 0; c &= c - 1 {
		list = append(list, names[bits.TrailingZeros64(uint64(c))])
	}
	return list
}

// A Move is a move for laws that need no type of their own. Step is an index in
// [Law.Steps]; arguments that a step does not have are zero.
type Move struct {
	Thread uint8
	Step   uint8
	Args   [3]uint8
}

// Format writes a move: the thread's name, a colon, the step's name, and n arguments. What
// has no name is written as a number.
func (mv Move) Format(threads, steps []string, n int) string {
	name := func(names []string, i int, kind string, n uint8) string {
		if i < 0 || i >= len(names) {
			return fmt.Sprint(kind, n)
		}
		return names[i]
	}
	text := name(threads, int(mv.Thread)-1, "thread", mv.Thread) + ":" + name(steps, int(mv.Step), "step", mv.Step)
	if n == 0 {
		return text
	}
	args := ""
	for i, a := range mv.Args[:n] {
		if i > 0 {
			args += ","
		}
		args += fmt.Sprint(a)
	}
	return text + "(" + args + ")"
}
