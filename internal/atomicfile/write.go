// Package atomicfile writes files whole or not at all.
package atomicfile

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/rootlock/rootlock/internal/scratch"
)

// Check says, before the work begins, why path could not be written: a folder, a file that
// is read-only or is one of the inputs, a folder that is not there or takes no file. It
// changes nothing.
func Check(path string, inputs ...string) error {
	refuse := func(why string, err error) error {
		if err != nil {
			why += ": " + cause(err).Error()
		}
		return fmt.Errorf("rootlock: cannot write %s: %s", path, why)
	}
	target, info, err := follow(path)
	switch {
	case err != nil:
		return refuse("it leads nowhere", err)
	case path == "" || os.IsPathSeparator(path[len(path)-1]):
		return refuse("name a file", nil)
	case info == nil:
	case info.IsDir():
		return refuse("it is a folder; name a file", nil)
	case !info.Mode().IsRegular():
		if info.Mode()&(fs.ModeDevice|fs.ModeNamedPipe) == 0 {
			return refuse("it is neither a file nor a device nor a pipe", nil)
		}
		return nil // written to as it is
	case info.Mode().Perm()&0o222 == 0:
		return refuse("it is read-only; make it writable (chmod u+w) or name another file", nil)
	default:
		for _, input := range inputs {
			if other, err := os.Stat(input); err == nil && os.SameFile(info, other) {
				return refuse("it is read by the same command; name another file", nil)
			}
		}
		f, err := os.OpenFile(target, os.O_WRONLY, 0)
		if err != nil {
			return refuse("it cannot be opened", err)
		}
		_ = f.Close()
	}
	f, err := scratch.MakeFile(filepath.Dir(target), filepath.Base(target)) // where the new content will be first
	if errors.Is(err, fs.ErrNotExist) {
		return refuse("there is no folder "+filepath.Dir(target)+"; make it first", nil)
	}
	if err != nil {
		return refuse("its folder takes no file", err)
	}
	_ = os.Remove(f.Name())
	_ = f.Close()
	return nil
}

// cause is an error without the path in front.
func cause(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

// follow is the file that a path leads to over symbolic links; info is nil if there is
// none yet.
func follow(path string) (target string, info fs.FileInfo, err error) {
	target = path
	for range 40 {
		info, err = os.Lstat(target)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return target, nil, nil
		case err != nil || info.Mode()&fs.ModeSymlink == 0:
			return target, info, err
		}
		next, err := os.Readlink(target)
		if err != nil {
			return target, info, err
		}
		if !filepath.IsAbs(next) {
			next = filepath.Join(filepath.Dir(target), next)
		}
		target = next
	}
	return target, info, errors.New("too many symbolic links")
}

// Special reports whether a path leads to a device or a pipe: what is written to as it is.
func Special(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode()&(fs.ModeDevice|fs.ModeNamedPipe) != 0
}

// Write replaces a file: whoever reads it, and whoever is killed, finds the old
// content or the new. If it fails nothing has changed. A symbolic link stays, and the file
// that it leads to is replaced; the permissions stay. What is no file, a device or a pipe,
// is written to as it is, until ctx ends.
func Write(ctx context.Context, path string, data []byte) error {
	if err := Check(path); err != nil {
		return fmt.Errorf("%w; nothing has changed", err)
	}
	target, info, err := follow(path)
	if err == nil && info != nil && !info.Mode().IsRegular() {
		return pour(ctx, target, data)
	}
	return write(target, data, info, os.Rename)
}

// pour writes to what is no file. Opening a pipe waits for its reader.
func pour(ctx context.Context, path string, data []byte) error {
	done := make(chan error, 1)
	go func() {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			done <- err
			return
		}
		_, err = f.Write(data)
		done <- errors.Join(err, f.Close())
	}()
	select {
	case err := <-done:
		if err != nil {
			return fmt.Errorf("rootlock: writing %s: %w", path, cause(err))
		}
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Create is Write for a file that is not there yet; it never overwrites one. The error
// for one that is there is [fs.ErrExist].
func Create(path string, data []byte) error {
	return write(path, data, nil, func(from, to string) error {
		if err := os.Link(from, to); !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, fs.ErrPermission) {
			return err
		}
		if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) { // no links here: the next best
			return errors.Join(err, &fs.PathError{Op: "create", Path: to, Err: fs.ErrExist})
		}
		return os.Rename(from, to)
	})
}

func write(path string, data []byte, old fs.FileInfo, place func(from, to string) error) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("rootlock: writing %s; nothing has changed: %w", path, err)
		}
	}()
	tmp, err := scratch.MakeFile(filepath.Dir(path), filepath.Base(path))
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	mode := newMode()
	if old != nil {
		mode = old.Mode().Perm()
		keepOwner(tmp, old)
	}
	_, err = tmp.Write(data)
	err = errors.Join(err, tmp.Chmod(mode), tmp.Sync())
	if closesBeforeRename {
		err = errors.Join(err, tmp.Close())
	} else {
		defer func() { err = errors.Join(err, tmp.Close()) }() // until then nobody takes it for a leftover
	}
	if err != nil {
		return err
	}
	return place(tmp.Name(), path)
}
