package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/rootlock/rootlock/spec"
)

// Width is what lanes fit into. What a step changed goes below the row where the
// threads leave less than narrow columns.
const (
	Width  = 100
	narrow = 28
)

// Lanes writes a schedule as a table: a column for each thread that takes part,
// a row for each step, and what the step changed. A thread that holds a lock is
// drawn as | where it does not move, as . where it does not hold one. The row
// after which b is broken is marked, if b is not nil.
//
// It stops at a move that is not enabled, and returns the error.
func Lanes(w io.Writer, m *spec.Model, sch spec.Schedule, b *Break, style Style) error {
	l := newLanes(m, sch)
	if _, err := fmt.Fprintln(w, style.Bold(l.head())); err != nil {
		return err
	}
	s := m.Init()
	before := s
	return m.Run(&s, sch, func(i int, s *spec.State) {
		notes := Changes(m, sch[i].Thread, &before, s)
		mark := ""
		if b != nil && (b.Step == i+1 || b.Step == 0 && i == len(sch)-1) {
			mark = "<- " + b.Claim
			if spec.IsTemporal(b.Claim) {
				mark += ": back to " + place(b.Back)
			}
		}
		before = *s
		l.row(w, i, s, notes, mark, style)
	})
}

// A lanes is the layout of the table.
type lanes struct {
	m       *spec.Model
	sch     spec.Schedule
	threads []uint8
	width   map[uint8]int
	digits  int
	left    int // columns that the threads take
}

func newLanes(m *spec.Model, sch spec.Schedule) *lanes {
	l := &lanes{m: m, sch: sch, threads: taking(m, sch), width: map[uint8]int{}, digits: len(fmt.Sprint(len(sch)))}
	for _, t := range l.threads {
		l.width[t] = len(m.ThreadName(t))
	}
	for _, mv := range sch {
		l.width[mv.Thread] = max(l.width[mv.Thread], len(cell(mv)))
	}
	l.left = l.digits
	for _, t := range l.threads {
		l.left += 2 + l.width[t]
	}
	return l
}

func (l *lanes) head() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%*s", l.digits, "")
	for _, t := range l.threads {
		fmt.Fprintf(&b, "  %-*s", l.width[t], l.m.ThreadName(t))
	}
	return strings.TrimRight(b.String(), " ")
}

// row writes one step. Notes that do not fit beside the threads go on in the
// next line.
func (l *lanes) row(w io.Writer, i int, s *spec.State, notes []string, mark string, style Style) {
	var row strings.Builder
	fmt.Fprintf(&row, "%*d", l.digits, i+1)
	mv := l.sch[i]
	for _, t := range l.threads {
		switch {
		case t == mv.Thread:
			fmt.Fprintf(&row, "  %s", style.Bold(fmt.Sprintf("%-*s", l.width[t], cell(mv))))
		case holds(l.m, s, t):
			fmt.Fprintf(&row, "  %-*s", l.width[t], "|")
		default:
			fmt.Fprintf(&row, "  %-*s", l.width[t], ".")
		}
	}
	indent, room := l.left+2, Width-l.left-2
	beside := room >= narrow
	if !beside {
		indent = l.digits + 4
		room = Width - indent
	}
	lines := wrap(notes, mark, room, style)
	if beside && len(lines) > 0 {
		row.WriteString("  " + lines[0])
		lines = lines[1:]
	}
	fmt.Fprintln(w, strings.TrimRight(row.String(), " "))
	for _, line := range lines {
		fmt.Fprintf(w, "%*s%s\n", indent, "", line)
	}
}

// place names the state after a step.
func place(step int) string {
	if step == 0 {
		return "the beginning"
	}
	return fmt.Sprintf("where step %d led", step)
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

func cell(mv spec.Move) string {
	if args := mv.ArgText(); args != "" {
		return mv.Step.String() + "(" + args + ")"
	}
	return mv.Step.String()
}

func taking(m *spec.Model, sch spec.Schedule) []uint8 {
	var threads []uint8
	for _, mv := range sch {
		if !slices.Contains(threads, mv.Thread) {
			threads = append(threads, mv.Thread)
		}
	}
	slices.Sort(threads)
	return threads
}

// holds reports whether t holds the lock of an object or a page, or is inside a walk.
func holds(m *spec.Model, s *spec.State, t uint8) bool {
	for a := range m.Objects {
		if s.Anon[a].Lock == t {
			return true
		}
	}
	for p := range m.Pages {
		if s.Page[p].Lock == t {
			return true
		}
	}
	return s.Thread[t-1].Mutex
}
