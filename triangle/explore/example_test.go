package explore_test

import (
	"context"
	"fmt"

	"github.com/rootlock/rootlock/triangle/explore"
	"github.com/rootlock/rootlock/triangle/law"
)

// A door has a flag that says whether somebody is in. Each of two threads looks at the
// flag, and if it is down raises it and goes in: three steps where it takes two at a time.
type door struct{}

type room struct {
	Taken bool
	At    [2]uint8 // of each thread: the step that it takes next
}

const (
	look = iota
	enter
	leave
)

func (door) Initial() []room { return []room{{}} }

func (door) Moves(s *room, buf []law.Move) []law.Move {
	for t, at := range s.At {
		if at != look || !s.Taken {
			buf = append(buf, law.Move{Thread: uint8(t + 1), Step: at})
		}
	}
	return buf
}

func (door) Apply(s *room, mv law.Move) {
	at := &s.At[mv.Thread-1]
	*at = (*at + 1) % 3
	switch mv.Step {
	case enter:
		s.Taken = true
	case leave:
		s.Taken = false
	}
}

func (door) Rest(*room) bool             { return false }
func (door) Claims() []string            { return []string{"MutualExclusion"} }
func (door) Steps() []string             { return []string{"Look", "Enter", "Leave"} }
func (door) Thread(mv law.Move) int      { return int(mv.Thread) }
func (door) Step(mv law.Move) int        { return int(mv.Step) }
func (d door) Format(mv law.Move) string { return mv.Format([]string{"ann", "ben"}, d.Steps(), 0) }

func (door) Check(s *room) (broken law.Claims) {
	if s.At[0] == leave && s.At[1] == leave {
		broken |= 1
	}
	return broken
}

func Example() {
	x, err := explore.Explore(context.Background(), door{}, explore.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d states, complete: %t\n", x.Distinct, x.Complete)
	if v := x.Violation("MutualExclusion"); v != nil {
		fmt.Println("both are in:", law.Text(door{}, v.Schedule))
	}
	// Output:
	// 13 states, complete: true
	// both are in: ben:Look ann:Look ann:Enter ben:Enter
}
