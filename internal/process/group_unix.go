//go:build unix

package process

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// A group is a process group whose leader is a shell that kills it when this process ends
// before the work: then a pipe that only this process writes to comes to its end. A signal
// at the parent's death, which Linux has, would reach one process, and leave the compilers
// that it started. As long as nobody has waited for the leader, no other group has its
// number.
type group struct {
	leader *exec.Cmd // nil: there is no shell
	pipe   *os.File
}

const leading = `trap "" HUP INT QUIT TERM; read -r never; kill -9 0`

func newGroup() *group {
	in, out, err := os.Pipe()
	if err != nil {
		return &group{}
	}
	defer func() { _ = in.Close() }()
	cmd := exec.Command("/bin/sh", "-c", leading)
	cmd.Stdin, cmd.SysProcAttr = in, &syscall.SysProcAttr{Setpgid: true}
	if cmd.Start() != nil {
		_ = out.Close()
		return &group{}
	}
	return &group{cmd, out}
}

// take makes cmd start in the group.
func (g *group) take(cmd *exec.Cmd) {
	cmd.SysProcAttr = attributes()
	cmd.SysProcAttr.Setpgid = true
	cmd.Cancel = func() error { return kill(cmd.Process.Pid) }
	if g.leader != nil {
		cmd.SysProcAttr.Pgid = g.leader.Process.Pid
		cmd.Cancel = func() error { return kill(g.leader.Process.Pid) }
	}
}

// end ends what is left of the group.
func (g *group) end() {
	if g.leader == nil {
		return
	}
	_ = kill(g.leader.Process.Pid)
	_ = g.pipe.Close()
	_ = g.leader.Wait() // killed, as it was to be
}

func kill(group int) error {
	err := syscall.Kill(-group, syscall.SIGKILL)
	if errors.Is(err, syscall.ESRCH) {
		return os.ErrProcessDone
	}
	return err
}
