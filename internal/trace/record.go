// Traces of the kernel that runs this program: drawn, recorded, made short.

package trace

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/rootlock/rootlock/spec"
)

// A Recorder draws operations at random, has the running kernel do them, and writes down what
// can be seen of it. Not for concurrent use. Close it.
type Recorder struct {
	*RunningWorld
	law *SpecWorld // says what may be asked: operations that are an error in Linux are left out
}

// NewRecorder fails where there is no such kernel: it must be Linux, on a processor that the
// recorder knows, and show root whose frame a page is.
func NewRecorder() (*Recorder, error) {
	law, err := NewSpecWorld(spec.RwsemRoot)
	if err != nil {
		return nil, err
	}
	w, err := NewRunningWorld()
	if err != nil {
		return nil, err
	}
	r := &Recorder{w, law}
	if _, err := r.Record([]Op{{Name: "map", Len: 1}, {Name: "fault"}}); err != nil {
		w.Close()
		return nil, fmt.Errorf("rootlock: the running kernel cannot be recorded: %w", err)
	}
	return r, nil
}

// Draw records a sequence of operations that are drawn at random. A state of the law that has no
// room for the next one ends the sequence early.
func (r *Recorder) Draw(random *rand.Rand, operations int) (*Sequence, error) {
	r.law.Reset()
	var ops []Op
	for tries := 0; len(ops) < operations && tries < 20*operations; tries++ {
		op := r.any(random)
		if r.allows(op) {
			ops = append(ops, op)
		}
	}
	return r.Record(ops)
}

// any is an operation, most often one that there is something for.
func (r *Recorder) any(random *rand.Rand) Op {
	op := Op{MM: random.IntN(MMs)}
	var own []Area
	state := r.law.Visible()
	if own = state.MMs[op.MM]; len(own) == 0 && random.IntN(4) > 0 {
		return op
	}
	within := func() { // an area, or a part of one
		op.Start, op.Len = random.IntN(Slots), 1+random.IntN(4)
		if len(own) > 0 && random.IntN(4) > 0 {
			a := own[random.IntN(len(own))]
			op.Start = a.Start + random.IntN(a.End-a.Start)
			op.Len = 1 + random.IntN(a.End-op.Start)
		}
		op.Len = min(op.Len, Slots-op.Start)
	}
	switch random.IntN(14) {
	case 0, 1:
		op.Name, op.Start, op.Prot = "map", random.IntN(Slots), random.IntN(Prots)
		op.Len = min(1+random.IntN(5), Slots-op.Start)
	case 2:
		op.Name = "unmap"
		within()
	case 3, 4, 5:
		op.Name, op.Prot = "protect", random.IntN(Prots)
		within()
	case 6, 7:
		if op.Name = "move"; random.IntN(3) == 0 {
			op.Name = "keep"
		}
		within()
		if op.To = random.IntN(Slots); random.IntN(2) == 0 && len(own) > 0 { // beside another area
			a := own[random.IntN(len(own))]
			if op.To = a.End; random.IntN(2) == 0 {
				op.To = max(0, a.Start-op.Len)
			}
		}
		op.To = min(op.To, Slots-op.Len)
	case 8, 9:
		op.Name, op.Child = "fork", random.IntN(MMs)
	case 10:
		op.Name = "exit"
	default:
		op.Name, op.At = "fault", random.IntN(Slots)
		if len(own) > 0 {
			a := own[random.IntN(len(own))]
			op.At = a.Start + random.IntN(a.End-a.Start)
		}
	}
	return op
}

// allows has the law do an operation, if the law has it here. Left out is a move that keeps its
// source, where that has been moved before: Linux 7.2, which the law follows, gives the source
// the page offset of its address, and 6.18 leaves its offset as it was
// (testdata/kept-offset.jsonl.gz).
func (r *Recorder) allows(op Op) bool {
	switch v := r.law.area(op.MM, op.Start); {
	case op.Name == "", op.Name == "keep" && v != 0 && r.law.s.VMA[v-1].Pgoff != r.law.s.VMA[v-1].Start:
		return false
	}
	_, err := r.law.Do(op)
	return !errors.Is(err, errRefused) // any other error is a difference
}

// Record has the kernel do the operations, from an empty world.
func (r *Recorder) Record(ops []Op) (*Sequence, error) {
	q := &Sequence{Line: 1, Version: Running}
	r.Reset()
	for _, op := range ops {
		var err error
		if op.Res, err = r.Do(op); err != nil {
			return nil, fmt.Errorf("%s: %w", op, err)
		}
		state, err := r.Visible()
		if err != nil {
			return nil, err
		}
		q.Ops, q.States = append(q.Ops, op), append(q.States, state)
	}
	return q, nil
}

// Shorten leaves operations out of a sequence in which a side differs from the kernel, as long as
// one still does. It returns the shorter sequence and where it differs.
func (r *Recorder) Shorten(q *Sequence, side Side) (*Sequence, *Mismatch, error) {
	differs := Follow(q, side)
	if differs == nil {
		return q, nil, nil
	}
	q = &Sequence{Line: 1, Version: q.Version, Ops: q.Ops[:differs.OpIndex+1], States: q.States[:differs.OpIndex+1]}
	for i := len(q.Ops) - 1; i >= 0; i-- {
		ops := slices.Delete(slices.Clone(q.Ops), i, i+1)
		r.law.Reset()
		if slices.ContainsFunc(ops, func(op Op) bool { return !r.allows(op) }) {
			continue
		}
		shorter, err := r.Record(ops)
		if err != nil {
			return q, differs, err
		}
		if m := Follow(shorter, side); m != nil {
			q, differs = shorter, m
			i = len(q.Ops)
		}
	}
	return q, differs, nil
}

// MarshalLine is a sequence as a line of a file: of a kernel that ran.
func (q *Sequence) MarshalLine() ([]byte, error) {
	type area struct {
		Start int `json:"start"`
		End   int `json:"end"`
		Prot  int `json:"prot"`
	}
	type page struct {
		At []Place `json:"at"`
	}
	type state struct {
		MMs   [MMs][]area `json:"mms"`
		Pages []page      `json:"pages"`
	}
	line := struct {
		Version string            `json:"version"`
		Ops     []json.RawMessage `json:"ops"`
		States  []state           `json:"states"`
	}{Version: q.Version}
	for _, op := range q.Ops {
		line.Ops = append(line.Ops, op.json())
	}
	for _, s := range q.States {
		out := state{Pages: []page{}}
		for mm := range s.MMs {
			out.MMs[mm] = []area{}
			for _, a := range s.MMs[mm] {
				out.MMs[mm] = append(out.MMs[mm], area{a.Start, a.End, a.Prot})
			}
		}
		for _, p := range s.Pages {
			out.Pages = append(out.Pages, page{p.At})
		}
		line.States = append(line.States, out)
	}
	data, err := json.Marshal(line)
	return append(data, '\n'), err
}

// json is the operation as the files have it.
func (o Op) json() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"op":%q`, o.Name)
	for _, name := range opFields {
		if slices.Contains(opRules[o.Name].args, name) {
			at, _, _ := o.arg(name)
			fmt.Fprintf(&b, `,%q:%d`, name, *at)
		}
	}
	fmt.Fprintf(&b, `,"res":%q}`, o.Res)
	return b.Bytes()
}
