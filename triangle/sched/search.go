package sched

import (
	"fmt"
	"math/bits"
	"math/rand/v2"
	"slices"
	"strings"
)

// A threadSet is a set of threads.
type threadSet [(maxThreads + 64) / 64]uint64

func (s *threadSet) add(id int)      { s[id/64] |= 1 << (id % 64) }
func (s *threadSet) remove(id int)   { s[id/64] &^= 1 << (id % 64) }
func (s *threadSet) has(id int) bool { return s[id/64]&(1<<(id%64)) != 0 }
func (s *threadSet) meets(t *threadSet) bool {
	for i := range s {
		if s[i]&t[i] != 0 {
			return true
		}
	}
	return false
}

// An option is what may happen next: a step of a thread, which goes one of
// several ways if it is a Select.
type option struct{ thread, choice uint8 }

// A strategy decides what happens next.
type strategy interface {
	// pick picks one of the options of e, by its index. A negative index says
	// that the schedule is not worth going on; one that is too large, that it
	// does not go as it went before.
	pick(e *explorer) int
	// done reports whether the schedule may be at its end.
	done() bool
}

// An ending is how a schedule failed.
type ending struct {
	kind, message string
	stack         []byte
}

// An explorer runs schedules one after the other, on the same coroutines.
type explorer struct {
	Options
	s     *Scheduler
	setup func(*T)
	ids   []uint64 // goroutines in controlled

	run         *run
	options     []option
	stays       int // the thread that took the last step, if it can take the next: another one would be a preemption
	last        int // the thread that took the last step
	decisions   []option
	hash        uint64 // of the last schedule
	preemptions int
	schedules   int
	steps       int
	longest     int
}

// Search is Explore without a test: it returns the counterexample.
func Search(setup func(*T), o Options) Result {
	o.Preemptions = orElse(o.Preemptions, 2)
	o.Schedules = orElse(o.Schedules, 100_000)
	o.Random = orElse(o.Random, 1_000)
	o.Steps = orElse(o.Steps, 2_000)
	e, end := newExplorer(setup, o)
	defer end()
	return e.search()
}

// newExplorer makes the calling goroutine the driver of an exploration, until end.
func newExplorer(setup func(*T), o Options) (e *explorer, end func()) {
	if caller() != nil {
		panic("sched: an exploration within an exploration")
	}
	e = &explorer{Options: o, s: New(maxThreads), setup: setup}
	e.control(goroutineID())
	e.s.created = e.control
	exploring.Add(1)
	return e, func() {
		_ = e.s.Close() // what abandoned threads did on their way out means nothing
		exploring.Add(-1)
		for _, id := range e.ids {
			controlled.Delete(id)
		}
	}
}

func orElse(n, otherwise int) int {
	if n == 0 {
		return otherwise
	}
	return n
}

func (e *explorer) control(goroutine uint64) {
	e.ids = append(e.ids, goroutine)
	controlled.Store(goroutine, e)
}

func (e *explorer) search() (result Result) {
	defer func() { result.Steps = e.steps }()
	if e.Replay != "" {
		result.Counterexample = e.replay()
		return result
	}
	if end := e.twice(); end != nil {
		result.Counterexample = e.counterexample(end)
		return result
	}
	for bound := 0; bound <= e.Preemptions; bound++ {
		d := &depthFirst{bound: bound}
		n, end := e.exhaust(d)
		result.Bounds = append(result.Bounds, n)
		result.Exhausted = d.exhausted
		result.Complete = d.exhausted && !d.cut
		if end != nil {
			result.Counterexample = e.counterexample(end)
			return result
		}
		if result.Complete {
			return result
		}
		if !d.exhausted {
			break
		}
	}
	d := &depthFirst{bound: -1}
	n, end := e.exhaust(d)
	result.Reduced, result.Complete = n, d.exhausted
	if end != nil {
		result.Counterexample = e.counterexample(e.simplify(end))
		return result
	}
	if result.Complete {
		return result
	}
	random := rand.New(rand.NewPCG(e.Seed, 0))
	for result.Random < e.Random {
		var s strategy = &lots{random}
		if result.Random%2 == 1 {
			s = newPriorities(random, e.longest)
		}
		result.Random++
		if end := e.execute(s, nil); end != nil {
			result.Counterexample = e.counterexample(e.simplify(end))
			return result
		}
	}
	return result
}

// twice runs the simplest schedule twice, and tells whether it went the same way.
func (e *explorer) twice() *ending {
	if end := e.execute(simplest{}, nil); end != nil {
		return nil // it is the first that the search runs: let it be found there
	}
	hash, schedule := e.hash, slices.Clone(e.decisions)
	end := e.execute(&script{options: schedule}, nil)
	if end == nil && e.hash != hash {
		end = notDeterministic("the same schedule run twice does not take the same steps")
	}
	return end
}

// exhaust runs the schedules of d until there are no more, one fails, or
// enough were run. It counts those that were not left as redundant.
func (e *explorer) exhaust(d *depthFirst) (schedules int, end *ending) {
	for e.schedules < e.Schedules {
		e.schedules++
		d.depth, d.asleep, d.redundant = 0, threadSet{}, false
		end := e.execute(d, nil)
		if !d.redundant {
			schedules++
		}
		if end != nil || !d.backtrack() {
			return schedules, end
		}
	}
	return schedules, nil
}

// execute runs one schedule to its end.
func (e *explorer) execute(how strategy, l *lanes) (end *ending) {
	r := &run{s: e.s, lanes: l, asking: e.steps == 0 || l != nil}
	r.add("sched", "")
	e.run, e.decisions, e.last, e.stays = r, e.decisions[:0], 0, 0
	e.preemptions = 0
	defer func() {
		r.ending = true
		e.hash = e.s.Hash()
		_ = e.s.Reset()
		r.over = true
		e.longest = max(e.longest, len(e.decisions))
	}()
	if end := r.by("setup", func() { e.setup(&T{r}) }); end != nil {
		return end
	}
	for started := 0; ; {
		if end := e.settle(&started); end != nil {
			return end
		}
		if !e.offer() {
			break
		}
		if len(e.options) == 0 {
			return r.deadlock()
		}
		if len(e.decisions) >= e.Steps {
			return &ending{kind: "livelock", message: fmt.Sprintf("some thread has not ended after %s; a loop that waits for another thread must call sched.Gosched", count(e.Steps, "step"))}
		}
		i := how.pick(e)
		if i < 0 {
			return nil
		}
		if i >= len(e.options) {
			return notDeterministic(fmt.Sprintf("step %d of a schedule that was run before is not the same, now %s can go on", len(e.decisions)+1, e.able()))
		}
		e.take(e.options[i])
	}
	if !how.done() {
		return notDeterministic(fmt.Sprintf("a schedule that was run before now ends after %s", count(len(e.decisions), "step")))
	}
	for _, f := range r.finally {
		if end := r.by("the final check", f); end != nil {
			return end
		}
	}
	return nil
}

// able names the threads that can go on.
func (e *explorer) able() string {
	var names []string
	for _, o := range e.options {
		if name := e.run.threads[o.thread-1].name; !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, " or ")
}

func notDeterministic(what string) *ending {
	return &ending{kind: "not deterministic", message: what + ": the code has changed, or depends on more than the schedule (the time, the order of a map, a select statement, state that outlives the schedule)"}
}

// settle lets threads run that are new or were woken: each to its next step.
func (e *explorer) settle(started *int) *ending {
	r := e.run
	for {
		switch {
		case e.s.Failure() != nil:
			f := e.s.Failure()
			name := r.threads[f.Thread-1].name
			if (f.Value == failNow{}) {
				return &ending{kind: "assertion", message: name + ": " + r.failure}
			}
			return &ending{kind: "panic", message: fmt.Sprintf("%s: %v", name, f.Value), stack: f.Stack}
		case r.failure != "":
			return &ending{kind: "assertion", message: r.failure}
		case len(r.woken) > 0:
			id := r.woken[0]
			r.woken = r.woken[1:]
			r.threads[id-1].blocked = false
			_, outcome := e.s.Grant(id, 0)
			r.threads[id-1].ended = outcome != Parked
		case *started < len(r.threads):
			*started++
			t := &r.threads[*started-1]
			_, outcome := e.s.Start(*started, t.f)
			r.threads[*started-1].ended = outcome != Parked
		default:
			return nil
		}
	}
}

// offer collects what may happen next, the thread that took the last step
// first. It reports false if all threads have ended.
func (e *explorer) offer() bool {
	r := e.run
	var can, first threadSet
	live, yielding := false, false
	for i := range r.threads {
		t := &r.threads[i]
		if t.ended {
			continue
		}
		live = true
		if !t.blocked && t.object.ready(t.op) {
			can.add(i + 1)
			yielding = yielding || t.op == opGosched
		}
	}
	first = can
	if yielding {
		first = r.yield(can)
	}
	e.options, e.stays = e.options[:0], 0
	if e.last != 0 && first.has(e.last) {
		e.offerThread(e.last)
		if r.threads[e.last-1].op != opGosched {
			e.stays = e.last
		}
	}
	for word, w := range first {
		for ; w != 0; w &= w - 1 {
			if id := word*64 + bits.TrailingZeros64(w); id != e.last {
				e.offerThread(id)
			}
		}
	}
	return live
}

func (e *explorer) offerThread(id int) {
	for choice := range e.run.threads[id-1].choices() {
		e.options = append(e.options, option{uint8(id), uint8(choice)})
	}
}

// yield is can without the threads that stand at Gosched, not for the first
// time, behind others: behind each that could take a step when they came there,
// and has taken none.
func (r *run) yield(can threadSet) threadSet {
	first := can
	for i := range r.threads {
		t := &r.threads[i]
		if t.op != opGosched || !can.has(i+1) {
			continue
		}
		if !t.waits {
			t.waits = true
			if t.yields++; t.yields > 1 {
				t.behind = can
				t.behind.remove(i + 1)
			}
		}
		if t.behind.meets(&can) {
			first.remove(i + 1)
		}
	}
	if first == (threadSet{}) {
		return can
	}
	return first
}

func (e *explorer) take(o option) {
	r, id := e.run, int(o.thread)
	t := &r.threads[id-1]
	if r.lanes != nil {
		r.lanes.step(id, t)
	}
	if e.stays != 0 && e.stays != id {
		e.preemptions++
	}
	t.waits = false
	for i := range r.threads {
		r.threads[i].behind.remove(id)
	}
	e.decisions = append(e.decisions, o)
	e.steps++
	_, outcome := e.s.Grant(id, int(o.choice))
	r.threads[id-1].ended = outcome != Parked // not t: threads may have grown
	e.last = id
}

// by runs f, which is not a thread.
func (r *run) by(who string, f func()) (end *ending) {
	r.alone = true
	defer func() {
		r.alone = false
		value := recover()
		switch {
		case value == nil && r.failure == "":
		case value == nil || value == failNow{}:
			end = &ending{kind: "assertion", message: who + ": " + r.failure}
		default:
			end = &ending{kind: "panic", message: fmt.Sprintf("%s: %v", who, value), stack: stack()}
		}
	}()
	f()
	return nil
}

func (r *run) deadlock() *ending {
	var waits []string
	for i := range r.threads {
		if t := &r.threads[i]; !t.ended {
			waits = append(waits, fmt.Sprintf("%s waits in %s", t.name, t.what()))
		}
	}
	return &ending{kind: "deadlock", message: strings.Join(waits, ", ")}
}

// counterexample runs the schedule that failed once more, for its lanes.
func (e *explorer) counterexample(end *ending) *Counterexample {
	schedule := slices.Clone(e.decisions)
	l := &lanes{}
	again := e.execute(&script{options: schedule}, l)
	switch {
	case again == nil:
		end = notDeterministic(fmt.Sprintf("the schedule holds when it is run again, and failed before (%s: %s)", end.kind, end.message))
	default: // if it now fails in another way, that is what the lanes show
		end = again
	}
	return &Counterexample{Kind: end.kind, Message: end.message, Schedule: format(schedule), Lanes: l.String(e.run.threads), Stack: string(end.stack)}
}

func (e *explorer) replay() *Counterexample {
	schedule, err := parse(e.Replay)
	if err != nil {
		return &Counterexample{Kind: unreadable, Message: err.Error(), Schedule: e.Replay}
	}
	end := e.execute(&script{options: schedule}, nil)
	if end == nil {
		return nil
	}
	return e.counterexample(end)
}
