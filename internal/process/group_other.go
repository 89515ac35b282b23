//go:build !unix

package process

import (
	"os"
	"os/exec"
)

// Without process groups only the process itself is killed.

func setGroup(*exec.Cmd) {}

func killGroup(p *os.Process) error { return p.Kill() }
