package properties

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rootlock/rootlock/internal/deep"
	"github.com/rootlock/rootlock/internal/hunt"
	"github.com/rootlock/rootlock/internal/lockstep"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
)

// Whole operations, one after the other: model and implementation agree after
// every step of every operation, and every claim holds between operations, in
// every protocol. What breaks a protocol is always concurrency; with one
// exception, that a pinned child outlives its root (docs/kernel.md F6, M12).
func TestSequential(t *testing.T) {
	for _, p := range spec.Protocols() {
		t.Run(p.String(), func(t *testing.T) {
			operations := map[spec.Step]int{}
			for _, m := range wideModels(t, p) {
				run, err := lockstep.New(m)
				require.NoError(t, err)
				checks(t, deep.Or(50, 100))
				var last *hunt.Failure // which rapid has shrunk
				defer func() {
					if last != nil {
						leave(t, m, last)
					}
				}()
				rapid.Check(t, func(t *rapid.T) {
					if err := run.Reset(); err != nil {
						t.Fatalf("reset: %v", err)
					}
					var history spec.Schedule
					t.Repeat(map[string]func(*rapid.T){"operation": func(t *rapid.T) {
						moves := run.Moves()
						if len(moves) == 0 {
							return
						}
						begin := moves[rapid.IntRange(0, 1<<12).Draw(t, "operation")%len(moves)]
						operations[begin.Step]++
						choice := rapid.IntRange(0, spec.MaxObjects-1).Draw(t, "object")
						for mv, more := begin, true; more; mv, more = next(run, begin.Thread, choice) {
							history = append(history, mv)
							if err := run.Do(mv); err != nil {
								last = &hunt.Failure{Schedule: history, Divergence: err}
								t.Fatalf("%v", err)
							}
						}
						if th := run.State().Thread[begin.Thread-1]; th.PC != spec.Idle {
							t.Fatalf("%s does not end: it stops at %s", begin.Step, th.PC)
						}
						if f := violated(m, run.State(), models.KeptAlone(p), history); f != nil {
							last = f
							t.Fatalf("%s is violated after %s alone", f.Claim, m.Format(begin))
						}
					}})
				})
				require.NoError(t, run.Close())
			}
			if testing.Short() {
				t.Skip("a short run draws too little to ask how much")
			}
			total := 0
			for _, s := range spec.AllOps().List() {
				assert.NotZero(t, operations[s], "no %s was drawn", s)
				total += operations[s]
			}
			assert.Greater(t, total, 2_000, "floor on the work done")
			t.Logf("%d operations: %v", total, operations)
		})
	}
}

// next is the next step of a thread that runs alone.
func next(run *lockstep.Run, thread uint8, choice int) (spec.Move, bool) {
	if run.State().Thread[thread-1].PC == spec.Idle {
		return spec.Move{}, false
	}
	own := run.MovesOf(thread)
	if len(own) == 0 {
		return spec.Move{}, false
	}
	return own[choice%len(own)], true
}

// violated is the first of the claims that a state breaks, at the end of a schedule; nil if
// it breaks none.
func violated(m *spec.Model, s *spec.State, claims spec.ClaimSet, sch spec.Schedule) *hunt.Failure {
	all := m.Check(s) & claims
	for _, c := range spec.Claims() {
		if all.Has(c) {
			f := &hunt.Failure{Schedule: sch, Claim: c}
			f.Conjunct, f.Values = m.Explain(s, c)
			return f
		}
	}
	return nil
}
