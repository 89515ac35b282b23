package linear

// The sequential specification that histories are held against.

import (
	"errors"
	"fmt"

	"github.com/anishathalye/porcupine"

	"github.com/rootlock/rootlock/impl"
)

// The size of a family: a root address space and what descends from it.
const (
	familySpaces = 5
	familySlots  = 8
)

// registers is the state of a family: for each address space, whether it lives, and the
// byte of each slot. A fork makes a new set of registers, equal to the parent's.
type registers [familySpaces]struct {
	life  existence
	slots [familySlots]register
}

type existence uint8

const (
	unborn existence = iota
	alive
	exited
)

// A register is a slot: in no area, in one but never written to, or byte + written.
type register uint8

const (
	noArea register = iota
	unwritten
	written
)

func (r register) byte() byte {
	if r <= unwritten {
		return 0
	}
	return byte(r - written)
}

type call struct {
	op       string // "Read", "Write", "Page", "Map", "Unmap", "Protect", "Move", "Fork", "Exit"
	space    int
	start, n uint32
	to       uint32 // Move
	value    byte   // Write
}

type reply struct {
	err   error
	value byte // Read
	child int  // Fork
}

// next are the states in which the family may be after a call with this reply, none if
// the reply is impossible. Two things the docstrings leave open: whether two mapped
// slots are in one area (Move), and whether a Move that ran out of memory moved anything.
func (r registers) next(c call, out reply) []registers {
	m := &r[c.space]
	unchanged, changed := []registers{r}, func() []registers { return []registers{r} }
	if m.life != alive {
		return onlyIf(m.life == exited && errors.Is(out.err, impl.ErrExited), unchanged)
	}
	slots := m.slots[c.start : c.start+c.n]
	mapped, free := 0, 0
	for _, s := range slots {
		if s == noArea {
			free++
		} else {
			mapped++
		}
	}
	var want, perhaps error // what must be returned, what may be returned instead
	switch c.op {
	case "Read", "Write":
		perhaps = impl.ErrStranded
		want = errorIf(free > 0, impl.ErrNotMapped)
	case "Page":
		want = errorIf(slots[0] < written, impl.ErrNotMapped)
	case "Map":
		want = errorIf(mapped > 0, impl.ErrOverlap)
	case "Unmap":
		want = errorIf(mapped == 0, impl.ErrNotMapped)
	case "Protect":
		want = errorIf(free > 0, impl.ErrNotMapped)
	case "Fork":
		want = errorIf(m.slots == [familySlots]register{}, impl.ErrNoArea)
	case "Move":
		want = errorIf(free > 0, impl.ErrNotMapped)
		if c.n > 1 {
			perhaps = impl.ErrNotMapped
		}
		if want == nil && r.occupied(c) {
			want = impl.ErrOverlap
		}
	}
	if out.err != nil {
		switch {
		case out.err == want, perhaps != nil && errors.Is(out.err, perhaps) && want != impl.ErrNotMapped:
			return unchanged
		case want != nil || !errors.Is(out.err, impl.ErrNoMemory) || c.op == "Read" || c.op == "Page" || c.op == "Exit":
			return nil
		case c.op == "Write":
			return onlyIf(slots[0] == unwritten, unchanged) // else there is nothing to allocate
		case c.op == "Move":
			moved := r
			moved.move(c, unwritten)
			return append(unchanged, moved)
		}
		return unchanged
	}
	if want != nil {
		return nil
	}
	switch c.op {
	case "Read":
		return onlyIf(out.value == slots[0].byte(), unchanged)
	case "Write":
		slots[0] = written + register(c.value)
	case "Map", "Unmap":
		for i := range slots {
			slots[i] = noArea
			if c.op == "Map" {
				slots[i] = unwritten
			}
		}
	case "Move":
		r.move(c, noArea)
	case "Fork":
		if r[out.child].life != unborn {
			return nil
		}
		r[out.child] = *m
	case "Exit":
		m.life = exited
	}
	return changed()
}

// occupied reports whether the target of a Move is not free, or its source.
func (r *registers) occupied(c call) bool {
	for i := range c.n {
		if to := c.to + i; r[c.space].slots[to] != noArea || c.start <= to && to < c.start+c.n {
			return true
		}
	}
	return false
}

// move: what stays at the source is left.
func (r *registers) move(c call, left register) {
	slots := &r[c.space].slots
	for i := range c.n {
		slots[c.to+i], slots[c.start+i] = slots[c.start+i], left
	}
}

func onlyIf(ok bool, states []registers) []registers {
	if ok {
		return states
	}
	return nil
}

func errorIf(wrong bool, err error) error {
	if wrong {
		return err
	}
	return nil
}

// registerModel is next for porcupine: one living address space, without areas.
func registerModel() porcupine.Model {
	model := porcupine.NondeterministicModel{
		Init: func() []any {
			var r registers
			r[0].life = alive
			return []any{r}
		},
		Step: func(state, in, out any) (states []any) {
			for _, next := range state.(registers).next(in.(call), out.(reply)) {
				states = append(states, next)
			}
			return states
		},
		DescribeOperation: func(in, out any) string { return in.(call).String() + " -> " + out.(reply).String() },
		DescribeState:     func(state any) string { return fmt.Sprint(state) },
	}
	return model.ToModel()
}

func (c call) String() string {
	switch c.op {
	case "Write":
		return fmt.Sprintf("mm%d.Write(%d, %d)", c.space, c.start, c.value)
	case "Move":
		return fmt.Sprintf("mm%d.Move(%d, %d, %d)", c.space, c.start, c.n, c.to)
	}
	return fmt.Sprintf("mm%d.%s(%d, %d)", c.space, c.op, c.start, c.n)
}

func (r reply) String() string {
	if r.err != nil {
		return r.err.Error()
	}
	return fmt.Sprintf("ok value %d child mm%d", r.value, r.child)
}
