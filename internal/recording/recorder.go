package recording

// The recorder: hooks for goroutines that run freely. See the package's
// documentation for why the order is a legal one.

import (
	"errors"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"runtime"
	"sync"

	"github.com/rootlock/rootlock/impl"
	"github.com/rootlock/rootlock/internal/lockstep"
	"github.com/rootlock/rootlock/spec"
)

// A Recorder holds one implementation and writes down what its threads do.
//
// mu guards all of it. Whoever runs code of impl holds mu: from when step returns to
// when step is called again. current is the holder.
type Recorder struct {
	m       *spec.Model
	control *impl.Control

	mu      sync.Mutex
	current int
	open    bool                           // action was granted, and has not ended
	action  spec.Move                      // of current
	acts    int                            // what that acts upon
	begins  [spec.MaxThreads + 1]spec.Move // the operation, by thread
	started [spec.MaxThreads + 1]bool      // its first step was recorded
	used    [spec.MaxThreads + 1]int       // operations begun, as the law counts them
	taken   [spec.MaxThreads + 1]int       // steps
	jitter  [spec.MaxThreads + 1]*rand.Rand

	before, now *impl.Snapshot
	events      []Event
	running     uint32                   // threads that have more to do
	refused     uint32                   // of those, who was refused since the last action
	waiting     uint32                   // of those, who has no area and waits for a fork
	acted       [spec.MaxThreads + 1]int // how many events there were when the thread took its last action
	stop        error                    // errCrashed, or why there will be no trace
}

// maxEvents is far beyond what a model's operations need.
const maxEvents = 10_000

// maxIdle is how many steps others take before a thread that can must take one.
const maxIdle = 200

var (
	errCrashed  = errors.New("rootlock: the code touched what it must not touch")
	errDeadlock = errors.New("rootlock: recording: every thread waits for another")
	errTooLong  = fmt.Errorf("rootlock: recording: %d steps and no end: a thread goes round in circles", maxEvents)
)

// stopped unwinds a thread.
type stopped struct{}

// NewRecorder makes the initial state of m.
func NewRecorder(m *spec.Model) (*Recorder, error) {
	if !fits(m) {
		return nil, fmt.Errorf("rootlock: recording %s: more than %d VMAs or objects; take a smaller model", m.Name, maxList)
	}
	protocol, err := impl.ProtocolByName(m.Protocol.String())
	if err != nil {
		return nil, err
	}
	r := &Recorder{m: m, control: impl.NewControl(impl.Options{Protocol: protocol},
		impl.Bounds{MMs: m.MMs, VMAs: m.VMAs, Objects: m.Objects, Pages: m.Pages, Slots: uint32(m.Slots), Prots: m.Prots})}
	if err := lockstep.LayOut(r.control, m); err != nil {
		return nil, fmt.Errorf("rootlock: recording: making layout %s: %w", m.Layout, err)
	}
	r.before, r.now = &impl.Snapshot{}, &impl.Snapshot{}
	r.control.System().SnapshotInto(r.before)
	init := m.Init()
	for i, c := range codeCells(nil, r.before) {
		if law := modelCells(m, &init, nil)[i]; c != law {
			return nil, fmt.Errorf("rootlock: recording: layout %s: %s is %s in the code, %s in the law", m.Layout, c.Name(), c.Text(), law.Text())
		}
	}
	r.control.SetHooks(&impl.Hooks{Step: r.step, Refused: r.refuse, Thread: func() int { return r.current }})
	return r, nil
}

// step ends the action before, lets others run, and grants the next.
func (r *Recorder) step(step spec.Step, object int) (choice int) {
	me := r.current
	r.close(step, object)
	if step == spec.Oopsed {
		r.halt(errCrashed)
	}
	waits := r.refused>>me&1 != 0
	r.mu.Unlock()
	yields := r.jitter[me].Uint32N(4)
	if waits {
		yields++
	}
	for range yields {
		runtime.Gosched()
	}
	r.mu.Lock()
	// Walks that try again and again must not do so for as long as the machine is busy
	// with something else than the thread that has the lock.
	for r.stop == nil && r.starves(me) {
		r.mu.Unlock()
		runtime.Gosched()
		r.mu.Lock()
	}
	r.current = me
	if r.stop != nil {
		panic(stopped{})
	}
	r.waiting &^= 1 << me // what it expected has come
	r.acts, r.open, r.action = object, true, spec.Move{Thread: uint8(me), Step: step}
	if step.Begins() {
		r.action = r.begins[me]
		if step == spec.Fork {
			return int(r.action.Args[0])
		}
	}
	return 0
}

// starves reports whether another thread that can step has not done so for long, and for
// longer than me: of two that starve one goes on.
func (r *Recorder) starves(me int) bool {
	for can := r.running &^ (r.refused | r.waiting | 1<<me); can != 0; can &= can - 1 {
		if acted := r.acted[bits.TrailingZeros32(can)]; acted < r.acted[me] && len(r.events)-acted >= maxIdle {
			return true
		}
	}
	return false
}

// refuse forgets the action that was granted: nothing has changed.
func (r *Recorder) refuse() {
	r.open = false
	r.refused |= 1 << r.current
	if r.refused == r.running {
		r.halt(errDeadlock)
	}
}

// halt stops all threads, this one first.
func (r *Recorder) halt(why error) {
	r.stop = why
	panic(stopped{})
}

// close writes the granted action down: it has ended, and the thread stands before
// its next step.
func (r *Recorder) close(next spec.Step, object int) {
	if !r.open {
		return
	}
	r.open, r.refused = false, 0
	r.acted[r.current] = len(r.events) + 1
	e := Event{Ticket: len(r.events) + 1, Move: r.action, Acts: uint8(r.acts), Next: next, Object: uint8(object), Changes: r.changes()}
	if e.Move.Step == spec.AllocAnon {
		e.Move.Args[0] = r.allocated(e.Changes)
	}
	r.before, r.now = r.now, r.before
	r.taken[r.current]++
	if step := e.Move.Step; step.Begins() {
		r.started[r.current] = true
		if step != spec.Unpin {
			r.used[r.current]++
		}
	}
	if r.events = append(r.events, e); len(r.events) >= maxEvents {
		r.halt(errTooLong)
	}
}

// changes are the cells of now that are not those of before.
func (r *Recorder) changes() []Cell {
	r.control.System().SnapshotInto(r.now)
	return codeCells(r.before, r.now)
}

// allocated is the object that became live.
func (r *Recorder) allocated(changes []Cell) uint8 {
	for i := range changes {
		if c := &changes[i]; c.Kind == 'a' && c.Value[0] == 1 {
			return c.ID
		}
	}
	return 0
}

// operate runs one operation as a thread. It reports whether it began, false also if
// the code refused it. The error says that there will be no trace.
func (r *Recorder) operate(thread int, draw func() (spec.Move, func() error)) (began bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	defer func() {
		switch p := recover().(type) {
		case nil:
		case stopped:
			err = r.stop
		default:
			panic(p)
		}
	}()
	r.current = thread
	if r.stop != nil {
		return false, r.stop
	}
	mv, operation := draw()
	if operation == nil {
		return false, nil
	}
	r.begins[thread], r.started[thread] = mv, false
	if operation() != nil && r.open && r.action.Step.Begins() {
		r.open = false // refused at its beginning
		r.refused &^= 1 << thread
		if changes := r.changes(); len(changes) > 0 {
			r.halt(fmt.Errorf("rootlock: recording: %s was refused and changed %s to %s", r.m.Format(mv), changes[0].Name(), changes[0].Text()))
		}
		return false, nil
	}
	r.close(spec.Idle, 0)
	return r.started[thread], nil
}
