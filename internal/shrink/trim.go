package shrink

import (
	"slices"

	"github.com/rootlock/rootlock/spec"
)

// trim drops what a failing schedule does not need: it leaves out one move after
// the other, and with it what is then not enabled any more, as long as the same
// claim breaks. rapid removes turns; this removes the ends of turns. What is left
// may be needed only because a later operation names what it made, a page say: so
// in the end such an operation may take what there is instead.
func trim(m *spec.Model, sch spec.Schedule, c spec.Claim) spec.Schedule {
	for _, rename := range []bool{false, true} {
		for again := true; again; {
			again = false
			for i := len(sch) - 1; i >= 0; i-- {
				if i >= len(sch) {
					continue
				}
				if shorter := without(m, sch, i, c, rename); shorter != nil {
					sch, again = shorter, true
				}
			}
		}
	}
	return sch
}

// without runs sch but for move i, passing by what is not enabled, or with rename
// is not with any arguments, up to the state that breaks c; nil if none does.
func without(m *spec.Model, sch spec.Schedule, i int, c spec.Claim, rename bool) spec.Schedule {
	s := m.Init()
	kept := make(spec.Schedule, 0, len(sch)-1)
	for j, mv := range sch {
		if j == i {
			continue
		}
		if !m.Enabled(&s, mv) {
			if !rename {
				continue
			}
			moves := m.Moves(&s, nil)
			k := slices.IndexFunc(moves, func(other spec.Move) bool { return other.Thread == mv.Thread && other.Step == mv.Step })
			if k < 0 {
				continue
			}
			mv = moves[k]
		}
		m.Apply(&s, mv)
		kept = append(kept, mv)
		if breaks(m, &s, c) {
			return kept
		}
	}
	return nil
}

// breaks reports whether s violates c.
func breaks(m *spec.Model, s *spec.State, c spec.Claim) bool {
	if c == spec.NoDeadlock {
		return !m.Rest(s) && len(m.Moves(s, nil)) == 0
	}
	return m.Check(s).Has(c)
}
