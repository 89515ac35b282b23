package sched

import (
	"errors"
	"fmt"
)

// ErrSwallowed is the Value of a Failure whose operation recovered the panic
// that was to unwind it, and went on.
var ErrSwallowed = errors.New("sched: the code under test recovered the panic that unwinds an abandoned operation")

var errGoexit = errors.New("sched: the code under test called runtime.Goexit")

// A Failure is a panic of the code under test. It is an error.
type Failure struct {
	Thread    int
	Point     Point // the step that was granted last; zero before the first grant
	Abandoned bool  // the operation was being abandoned by Reset or Close
	Value     any   // what it panicked with; ErrSwallowed
	Stack     []byte
}

// Error names thread, step, object and value, but not the stack: the message
// is the same each time that the schedule is run, so that rapid can shrink it.
func (f *Failure) Error() string {
	while := "in"
	if f.Abandoned {
		while = "abandoned before"
	}
	where := "its first step"
	if f.Point != (Point{}) {
		where = fmt.Sprintf("step %d on object %d", f.Point.Step, f.Point.Object)
	} else if !f.Abandoned {
		while = "before"
	}
	return fmt.Sprintf("sched: thread %d panicked %s %s: %v", f.Thread, while, where, f.Value)
}

// Unwrap returns the panic value if it is an error.
func (f *Failure) Unwrap() error {
	err, _ := f.Value.(error)
	return err
}
