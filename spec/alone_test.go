package spec

import (
	"testing"

	"github.com/rootlock/rootlock/internal/deep"

	"github.com/stretchr/testify/require"
)

// A sequence is a shortest list of operations, each from its beginning to its end before the
// next, that leads to a state which violates a claim.
type sequence struct {
	operations []Move
	steps      Schedule
	conjunct   string
	values     string
}

// exploreAlone is a breadth-first search over whole operations: far deeper than steps can be
// searched, for what goes wrong without any concurrency. It returns the first sequence for
// each violated claim, and how many states at rest it has seen.
func exploreAlone(t *testing.T, m *Model, depth int) (found map[Claim]sequence, seen int) {
	t.Helper()
	type node struct {
		state      State
		operations []Move
		steps      Schedule
	}
	found = map[Claim]sequence{}
	c := &canon{m: m}
	level, known := []node{{state: m.Init()}}, map[State]bool{}
	known[m.Init()] = true
	var buf []Move
	for range depth {
		var next []node
		for _, n := range level {
			for _, mv := range m.Moves(&n.state, nil) {
				s, steps := n.state, append(Schedule{}, n.steps...)
				operations := append(append([]Move{}, n.operations...), mv)
				for ok := true; ok; {
					m.Apply(&s, mv)
					steps = append(steps, mv)
					for _, claim := range Claims() {
						if m.Protocol.Asks(claim) && StateClaims.Has(claim) {
							if _, known := found[claim]; known || !m.Check(&s).Has(claim) {
								continue
							}
							conjunct, values := m.Explain(&s, claim)
							found[claim] = sequence{operations, steps, conjunct, values}
						}
					}
					buf = m.MovesOf(&s, mv.Thread, buf[:0])
					if ok = s.thread(mv.Thread).PC != Idle && len(buf) > 0; ok {
						mv = buf[0]
					}
				}
				if m.Crashed(&s) != 0 {
					continue
				}
				key := s
				c.state(&key)
				if !known[key] {
					known[key] = true
					next = append(next, node{s, operations, steps})
				}
			}
		}
		level = next
	}
	return found, len(known)
}

// One counter for children and areas, as to 2022: an object in use is taken a second time.
type oneCounter struct{ rwsemRoot }

func (oneCounter) reuses(s *State, a, own uint8) bool {
	return a != own && s.anon(a).Children+s.anon(a).Active < 2
}

func TestDoubleReuse(t *testing.T) {
	for i, b := range []Bounds{
		{MMs: 4, VMAs: 4, Objects: 6, Pages: 1, Slots: 1, MMOps: Unlimited, Ops: OpsOf(Fork, Exit)},
		{MMs: 3, VMAs: 6, Objects: 8, Pages: 1, Slots: 2, MMOps: Unlimited, Ops: OpsOf(Fork, Exit, SplitBelow)},
	} {
		if i > 0 && !deep.Asked() {
			continue
		}
		m := withRules(mustModel(t, RwsemRoot, b), oneCounter{})
		found, seen := exploreAlone(t, m, 7)
		t.Logf("%d states at rest", seen)
		for claim, f := range found {
			t.Logf("%s: %d operations, %d steps: %s: %s: %s", claim, len(f.operations), len(f.steps), m.FormatSchedule(f.operations), f.conjunct, f.values)
		}
		law, all := exploreAlone(t, mustModel(t, RwsemRoot, b), 7)
		require.Empty(t, law)
		t.Logf("the law: %d states at rest", all)
	}
}
