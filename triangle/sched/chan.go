package sched

import (
	"iter"
	"reflect"
	"strings"
)

// A Chan is a chan T: made with NewChan, or nil (the zero Chan), on which every
// operation waits for ever.
type Chan[T any] struct {
	control
	native chan T // under control, its buffer and whether it is closed
}

// NewChan is make(chan T, size).
func NewChan[T any](size int) *Chan[T] { return &Chan[T]{native: make(chan T, size)} }

// Send is c <- v.
func (c *Chan[T]) Send(v T) {
	if o := c.enter(opSend, "Chan"); o != nil {
		c.send(o, v)
		return
	}
	c.native <- v
}

// TrySend is a select of c <- v and a default: it reports whether v was sent.
func (c *Chan[T]) TrySend(v T) bool {
	o := c.enter(opTrySend, "Chan")
	if o == nil {
		select {
		case c.native <- v:
			return true
		default:
			return false
		}
	}
	return resultOf(o, opTrySend, c.trySend(o, v), v)
}

// Recv is v, ok := <-c.
func (c *Chan[T]) Recv() (v T, ok bool) {
	if o := c.enter(opRecv, "Chan"); o != nil {
		return c.recv(o)
	}
	v, ok = <-c.native
	return v, ok
}

// TryRecv is a select of v, ok := <-c and a default. A channel that is closed
// and one that is empty both give false; TrySelect tells them apart.
func (c *Chan[T]) TryRecv() (v T, ok bool) {
	if o := c.enter(opTryRecv, "Chan"); o != nil {
		v, ok, _ = c.tryRecv(o)
		return received(o, opTryRecv, v, ok)
	}
	select {
	case v, ok = <-c.native:
	default:
	}
	return v, ok
}

// Close is close(c).
func (c *Chan[T]) Close() {
	o := c.enter(opClose, "Chan")
	close(c.native)
	if o == nil {
		return
	}
	o.closed = true
	for _, queue := range []*[]entry{&o.waiting, &o.sending} {
		for more := true; more; {
			_, more = o.run.wake(queue)
		}
	}
}

// Len is len(c).
func (c *Chan[T]) Len() int {
	o := c.enter(opLen, "Chan")
	return result(o, opLen, len(c.native))
}

// Cap is cap(c).
func (c *Chan[T]) Cap() int { return cap(c.native) }

// All is what range c goes over.
func (c *Chan[T]) All() iter.Seq[T] {
	return func(yield func(T) bool) {
		for {
			if v, ok := c.Recv(); !ok || !yield(v) {
				return
			}
		}
	}
}

// What follows is under control only, and goes as it goes in the runtime.

func (c *Chan[T]) send(o *object, v T) {
	note(o, opSend, v)
	if c.trySend(o, v) {
		return
	}
	w := &waiter{thread: o.run.s.Current()}
	c.queue(&o.sending, w, 0, &v)
	o.run.block(o)
	if !w.ok {
		c.native <- v // it was closed meanwhile: panics
	}
}

func (c *Chan[T]) recv(o *object) (v T, ok bool) {
	v, ok, done := c.tryRecv(o)
	if !done {
		w := &waiter{thread: o.run.s.Current()}
		c.queue(&o.waiting, w, 0, &v)
		o.run.block(o)
		ok = w.ok
	}
	return received(o, opRecv, v, ok)
}

func received[T any](o *object, op opcode, v T, ok bool) (T, bool) {
	if o.run.lanes != nil && !ok {
		o.say("%v() = %s, false", op, o.run.lanes.text(v))
		return v, ok
	}
	return result(o, op, v), ok
}

func (c *Chan[T]) trySend(o *object, v T) bool {
	if o.closed {
		c.native <- v // panics
	}
	if w, ok := o.run.wake(&o.waiting); ok {
		*w.slot.(*T), w.ok = v, true
		return true
	}
	if len(c.native) == cap(c.native) {
		return false
	}
	c.native <- v
	return true
}

func (c *Chan[T]) tryRecv(o *object) (v T, ok, done bool) {
	if len(c.native) > 0 {
		v = <-c.native
		if w, ok := o.run.wake(&o.sending); ok {
			c.native <- *w.slot.(*T)
			w.ok = true
		}
		return v, true, true
	}
	if w, ok := o.run.wake(&o.sending); ok {
		w.ok = true
		return *w.slot.(*T), true, true
	}
	return v, false, o.closed
}

func (c *Chan[T]) queue(queue *[]entry, w *waiter, index int, slot *T) {
	if c.native != nil { // nobody will ever come to a nil channel
		*queue = append(*queue, entry{waiter: w, index: index, slot: slot})
	}
}

// A Case is one case of a Select.
type Case interface {
	prepare(r *run)               // bind its channel
	what() string                 // for a person
	possible() bool               // under control
	perform()                     // a possible case
	enqueue(w *waiter, index int) // an impossible one
	finish(w *waiter)             // the one that happened after all
	reflected() reflect.SelectCase
	received(v reflect.Value, ok bool)
}

// Select is a select statement: it waits until some case is possible, does one
// of those that are, and returns its index. An exploration tries each.
//
//	switch sched.Select(in.Receiving(&v, nil), out.Sending(w)) {
//	case 0: // v was received
//	case 1: // w was sent
//	}
func Select(cases ...Case) int { return choose(opSelect, cases) }

// TrySelect is Select with a default, for which it returns -1.
func TrySelect(cases ...Case) int { return choose(opTrySelect, cases) }

func choose(op opcode, cases []Case) int {
	r := caller()
	if r == nil {
		return chooseNatively(op, cases)
	}
	for _, c := range cases {
		c.prepare(r)
	}
	if !r.alone {
		r.threads[r.s.Current()-1].cases = cases
		r.selects = true
	}
	choice := r.step(op, r.objects[0])
	i := take(cases, choice)
	if i < 0 && op == opSelect {
		w := &waiter{thread: r.s.Current()}
		for i, c := range cases {
			c.enqueue(w, i)
		}
		r.block(r.objects[0])
		i = w.chosen
		cases[i].finish(w)
	}
	if r.lanes != nil {
		r.objects[0].say("%v(%s) = %d", op, whatOf(cases), i)
	}
	return i
}

// take does one of the cases that are possible; -1 if none is.
func take(cases []Case, choice int) int {
	for i, c := range cases {
		if c.possible() {
			if choice == 0 {
				c.perform()
				return i
			}
			choice--
		}
	}
	return -1
}

func whatOf(cases []Case) string {
	var texts []string
	for _, c := range cases {
		texts = append(texts, c.what())
	}
	return strings.Join(texts, ", ")
}

func chooseNatively(op opcode, cases []Case) int {
	all := make([]reflect.SelectCase, len(cases), len(cases)+1)
	for i, c := range cases {
		all[i] = c.reflected()
	}
	if op == opTrySelect {
		all = append(all, reflect.SelectCase{Dir: reflect.SelectDefault})
	}
	i, v, ok := reflect.Select(all)
	if i == len(cases) {
		return -1
	}
	cases[i].received(v, ok)
	return i
}

type sendCase[T any] struct {
	c *Chan[T]
	v T
}

// Sending is the case c <- v.
func (c *Chan[T]) Sending(v T) Case { return &sendCase[T]{c, v} }

func (s *sendCase[T]) prepare(r *run) { s.c.join(r, "Chan") }
func (s *sendCase[T]) what() string   { return s.c.object.name + ".Send" }
func (s *sendCase[T]) possible() bool {
	o := s.c.object
	return o.closed || anyone(o.waiting) || len(s.c.native) < cap(s.c.native)
}
func (s *sendCase[T]) perform() { s.c.trySend(s.c.object, s.v) }
func (s *sendCase[T]) enqueue(w *waiter, index int) {
	s.c.queue(&s.c.object.sending, w, index, &s.v)
}
func (s *sendCase[T]) finish(w *waiter) {
	if !w.ok {
		s.c.native <- s.v // it was closed meanwhile: panics
	}
}
func (s *sendCase[T]) reflected() reflect.SelectCase {
	return reflect.SelectCase{Dir: reflect.SelectSend, Chan: reflect.ValueOf(s.c.native), Send: reflect.ValueOf(&s.v).Elem()}
}
func (s *sendCase[T]) received(reflect.Value, bool) {}

type recvCase[T any] struct {
	c  *Chan[T]
	v  *T
	ok *bool
	at T
}

// Receiving is the case *v, *ok = <-c. Either pointer may be nil.
func (c *Chan[T]) Receiving(v *T, ok *bool) Case { return &recvCase[T]{c: c, v: v, ok: ok} }

func (s *recvCase[T]) set(v T, ok bool) {
	if s.v != nil {
		*s.v = v
	}
	if s.ok != nil {
		*s.ok = ok
	}
}

func (s *recvCase[T]) prepare(r *run) { s.c.join(r, "Chan") }
func (s *recvCase[T]) what() string   { return s.c.object.name + ".Recv" }
func (s *recvCase[T]) possible() bool {
	o := s.c.object
	return o.closed || anyone(o.sending) || len(s.c.native) > 0
}
func (s *recvCase[T]) perform() {
	v, ok, _ := s.c.tryRecv(s.c.object)
	s.set(v, ok)
}
func (s *recvCase[T]) enqueue(w *waiter, index int) {
	s.c.queue(&s.c.object.waiting, w, index, &s.at)
}
func (s *recvCase[T]) finish(w *waiter) { s.set(s.at, w.ok) }
func (s *recvCase[T]) reflected() reflect.SelectCase {
	return reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(s.c.native)}
}
func (s *recvCase[T]) received(v reflect.Value, ok bool) {
	var x T
	reflect.ValueOf(&x).Elem().Set(v) // v.Interface() would lose a nil interface
	s.set(x, ok)
}
