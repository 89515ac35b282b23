// Package lanes draws a schedule as text: a column for each thread, a row for each step, and
// what the step changed.
package lanes

import (
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"github.com/rootlock/rootlock/triangle/law"
)

// Width is what lanes fit into. What a step changed goes below the row where the
// threads leave less than narrow columns.
const (
	Width  = 100
	narrow = 28
)

// Options say what is drawn beside the steps. All may be nil.
type Options[S any] struct {
	// Notes says what step i, from 0, of a thread has changed; by default the fields of the
	// state.
	Notes func(i, thread int, before, after *S) []string
	// Holds reports whether a thread holds a lock: it is then drawn as | where it does not
	// move.
	Holds func(s *S, thread int) bool
	// Mark is written in red after step i.
	Mark  func(i int) string
	Style Style
}

// Write writes a schedule as a table: a column for each thread that takes part,
// a row for each step, and what the step changed. A thread that holds a lock is
// drawn as | where it does not move, as . where it does not hold one.
//
// It stops at a move that is not enabled, and returns an error.
func Write[S any, M comparable](w io.Writer, l law.Law[S, M], from S, sch []M, o Options[S]) error {
	t := newTable(l, sch, o)
	if _, err := fmt.Fprintln(w, o.Style.Bold(t.head())); err != nil {
		return err
	}
	s, before := from, from
	for i, mv := range sch {
		if !law.Enabled(l, &s, mv) {
			return fmt.Errorf("move %d, %s, is not enabled", i+1, l.Format(mv))
		}
		l.Apply(&s, mv)
		var notes []string
		if o.Notes != nil {
			notes = o.Notes(i, l.Thread(mv), &before, &s)
		} else {
			notes = Changes(&before, &s)
		}
		mark := ""
		if o.Mark != nil {
			mark = o.Mark(i)
		}
		before = s
		t.row(w, i, &s, notes, mark)
	}
	return nil
}

// Changes lists the fields of b that differ from a's, as PATH=VALUE. A value with a String
// method is shown by it, in an exported field.
func Changes[S any](a, b *S) (list []string) {
	var walk func(x, y reflect.Value, path string)
	walk = func(x, y reflect.Value, path string) {
		switch x.Kind() {
		case reflect.Struct:
			for i := range x.NumField() {
				name := path // of an embedded struct's fields, too
				if f := x.Type().Field(i); !f.Anonymous {
					name = strings.TrimPrefix(path+"."+f.Name, ".")
				}
				walk(x.Field(i), y.Field(i), name)
			}
		case reflect.Array:
			for i := range x.Len() {
				walk(x.Index(i), y.Index(i), fmt.Sprintf("%s[%d]", path, i))
			}
		default:
			if !x.Equal(y) {
				list = append(list, fmt.Sprintf("%s=%v", path, y))
			}
		}
	}
	walk(reflect.ValueOf(a).Elem(), reflect.ValueOf(b).Elem(), "")
	return list
}

// A table is the layout.
type table[S any, M comparable] struct {
	law     law.Law[S, M]
	sch     []M
	o       Options[S]
	threads []int
	name    map[int]string
	width   map[int]int
	digits  int
	left    int // columns that the threads take
}

func newTable[S any, M comparable](l law.Law[S, M], sch []M, o Options[S]) *table[S, M] {
	t := &table[S, M]{law: l, sch: sch, o: o, name: map[int]string{}, width: map[int]int{}, digits: len(fmt.Sprint(len(sch)))}
	for _, mv := range sch {
		thread := l.Thread(mv)
		name, cell, _ := strings.Cut(l.Format(mv), ":")
		if t.name[thread] == "" {
			t.name[thread] = name
			t.threads = append(t.threads, thread)
		}
		t.width[thread] = max(t.width[thread], len(name), len(cell))
	}
	slices.Sort(t.threads)
	t.left = t.digits
	for _, thread := range t.threads {
		t.left += 2 + t.width[thread]
	}
	return t
}

func (t *table[S, M]) head() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%*s", t.digits, "")
	for _, thread := range t.threads {
		fmt.Fprintf(&b, "  %-*s", t.width[thread], t.name[thread])
	}
	return strings.TrimRight(b.String(), " ")
}

// row writes one step. Notes that do not fit beside the threads go on in the
// next line.
func (t *table[S, M]) row(w io.Writer, i int, s *S, notes []string, mark string) {
	var row strings.Builder
	fmt.Fprintf(&row, "%*d", t.digits, i+1)
	mv := t.sch[i]
	for _, thread := range t.threads {
		switch {
		case thread == t.law.Thread(mv):
			_, cell, _ := strings.Cut(t.law.Format(mv), ":")
			fmt.Fprintf(&row, "  %s", t.o.Style.Bold(fmt.Sprintf("%-*s", t.width[thread], cell)))
		case t.o.Holds != nil && t.o.Holds(s, thread):
			fmt.Fprintf(&row, "  %-*s", t.width[thread], "|")
		default:
			fmt.Fprintf(&row, "  %-*s", t.width[thread], ".")
		}
	}
	indent, room := t.left+2, Width-t.left-2
	beside := room >= narrow
	if !beside {
		indent = t.digits + 4
		room = Width - indent
	}
	lines := wrap(notes, mark, room, t.o.Style)
	if beside && len(lines) > 0 {
		row.WriteString("  " + lines[0])
		lines = lines[1:]
	}
	fmt.Fprintln(w, strings.TrimRight(row.String(), " "))
	for _, line := range lines {
		fmt.Fprintf(w, "%*s%s\n", indent, "", line)
	}
}

// wrap fills lines of a width with notes and, last, the mark, which is red. A
// note that does not fit into the rest of a line begins a line of its own.
func wrap(notes []string, mark string, width int, style Style) []string {
	var lines []string
	column := 0
	put := func(note string, paint func(string) string) {
		if len(lines) > 0 && column+len("; ")+len(note) <= width {
			lines[len(lines)-1] += "; " + paint(note)
			column += len("; ") + len(note)
			return
		}
		for indent := ""; note != ""; indent = "  " {
			line := note
			if len(indent)+len(note) > width {
				if space := strings.LastIndexByte(note[:width-len(indent)+1], ' '); space > 0 {
					line = note[:space]
				}
			}
			note = strings.TrimLeft(note[len(line):], " ")
			lines = append(lines, indent+paint(line))
			column = len(indent) + len(line)
		}
	}
	for _, note := range notes {
		put(note, func(text string) string { return text })
	}
	if mark != "" {
		put(mark, style.Red)
	}
	return lines
}
