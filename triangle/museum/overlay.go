package museum

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/format"
	"go/scanner"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/rootlock/rootlock/internal/input"
)

// A File is the edits of one Go file.
type File struct {
	Name  string // from the root of the sources, with slashes
	Edits []Edit
}

// A FileError says of which edited file an error is.
type FileError struct {
	File string
	Err  error
}

func (e *FileError) Error() string { return e.File + ": " + e.Err.Error() }

func (e *FileError) Unwrap() error { return e.Err }

// Edits reads the edits of Go files that the sections of an archive are.
func Edits(archive *txtar.Archive) (files []File, err error) {
	for _, f := range archive.Files {
		edits, err := ParseEdits(string(f.Data), 1)
		if err != nil {
			return nil, fmt.Errorf("section %s: %w", f.Name, err)
		}
		files = append(files, File{f.Name, edits})
	}
	return files, nil
}

// Edited is the content of the file, below root, after the edits. It must be Go as gofmt
// writes it. The error is a [FileError], and within it often a [LineError].
func (f *File) Edited(root string) ([]byte, error) {
	text, where, err := f.apply(root)
	if err != nil {
		return nil, &FileError{f.Name, err}
	}
	formatted, err := format.Source([]byte(text))
	if err != nil {
		line := 0
		if at := (scanner.ErrorList)(nil); errors.As(err, &at) && len(at) > 0 {
			line = where.origin(at[0].Pos.Line)
		}
		return nil, &FileError{f.Name, &LineError{line, fmt.Errorf("the edited file is no Go: %w", err)}}
	}
	if !bytes.Equal(formatted, []byte(text)) {
		line := firstDifference(text, string(formatted))
		return nil, &FileError{f.Name, &LineError{where.origin(line), fmt.Errorf("the edited file is not as gofmt writes it, first at line %d", line)}}
	}
	return formatted, nil
}

// Origin is the line of the mistake's file that became a line of the edited file; 0: none,
// the line is the source's own.
func (f *File) Origin(root string, line int) int {
	_, where, err := f.apply(root)
	if err != nil {
		return 0
	}
	return where.origin(line)
}

func (f *File) apply(root string) (string, places, error) {
	source, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(f.Name)))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", nil, errors.New("there is no such file; was it renamed?")
	case err != nil:
		return "", nil, err
	}
	return apply(string(input.Lines(source)), f.Edits)
}

// Overlay makes the edits to copies of files below root, which it writes into dir. It
// returns the path of what go build -overlay and go test -overlay take.
func Overlay(root, dir string, files ...File) (string, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return "", err
	}
	var overlay struct{ Replace map[string]string }
	overlay.Replace = map[string]string{}
	for _, f := range files {
		text, err := f.Edited(root)
		if err != nil {
			return "", err
		}
		edited := filepath.Join(dir, strings.ReplaceAll(f.Name, "/", "_"))
		if err := os.WriteFile(edited, text, 0o600); err != nil {
			return "", err
		}
		overlay.Replace[filepath.Join(root, filepath.FromSlash(f.Name))] = edited
	}
	data, err := json.MarshalIndent(overlay, "", "\t")
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "overlay.json")
	return name, os.WriteFile(name, data, 0o600)
}

// firstDifference is the number of the first line in which two texts differ.
func firstDifference(a, b string) int {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range x {
		if i >= len(y) || x[i] != y[i] {
			return i + 1
		}
	}
	return len(x) + 1
}
