package spec

import "fmt"

// counterexample is a shortest schedule to the state with a fingerprint at a
// level, and the state. First back: the table knows for each state a part of one
// parent's fingerprint. Then forth: of the moves that lead along these
// fingerprints, the first in canonical order.
//
// With Symmetry the fingerprints are those of canonical states, but the schedule
// is one of the model: a state and its canonical form have the same moves up to
// the names of objects.
func (e *explorer) counterexample(f fingerprint, level uint64) (Schedule, State, error) {
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
	s := e.m.Init()
	sch := make(Schedule, 0, level-1)
	if !e.follow(path, 1, &s, &sch) {
		return nil, State{}, fmt.Errorf("rootlock: exploring %s: no way back from a state at level %d: is a step not a function of the state?", e.m.Name, level)
	}
	return sch, s, nil
}

// follow extends sch from s, which is at a level, to the end of the path.
func (e *explorer) follow(path []map[fingerprint]bool, level int, s *State, sch *Schedule) bool {
	if level == len(path)-1 {
		return true
	}
	w := e.workers[0]
	packed := make([]uint64, len(e.packing.words))
	for _, mv := range e.m.Moves(s, nil) {
		succ := *s
		if e.m.take(&succ, mv) != "" {
			continue
		}
		canonical := succ
		if e.o.Symmetry {
			w.canon.state(&canonical)
		}
		if f, _ := e.packing.fingerprint(&canonical, packed); !path[level+1][f] {
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
