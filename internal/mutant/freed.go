package mutant

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/rootlock/rootlock/internal/mutant/wire"
	"github.com/rootlock/rootlock/spec"
)

// FreedFile has schedules that lead to the touch of something freed, one for each step of each
// operation that can: KIND: SCHEDULE. They are too long for what is explored, and too rare for
// the random schedules of a trial.
const FreedFile = "testdata/mutants/freed.txt"

// freedWorld is where they lead there: DeepestLock's walkers may walk under another's lock.
const freedProtocol = spec.DeepestLock

var freedWorld = spec.Bounds{MMs: 3, VMAs: 12, Objects: 5, Pages: 3, Walkers: 2, Slots: 2, MMOps: 14, WalkerOps: 8, Layout: spec.LayoutForked,
	Ops: (spec.AllOps() | spec.WideOps()) &^ spec.OpsOf(spec.Protect, spec.MoveArea, spec.SwapDrop, spec.Read)}

// touches names a kind of touch: the step, the operation, and which walk of it.
func touches(s *spec.State, mv spec.Move) string {
	th := &s.Thread[mv.Thread-1]
	return fmt.Sprintf("%s %s %d %d", mv.Step, th.Op, th.Phase, th.Oops)
}

// freed is the trial that takes these schedules.
func freed(root string, kind wire.Kind) (wire.Trial, error) {
	t := wire.Trial{Protocol: freedProtocol.String(), Model: "Freed", Bounds: freedWorld, Kind: kind}
	data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(FreedFile)))
	if err != nil {
		return t, err
	}
	m, err := spec.NewModel(freedProtocol, t.Model, t.Bounds)
	if err != nil {
		return t, err
	}
	for i, line := range strings.Split(string(data), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		bad := func(why any) (wire.Trial, error) {
			return t, fmt.Errorf("rootlock: %s:%d: %v; go test ./internal/mutant -run TestFreed -update finds them anew", FreedFile, i+1, why)
		}
		kind, text, ok := strings.Cut(line, ": ")
		if !ok {
			return bad("a line is KIND: SCHEDULE")
		}
		sch, err := m.ParseSchedule(text)
		if err != nil {
			return bad(err)
		}
		s := m.Init()
		for _, mv := range sch {
			if !m.Enabled(&s, mv) {
				return bad("the law does not take " + m.Format(mv) + " there")
			}
			m.Apply(&s, mv)
		}
		if len(sch) == 0 || m.Crashed(&s) == 0 || touches(&s, sch[len(sch)-1]) != kind {
			return bad("it does not lead to a touch of that kind")
		}
		t.Leads = append(t.Leads, sch)
	}
	return t, nil
}
