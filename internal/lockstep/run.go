package lockstep

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/rootlock/rootlock/impl"
	"github.com/rootlock/rootlock/spec"
	triangle "github.com/rootlock/rootlock/triangle/lockstep"
)

// A Run is one model and one implementation, in step. It implements hunt.Runner.
// It is for one goroutine at a time.
type Run struct {
	*triangle.Run[spec.State, spec.Move]
	model *spec.Model
	code  *code
	own   []spec.Move
}

// New starts both sides in the initial state of m. Close the Run.
func New(m *spec.Model) (*Run, error) {
	protocol, err := impl.ProtocolByName(m.Protocol.String())
	if err != nil {
		return nil, fmt.Errorf("%w: impl/ does not have it: write impl/%s.go, and add it to impl/protocol.go", err, fileName(m.Protocol.String()))
	}
	return newRun(m, protocol)
}

// fileName is the name of a protocol's file: own_lock for OwnLock.
func fileName(protocol string) string {
	var b strings.Builder
	for i, r := range protocol {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

func newRun(m *spec.Model, protocol impl.Protocol) (*Run, error) {
	c := &code{model: m, protocol: protocol}
	r, err := triangle.New(m.Law(), c, m.Threads())
	if err != nil {
		return nil, parted(err)
	}
	return &Run{Run: r, model: m, code: c}, nil
}

// Reset returns both sides to the initial state.
func (r *Run) Reset() error { return parted(r.Run.Reset()) }

// MovesOf lists the moves of one thread that the model enables. The list is good until
// the next.
func (r *Run) MovesOf(thread uint8) []spec.Move {
	r.own = r.model.MovesOf(r.State(), thread, r.own[:0])
	return r.own
}

// Do takes a move that the model enables on both sides. The error is a
// *Divergence if the sides part.
func (r *Run) Do(mv spec.Move) error { return parted(r.Run.Do(mv)) }

// Refuse takes a move that the model disables to the implementation, which must
// refuse it and stay as it is. What the code is not asked to refuse is not attempted.
func (r *Run) Refuse(mv spec.Move) (attempted bool, err error) {
	s := r.State()
	if r.model.Crashed(s) != 0 {
		return false, nil
	}
	switch why := r.model.Refusal(s, mv); {
	case why == "HasPin" && r.code.pins[mv.Thread-1] == nil, // nothing to ask: a pin that is released refuses
		mv.Step == spec.WalkPinned && why != "HasPin", // of any slot: there are more than the bounds have
		mv.Step == spec.FailAlloc:                     // memory does not refuse to run out
		return false, nil
	case mv.Step.Begins() && s.Thread[mv.Thread-1].PC == spec.Idle:
		switch why {
		case "RightKindOfThread", "InOps", "OperationLeft", "NoPin", "VMAsSpare", "ObjectsSpare", "OwnArea":
			return false, nil // bounds, not the code's to refuse
		}
	}
	attempted, waits, err := r.Run.Refuse(mv)
	if err == nil && waits { // it would wait for an mmap lock: not begun, as in the model
		err = ErrParked
	}
	return attempted, parted(err)
}

// ErrParked says that an operation which the model does not let begin waits for
// an mmap lock at its first step. The Run can only be reset then.
var ErrParked = errors.New("rootlock: the operation waits for an mmap lock at its first step")

// AddressSpace is an address space of the implementation, for its bytes. Between
// operations, Read and Write of a slot that needs no fault are no steps.
func (r *Run) AddressSpace(mm int) *impl.AddressSpace { return r.code.control.AddressSpace(mm) }
