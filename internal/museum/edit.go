package museum

import (
	"fmt"
	"strings"
)

// An Edit replaces whole lines of a file.
type Edit struct {
	Old, New string // with their line ends; New may be empty
}

// The marks around an edit's old and new lines.
const (
	oldMark = "<<<<"
	newMark = "===="
	endMark = ">>>>"
)

// parseEdits reads edit blocks:
//
//	<<<<
//	lines as they are
//	====
//	lines as they shall be
//	>>>>
//
// Between blocks there may be empty lines and comments from # to the line's end.
func parseEdits(text string) ([]Edit, error) {
	var edits []Edit
	var edit Edit
	within, opened := "", 0
	for i, line := range strings.SplitAfter(text, "\n") {
		bare := strings.TrimSuffix(line, "\n")
		bad := func(format string, args ...any) error {
			return fmt.Errorf("line %d: %s; an edit is %s, old lines, %s, new lines, %s", i+1, fmt.Sprintf(format, args...), oldMark, newMark, endMark)
		}
		switch {
		case within == "" && bare == oldMark:
			within, opened, edit = oldMark, i+1, Edit{}
		case within == oldMark && bare == newMark:
			within = newMark
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
		return nil, fmt.Errorf("the block from line %d has no end (is the file whole?); an edit is %s, old lines, %s, new lines, %s", opened, oldMark, newMark, endMark)
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

// apply makes all edits, each in the text that those before it left.
func apply(text string, edits []Edit) (string, error) {
	for i, e := range edits {
		at, n := lines(text, e.Old)
		if n != 1 {
			return "", fmt.Errorf("edit %d: its old lines occur %d times in the file, must be once; the law has changed since the entry was written, or the block is too short to be unique:\n%s", i+1, n, e.Old)
		}
		text = text[:at] + e.New + text[at+len(e.Old):]
	}
	return text, nil
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
