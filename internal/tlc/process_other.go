//go:build !unix

package tlc

import (
	"os"
	"os/exec"
)

// Without process groups only Java itself is killed; TLC starts no children.

func setGroup(*exec.Cmd) {}

func killGroup(p *os.Process) error { return p.Kill() }
