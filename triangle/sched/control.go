package sched

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
)

// How a value finds its schedule. A Mutex, a Chan, an Int64 starts unbound.
// The first virtual thread that uses it binds it to the schedule that runs
// (or [T.Name] does), and from then on the value knows whom to ask. An unbound
// value that is used while no exploration runs anywhere in the process is
// native: two comparisons, and the standard type does the rest. Only the first
// use of an unbound value while some exploration runs has to find out who is
// calling, by the number of the goroutine.
//
//	unbound --first use by a virtual thread, or T.Name--> bound to one schedule
//	unbound --use by any other goroutine--> unbound, native

// exploring is the number of explorations that run in this process.
var exploring atomic.Int32

// controlled has the goroutines that belong to an exploration: its
// coroutines, and the one that called Search. Number -> *explorer.
var controlled sync.Map

// caller is the schedule that the calling goroutine is part of; nil if it is
// not under control.
func caller() *run {
	if exploring.Load() == 0 {
		return nil
	}
	e, ok := controlled.Load(goroutineID())
	if !ok {
		return nil
	}
	return e.(*explorer).run
}

// control is the part of each type that is nil when it runs natively.
type control struct{ object *object }

// enter is what every operation does first. It returns nil if the operation is
// to be done natively; otherwise the calling thread was granted the step, and
// may do it at once: op is possible.
func (c *control) enter(op opcode, kind string) *object {
	if c.object == nil && exploring.Load() == 0 {
		return nil
	}
	return c.await(op, kind)
}

func (c *control) await(op opcode, kind string) *object {
	o := c.object
	if o == nil || o.run.over || o.run.asking {
		r := caller()
		switch {
		case r == nil && o == nil:
			return nil
		case r == nil && o.run.over:
			panic(fmt.Sprintf("sched: %s belongs to a schedule that is over: look at what it leaves behind in T.Finally", o.name))
		case r == nil:
			panic(stray(o))
		}
		o = c.join(r, kind)
	}
	o.run.step(op, o)
	return o
}

func stray(o *object) string {
	return fmt.Sprintf("sched: %s is under control, and the goroutine that uses it is not: start it with sched.Go", o.name)
}

func lonely(o *object) string {
	return fmt.Sprintf("sched: %s would wait for ever: threads run when setup has returned, and have ended before the final checks", o.name)
}

// join makes the value part of the schedule r, if it is not yet.
func (c *control) join(r *run, kind string) *object {
	if c.object == nil {
		c.object = r.add("", kind)
	}
	if c.object.run != r {
		panic(fmt.Sprintf("sched: %s belongs to another schedule: make it in the setup function, which runs once for each schedule", c.object.name))
	}
	return c.object
}

// called gives the value a name in the schedule r, for T.Name.
func (c *control) called(r *run, name string) { c.join(r, "").name = name }

// An object is a bound value: its name, and its state while it is under control.
type object struct {
	run  *run
	id   uint32 // from 1
	name string

	held    bool    // Mutex; RWMutex: by a writer, also one that still waits for readers; Once: Do runs
	closed  bool    // Chan
	readers int     // RWMutex
	count   int     // WaitGroup; Once: 1 when done
	waiting []entry // Cond; Chan: receivers
	sending []entry // Chan
}

// A waiter is a thread that is blocked until another thread wakes it.
type waiter struct {
	thread int
	woken  bool
	chosen int  // Select: the case that happened
	ok     bool // Chan: by a value, not by Close
}

// An entry is a waiter in the queue of one object. A waiter of a Select stands in several.
type entry struct {
	*waiter
	index int // which case of a Select
	slot  any // *T: where the value comes from or goes to
}

// wake takes the first waiter out of the queue that was not woken elsewhere.
func (r *run) wake(queue *[]entry) (entry, bool) {
	for len(*queue) > 0 {
		w := (*queue)[0]
		*queue = (*queue)[1:]
		if !w.woken {
			w.woken, w.chosen = true, w.index
			r.woken = append(r.woken, w.thread)
			return w, true
		}
	}
	return entry{}, false
}

// anyone reports whether somebody waits in the queue who is not the thread itself.
func anyone(queue []entry) bool {
	for _, w := range queue {
		if !w.woken {
			return true
		}
	}
	return false
}

// A virtual is what a schedule knows of one of its threads.
type virtual struct {
	name    string
	f       func()
	op      opcode // what it does next, or what it is blocked in
	object  *object
	cases   []Case // of a Select
	blocked bool   // until another thread wakes it
	ended   bool
	yields  int       // how often it came to Gosched
	waits   bool      // it stands at Gosched,
	behind  threadSet // and these go first
}

// A run is one schedule: fresh objects and threads, and what has happened.
// Everything in it belongs to whoever runs, the driver or one thread.
type run struct {
	s       *Scheduler
	objects []*object
	threads []virtual
	woken   []int // threads that are to run on to their next step before anything else happens
	finally []func()
	failure string // the first failed assertion

	selects  bool // some Select was begun
	arrivals int  // how often a thread came to Gosched
	alone    bool // setup, or a final check: the only thing that runs, and not a thread
	quiet    bool // the next step is part of the present one
	ending   bool // what is parked is being abandoned
	over     bool
	asking   bool // at each step, ask which goroutine calls
	lanes    *lanes
}

func (r *run) add(name, kind string) *object {
	o := &object{run: r, id: uint32(len(r.objects) + 1), name: name}
	if name == "" {
		o.name = fmt.Sprint(kind, o.id)
	}
	r.objects = append(r.objects, o)
	return o
}

// step parks the thread that runs until it is granted op, which is possible
// then. It returns the choice.
func (r *run) step(op opcode, o *object) int {
	if r.quiet {
		r.quiet = false
		return 0
	}
	if r.alone {
		if !o.ready(op) {
			panic(lonely(o))
		}
		return 0
	}
	id := r.s.Current()
	if id == 0 {
		panic(stray(o))
	}
	t := &r.threads[id-1]
	t.op, t.object = op, o
	choice := r.s.Hook(uint8(op), o.id)
	if r.ending {
		panic(abandonment{}) // also in a deferred function: the state means nothing any more
	}
	return choice
}

// block parks the thread that runs until wake, and the driver then lets it run
// on at once: only what it does next is a step.
func (r *run) block(o *object) {
	if r.alone {
		panic(lonely(o))
	}
	t := &r.threads[r.s.Current()-1]
	t.blocked = true
	r.s.Hook(uint8(t.op), o.id)
	if r.ending {
		panic(abandonment{})
	}
}

// spawn adds a thread; the driver starts it before the next step.
func (r *run) spawn(name string, f func()) {
	if len(r.threads) == maxThreads {
		panic(fmt.Sprintf("sched: more than %d threads in one schedule", maxThreads))
	}
	if name == "" {
		name = fmt.Sprint("go", len(r.threads)+1)
	}
	r.threads = append(r.threads, virtual{name: name, f: f})
}

// Go is the go statement: natively it starts a goroutine, and in a schedule a
// virtual thread.
func Go(f func()) {
	if r := caller(); r != nil {
		r.spawn("", f)
		return
	}
	go f()
}

// Gosched is runtime.Gosched. In a schedule, a thread that calls Gosched for the second
// time lets each other thread that can take a step go first. So a loop that waits for
// another thread, and calls Gosched, is not a livelock. For a loop that only reads until
// it may go on, this leaves out repetitions alone. What other code might do under a
// scheduler that is not fair is not explored.
func Gosched() {
	if r := caller(); r != nil {
		r.arrivals++
		r.step(opGosched, r.objects[0])
		return
	}
	runtime.Gosched()
}
