package recording

// The threads: goroutines that draw operations and run them, as Go schedules them.

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"

	"github.com/rootlock/rootlock/impl"
	"github.com/rootlock/rootlock/spec"
)

// attempts is how often a thread tries to begin another operation before it stops,
// with operations left.
const attempts = 8

// Record runs one goroutine for each thread of m to its end, or to a crash, and
// returns what they did. The seed decides what each draws; the order is Go's.
func Record(m *spec.Model, seed uint64) (*Trace, error) {
	r, err := NewRecorder(m)
	if err != nil {
		return nil, err
	}
	if max(m.MMOps, m.WalkerOps) == spec.Unlimited {
		return nil, fmt.Errorf("rootlock: recording %s: its threads never end; take a model that counts operations", m.Name)
	}
	var group sync.WaitGroup
	r.mu.Lock() // until all are there
	for t := 1; t <= m.Threads(); t++ {
		r.prepare(t, seed)
		group.Go(func() { r.thread(t, rand.New(rand.NewPCG(seed, uint64(t)))) })
	}
	r.mu.Unlock()
	group.Wait()
	t := &Trace{Protocol: m.Protocol.String(), Model: m.Name, Bounds: m.Bounds.String(), Events: r.events, Count: len(r.events), End: Rest, Steps: r.taken[1 : m.Threads()+1]}
	switch {
	case errors.Is(r.stop, errCrashed):
		t.End = Crash
	case r.stop != nil:
		return nil, fmt.Errorf("%w, in %s/%s after %q", r.stop, m.Protocol, m.Name, m.FormatSchedule(t.Schedule()))
	}
	return t, nil
}

// prepare makes thread t one that runs.
func (r *Recorder) prepare(t int, seed uint64) {
	r.running |= 1 << t
	r.jitter[t] = rand.New(rand.NewPCG(seed, uint64(t)|1<<32))
}

// Schedule is the moves of a trace.
func (t *Trace) Schedule() spec.Schedule {
	sch := make(spec.Schedule, len(t.Events))
	for i := range t.Events {
		sch[i] = t.Events[i].Move
	}
	return sch
}

func (r *Recorder) thread(t int, rng *rand.Rand) {
	var pin *impl.Pin
	most := r.m.MMOps
	if r.m.IsWalker(uint8(t)) {
		most = r.m.WalkerOps
	}
	for failed := 0; failed < attempts; failed++ {
		began, err := r.operate(t, func() (spec.Move, func() error) { return r.draw(uint8(t), most-r.used[t], rng, &pin) })
		if err != nil {
			return
		}
		if began || r.expects(t) {
			failed = -1
		}
	}
	r.mu.Lock()
	r.running &^= 1 << t
	r.refused &^= 1 << t
	r.waiting &^= 1 << t
	r.mu.Unlock()
}

// expects reports whether thread t has no area and may yet be forked into: another that
// runs has some. If all who could go on wait for locks there is nothing to expect, so
// that a deadlock is found.
func (r *Recorder) expects(t int) bool {
	if r.m.IsWalker(uint8(t)) {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	var have uint32 // threads with areas
	for i := range r.before.VMAs {
		if v := &r.before.VMAs[i]; spec.Life(v.Life) == spec.Mapped {
			have |= 1 << v.MM
		}
	}
	active := have
	for u := r.m.MMs + 1; u <= r.m.Threads(); u++ {
		active |= 1 << u
	}
	if r.waiting &^= 1 << t; r.stop != nil || have>>t&1 != 0 || have&r.running == 0 || active&r.running&^r.refused == 0 {
		return false
	}
	r.waiting |= 1 << t
	return true
}

// draw chooses an operation that the bounds give thread t. Whether it can begin is
// for the code to say; what is asked here is what the code cannot know: whose areas
// are t's, and what is left.
func (r *Recorder) draw(t uint8, left int, rng *rand.Rand, pin **impl.Pin) (spec.Move, func() error) {
	m, c := r.m, r.control
	var moves []spec.Move
	add := func(step spec.Step, args ...int) {
		mv := spec.Move{Thread: t, Step: step}
		for i, a := range args {
			mv.Args[i] = uint8(a)
		}
		if m.Ops.Has(step) {
			moves = append(moves, mv)
		}
	}
	if m.IsWalker(t) {
		if *pin != nil {
			add(spec.Unpin)
			for slot := 0; slot < m.Slots && left > 0; slot++ {
				add(spec.WalkPinned, slot)
			}
		}
		for p := 1; p <= m.Pages && left > 0; p++ {
			add(spec.Walk, p)
			if *pin == nil {
				add(spec.Migrate, p)
			}
		}
	}
	for v := 1; v <= m.VMAs && left > 0; v++ {
		area := &r.before.VMAs[v-1]
		mapped := spec.Life(area.Life) == spec.Mapped
		switch {
		case mapped && m.IsWalker(t) && *pin == nil:
			add(spec.Pin, v)
		case mapped && area.MM == int(t):
			add(spec.Unmap, v)
			for slot := int(area.Start); slot < int(area.End); slot++ {
				add(spec.Fault, v, slot)
				if slot > int(area.Start) {
					add(spec.SplitBelow, v, slot)
					add(spec.SplitAbove, v, slot)
				}
			}
		}
	}
	if !m.IsWalker(t) && left > 0 {
		add(spec.Exit)
		for slot := range m.Slots {
			for n := 1; slot+n <= m.Slots; n++ {
				add(spec.Map, slot, n)
			}
		}
		for child := 1; child <= m.MMs; child++ {
			if child != int(t) {
				add(spec.Fork, child)
			}
		}
	}
	if len(moves) == 0 {
		return spec.Move{}, nil
	}
	mv := moves[rng.IntN(len(moves))]
	mm, first, second := int(t), int(mv.Args[0]), uint32(mv.Args[1])
	return mv, func() error {
		switch mv.Step {
		case spec.Map:
			return c.Map(mm, uint32(first), second, 0)
		case spec.Fault:
			return c.Fault(first, second)
		case spec.Fork:
			return c.Fork(mm)
		case spec.Unmap:
			return c.Unmap(first)
		case spec.Exit:
			return c.Exit(mm)
		case spec.SplitBelow:
			return c.SplitBelow(first, second)
		case spec.SplitAbove:
			return c.SplitAbove(first, second)
		case spec.Walk:
			return c.Walk(first)
		case spec.Migrate:
			return c.Migrate(first)
		case spec.WalkPinned:
			return (*pin).Walk(uint32(first), func(impl.Mapping) bool { return true })
		case spec.Unpin:
			p := *pin
			*pin = nil
			return p.Release()
		case spec.Pin:
			p, err := c.Pin(first)
			if err == nil {
				*pin = p
			}
			return err
		}
		return impl.ErrUnknown
	}
}
