//go:build unix

package input

import (
	"os"
	"syscall"
)

// open does not wait where the path leads to a pipe.
func open(path string) (*os.File, error) { return os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) }
