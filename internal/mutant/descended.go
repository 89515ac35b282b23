package mutant

import (
	"fmt"
	"slices"

	"github.com/rootlock/rootlock/internal/mutant/wire"
	"github.com/rootlock/rootlock/spec"
)

// generations is a world of forks and exits. Random schedules seldom come to a process whose
// ancestors have exited and left their anon_vmas to be taken: most families die out before.
var generations = spec.Bounds{MMs: 4, VMAs: 12, Objects: 8, Pages: 3, Walkers: 1, Slots: 2, MMOps: 8, WalkerOps: 2, Layout: spec.LayoutOnePage,
	Ops: spec.OpsOf(spec.Fault, spec.Fork, spec.Exit, spec.SplitBelow, spec.Walk)}

// families are what random schedules there begin with: operations, one after the other. An
// argument that is 0 may be any.
var families = [][]spec.Move{
	{fork(1, 2), fork(2, 3), exit(2), fork(3, 4)},                                     // an ancestor is taken
	{fork(1, 2), fork(2, 3), exit(2), fork(3, 2), exit(1), fork(2, 4)},                // ... and again
	{fork(1, 2), fork(2, 3), fork(3, 4), exit(2), exit(3), fork(4, 2)},                // two could be
	{fork(1, 2), fork(2, 3), exit(2), {Thread: 3, Step: spec.SplitBelow}},             // no fork, and none is
	{fork(1, 2), fork(2, 3), fork(2, 4), exit(2), fork(3, 2)},                         // it has two children
	{fork(1, 2), fork(2, 3), exit(2), fork(3, 4), exit(3), exit(1), exit(4)},          // it outlives who forked
	{fork(1, 2), fork(2, 3), exit(2), fork(3, 4), fork(4, 2), exit(4), exit(3)},       // it has an area again
	{fork(1, 2), fork(2, 3), exit(2), {Thread: 3, Step: spec.SplitBelow}, fork(3, 2)}, // for two areas
}

func fork(mm, child uint8) spec.Move {
	return spec.Move{Thread: mm, Step: spec.Fork, Args: [3]uint8{child}}
}

func exit(mm uint8) spec.Move { return spec.Move{Thread: mm, Step: spec.Exit} }

// homecoming is a world in which a process moves a part of an area that it has from another.
var homecoming = spec.Bounds{MMs: 2, VMAs: 8, Objects: 4, Pages: 4, Walkers: 1, Slots: 4, MMOps: 8, WalkerOps: 2, Prots: 1, Layout: spec.LayoutOnePage,
	Ops: spec.OpsOf(spec.Fault, spec.Fork, spec.UnmapRange, spec.MoveArea, spec.Walk)}

// homecomings are what random schedules there begin with: the part comes back and is merged,
// so that its pages are moved under the lock of a family whose root is another object.
var homecomings = [][]spec.Move{
	{{Thread: 1, Step: spec.UnmapRange, Args: [3]uint8{3, 1}}, fork(1, 2), {Thread: 2, Step: spec.Fault, Args: [3]uint8{0, 1}}, move(2, 1, 3), move(2, 3, 1)},
}

func move(mm, from, to uint8) spec.Move {
	return spec.Move{Thread: mm, Step: spec.MoveArea, Args: [3]uint8{from, 1, to}}
}

// descended are trials of random schedules that begin with one of the families.
func descended(p spec.Protocol, kind wire.Kind, schedules int) (list []wire.Trial, err error) {
	for _, w := range []struct {
		name     string
		bounds   spec.Bounds
		families [][]spec.Move
	}{{"Generations*", generations, families}, {"Homecoming*", homecoming, homecomings}} {
		t, err := begunBy(p, wire.Trial{Protocol: p.String(), Model: w.name, Bounds: w.bounds, Kind: kind, Schedules: schedules}, w.families)
		if err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	return list, nil
}

// begunBy is t with the families as what its schedules begin with.
func begunBy(p spec.Protocol, t wire.Trial, families [][]spec.Move) (wire.Trial, error) {
	m, err := spec.NewModel(p, t.Model, t.Bounds)
	if err != nil {
		return t, err
	}
	for i, family := range families {
		s := m.Init()
		var sch spec.Schedule
		for _, op := range family {
			moves := m.MovesOf(&s, op.Thread, nil)
			at := slices.IndexFunc(moves, func(mv spec.Move) bool {
				return mv.Step == op.Step && !slices.ContainsFunc([]int{0, 1, 2}, func(i int) bool { return op.Args[i] != 0 && op.Args[i] != mv.Args[i] })
			})
			for at >= 0 {
				m.Apply(&s, moves[at])
				sch = append(sch, moves[at])
				if s.Thread[op.Thread-1].PC == spec.Idle {
					break
				}
				moves = m.MovesOf(&s, op.Thread, moves[:0])
				at = min(0, len(moves)-1)
			}
			if at < 0 {
				return t, fmt.Errorf("rootlock: %s: family %d of the mutants' trials cannot %s", p, i+1, m.Format(op))
			}
		}
		t.Leads = append(t.Leads, sch)
	}
	return t, nil
}
