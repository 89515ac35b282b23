package boundedbuffer

import (
	"cmp"

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
	c.buffer.monitor.Hook, c.buffer.monitor.Controlled = s.Hook, true
	return nil
}

// Operation is what a thread does, for ever.
func (c *Code) Operation(mv law.Move) func() {
	b, thread := c.buffer, int(mv.Thread)
	return func() {
		for item := 0; ; item++ {
			if thread <= c.World.Producers {
				b.Put(thread, item)
			} else {
				b.Get(thread)
			}
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
	var asleep [MaxThreads]bool
	for i := range asleep {
		asleep[i] = c.buffer.monitor.Asleep(i + 1)
	}
	return cmp.Or(lockstep.Differ("items", int(s.Count), len(c.buffer.items)), lockstep.Differ("asleep", s.Asleep, asleep))
}
