//go:build unix && !solaris && !aix

package scratch

import (
	"os"
	"syscall"
)

func lock(f *os.File) bool { return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil }

// hold locks a folder that was just made.
func hold(path string) (f *os.File, mine bool) {
	if f, err := os.Open(path); err == nil {
		if lock(f) && still(f, path) {
			return f, true
		}
		_ = f.Close()
	}
	return nil, false
}

func holdFile(f *os.File) bool { return lock(f) && still(f, f.Name()) }

// take locks what another process has made, if nobody holds it and it is this user's.
func take(path string) (f *os.File, orphan bool) {
	if info, err := os.Lstat(path); err != nil || info.Sys().(*syscall.Stat_t).Uid != uint32(os.Getuid()) {
		return nil, false
	}
	return hold(path)
}
