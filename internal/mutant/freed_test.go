package mutant

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/mutant/wire"
	"github.com/rootlock/rootlock/spec"
)

// Each step of a walk that can touch what is freed has a schedule that leads there.
func TestFreed(t *testing.T) {
	if *update {
		found := search(t)
		var b strings.Builder
		b.WriteString("# Schedules of DeepestLock that lead to the touch of something freed, for the trials of mutants:\n" +
			"# step, operation, phase and kind of the touch, and the schedule. go test ./internal/mutant -run TestFreed -update finds them.\n\n")
		for _, kind := range slices.Sorted(maps.Keys(found)) {
			fmt.Fprintf(&b, "%s: %s\n", kind, found[kind])
		}
		require.NoError(t, os.WriteFile(filepath.Join(root, FreedFile), []byte(b.String()), 0o644))
	}
	trial, err := freed(root, wire.Led)
	require.NoError(t, err)
	steps := map[spec.Step]int{}
	for _, sch := range trial.Leads {
		steps[sch[len(sch)-1].Step]++
	}
	for _, step := range []spec.Step{spec.ReadTail, spec.NextEntry, spec.ReadStart, spec.ReadPgoff, spec.Visit} {
		assert.NotZero(t, steps[step], step)
	}

	dir := t.TempDir()
	write := func(text string) error {
		name := filepath.Join(dir, filepath.FromSlash(FreedFile))
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
		require.NoError(t, os.WriteFile(name, []byte(text), 0o644))
		_, err := freed(dir, wire.Led)
		return err
	}
	assert.NoError(t, write("# nothing\n"))
	assert.ErrorContains(t, write("# nothing\nVisit Walk 3 1: w1:Walk(p1)"), "freed.txt:2: it does not lead to a touch of that kind; go test ./internal/mutant -run TestFreed -update finds them anew")
	assert.ErrorContains(t, write("Visit Walk 3 1: w1:Walk(p1) w1:Visit"), "freed.txt:1: the law does not take w1:Visit there")
	assert.ErrorContains(t, write("w1:Walk(p1)"), "freed.txt:1: a line is KIND: SCHEDULE")
}

// search takes random schedules of the law, which take a minute. A thread goes on for some
// steps before another has its turn, and kinds of step are chosen before arguments.
func search(t *testing.T) map[string]string {
	m, err := spec.NewModel(freedProtocol, "Freed", freedWorld)
	require.NoError(t, err)
	found := map[string]string{}
	var moves []spec.Move
	for i := range uint64(300_000) {
		r := rand.New(rand.NewPCG(77, i))
		s, thread := m.Init(), uint8(0)
		var sch spec.Schedule
		for range 200 {
			if moves = m.Moves(&s, moves[:0]); len(moves) == 0 {
				break
			}
			own := slices.DeleteFunc(slices.Clone(moves), func(mv spec.Move) bool { return mv.Thread != thread })
			if len(own) == 0 || r.IntN(5) == 0 {
				thread = moves[r.IntN(len(moves))].Thread
				own = slices.DeleteFunc(slices.Clone(moves), func(mv spec.Move) bool { return mv.Thread != thread })
			}
			kinds := slices.CompactFunc(slices.Clone(own), func(a, b spec.Move) bool { return a.Step == b.Step })
			step := kinds[r.IntN(len(kinds))].Step
			own = slices.DeleteFunc(own, func(mv spec.Move) bool { return mv.Step != step })
			mv := own[r.IntN(len(own))]
			m.Apply(&s, mv)
			sch = append(sch, mv)
			if m.Crashed(&s) != 0 {
				if kind := touches(&s, mv); found[kind] == "" || len(sch) < strings.Count(found[kind], " ")+1 {
					found[kind] = m.FormatSchedule(sch)
				}
				break
			}
		}
	}
	return found
}
