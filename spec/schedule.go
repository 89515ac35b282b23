package spec

import (
	"fmt"
	"strconv"
	"strings"
)

// A SyntaxError says where a schedule's text is wrong. Line and Column count
// from 1.
type SyntaxError struct {
	Line, Column int
	Word         string
	Problem      string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("rootlock: schedule, line %d, column %d: %q: %s", e.Line, e.Column, e.Word, e.Problem)
}

// ParseSchedule reads moves like w1:Walk(p1) separated by white space; # starts
// a comment that goes to the end of the line. The threads, ids and steps must be
// known to m; whether a move is enabled is for Run to say.
func (m *Model) ParseSchedule(text string) (Schedule, error) {
	var sch Schedule
	for i, line := range strings.Split(text, "\n") {
		if c := strings.IndexByte(line, '#'); c >= 0 {
			line = line[:c]
		}
		for column := 0; column < len(line); {
			if strings.ContainsRune(" \t\r", rune(line[column])) {
				column++
				continue
			}
			end := column + len(word(line[column:]))
			mv, problem := m.parseMove(line[column:end])
			if problem != "" {
				return nil, &SyntaxError{Line: i + 1, Column: column + 1, Word: line[column:end], Problem: problem}
			}
			sch = append(sch, mv)
			column = end
		}
	}
	return sch, nil
}

// word is what stands before the next white space outside parentheses.
func word(line string) string {
	depth := 0
	for i, c := range line {
		switch {
		case c == '(':
			depth++
		case c == ')':
			depth--
		case depth <= 0 && (c == ' ' || c == '\t' || c == '\r'):
			return line[:i]
		}
	}
	return line
}

func (m *Model) parseMove(text string) (mv Move, problem string) {
	who, what, ok := strings.Cut(text, ":")
	if !ok {
		return mv, "want thread:Step, like w1:LockLeaf"
	}
	for t := uint8(1); t <= m.threads; t++ {
		if m.ThreadName(t) == who {
			mv.Thread = t
		}
	}
	if mv.Thread == 0 {
		return mv, fmt.Sprintf("unknown thread %q; the threads are %s", who, m.threadNames())
	}
	name, args, hasArgs := strings.Cut(what, "(")
	if mv.Step, ok = StepByName(name); !ok {
		return mv, fmt.Sprintf("unknown step %q", name)
	}
	kinds := stepTable[mv.Step].args
	least := strings.TrimSuffix(kinds, "o")
	if !hasArgs {
		if kinds != "" {
			return mv, fmt.Sprintf("%s takes %d %s, like %s(%s)", name, len(least), plural(len(least), "argument"), name, exampleArgs(least))
		}
		return mv, ""
	}
	args, ok = strings.CutSuffix(args, ")")
	if !ok {
		return mv, "missing )"
	}
	words := strings.Split(args, ",")
	if kinds == "" || len(words) != len(least) && len(words) != len(kinds) {
		return mv, fmt.Sprintf("%s takes %d %s", name, len(least), plural(len(least), "argument"))
	}
	for i, w := range words {
		digits, ok := strings.CutPrefix(strings.TrimSpace(w), argPrefix[kinds[i]])
		n, err := strconv.ParseUint(digits, 10, 8)
		if !ok || err != nil {
			return mv, fmt.Sprintf("argument %d of %s: want something like %s, not %q", i+1, name, exampleArgs(kinds[i:i+1]), w)
		}
		low, high := 1, map[byte]int{'v': m.VMAs, 'a': m.Objects, 'p': m.Pages, 'm': m.MMs, 's': m.Slots, 'o': m.Prots}[kinds[i]]
		if kinds[i] == 's' || kinds[i] == 'o' {
			low = 0
		}
		if int(n) < low || int(n) > high {
			return mv, fmt.Sprintf("argument %d of %s is %d; these bounds have %d to %d", i+1, name, n, low, high)
		}
		mv.Args[i] = uint8(n)
	}
	return mv, ""
}

func (m *Model) threadNames() string {
	names := make([]string, m.threads)
	for t := range names {
		names[t] = m.ThreadName(uint8(t + 1))
	}
	return strings.Join(names, ", ")
}

func exampleArgs(kinds string) string {
	words := make([]string, len(kinds))
	for i, k := range []byte(kinds) {
		words[i] = argPrefix[k] + "1"
	}
	return strings.Join(words, ",")
}

// A RefusedError says that a schedule takes a step which is not enabled.
type RefusedError struct {
	Index   int // of the move in the schedule, from 0
	Move    string
	Refusal Refusal
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("rootlock: schedule, move %d: %s is not enabled: %s", e.Index+1, e.Move, e.Refusal)
}

// Run takes the moves of sch one after the other from s and calls visit, if not
// nil, after each. It stops with a RefusedError at the first move that is not
// enabled; s is then the state before it.
func (m *Model) Run(s *State, sch Schedule, visit func(i int, s *State)) error {
	for i, mv := range sch {
		if !m.Enabled(s, mv) {
			return &RefusedError{Index: i, Move: m.Format(mv), Refusal: m.WhyNot(s, mv)}
		}
		m.Apply(s, mv)
		if visit != nil {
			visit(i, s)
		}
	}
	return nil
}
