// Package active says which mutant runs. It is what the code asks that
// internal/mutant has rewritten: all mutants are in one program, and none of them is
// active unless N names it. The project as it stands does not import it.
//
// It is for one goroutine at a time: a question is answered without any other.
package active

// N is the number of the active mutant; 0: the code is as it was written.
var N uint32

// Left is how many more questions may be asked. A mutant that never ends is found by the
// work that it does and not by a clock, so that it is found on every machine.
var Left uint64 = 1 << 62

// Trace, if it is not nil, remembers which mutants were asked about.
var Trace []bool

// Exhausted is what a mutant panics with that has asked too often.
type Exhausted struct{}

func (Exhausted) String() string { return "the mutated code does not end" }

// Is reports whether mutant n is the active one.
func Is(n uint32) bool {
	if Left--; Left == 0 || Trace != nil {
		note(n)
	}
	return n == N
}

// afterwards is what deferred functions, and whoever clears up, may still ask: they may
// not end either.
const afterwards = 10_000_000

func note(n uint32) {
	if Left == 0 {
		Left = afterwards
		panic(Exhausted{})
	}
	if Trace != nil {
		Trace[n] = true
	}
}

// Pick is what stands in the code, or what mutant n has instead.
func Pick[T any](n uint32, as, instead T) T {
	if Is(n) {
		return instead
	}
	return as
}

// Drop is a value of a case, or under mutant n one that nothing is equal to.
func Drop[T ~uint8](n uint32, as T) T {
	if Is(n) {
		return ^as
	}
	return as
}
