// Package process runs children (Java, the Go compiler) that must not outlive
// the work they were started for.
package process

import (
	"os/exec"
	"runtime"
	"time"
)

// Run runs cmd, which was made with exec.CommandContext, until it ends or its
// context does; then the whole group that it is in is killed. Whether cmd was started
// shows in cmd.ProcessState. The group is cmd's own, so Ctrl-C does not reach it: cancel
// the context. Where there are process groups and a shell, the whole group also dies
// with this process, however that ends.
func Run(cmd *exec.Cmd) error {
	// The signal that Linux sends at the parent's death is tied to the thread
	// that started the child: that thread must not end before the child.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	g := newGroup()
	defer g.end()
	g.take(cmd)
	// A grandchild that left the group could hold the pipes open for ever.
	cmd.WaitDelay = 10 * time.Second
	return cmd.Run()
}
