package boundedbuffer

import (
	"fmt"

	"github.com/rootlock/rootlock/triangle/law"
	"github.com/rootlock/rootlock/triangle/lockstep"
	"github.com/rootlock/rootlock/triangle/sched"
)

// A Code is a buffer as the code of a World, for the lockstep.
type Code struct {
	World  *World
	buffer *Buffer
}

// Reset makes a new buffer, hooked to the scheduler.
func (c *Code) Reset(s *sched.Scheduler) error {
	c.buffer = New(int(c.World.Capacity), c.World.Broadcast)
	c.buffer.sleepers = map[int]bool{}
	c.buffer.hook = func(step, object int) int {
		if step < 0 {
			return s.Refused()
		}
		return s.Hook(uint8(step), uint32(object))
	}
	return nil
}

// Operation is what a thread does, for ever.
func (c *Code) Operation(mv law.Move) func() {
	b, thread := c.buffer, int(mv.Thread)
	if thread <= c.World.Producers {
		return func() {
			for item := 0; ; item++ {
				b.Put(thread, item)
			}
		}
	}
	return func() {
		for {
			b.Get(thread)
		}
	}
}

// Choice is the thread that Notify wakes.
func (c *Code) Choice(mv law.Move) int { return int(mv.Args[0]) }

// At is where a thread stands: always in its operation.
func (c *Code) At(s *State, thread int) (sched.Point, bool) {
	return sched.Point{Step: s.At[thread-1], Object: uint32(thread)}, true
}

// Compare compares the number of items, and who sleeps.
func (c *Code) Compare(s *State) *lockstep.Difference {
	if n := len(c.buffer.items); n != int(s.Count) {
		return &lockstep.Difference{Field: "items", Law: fmt.Sprint(s.Count), Code: fmt.Sprint(n)}
	}
	for i, asleep := range s.Asleep {
		if got := c.buffer.sleepers[i+1]; got != asleep {
			return &lockstep.Difference{Field: c.World.names()[i] + " sleeps", Law: fmt.Sprint(asleep), Code: fmt.Sprint(got)}
		}
	}
	return nil
}
