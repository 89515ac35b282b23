// Package atomicfile writes files whole or not at all.
package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Write replaces a file: whoever reads it, and whoever is killed, finds the old
// content or the new. If it fails nothing has changed.
func Write(path string, data []byte) error { return write(path, data, os.Rename) }

// Create is Write for a file that is not there yet; it never overwrites one. The error
// for one that is there is [fs.ErrExist].
func Create(path string, data []byte) error {
	return write(path, data, func(from, to string) error {
		if err := os.Link(from, to); !errors.Is(err, errors.ErrUnsupported) {
			return err
		}
		if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) { // no links here: the next best
			return errors.Join(err, &fs.PathError{Op: "create", Path: to, Err: fs.ErrExist})
		}
		return os.Rename(from, to)
	})
}

func write(path string, data []byte, place func(from, to string) error) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("rootlock: writing %s; nothing has changed: %w", path, err)
		}
	}()
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	_, err = tmp.Write(data)
	if err = errors.Join(err, tmp.Chmod(0o644), tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	return place(tmp.Name(), path)
}
