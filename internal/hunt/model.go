package hunt

import (
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/shrink"
)

// ModelRunner runs the model alone: the law without the code.
type ModelRunner = shrink.Alone[spec.State, spec.Move]

// Alone makes a ModelRunner.
func Alone(m *spec.Model) *ModelRunner { return &ModelRunner{Law: m.Law()} }
