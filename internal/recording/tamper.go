package recording

// Traces that were tampered with: what both checkers must reject.

import (
	"math/rand/v2"
	"slices"

	"github.com/rootlock/rootlock/spec"
)

// A Kind is a way to tamper with a trace.
type Kind string

// The kinds. A Forged one has its tickets and the footer's count made to fit again, so
// that only the law and what else was recorded can tell.
const (
	Dropped   Kind = "dropped"   // an event is not there
	Swapped   Kind = "swapped"   // two that follow each other, the other way round
	Renamed   Kind = "renamed"   // an event is another thread's
	Altered   Kind = "altered"   // one value of an event, or of the footer, is another
	Truncated Kind = "truncated" // events at the end are not there
	Emptied   Kind = "emptied"   // no event is there
	Foreign   Kind = "foreign"   // the header is another model's
)

// Kinds lists all ways to tamper.
func Kinds() []Kind {
	return []Kind{Dropped, Swapped, Renamed, Altered, Truncated, Emptied, Foreign}
}

// A Tampered trace. At is the first event that is not as it was recorded, from 0.
type Tampered struct {
	Kind   Kind
	Forged bool
	At     int
	Trace  *Trace
}

// Tamper makes a changed copy of a trace with two events or more. Where it is tampered with is drawn.
func Tamper(m *spec.Model, t *Trace, kind Kind, forged bool, rng *rand.Rand) *Tampered {
	x := &Tampered{Kind: kind, Forged: forged}
	c := *t
	c.Events = slices.Clone(t.Events)
	x.Trace = &c
	n := len(c.Events)
	x.At = rng.IntN(n)
	switch kind {
	case Dropped:
		c.Events = slices.Delete(c.Events, x.At, x.At+1)
	case Swapped:
		x.At = rng.IntN(n - 1)
		c.Events[x.At], c.Events[x.At+1] = c.Events[x.At+1], c.Events[x.At]
	case Renamed:
		e := &c.Events[x.At]
		other := uint8(1 + rng.IntN(m.Threads()-1))
		if other >= e.Move.Thread {
			other++
		}
		e.Move.Thread = other
	case Altered:
		alter(m, x, rng)
	case Truncated:
		x.At = rng.IntN(n-1) + 1
		c.Events = c.Events[:x.At]
		if rng.IntN(2) == 0 && !forged {
			c.Count = -1
		}
	case Emptied:
		x.At, c.Events = 0, nil
	case Foreign:
		x.At = 0
		*[]*string{&c.Protocol, &c.Model, &c.Bounds}[rng.IntN(3)] += "s"
	}
	if forged {
		for i := range c.Events {
			c.Events[i].Ticket = i + 1
		}
		c.Count = len(c.Events)
	}
	return x
}

// alter makes one value of event x.At another that could stand there, or of the footer.
func alter(m *spec.Model, x *Tampered, rng *rand.Rand) {
	t := x.Trace
	e := &t.Events[x.At]
	args := 0
	for args < len(e.Move.Args) && e.Move.Args[args] != 0 {
		args++
	}
	what := rng.IntN(10)
	switch {
	case what == 0 && !x.Forged:
		if e.Ticket += 1 + rng.IntN(3); rng.IntN(4) == 0 {
			e.Ticket, t.Count, x.At = x.At+1, t.Count+1, len(t.Events)
		}
	case what == 0:
		switch x.At = len(t.Events); {
		case rng.IntN(2) == 0:
			t.Steps = slices.Clone(t.Steps)
			t.Steps[rng.IntN(len(t.Steps))]++
		case t.End == Rest:
			t.End = Crash
		default:
			t.End = Rest
		}
	case what == 1:
		e.Acts = other(e.Acts, 4, rng)
	case what == 2:
		e.Object = other(e.Object, 4, rng)
	case what == 3:
		e.Next = spec.Step(other(uint8(e.Next), uint8(spec.NumSteps), rng))
	case what == 4 && args > 0:
		// Small ids are ids of every kind. What they are in this model is for the
		// reader of the text to say: it is not asked here.
		a := &e.Move.Args[rng.IntN(args)]
		*a = 3 - min(*a, 2)
	case what == 5 && len(e.Changes) > 0: // a change is not told
		e.Changes = slices.Delete(slices.Clone(e.Changes), 0, 1)
	case what == 6: // a change that was none is told
		init := m.Init()
		cells := modelCells(m, &init, nil)
		c := cells[rng.IntN(len(cells))]
		if slices.ContainsFunc(e.Changes, func(o Cell) bool { return o.same(&c) }) {
			e.Acts = other(e.Acts, 4, rng)
			return
		}
		alterCell(&c, rng)
		e.Changes = append(slices.Clone(e.Changes), c)
	case len(e.Changes) > 0:
		e.Changes = slices.Clone(e.Changes)
		alterCell(&e.Changes[rng.IntN(len(e.Changes))], rng)
	default:
		e.Object = other(e.Object, 4, rng)
	}
}

func alterCell(c *Cell, rng *rand.Rand) {
	i := rng.IntN(int(c.Len))
	limit := uint8(4)
	if named := c.wordsOf(i); named != nil {
		limit = uint8(len(named))
	}
	c.Value[i] = other(c.Value[i], limit, rng)
}

// other is a value below the limit that is not old.
func other(old, limit uint8, rng *rand.Rand) uint8 {
	if old >= limit {
		return 0
	}
	return (old + 1 + uint8(rng.IntN(int(limit)-1))) % limit
}
