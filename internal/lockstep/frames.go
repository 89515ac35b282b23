package lockstep

import (
	"fmt"

	"github.com/rootlock/rootlock/spec"
	triangle "github.com/rootlock/rootlock/triangle/lockstep"
)

// The model has no frames. But it knows when the bytes of a page get another: where a fault
// maps it, where a migration has left no entry, and where it comes back from the swap device.
// At no other time may they.

// frames are the numbers of the frames that pages have.
type frames struct {
	last [spec.MaxPages]int64
	page uint8 // gets another frame in the move that is being taken; 0: none
}

// reset takes down the frames of a new implementation.
func (f *frames) reset(r *code) {
	f.page = 0
	for i := range r.model.Pages {
		f.last[i] = r.control.Page(i + 1).Frame()
	}
}

// fetches reports whether a move reads a page from the swap device.
func (f *frames) fetches(m *spec.Model, mv spec.Move, s *spec.State) bool {
	th := &s.Thread[mv.Thread-1]
	if mv.Step != spec.SwapIn || s.Page[th.Page-1].Cached || mapped(s, th.Page) {
		return false
	}
	e := s.PTE[m.MM(mv.Thread)-1][th.Slot]
	return e.Kind == spec.Swapped && e.Page == th.Page
}

// see takes in a move.
func (f *frames) see(r *code, mv spec.Move, s *spec.State) {
	was, now := &r.was, &s.Thread[mv.Thread-1]
	switch {
	case was.PC == spec.MapPage:
		if e := s.PTE[r.model.MM(mv.Thread)-1][was.Slot]; e != r.entry {
			f.page = e.Page
		}
	case r.fetches, was.Phase == spec.One && now.Phase == spec.Two && !mapped(s, was.Page):
		f.page = was.Page
	}
}

// compare compares the frames after a move, or after none.
func (f *frames) compare(r *code) *triangle.Difference {
	page := f.page
	f.page = 0
	for i := range r.model.Pages {
		n := r.control.Page(i + 1).Frame()
		if moved, should := n != f.last[i], i+1 == int(page); moved != should {
			return &triangle.Difference{Field: fmt.Sprintf("p%d gets another frame", i+1), Law: fmt.Sprint(should), Code: fmt.Sprint(moved)}
		}
		f.last[i] = n
	}
	return nil
}
