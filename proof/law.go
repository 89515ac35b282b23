package proof

import "sync"

// Branches are the steps of RootPointer.
var Branches = sync.OnceValue(newBranches)

func newBranches() []*Branch {
	l := &law{}
	l.processes()
	l.walkers()
	return l.branches
}

// A Part of the invariant is what one file is about.
type Part struct {
	Name      string
	Conjuncts []Conjunct
}

// Parts are the invariant, in the order in which it can be read.
func Parts() []Part {
	return []Part{{"threads", threadConjuncts}, {"areas", areaConjuncts}, {"chains", chainConjuncts}, {"references", referenceConjuncts},
		{"locks", lockConjuncts}, {"pages", pageConjuncts}, {"walks", walkConjuncts}}
}

// Conjuncts are all parts of the invariant.
func Conjuncts() (list []Conjunct) {
	for _, p := range Parts() {
		list = append(list, p.Conjuncts...)
	}
	return list
}
