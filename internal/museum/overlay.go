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
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/rootlock/rootlock/internal/input"
)

// An EntryError says what is wrong with an entry: never a kill.
type EntryError struct {
	Entry string
	Line  int    // of the entry's file, 0: none in particular
	File  string // edited file, "" if none
	Err   error
}

func (e *EntryError) Error() string {
	where := e.Entry + ".txtar"
	if e.Line > 0 {
		where = fmt.Sprintf("%s:%d", where, e.Line)
	}
	if e.File != "" {
		where += ", " + e.File
	}
	return fmt.Sprintf("rootlock: museum entry %s: %v", where, e.Err)
}

func (e *EntryError) Unwrap() error { return e.Err }

func (e *Entry) bad(file string, err error) error {
	bad := &EntryError{Entry: e.Name, File: file, Err: err}
	if at := (*lineError)(nil); errors.As(err, &at) {
		bad.Line = at.line
	}
	return bad
}

// Overlay applies the entry's edits of the given sides (spec, impl; none: both)
// to the module at root, writes the results into dir, and returns the path of
// the file for go build -overlay.
func Overlay(e *Entry, root, dir string, sides ...string) (string, error) {
	if len(sides) == 0 {
		sides = Sides()
	}
	root, err := filepath.Abs(root)
	if err != nil {
		return "", err
	}
	var overlay struct{ Replace map[string]string }
	overlay.Replace = map[string]string{}
	for _, f := range e.Files {
		if !slices.Contains(sides, path.Dir(f.Name)) {
			continue
		}
		original := filepath.Join(root, filepath.FromSlash(f.Name))
		text, err := e.edited(&f, original)
		if err != nil {
			return "", err
		}
		edited := filepath.Join(dir, strings.ReplaceAll(f.Name, "/", "_"))
		if err := os.WriteFile(edited, text, 0o600); err != nil {
			return "", err
		}
		overlay.Replace[original] = edited
	}
	data, err := json.MarshalIndent(overlay, "", "\t")
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "overlay.json")
	return name, os.WriteFile(name, data, 0o600)
}

// Edits reads the edits of Go files that the sections of an archive are.
func Edits(archive *txtar.Archive) (files []File, err error) {
	for _, f := range archive.Files {
		edits, err := parseEdits(string(f.Data), 1)
		if err != nil {
			return nil, fmt.Errorf("rootlock: section %s: %w", f.Name, err)
		}
		files = append(files, File{f.Name, edits})
	}
	return files, nil
}

// edited is the content of a file after the edits.
func (e *Entry) edited(f *File, name string) ([]byte, error) {
	source, err := os.ReadFile(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, e.bad(f.Name, errors.New("there is no such file; was it renamed?"))
	case err != nil:
		return nil, err
	}
	text, where, err := apply(string(input.Lines(source)), f.Edits)
	if err != nil {
		return nil, e.bad(f.Name, err)
	}
	formatted, err := format.Source([]byte(text))
	if err != nil {
		line := 0
		if at := (scanner.ErrorList)(nil); errors.As(err, &at) && len(at) > 0 {
			line = where.origin(at[0].Pos.Line)
		}
		return nil, e.bad(f.Name, &lineError{line, fmt.Errorf("the edited file is no Go: %w", err)})
	}
	if !bytes.Equal(formatted, []byte(text)) {
		line := firstDifference(text, string(formatted))
		return nil, e.bad(f.Name, &lineError{where.origin(line), fmt.Errorf("the edited file is not as gofmt writes it, first at line %d", line)})
	}
	return formatted, nil
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
