package play

import (
	"github.com/rootlock/rootlock/internal/watch"
	"github.com/rootlock/rootlock/spec"
)

// threadView is a thread: where it stands and what it may do.
type threadView struct {
	Name, Kind string
	Operation  string // "" between operations
	Holds      string
	Moves      []moveView
	Refused    []moveView // what it cannot do now, each with the reason
}

type moveView struct {
	Move, Text   string // with the thread's name, and without
	Does, Kernel string
	Why          string // not; "" if it is enabled
}

// threads says of each thread what it may do.
func (at *standing) threads(s *spec.State) (list []threadView) {
	m := at.m
	for t := uint8(1); int(t) <= m.Threads(); t++ {
		th := &s.Thread[t-1]
		v := threadView{Name: m.ThreadName(t), Kind: "process", Holds: watch.Locks(m, s, t)}
		if m.IsWalker(t) {
			v.Kind = "walker"
		}
		taken := map[spec.Step]bool{}
		for _, mv := range m.MovesOf(s, t, nil) {
			taken[mv.Step] = true
			v.Moves = append(v.Moves, at.move(mv))
		}
		switch {
		case th.PC == spec.Oopsed:
			v.Operation = "crashed in " + th.Op.String()
		case th.PC != spec.Idle:
			v.Operation = "in " + th.Op.String()
			if len(v.Moves) == 0 {
				v.Refused = append(v.Refused, at.refused(s, m.Choices(t, th.PC)[0]))
			}
		default:
			for _, step := range m.Ops.List() {
				if m.IsWalker(t) == (step >= spec.Walk) && !taken[step] {
					v.Refused = append(v.Refused, at.refused(s, m.Choices(t, step)[0]))
				}
			}
		}
		list = append(list, v)
	}
	return list
}

func (at *standing) move(mv spec.Move) moveView {
	text := at.m.Format(mv)
	return moveView{Move: text, Text: text[len(at.m.ThreadName(mv.Thread))+1:], Does: mv.Step.Does(), Kernel: mv.Step.Kernel()}
}

// refused is a move with the reason why it is not enabled.
func (at *standing) refused(s *spec.State, mv spec.Move) moveView {
	v := at.move(mv)
	v.Why = at.m.WhyNot(s, mv).String()
	return v
}
