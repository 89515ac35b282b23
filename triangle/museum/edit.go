package museum

import (
	"fmt"
	"strings"
)

// An Edit replaces whole lines of a file.
type Edit struct {
	Old, New string // with their line ends; New may be empty
	Line     int    // of the mistake's file, where New begins
}

// A LineError is an error at a line of a mistake's file. A message about it names the line.
type LineError struct {
	Line int
	Err  error
}

func (e *LineError) Error() string { return e.Err.Error() }

func (e *LineError) Unwrap() error { return e.Err }

// The marks around an edit's old and new lines.
const (
	oldMark = "<<<<"
	newMark = "===="
	endMark = ">>>>"
)

// ParseEdits reads edit blocks from a text whose first line is line first of its file:
//
//	<<<<
//	lines as they are
//	====
//	lines as they shall be
//	>>>>
//
// Between blocks there may be empty lines and comments from # to the line's end.
func ParseEdits(text string, first int) ([]Edit, error) {
	var edits []Edit
	var edit Edit
	within, opened := "", 0
	for i, line := range strings.SplitAfter(text, "\n") {
		bare := strings.TrimSuffix(line, "\n")
		bad := func(format string, args ...any) error {
			return &LineError{first + i, fmt.Errorf("%s; an edit is %s, old lines, %s, new lines, %s", fmt.Sprintf(format, args...), oldMark, newMark, endMark)}
		}
		switch {
		case within == "" && bare == oldMark:
			within, opened, edit = oldMark, first+i, Edit{}
		case within == oldMark && bare == newMark:
			within, edit.Line = newMark, first+i+1
		case within == newMark && bare == endMark:
			switch edit.check() {
			case noOld:
				return nil, bad("the block from line %d has no old lines", opened)
			case noChange:
				return nil, bad("the block from line %d changes nothing", opened)
			}
			edits, within = append(edits, edit), ""
		case bare == oldMark || bare == newMark || bare == endMark:
			return nil, bad("%s stands in the wrong place", bare)
		case within == oldMark:
			edit.Old += line
		case within == newMark:
			edit.New += line
		case strings.TrimSpace(bare) != "" && !strings.HasPrefix(bare, "#"):
			return nil, bad("%q stands outside a block", bare)
		}
	}
	if within != "" {
		return nil, &LineError{opened, fmt.Errorf("the block has no end (is the file whole?); an edit is %s, old lines, %s, new lines, %s", oldMark, newMark, endMark)}
	}
	if len(edits) == 0 {
		return nil, fmt.Errorf("no edit; an edit is %s, old lines, %s, new lines, %s", oldMark, newMark, endMark)
	}
	return edits, nil
}

const (
	noOld    = "no old"
	noChange = "no change"
)

func (e Edit) check() string {
	switch {
	case strings.TrimSpace(e.Old) == "":
		return noOld
	case e.Old == e.New:
		return noChange
	}
	return ""
}

// apply makes all edits, each in the text that those before it left, and says where its
// new lines are.
func apply(text string, edits []Edit) (string, places, error) {
	var where places
	for i, e := range edits {
		at, n := lines(text, e.Old)
		if n != 1 {
			return "", nil, &LineError{e.Line, fmt.Errorf("edit %d: its old lines occur %d times in the file, must be once; the source has changed since they were written, or the block is too short to be unique:\n%s", i+1, n, e.Old)}
		}
		text = text[:at] + e.New + text[at+len(e.Old):]
		p := place{first: 1 + strings.Count(text[:at], "\n"), lines: strings.Count(e.New, "\n"), origin: e.Line}
		where = append(where.shifted(p.first, p.lines-strings.Count(e.Old, "\n")), p)
	}
	return text, where, nil
}

// A place is where the new lines of an edit are in the edited file, and from which line of
// the entry's file they come.
type place struct{ first, lines, origin int }

type places []place

// shifted are the places after lines were inserted (or, less than 0, deleted) at a line.
func (p places) shifted(at, by int) places {
	for i := range p {
		if p[i].first >= at {
			p[i].first += by
		}
	}
	return p
}

// origin is the line of the mistake's file that became a line of the edited file; 0: the line
// is the source's own.
func (p places) origin(line int) int {
	for _, x := range p {
		if x.first <= line && line < x.first+max(1, x.lines) {
			return x.origin + line - x.first
		}
	}
	return 0
}

// lines counts how often the lines of old stand in text, and says where first.
func lines(text, old string) (first, n int) {
	first = -1
	for at := 0; ; {
		i := strings.Index(text[at:], old)
		if i < 0 {
			return first, n
		}
		at += i
		if at == 0 || text[at-1] == '\n' {
			if n++; first < 0 {
				first = at
			}
		}
		at++
	}
}
