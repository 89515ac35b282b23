package shrink

import "github.com/rootlock/rootlock/triangle/law"

// Alone runs a law without code: a [Runner], and what package hunt wants.
type Alone[S any, M comparable] struct {
	Law   law.Law[S, M]
	state S
	moves []M
}

// Reset goes back to the first initial state.
func (r *Alone[S, M]) Reset() error { r.state = r.Law.Initial()[0]; return nil }

// State is the present state, until the next move.
func (r *Alone[S, M]) State() *S { return &r.state }

// Moves lists the enabled moves, until the next move.
func (r *Alone[S, M]) Moves() []M {
	r.moves = r.Law.Moves(&r.state, r.moves[:0])
	return r.moves
}

// Do takes an enabled move.
func (r *Alone[S, M]) Do(mv M) error { r.Law.Apply(&r.state, mv); return nil }

// Breaking is the law alone, which fails where a claim is false; see [law.Breaker].
func Breaking[S any, M comparable](l law.Law[S, M], claim string) *Subject[S, M] {
	r := &Alone[S, M]{Law: l}
	broken := law.Breaker(l, claim)
	return &Subject[S, M]{Law: l, Runner: r, Failed: func(error) bool { return broken(&r.state) }}
}
