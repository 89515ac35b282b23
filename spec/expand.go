package spec

// A worker expands blocks of a level and piles up the next. Nothing in its loop
// allocates.
type worker struct {
	e        *explorer
	room     *room
	pile     pile
	canon    canon
	violated ClaimSet
	broken   ConjunctSet
	tally    [NumClaims]tally
	perStep  [2][NumSteps]uint64 // by mm threads, by walkers

	state  State
	parent fingerprint // of state
	moves  []Move
	batch  [batchSize]candidate
	held   int // candidates in the batch
	sum    uint64

	at                  int    // state of the block that is being expanded
	distinct, generated uint64 // of the block
}

// A candidate is a successor that has still to be looked up.
type candidate struct {
	state  State
	packed []uint64
	f      fingerprint
	parent fingerprint
	fits   bool
}

// batchSize successors are generated before they are looked up: their cache
// misses overlap, and they all fit into the nearest cache.
const batchSize = 16

func newWorker(e *explorer, r *room) *worker {
	words := len(e.packing.words)
	w := &worker{e: e, room: r, pile: pile{words: words}, canon: canon{m: e.m}}
	for i := range w.batch {
		w.batch[i].packed = make([]uint64, words)
	}
	return w
}

// begin inserts the initial state.
func (w *worker) begin(s State) {
	w.e.table.moving.RLock()
	defer w.e.table.moving.RUnlock()
	w.batch[0].state = s
	w.reach(&w.batch[0], 0)
	w.lookUp()
	w.e.distinct.Add(w.distinct)
	w.e.generated.Add(1)
}

// expandBlocks expands blocks until the level has no more, or the exploration ends.
func (w *worker) expandBlocks() {
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

func (w *worker) expandBlock(b *block) {
	w.distinct, w.generated = 0, 0
	for w.at = 0; w.at < b.states; {
		w.expandFrom(b) // to the end, or to a state in which the law is not defined
	}
	w.lookUp()
}

func (w *worker) expandFrom(b *block) {
	defer w.undefined()
	m, p := w.e.m, w.e.packing
	for ; w.at < b.states; w.at++ {
		packed := b.state(w.at, len(p.words))
		w.parent = hash(packed)
		p.unpack(packed, &w.state)
		w.moves = m.Moves(&w.state, w.moves[:0])
		if len(w.moves) == 0 && !m.Rest(&w.state) {
			w.violate(NoDeadlock, tally{1, w.e.level - 1, w.parent})
		}
		for _, mv := range w.moves {
			if w.held == batchSize {
				w.lookUp()
			}
			c := &w.batch[w.held]
			m.copy(&c.state, &w.state)
			m.Apply(&c.state, mv)
			w.reach(c, w.parent)
			kind := 0
			if m.IsWalker(mv.Thread) {
				kind = 1
			}
			w.perStep[kind][mv.Step]++
			w.generated++
		}
	}
}

// undefined recovers where a step panics: the law is not defined in the state that is being
// expanded, which is what TypeOK rules out. No more moves are taken there.
func (w *worker) undefined() {
	if v := recover(); v != nil {
		mustBeLaws(v)
		w.violate(TypeOK, tally{1, w.e.level - 1, w.parent})
		w.batch[w.held].state = State{} // half of the step may be done
		w.at++
	}
}

// reach completes the next candidate of the batch.
func (w *worker) reach(c *candidate, parent fingerprint) {
	if w.e.o.Symmetry {
		w.canon.state(&c.state)
	}
	c.parent = parent
	c.f, c.fits = w.e.packing.fingerprint(&c.state, c.packed)
	w.held++
}

// lookUp looks which candidates are new, and checks and piles up those.
func (w *worker) lookUp() {
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
			c.state = State{} // what is copied next into it does not cover what is outside the bounds
		}
	}
	w.held = 0
}

// welcome checks a new state and piles it up. One that does not fit into the bounds violates
// TypeOK, whatever its fields are for.
func (w *worker) welcome(c *candidate) {
	e := w.e
	violated, panics := e.m.check(&c.state)
	c.fits = c.fits && e.packing.blank(&c.state)
	if !c.fits || panics != "" {
		violated |= TypeOK.Set()
	}
	if violated != 0 {
		if panics == "" {
			w.broken |= e.m.Broken(&c.state, violated, w.broken)
		}
		for claim := range NumClaims {
			if violated.Has(claim) {
				w.violate(claim, tally{1, e.level, c.f})
			}
		}
	}
	if !violated.Has(TypeOK) {
		w.pile.add(c.packed)
	}
}

func (w *worker) violate(c Claim, t tally) {
	w.violated |= c.Set()
	w.tally[c].add(t)
}
