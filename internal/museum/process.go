package museum

import (
	"os/exec"
	"runtime"
	"time"
)

// runGroup runs cmd until it ends or its context does; then it kills the whole
// group: go build starts compilers.
func runGroup(cmd *exec.Cmd) error {
	// The signal that Linux sends at the parent's death is tied to the thread
	// that started the child.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	setGroup(cmd)
	cmd.Cancel = func() error { return killGroup(cmd.Process) }
	cmd.WaitDelay = 10 * time.Second
	return cmd.Run()
}
