package explore

import (
	"math/bits"

	"github.com/rootlock/rootlock/triangle/law"
)

// A worker expands blocks of a level and piles up the next. Nothing in its loop
// allocates.
type worker[S any, M comparable] struct {
	e        *explorer[S, M]
	room     *room
	pile     pile
	canon    func(*S) // nil without symmetry
	violated law.Claims
	broken   uint64
	tally    [64]tally
	perStep  []uint64

	state  S
	parent fingerprint // of state
	moves  []M
	batch  [batchSize]candidate[S]
	held   int // candidates in the batch
	sum    uint64

	at                  int    // state of the block that is being expanded
	distinct, generated uint64 // of the block
}

// A candidate is a successor that has still to be looked up.
type candidate[S any] struct {
	state  S
	packed []uint64
	f      fingerprint
	parent fingerprint
	fits   bool
}

// batchSize successors are generated before they are looked up: their cache
// misses overlap, and they all fit into the nearest cache.
const batchSize = 16

func newWorker[S any, M comparable](e *explorer[S, M], r *room) *worker[S, M] {
	w := &worker[S, M]{e: e, room: r, pile: pile{words: e.words}, perStep: make([]uint64, len(e.law.Steps()))}
	if e.symmetric != nil {
		w.canon = e.symmetric.Canon()
	}
	for i := range w.batch {
		w.batch[i].packed = make([]uint64, e.words)
	}
	return w
}

// begin inserts an initial state.
func (w *worker[S, M]) begin(s S) {
	w.e.table.moving.RLock()
	defer w.e.table.moving.RUnlock()
	w.distinct = 0
	w.batch[0].state = s
	w.reach(&w.batch[0], 0)
	w.lookUp()
	w.e.distinct.Add(w.distinct)
	w.e.generated.Add(1)
}

// expandBlocks expands blocks until the level has no more, or the exploration ends.
func (w *worker[S, M]) expandBlocks() {
	e := w.e
	for e.ctx.Err() == nil {
		i := int(e.next.Add(1)) - 1
		if i >= len(e.work) {
			return
		}
		b := e.work[i]
		e.table.moving.RLock()
		w.expandBlock(b)
		e.table.moving.RUnlock()
		e.distinct.Add(w.distinct)
		e.generated.Add(w.generated)
		e.expanded.Add(uint64(b.states))
		w.pile.free = append(w.pile.free, b)
		if w == e.workers[0] {
			e.progress()
		}
	}
}

func (w *worker[S, M]) expandBlock(b *block) {
	w.distinct, w.generated = 0, 0
	for w.at = 0; w.at < b.states; {
		w.expandFrom(b) // to the end, or to a state in which the law is not defined
	}
	w.lookUp()
}

func (w *worker[S, M]) expandFrom(b *block) {
	defer w.undefined()
	e, l := w.e, w.e.law
	for ; w.at < b.states; w.at++ {
		packed := b.state(w.at, e.words)
		w.parent = hash(packed)
		e.packer.Unpack(packed, &w.state)
		w.moves = l.Moves(&w.state, w.moves[:0])
		if len(w.moves) == 0 && !l.Rest(&w.state) {
			w.violate(e.deadlocks, tally{1, e.level - 1, w.parent})
		}
		for _, mv := range w.moves {
			if w.held == batchSize {
				w.lookUp()
			}
			c := &w.batch[w.held]
			e.copy(&c.state, &w.state)
			l.Apply(&c.state, mv)
			w.reach(c, w.parent)
			w.perStep[l.Step(mv)]++
			w.generated++
		}
	}
}

// undefined recovers where a step panics: the law is not defined in the state that is being
// expanded, which is what TypeOK rules out. No more moves are taken there.
func (w *worker[S, M]) undefined() {
	if v := recover(); v != nil {
		law.Recovered(v)
		w.violate(w.e.typed, tally{1, w.e.level - 1, w.parent})
		var none S
		if w.held < len(w.batch) {
			w.batch[w.held].state = none // half of the step may be done
		}
		w.at++
	}
}

// reach completes the next candidate of the batch.
func (w *worker[S, M]) reach(c *candidate[S], parent fingerprint) {
	if w.canon != nil {
		w.canon(&c.state)
	}
	c.parent = parent
	c.f, c.fits = w.e.fingerprint(&c.state, c.packed)
	w.held++
}

// lookUp looks which candidates are new, and checks and piles up those.
func (w *worker[S, M]) lookUp() {
	t := w.e.table
	for i := range w.held {
		w.sum += t.touch(w.batch[i].f)
	}
	for i := range w.held {
		c := &w.batch[i]
		result := t.insert(c.f, c.parent, w.e.level, w.room)
		for result == noRoom {
			t.grow(c.f, w.room)
			result = t.insert(c.f, c.parent, w.e.level, w.room)
		}
		if result == unseen {
			w.distinct++
			w.welcome(c)
		}
		if !c.fits {
			var none S
			c.state = none // what is copied next into it does not cover what is outside the bounds
		}
	}
	w.held = 0
}

// welcome checks a new state and piles it up. One that does not fit into the bounds violates
// TypeOK, whatever its fields are for.
func (w *worker[S, M]) welcome(c *candidate[S]) {
	e := w.e
	violated, defined := e.check(&c.state)
	c.fits = c.fits && e.packer.Within(&c.state)
	if !c.fits || !defined {
		violated |= 1 << e.typed
	}
	if violated != 0 {
		if defined && e.parts != nil {
			w.broken |= e.parts.Broken(&c.state, violated, w.broken)
		}
		for rest := violated; rest != 0; rest &= rest - 1 {
			w.violate(bits.TrailingZeros64(uint64(rest)), tally{1, e.level, c.f})
		}
	}
	if !violated.Has(e.typed) {
		w.pile.add(c.packed)
	}
}

func (w *worker[S, M]) violate(claim int, t tally) {
	w.violated |= 1 << claim
	w.tally[claim].add(t)
}

// check is Check for a state on which a claim may be undefined.
func (e *explorer[S, M]) check(s *S) (violated law.Claims, defined bool) {
	defer func() {
		if v := recover(); v != nil {
			law.Recovered(v)
			violated, defined = 0, false
		}
	}()
	return e.law.Check(s), true
}
