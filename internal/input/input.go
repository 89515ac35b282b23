// Package input reads the files and streams that a user names. A file must be a regular file of
// bounded size. A stream may keep its reader waiting.
package input

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// Most bounds a file; the largest of ours, the ledger, has less than a megabyte.
const Most = 64 << 20

// Read reads a file. What is no file (a folder, a pipe, a device) is refused at once, and
// so is one of more than Most bytes.
func Read(path string) ([]byte, error) {
	f, err := open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return read(path, f)
}

// ReadFS is Read in a file system.
func ReadFS(files fs.FS, name string) ([]byte, error) {
	if info, err := fs.Stat(files, name); err != nil {
		return nil, err
	} else if err := regular(name, info); err != nil { // opening a pipe would wait
		return nil, err
	}
	f, err := files.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return read(name, f)
}

func read(name string, f fs.File) ([]byte, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if err := regular(name, info); err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(f, Most+1))
	if err == nil && len(data) > Most {
		err = tooLarge(name)
	}
	return data, err
}

func tooLarge(name string) error {
	return &fs.PathError{Op: "read", Path: name, Err: fmt.Errorf("it has more than %d MiB", Most>>20)}
}

func regular(name string, info fs.FileInfo) error {
	what := ""
	switch mode := info.Mode(); {
	case mode.IsRegular() && info.Size() > Most:
		return tooLarge(name)
	case mode.IsRegular():
		return nil
	case mode.IsDir():
		what = "a folder"
	case mode&fs.ModeNamedPipe != 0:
		what = "a pipe"
	case mode&fs.ModeDevice != 0:
		what = "a device"
	default:
		what = "something else"
	}
	return &fs.PathError{Op: "read", Path: name, Err: errors.New("it is " + what + ", and not a file")}
}

// Open opens a file or a pipe for a stream. Opening a pipe and reading from it end with
// ctx too, and the error is then ctx's. The size is 0 if nobody knows.
func Open(ctx context.Context, path string) (stream io.ReadCloser, size int64, err error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, 0, err
	case info.IsDir():
		return nil, 0, regular(path, info)
	case info.Mode().IsRegular():
		f, err := os.Open(path)
		return f, info.Size(), err
	}
	type opened struct {
		f   *os.File
		err error
	}
	done := make(chan opened, 1)
	go func() {
		f, err := os.Open(path)
		done <- opened{f, err}
	}()
	select {
	case o := <-done:
		if o.err != nil {
			return nil, 0, o.err
		}
		return Stream(ctx, o.f), 0, nil
	case <-ctx.Done():
		go func() { // whenever it opens
			if o := <-done; o.f != nil {
				_ = o.f.Close()
			}
		}()
		return nil, 0, context.Cause(ctx)
	}
}

// Stream is r, but that reading ends with ctx. Closing closes r, at the latest after what
// it waits for has come.
func Stream(ctx context.Context, r io.ReadCloser) io.ReadCloser {
	s := &stream{ctx: ctx, parts: make(chan part), closed: make(chan struct{})}
	go s.pump(r)
	return s
}

type part struct {
	data []byte
	err  error
}

type stream struct {
	ctx    context.Context
	parts  chan part
	closed chan struct{}
	rest   part
}

func (s *stream) pump(r io.ReadCloser) {
	defer func() { _ = r.Close() }()
	for {
		data := make([]byte, 64<<10)
		n, err := r.Read(data)
		select {
		case s.parts <- part{data[:n], err}:
		case <-s.closed:
			return
		}
		if err != nil {
			return
		}
	}
}

func (s *stream) Read(p []byte) (int, error) {
	for len(s.rest.data) == 0 && s.rest.err == nil {
		select {
		case <-s.ctx.Done():
			return 0, context.Cause(s.ctx)
		case s.rest = <-s.parts:
		}
	}
	n := copy(p, s.rest.data)
	s.rest.data = s.rest.data[n:]
	if n == 0 && len(p) > 0 {
		return 0, s.rest.err
	}
	return n, nil
}

func (s *stream) Close() error {
	close(s.closed)
	return nil
}

// Lines is a text whose lines end with a line feed alone, as no checkout of Windows may
// have left them.
func Lines(text []byte) []byte { return bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")) }
