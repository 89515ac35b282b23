package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/rootlock/rootlock/spec"
)

// A Break is the claim that breaks after the last step of a schedule.
type Break struct {
	Claim    string
	Conjunct string
	Values   string
}

// Lanes writes a schedule as a table: a column for each thread that takes part,
// a row for each step, and what the step changed. A thread that holds a lock is
// drawn as | where it does not move, as . where it does not hold one.
// It stops at a move that is not enabled, and returns the error.
func Lanes(w io.Writer, m *spec.Model, sch spec.Schedule, b *Break, style Style) error {
	threads := taking(m, sch)
	width := make(map[uint8]int)
	for _, t := range threads {
		width[t] = len(m.ThreadName(t))
	}
	for _, mv := range sch {
		width[mv.Thread] = max(width[mv.Thread], len(cell(mv)))
	}
	digits := len(fmt.Sprint(len(sch)))
	var head strings.Builder
	fmt.Fprintf(&head, "%*s", digits, "")
	for _, t := range threads {
		fmt.Fprintf(&head, "  %-*s", width[t], m.ThreadName(t))
	}
	if _, err := fmt.Fprintln(w, style.Bold(strings.TrimRight(head.String(), " "))); err != nil {
		return err
	}
	s := m.Init()
	before := s
	return m.Run(&s, sch, func(i int, s *spec.State) {
		mv := sch[i]
		var row strings.Builder
		fmt.Fprintf(&row, "%*d", digits, i+1)
		for _, t := range threads {
			switch {
			case t == mv.Thread:
				fmt.Fprintf(&row, "  %s", style.Bold(fmt.Sprintf("%-*s", width[t], cell(mv))))
			case holds(m, s, t):
				fmt.Fprintf(&row, "  %-*s", width[t], "|")
			default:
				fmt.Fprintf(&row, "  %-*s", width[t], ".")
			}
		}
		changes := Changes(m, mv.Thread, &before, s)
		if i == len(sch)-1 && b != nil {
			changes = append(changes, style.Red("<- "+b.Claim))
		}
		before = *s
		fmt.Fprintln(w, strings.TrimRight(row.String()+"  "+strings.Join(changes, ", "), " "))
	})
}

// Tell writes the claim that broke, its false conjunct and the values.
func (b *Break) Tell(w io.Writer, style Style) {
	fmt.Fprintf(w, "%s is violated: %s is false: %s\n", style.Red(b.Claim), b.Conjunct, b.Values)
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

// holds reports whether t holds the lock of an object or a page.
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
	return false
}
