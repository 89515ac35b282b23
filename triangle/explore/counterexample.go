package explore

import (
	"errors"

	"github.com/rootlock/rootlock/triangle/law"
)

// counterexample is a shortest schedule to the state with a fingerprint at a
// level, and the state. First back: the table knows for each state a part of one
// parent's fingerprint. Then forth: of the moves that lead along these
// fingerprints, the first in the law's order.
//
// With symmetry the fingerprints are those of canonical states, but the schedule
// is one of the law: a state and its canonical form have the same moves up to
// names.
func (e *explorer[S, M]) counterexample(v *Violation[S, M], f fingerprint, level uint64) error {
	// path[l] holds the fingerprints at level l that may be on the way: one each,
	// but for accidents.
	path := make([]map[fingerprint]bool, level+1)
	path[level] = map[fingerprint]bool{f: true}
	for l := level; l > 1; l-- {
		path[l-1] = map[fingerprint]bool{}
		for f := range path[l] {
			for _, parent := range e.table.ancestors(f, l) {
				path[l-1][parent] = true
			}
		}
	}
	v.Schedule = make([]M, 0, level-1)
	for _, s := range e.law.Initial() {
		if f := e.canonical(&s); !path[1][f] {
			continue
		}
		v.From, v.State = s, s
		if e.follow(path, 1, &v.State, &v.Schedule) {
			return nil
		}
	}
	return errors.New("there is no way back from a state that was reached: a step of the law is not a function of the state, or Moves has no fixed order")
}

// canonical is the fingerprint of a state, or of its canonical form.
func (e *explorer[S, M]) canonical(s *S) fingerprint {
	w := e.workers[0]
	form := *s
	if w.canon != nil {
		w.canon(&form)
	}
	f, _ := e.fingerprint(&form, make([]uint64, e.words))
	return f
}

// follow extends sch from s, which is at a level, to the end of the path.
func (e *explorer[S, M]) follow(path []map[fingerprint]bool, level int, s *S, sch *[]M) bool {
	if level == len(path)-1 {
		return true
	}
	var moves []M
	if law.Try(func() { moves = e.law.Moves(s, nil) }) != "" {
		return false
	}
	for _, mv := range moves {
		succ := *s
		if law.Try(func() { e.law.Apply(&succ, mv) }) != "" || !path[level+1][e.canonical(&succ)] {
			continue
		}
		*sch = append(*sch, mv)
		if e.follow(path, level+1, &succ, sch) {
			*s = succ
			return true
		}
		*sch = (*sch)[:len(*sch)-1]
	}
	return false
}
