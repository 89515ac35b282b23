//go:build unix

package atomicfile

import (
	"io/fs"
	"os"
	"sync"
	"syscall"
)

const closesBeforeRename = false

// newMode is the mode that umask gives a new file.
var newMode = sync.OnceValue(func() fs.FileMode {
	old := syscall.Umask(0o022) // it can only be read by setting it
	syscall.Umask(old)
	return 0o666 &^ fs.FileMode(old)
})

// keepOwner gives a file to the owner of the one that it replaces, if that is allowed.
func keepOwner(f *os.File, old fs.FileInfo) {
	if s, ok := old.Sys().(*syscall.Stat_t); ok {
		_ = f.Chown(int(s.Uid), int(s.Gid))
	}
}
