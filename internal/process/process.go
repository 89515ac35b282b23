// Package process runs children (Java, the Go compiler) that must not outlive
// the work they were started for.
package process

import (
	"os/exec"
	"runtime"
	"time"
)

// Run runs cmd, which was made with exec.CommandContext, until it ends or its
// context does; then it kills the whole group. Whether cmd was started shows in
// cmd.ProcessState. The group is cmd's own, so Ctrl-C does not reach it: cancel
// the context. On Linux the group's leader also dies with this process, however
// it ends; elsewhere only the context stops it.
func Run(cmd *exec.Cmd) error {
	// The signal that Linux sends at the parent's death is tied to the thread
	// that started the child: that thread must not end before the child.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	setGroup(cmd)
	cmd.Cancel = func() error { return killGroup(cmd.Process) }
	// A grandchild that left the group could hold the pipes open for ever.
	cmd.WaitDelay = 10 * time.Second
	return cmd.Run()
}
