// Files through worlds.

package trace

import (
	"context"
	"io"
	"time"

	"github.com/rootlock/rootlock/impl"
	"github.com/rootlock/rootlock/spec"
)

// A Side is a world with the name under which results speak of it.
type Side struct {
	Name    string
	World   World
	Running World // for traces of [Running]; nil: World
}

// Sides are the worlds that are compared with the kernel: model and implementation of the
// protocol that the traces' kernel has.
func Sides() ([]Side, error) {
	old, err := NewSpecWorld(spec.RootPointer)
	if err != nil {
		return nil, err
	}
	today, err := NewSpecWorld(spec.RwsemRoot)
	if err != nil {
		return nil, err
	}
	return []Side{{"spec", old, today}, {"impl", NewImplWorld(impl.RootPointer), NewImplWorld(impl.RwsemRoot)}}, nil
}

// A Mismatch is where a sequence stopped: the first difference between the
// kernel and a side.
type Mismatch struct {
	Side     string `json:"side"`
	Sequence int    `json:"sequence"` // line of the file, from 1
	Name     string `json:"name,omitempty"`
	OpIndex  int    `json:"op_index"` // from 0, as in the file's ops
	Op       string `json:"op"`
	Field    string `json:"field"` // path into the state; "res"; "error" if the world could not do it
	Trace    string `json:"trace"` // the kernel's value
	Ours     string `json:"ours"`
}

// A Result is what one side did with one file.
type Result struct {
	Side        string    `json:"side"`
	File        string    `json:"-"`
	Sequences   int       `json:"sequences"`
	Operations  int       `json:"operations"`
	States      int       `json:"states"`      // compared and equal
	Differences int       `json:"differences"` // sequences that stopped at one
	First       *Mismatch `json:"first,omitempty"`
	Seconds     float64   `json:"seconds"` // of the side alone, without reading
}

// Options are what Run calls on the way; both may be nil.
type Options struct {
	Progress func(sequences int) // after each sequence
	Differs  func(m *Mismatch)   // each mismatch
}

// Run takes every sequence of a file through every side, one result for each. A
// sequence stops at its first difference; the next begins with an empty world.
// On an error, of the file or of ctx, the results are of what was done before.
func Run(ctx context.Context, r *Reader, o Options, sides ...Side) ([]Result, error) {
	results := make([]Result, len(sides))
	for i := range sides {
		results[i].Side, results[i].File = sides[i].Name, r.Name()
	}
	for n := 1; ; n++ {
		if err := ctx.Err(); err != nil {
			return results, err
		}
		q, err := r.Next()
		if err == io.EOF {
			return results, nil
		}
		if err != nil {
			return results, err
		}
		for i := range sides {
			start := time.Now()
			m := results[i].sequence(q, sides[i])
			results[i].Seconds += time.Since(start).Seconds()
			if m != nil && o.Differs != nil {
				o.Differs(m)
			}
		}
		if o.Progress != nil {
			o.Progress(n)
		}
	}
}

// Follow takes one sequence through a side; nil: there is no difference.
func Follow(q *Sequence, side Side) *Mismatch { return new(Result).sequence(q, side) }

// sequence takes one sequence through a world, and counts.
func (r *Result) sequence(q *Sequence, side Side) *Mismatch {
	r.Sequences++
	w, visible := side.World, q.Version == Running
	if visible && side.Running != nil {
		w = side.Running
	}
	w.Reset()
	for i, op := range q.Ops {
		r.Operations++
		d, differs := compareOp(w, op, &q.States[i], visible)
		if !differs {
			r.States++
			continue
		}
		m := &Mismatch{side.Name, q.Line, q.Name, i, op.String(), d.Field, d.Want, d.Got}
		r.Differences++
		if r.First == nil {
			r.First = m
		}
		return m
	}
	return nil
}

// compareOp does one operation and compares the result and the state, or what is visible of
// both.
func compareOp(w World, op Op, want *State, visible bool) (Difference, bool) {
	res, err := w.Do(op)
	if err != nil {
		return Difference{"error", err.Error(), op.Res}, true
	}
	if visible {
		res = seen(res)
	}
	if res != op.Res {
		return Difference{"res", res, op.Res}, true
	}
	if visible {
		return Compare(w.Visible(), *want)
	}
	got, err := w.State()
	if err != nil {
		return Difference{"error", err.Error(), "a state"}, true
	}
	return Compare(got, *want)
}
