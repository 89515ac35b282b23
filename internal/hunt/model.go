package hunt

import "github.com/rootlock/rootlock/spec"

// ModelRunner runs the model alone: the law without the code.
type ModelRunner struct {
	Model *spec.Model
	state spec.State
	moves []spec.Move
}

// Reset implements Runner.
func (r *ModelRunner) Reset() error { r.state = r.Model.Init(); return nil }

// State implements Runner.
func (r *ModelRunner) State() *spec.State { return &r.state }

// Moves implements Runner.
func (r *ModelRunner) Moves() []spec.Move {
	r.moves = r.Model.Moves(&r.state, r.moves[:0])
	return r.moves
}

// Do implements Runner.
func (r *ModelRunner) Do(mv spec.Move) error { r.Model.Apply(&r.state, mv); return nil }
