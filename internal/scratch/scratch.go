// Package scratch makes private files and folders, and clears away those that killed processes
// left behind. The process that makes one holds a lock on it. A lock ends with its process, even
// with one that is killed.
package scratch

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
)

// A Dir is a private folder for what is of no use when the work is done.
type Dir struct {
	Path string
	lock *os.File
}

// Our folders have such names, and a file in them: nobody else's folder is cleared away.
const (
	prefix = "rootlock-"
	mark   = ".rootlock-scratch"
)

var dirName = regexp.MustCompile(`^rootlock-[a-z]+-[0-9]+$`)

// MakeDir makes a folder in the system's folder for temporary files, and removes those
// that killed processes have left there. Remove must be called.
func MakeDir(what string) (*Dir, error) {
	d, err := MakeDirIn(os.TempDir(), what)
	if err != nil {
		return nil, fmt.Errorf("rootlock: making a private folder in %s: %w; make that folder writable, or name another with TMPDIR", os.TempDir(), err)
	}
	return d, nil
}

// MakeDirIn is MakeDir in a folder.
func MakeDirIn(dir, what string) (*Dir, error) {
	sweepDirs(dir)
	for {
		path, err := os.MkdirTemp(dir, prefix+what+"-")
		if err != nil {
			return nil, err
		}
		if f, mine := hold(path); mine {
			if err := os.WriteFile(filepath.Join(path, mark), nil, 0o600); err != nil {
				return nil, errors.Join(err, os.RemoveAll(path), release(f))
			}
			return &Dir{path, f}, nil
		} // somebody who clears away was faster
	}
}

// Remove removes the folder. It tries again, because a process that was just killed may be
// on its last write.
func (d *Dir) Remove() error {
	err := os.RemoveAll(d.Path)
	for range 5 {
		if err == nil {
			break
		}
		runtime.Gosched()
		err = os.RemoveAll(d.Path)
	}
	return errors.Join(err, release(d.lock))
}

// sweeping: a process clears away once.
var sweeping sync.Map // by folder

// sweepDirs removes folders of ours in dir whose process is gone.
func sweepDirs(dir string) {
	if _, done := sweeping.LoadOrStore(dir, true); done {
		return
	}
	sweep(dir, func(e os.DirEntry) bool {
		if !e.IsDir() || !dirName.MatchString(e.Name()) {
			return false
		}
		_, err := os.Lstat(filepath.Join(dir, e.Name(), mark))
		return err == nil
	})
}

// sweep removes what killed processes have left in a folder.
func sweep(dir string, ours func(os.DirEntry) bool) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		if !ours(e) {
			continue
		}
		path := filepath.Join(dir, e.Name())
		if f, orphan := take(path); orphan {
			_ = os.RemoveAll(path)
			_ = release(f)
		}
	}
}

// longest is how much of a name fits into another beside it.
const longest = 200

// MakeFile makes a file in dir for what is to become the file of the given name there, and
// removes such files of killed processes.
func MakeFile(dir, name string) (*os.File, error) {
	begin := "." + name[:min(len(name), longest)] + ".rootlock-"
	sweep(dir, func(e os.DirEntry) bool {
		digits, mine := strings.CutPrefix(e.Name(), begin)
		return mine && e.Type().IsRegular() && strings.Trim(digits, "0123456789") == ""
	})
	for {
		f, err := os.CreateTemp(dir, begin+"*")
		if err != nil {
			return nil, err
		}
		if holdFile(f) {
			return f, nil
		}
		_ = f.Close()
	}
}

// still reports whether an open file is what the path leads to.
func still(f *os.File, path string) bool {
	mine, err := f.Stat()
	if err != nil {
		return false
	}
	there, err := os.Lstat(path)
	return err == nil && os.SameFile(mine, there)
}

func release(f *os.File) error {
	if f == nil {
		return nil
	}
	return f.Close()
}
