package mutant

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Equivalents is the file of the arguments, from the module's root.
const Equivalents = "testdata/mutants/equivalent.txt"

// between stands between a mutant's key and the argument.
const between = " :: "

// equivalents are the mutants that change nothing, by what somebody has argued.
type equivalents struct {
	file    string
	entries []equivalent
	by      map[string]string // key -> argument
}

type equivalent struct {
	line          int
	key, argument string
}

// loadEquivalents reads the arguments; no file: none.
func loadEquivalents(root string) (*equivalents, error) {
	data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(Equivalents)))
	if errors.Is(err, fs.ErrNotExist) {
		return &equivalents{}, nil
	} else if err != nil {
		return nil, err
	}
	return parseEquivalents(Equivalents, string(data))
}

// parseEquivalents reads lines KEY :: ARGUMENT. Empty lines, and those from # on, say nothing.
func parseEquivalents(name, text string) (*equivalents, error) {
	e := &equivalents{file: name, by: map[string]string{}}
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, argument, ok := strings.Cut(line, between)
		key, argument = strings.TrimSpace(key), strings.TrimSpace(argument)
		switch {
		case !ok || key == "" || argument == "":
			return nil, fmt.Errorf("rootlock: %s:%d: a line is FILE FUNCTION OPERATOR: WAS => NOW%sWHY IT CHANGES NOTHING", name, i+1, between)
		case e.by[key] != "":
			return nil, fmt.Errorf("rootlock: %s:%d: %s stands here twice", name, i+1, key)
		}
		e.by[key] = argument
		e.entries = append(e.entries, equivalent{i + 1, key, argument})
	}
	return e, nil
}

// match finds each entry's mutant among all of the sides.
func (e *equivalents) match(all []*Mutant, sides []Side) error {
	known := map[string]bool{}
	for _, m := range all {
		known[m.Key()] = true
	}
	var errs []error
	for _, x := range e.entries {
		side, _, _ := strings.Cut(x.key, "/")
		if !known[x.key] && (slices.Contains(sides, Side(side)) || !slices.Contains(Sides(), Side(side))) {
			errs = append(errs, fmt.Errorf("rootlock: %s:%d: there is no such mutant: %s; the code has changed, and the argument must follow", e.file, x.line, x.key))
		}
	}
	return errors.Join(errs...)
}

// of is the argument about a mutant; "" if there is none.
func (e *equivalents) of(m *Mutant) string { return e.by[m.Key()] }
