package lockstep

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/rootlock/rootlock/spec"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func wide(t testing.TB, p spec.Protocol) *spec.Model {
	m, err := spec.NewModel(p, "Wide", spec.Bounds{MMs: 3, VMAs: 8, Objects: 8, Pages: 3, Walkers: 3, Slots: 3, MMOps: 6, WalkerOps: 6, Ops: spec.AllOps()})
	require.NoError(t, err)
	return m
}

// Random moves on large bounds: no divergence, and the same moves give the same
// hash.
func TestLockstep(t *testing.T) {
	for _, p := range spec.Protocols() {
		m := wide(t, p)
		r, err := New(m)
		require.NoError(t, err)
		rng := rand.New(rand.NewPCG(7, uint64(p)))
		total, refusals := 0, 0
		for range 3000 {
			require.NoError(t, r.Reset())
			var sch spec.Schedule
			for range 300 {
				moves := r.Moves()
				if len(moves) == 0 {
					break
				}
				mv := moves[rng.IntN(len(moves))]
				sch = append(sch, mv)
				if err := r.Do(mv); err != nil {
					var d *Divergence
					require.True(t, errors.As(err, &d))
					t.Fatalf("%s: %v\n%s\n%s", p, err, m.FormatSchedule(sch), d.Diff)
				}
				total++
				for u := range m.Threads() {
					if th := r.State().Thread[u]; th.PC != spec.Idle && th.PC != spec.Faulted && th.PC != spec.AllocAnon {
						done, err := r.Refuse(spec.Move{Thread: uint8(u + 1), Step: th.PC})
						require.NoError(t, err)
						if done {
							refusals++
						}
					}
				}
			}
		}
		t.Logf("%s: %d steps, %d refusals", p, total, refusals)
		require.NoError(t, r.Close())
	}
}

func BenchmarkLockstep(b *testing.B) {
	m := wide(b, spec.DeepestLock)
	r, err := New(m)
	require.NoError(b, err)
	rng := rand.New(rand.NewPCG(7, 7))
	n := 0
	for b.Loop() {
		moves := r.Moves()
		if len(moves) == 0 || n > 300 {
			require.NoError(b, r.Reset())
			n = 0
			continue
		}
		n++
		require.NoError(b, r.Do(moves[rng.IntN(len(moves))]))
	}
	require.NoError(b, r.Close())
}
