//go:build !linux || !(amd64 || arm64)

package trace

import "errors"

// A RunningWorld is the kernel that runs this program, as a world. There is none here.
type RunningWorld struct{}

// NewRunningWorld fails.
func NewRunningWorld() (*RunningWorld, error) {
	return nil, errors.New("it must be Linux, on amd64 or arm64")
}

// Close does nothing.
func (w *RunningWorld) Close() {}

// Reset does nothing.
func (w *RunningWorld) Reset() {}

// Do fails.
func (w *RunningWorld) Do(Op) (string, error) { return "", errors.ErrUnsupported }

// Visible fails.
func (w *RunningWorld) Visible() (State, error) { return State{}, errors.ErrUnsupported }
