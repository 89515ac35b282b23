package main

import (
	"errors"
	"fmt"

	"github.com/rootlock/rootlock/impl"
	"github.com/rootlock/rootlock/internal/lockstep"
	"github.com/rootlock/rootlock/spec"
)

// The bytes of pages are outside the law: what was written into a slot is read there until
// somebody writes again, whatever becomes of the page. Of code that keeps to the law in all
// else this is asked apart.

// written is what each slot of each address space must read: 0, or what was written last.
type written struct {
	bytes [spec.MaxMMs][spec.MaxSlots]byte
	last  byte
}

// see takes in a move of the model, which was in state before it.
func (w *written) see(m *spec.Model, before, now *spec.State, mv spec.Move) {
	th := &before.Thread[mv.Thread-1]
	switch mv.Step {
	case spec.CopyEntry:
		w.bytes[th.Child-1][th.Slot] = w.bytes[mv.Thread-1][th.Slot]
	case spec.MoveEntry:
		own := &w.bytes[m.MM(mv.Thread)-1] // UFFDIO_MOVE may be the second thread's
		own[th.To+th.Slot-th.Low] = own[th.Slot]
	}
	for mm := range now.PTE {
		for slot := range now.PTE[mm] {
			if now.PTE[mm][slot].Kind == spec.Empty {
				w.bytes[mm][slot] = 0
			}
		}
	}
}

// check reads every page that is there in an address space at rest, which no thread of the
// process is at work in, and writes to those that may be written.
func (w *written) check(m *spec.Model, run *lockstep.Run) error {
	s := run.State()
	busy := make([]bool, m.MMs)
	for i := range s.Thread {
		if mm := int(m.MM(uint8(i + 1))); mm <= m.MMs && s.Thread[i].PC != spec.Idle {
			busy[mm-1] = true
		}
	}
	for mm := range m.MMs {
		if busy[mm] {
			continue
		}
		for slot := range m.Slots {
			e := s.PTE[mm][slot]
			if e.Kind != spec.Present {
				continue
			}
			space, b := run.AddressSpace(mm+1), []byte{0}
			switch err := space.Read(uint32(slot), 0, b); {
			case errors.Is(err, impl.ErrBusy): // a child that is being made
				continue
			case err != nil || b[0] != w.bytes[mm][slot]:
				return fmt.Errorf("rootlock: bytes: mm%d, slot %d: read %d (%v), written %d", mm+1, slot, b[0], err, w.bytes[mm][slot])
			}
			if e.Writable {
				w.last++
				w.bytes[mm][slot] = w.last
				if err := space.Write(uint32(slot), 0, []byte{w.last}); err != nil {
					return fmt.Errorf("rootlock: bytes: mm%d, slot %d: written %d: %w", mm+1, slot, w.last, err)
				}
			}
		}
	}
	return nil
}
