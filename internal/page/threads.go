package page

import (
	"github.com/rootlock/rootlock/internal/watch"
	"github.com/rootlock/rootlock/spec"
)

type threadView struct {
	Name, Op, Next, Holds, Waits string
	Changed                      bool
}

// threadsOf says where each thread stands; what differs from the state before is marked.
func threadsOf(m *spec.Model, before, s *spec.State) (list []threadView) {
	for t := uint8(1); int(t) <= m.Threads(); t++ {
		th := &s.Thread[t-1]
		view := threadView{Name: m.ThreadName(t), Op: "idle", Next: "-", Holds: watch.Locks(m, s, t), Waits: waits(m, s, t), Changed: *th != before.Thread[t-1]}
		if th.PC != spec.Idle {
			view.Op, view.Next = th.Op.String(), th.PC.String()
		}
		list = append(list, view)
	}
	return list
}

// waits says for what a thread waits whose next step cannot be taken now.
func waits(m *spec.Model, s *spec.State, t uint8) string {
	th := &s.Thread[t-1]
	if th.PC == spec.Idle || th.PC == spec.Oopsed || th.PC == spec.AllocAnon || m.Crashed(s) != 0 {
		return ""
	}
	return m.WhyNot(s, spec.Move{Thread: t, Step: th.PC}).Values
}
