package museum

import (
	"errors"
	"fmt"
	"path"
	"slices"

	"github.com/rootlock/rootlock/triangle/museum"
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

// bad is an error of the entry; of one of its files too, where err says so.
func (e *Entry) bad(file string, err error) error {
	bad := &EntryError{Entry: e.Name, File: file, Err: err}
	if of := (*museum.FileError)(nil); errors.As(err, &of) {
		bad.File, bad.Err = of.File, of.Err
	}
	if at := (*museum.LineError)(nil); errors.As(err, &at) {
		bad.Line = at.Line
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
	var files []museum.File
	for _, f := range e.Files {
		if slices.Contains(sides, path.Dir(f.Name)) {
			files = append(files, f)
		}
	}
	name, err := museum.Overlay(root, dir, files...)
	if err != nil {
		return "", e.bad("", err)
	}
	return name, nil
}
