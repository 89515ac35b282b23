package tlc

import (
	"os"
	"os/exec"
	"runtime"
	"time"
)

// runGroup runs cmd until it ends or its context does; then it kills the whole
// group. Whether cmd was started shows in cmd.ProcessState.
func runGroup(cmd *exec.Cmd) error {
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

// removeAll tries again, because on some systems the files of a process that
// was just killed can be deleted only when the system is done with it.
func removeAll(dir string) {
	for range 5 {
		if os.RemoveAll(dir) == nil {
			return
		}
		runtime.Gosched()
	}
}
