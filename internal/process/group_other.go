//go:build !unix

package process

import "os/exec"

// Without process groups only the process itself is killed.
type group struct{}

func newGroup() *group { return &group{} }

func (*group) take(cmd *exec.Cmd) { cmd.Cancel = func() error { return cmd.Process.Kill() } }

func (*group) end() {}
