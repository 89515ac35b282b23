package lockstep

import "github.com/rootlock/rootlock/spec"

// Strict is a Run that also takes every lock step that the model disables to the
// implementation, after each move: the code must refuse it and stay as it is.
type Strict struct {
	*Run
	Refused func(spec.Step) // is told of each refusal; may be nil
}

// Do implements hunt.Runner.
func (s Strict) Do(mv spec.Move) error {
	if err := s.Run.Do(mv); err != nil {
		return err
	}
	for t := range s.model.Threads() {
		pc := s.State().Thread[t].PC
		if !pc.TakesLock() {
			continue
		}
		did, err := s.Refuse(spec.Move{Thread: uint8(t + 1), Step: pc})
		if err != nil {
			return err
		}
		if did && s.Refused != nil {
			s.Refused(pc)
		}
	}
	return nil
}
