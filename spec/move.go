package spec

import (
	"fmt"
	"strings"
)

// A Move is one step of one thread with what the step chooses. Args beyond the
// step's own are zero.
type Move struct {
	Thread uint8
	Step   Step
	Args   [3]uint8
}

// A Schedule is a sequence of moves from an initial state. It means the same to
// the TLA+ spec, the model and the implementation.
type Schedule []Move

// ThreadName is the name of thread t of m in schedules: mm1, w1, f1.
func (m *Model) ThreadName(t uint8) string {
	if m.isFaulter(t) {
		return fmt.Sprintf("f%d", m.MM(t))
	}
	if m.IsWalker(t) {
		return fmt.Sprintf("w%d", int(t)-m.MMs)
	}
	return fmt.Sprintf("mm%d", t)
}

var argPrefix = map[byte]string{'v': "v", 'a': "a", 'p': "p", 'm': "mm", 's': "", 'o': ""}

// Format writes a move as text: w1:Walk(p1).
func (m *Model) Format(mv Move) string {
	var b strings.Builder
	b.WriteString(m.ThreadName(mv.Thread))
	b.WriteByte(':')
	b.WriteString(mv.Step.String())
	if args := mv.Step.args(mv); args != "" {
		b.WriteString("(" + args + ")")
	}
	return b.String()
}

// args writes the arguments of a move, without parentheses.
func (s Step) args(mv Move) string {
	var b strings.Builder
	for i, kind := range []byte(stepTable[s].args) {
		if kind == 'o' && mv.Args[i] == 0 {
			break
		}
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "%s%d", argPrefix[kind], mv.Args[i])
	}
	return b.String()
}

// Args writes the arguments of a move as text, without parentheses.
func (mv Move) ArgText() string { return mv.Step.args(mv) }

// FormatSchedule writes a schedule on one line.
func (m *Model) FormatSchedule(sch Schedule) string {
	words := make([]string, len(sch))
	for i, mv := range sch {
		words[i] = m.Format(mv)
	}
	return strings.Join(words, " ")
}

// Choices lists the moves of thread t by step that name something within the bounds,
// enabled or not.
func (m *Model) Choices(t uint8, step Step) []Move {
	list := []Move{{Thread: t, Step: step}}
	for i, kind := range []byte(stepTable[step].args) {
		first, last := 1, 0
		switch kind {
		case 'v':
			last = m.VMAs
		case 'a':
			last = m.Objects
		case 'p':
			last = m.Pages
		case 'm':
			last = m.MMs
		case 's':
			first, last = 0, m.Slots
		case 'o':
			first, last = 0, max(m.Prots, 1)-1
		}
		var longer []Move
		for _, mv := range list {
			for n := first; n <= last; n++ {
				mv.Args[i] = uint8(n)
				longer = append(longer, mv)
			}
		}
		list = longer
	}
	return list
}
