package spec

import (
	"testing"

	"github.com/rootlock/rootlock/internal/deep"

	"github.com/stretchr/testify/assert"
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
// searched, for what goes wrong without any concurrency. After depth operations it goes on for
// some more from what has broken a claim. It returns the first sequence for each violated
// claim, and how many states at rest it has seen.
func exploreAlone(t *testing.T, m *Model, depth, more int) (found map[Claim]sequence, seen int) {
	t.Helper()
	type node struct {
		state      State
		operations []Move
		steps      Schedule
		broken     bool
	}
	found = map[Claim]sequence{}
	c := &canon{m: m}
	level, known := []node{{state: m.Init()}}, map[State]bool{}
	known[m.Init()] = true
	var buf []Move
	for d := range depth + more {
		var next []node
		for _, n := range level {
			if d >= depth && !n.broken {
				continue
			}
			for _, mv := range m.Moves(&n.state, nil) {
				s, steps, broken := n.state, append(Schedule{}, n.steps...), n.broken
				operations := append(append([]Move{}, n.operations...), mv)
				for ok := true; ok; {
					m.Apply(&s, mv)
					steps = append(steps, mv)
					violated := m.Check(&s)
					for _, claim := range Claims() {
						if m.Protocol.Asks(claim) && violated.Has(claim) {
							broken = true
							if _, known := found[claim]; known {
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
					next = append(next, node{s, operations, steps, broken})
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
	for _, c := range []struct {
		bounds      Bounds
		depth, more int
		deep        bool
	}{
		{Bounds{MMs: 4, VMAs: 4, Objects: 6, Pages: 1, Slots: 1, MMOps: Unlimited, Ops: OpsOf(Fork, Exit)}, deep.Or(6, 7), 2, false},
		{Bounds{MMs: 3, VMAs: 6, Objects: 8, Pages: 1, Slots: 2, MMOps: Unlimited, Ops: OpsOf(Fork, Exit, SplitBelow)}, 7, 0, true},
		{Bounds{MMs: 4, VMAs: 12, Objects: 12, Pages: 2, Slots: 2, MMOps: Unlimited, Prots: 2, Ops: OpsOf(Fork, Exit, Protect)}, 6, 3, true},
	} {
		if c.deep && !deep.Asked() {
			continue
		}
		m := withRules(mustModel(t, RwsemRoot, c.bounds), oneCounter{})
		found, seen := exploreAlone(t, m, c.depth, c.more)
		t.Logf("%d operations, and %d more from what broke a claim: %d states at rest", c.depth, c.more, seen)
		for claim, f := range found {
			t.Logf("%s: %d operations, %d steps: %s: %s: %s", claim, len(f.operations), len(f.steps), m.FormatSchedule(f.operations), f.conjunct, f.values)
			assert.Equal(t, AncestorsReused, claim, "what else it does in so few operations")
		}
		if c.bounds.MMs == 4 {
			assert.Len(t, found[AncestorsReused].operations, 5)
		}
		law, all := exploreAlone(t, mustModel(t, RwsemRoot, c.bounds), c.depth, 0)
		require.Empty(t, law)
		t.Logf("the law: %d states at rest", all)
	}
}
