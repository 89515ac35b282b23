package proof

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/rootlock/rootlock/spec"
)

// A Protocol is a law that is asked for a proof: one of spec's, as it is or with a repair of
// the museum. All have the steps, the state and most of the invariant in common; what a
// protocol has of its own stands in its file.
type Protocol struct {
	Of     spec.Protocol
	Repair string // the museum's entry; none: the law as it is

	// The steps of its own, and what it decides in those of all: as spec's rules.
	steps      func(l *law)
	childFirst bool                  // a child is freed before its root loses the reference
	countsList bool                  // a list in use is one of the references of its object
	trees      bool                  // lists are trees, and walkers share the lock: today's
	adjustLock func(s *State, m F) F // a split takes a lock for its stores
	mappedSeen func(s *State, w F) F // where a lookup goes that has found the page mapped
	dropped    func(s *State, t F) F // what a thread is about to drop a reference on
	freed      func(s *State, t F) F // what it is about to free

	mmPlaces, walkerPlaces []string              // where its threads can be, beside the places of all
	mmLocked, walkerLocked []string              // of all places those with a lock
	putSteps               []string              // between UnlockAnon and UnlinkChain
	conjuncts              map[string][]Conjunct // its own, by part of the invariant
	late                   map[string][]Conjunct // its own that only a claim needs, beside lateConjuncts
	without                []string              // those of all that are not its
	once                   sync.Once
	branches               []*Branch
	before                 []Goal            // the invariant before a step
	text                   map[string]string // of each conjunct
}

// protocols are those that have a proof, or ask for one.
var protocols = []*Protocol{rootPointer, refcountedRoot, childFirst, rwsemRoot}

// noProof says why the others have none.
var noProof = map[spec.Protocol]string{
	spec.OwnLock:      ownLocks,
	spec.TrylockRetry: ownLocks,
	spec.WalkMutex:    ownLocks,
	spec.DeepestLock:  "it breaks MutualExclusion and ListStable even where nothing is freed (FINDINGS.md), and no repair of the museum mends these",
}

const ownLocks = "it breaks NoUseAfterFree, NoBadFree and NoRecycledTrusted in the smallest model (VERDICTS.md), and no repair of the museum mends these"

// Find finds what is asked for a proof. The error says why there is none.
func Find(of spec.Protocol, repair string) (*Protocol, error) {
	for _, p := range protocols {
		if p.Of == of && p.Repair == repair {
			return p, nil
		}
	}
	repairs := Repairs(of)
	switch {
	case !slices.ContainsFunc(protocols, func(p *Protocol) bool { return p.Of == of }) && noProof[of] == "":
		return nil, fmt.Errorf("rootlock: %s has no proof: nobody has written its invariant", of)
	case noProof[of] != "":
		return nil, fmt.Errorf("rootlock: %s has no proof: %s", of, noProof[of])
	case len(repairs) == 0:
		return nil, fmt.Errorf("rootlock: %s has no proof with a repair; leave out --repair", of)
	}
	return nil, fmt.Errorf("rootlock: %s has no proof with the repair %q; it has one with %s", of, repair, strings.Join(repairs, ", "))
}

// Repairs are the museum's repairs of a protocol with which it can be asked for a proof.
func Repairs(of spec.Protocol) (list []string) {
	for _, p := range protocols {
		if p.Of == of && p.Repair != "" {
			list = append(list, p.Repair)
		}
	}
	return list
}

func (p *Protocol) String() string {
	if p.Repair != "" {
		return p.Of.String() + " with " + p.Repair
	}
	return p.Of.String()
}

// state is the state before a step.
func (p *Protocol) state() *State {
	s := *now
	s.Protocol = p
	return &s
}

// Branches are the steps of the protocol.
func (p *Protocol) Branches() []*Branch {
	p.once.Do(func() {
		p.branches = p.newBranches()
		p.text = map[string]string{}
		for _, c := range p.Conjuncts() {
			f := c.Of(p.state())
			p.before = append(p.before, Goal{c.Name, f})
			p.text[c.Name] = Text(f)
		}
	})
	return p.branches
}

// invariant is the invariant before a step, and the text of each conjunct.
func (p *Protocol) invariant() ([]Goal, map[string]string) {
	p.Branches()
	return p.before, p.text
}

func (p *Protocol) newBranches() []*Branch {
	l := &law{Protocol: p}
	l.processes()
	l.walkers()
	p.steps(l)
	return l.branches
}

// A Part of the invariant is what one file is about.
type Part struct {
	Name      string
	Conjuncts []Conjunct
}

// Parts are the invariant, in the order in which it can be read: of each part first what
// all protocols have.
func (p *Protocol) Parts() []Part {
	list := []Part{{"threads", threadConjuncts}, {"areas", areaConjuncts}, {"chains", chainConjuncts}, {"references", referenceConjuncts},
		{"locks", lockConjuncts}, {"pages", pageConjuncts}, {"walks", walkConjuncts}, {"work", workConjuncts}}
	for i, part := range list {
		own := p.conjuncts[part.Name]
		list[i].Conjuncts = slices.Concat(slices.DeleteFunc(slices.Clone(part.Conjuncts), func(c Conjunct) bool { // it says anew
			return slices.Contains(p.without, c.Name) || slices.ContainsFunc(own, func(o Conjunct) bool { return o.Name == c.Name })
		}), own)
	}
	return list
}

// Conjuncts are all parts of the invariant.
func (p *Protocol) Conjuncts() (list []Conjunct) {
	for _, part := range p.Parts() {
		list = append(list, part.Conjuncts...)
	}
	return list
}

// mmSteps and walkerSteps are the places of a process and of a walker.
func (p *Protocol) mmSteps() []string     { return slices.Concat(mmPlaces, p.mmPlaces) }
func (p *Protocol) walkerSteps() []string { return slices.Concat(walkerPlaces, p.walkerPlaces) }

// offList are the places of a process that has taken a dying area's entry off the list, but
// not yet off the chain.
func (p *Protocol) offList() []string {
	return slices.Concat([]string{"UnlockAnon"}, p.putSteps, []string{"UnlinkChain"})
}
