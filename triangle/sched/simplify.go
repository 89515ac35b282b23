package sched

import "slices"

// mostTries bounds simplify.
const mostTries = 1000

// simplify looks for a schedule that fails in the same way with fewer
// preemptions, or with as many and fewer steps: it leaves out what one thread
// did in a row, and lets the rest happen as far as it can. It ends when no such
// part can be left out.
func (e *explorer) simplify(end *ending) *ending {
	best, preemptions := slices.Clone(e.decisions), e.preemptions
	tries := 0
	for i := 0; i < len(best) && tries < mostTries; tries++ {
		j := i + 1
		for j < len(best) && best[j].thread == best[i].thread {
			j++
		}
		got := e.execute(&wishes{options: slices.Delete(slices.Clone(best), i, j)}, nil)
		simpler := e.preemptions < preemptions || e.preemptions == preemptions && len(e.decisions) < len(best)
		if got != nil && got.kind == end.kind && simpler {
			end, best, preemptions = got, slices.Clone(e.decisions), e.preemptions
			i = 0
		} else {
			i = j
		}
	}
	e.decisions = best
	return end
}

// wishes are a schedule of which only some is possible: each decision that is
// possible when its turn comes. Then the simplest.
type wishes struct{ options []option }

func (w *wishes) pick(e *explorer) int {
	for len(w.options) > 0 {
		i := slices.Index(e.options, w.options[0])
		w.options = w.options[1:]
		if i >= 0 {
			return i
		}
	}
	return 0
}

func (*wishes) done() bool { return true }
