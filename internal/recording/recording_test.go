package recording_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/rootlock/rootlock/internal/deep"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/internal/recording"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/tlc"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func find(t testing.TB, p spec.Protocol, name string) *spec.Model {
	t.Helper()
	m, err := models.Find(p, name)
	require.NoError(t, err)
	return m.Model
}

// What free goroutines do in impl is a behaviour of the law, and what was tampered
// with is none.
func TestTracesAreBehaviours(t *testing.T) {
	n := deep.Or(25, 150)
	if raceEnabled {
		n = 20
	}
	for _, p := range spec.Protocols() {
		t.Run(p.String(), func(t *testing.T) {
			var tally recording.Tally
			for _, name := range []string{"Recycle", "Small", "Pins", "Neighbours", "Full", "Wide"} {
				require.NoError(t, tally.Gather(t.Context(), find(t, p, name), n, 1))
			}
			for _, problem := range tally.Problems {
				t.Error(problem)
			}
			assert.GreaterOrEqual(t, tally.Traces, 6*n)
			assert.GreaterOrEqual(t, tally.Steps, 25*tally.Traces)
			assert.GreaterOrEqual(t, tally.Switches, tally.Traces, "threads run one after the other: nothing was concurrent")
			rejected, tried := tally.Rejected()
			assert.GreaterOrEqual(t, tried, tally.Traces*9/10)
			assert.Equal(t, tried, rejected+tally.Equivalent())
			for _, k := range recording.Kinds() {
				for _, forged := range []string{"", "forged "} {
					assert.NotZero(t, tally.Tampered[forged+string(k)].Rejected, "%s%s", forged, k)
				}
			}
		})
	}
}

// Nothing is mapped but what mm1 has to begin with, so all areas are of one family, and
// each of the four address spaces has its own goroutine: what relatives do side by
// side is a behaviour of the law.
func TestRelativesTracesAreBehaviours(t *testing.T) {
	n := deep.Or(12, 70)
	if raceEnabled {
		n = 10
	}
	beside := map[string]int{}
	for _, p := range spec.Protocols() {
		t.Run(p.String(), func(t *testing.T) {
			var tally recording.Tally
			seed := rand.Uint64()
			require.NoError(t, tally.Gather(t.Context(), find(t, p, "Relatives"), n, seed))
			for _, problem := range tally.Problems {
				t.Error(problem)
			}
			if t.Failed() {
				t.Logf("seeds from %d; each problem shows its trace, and the command that replays it", seed)
			}
			assert.GreaterOrEqual(t, tally.Traces, n)
			assert.GreaterOrEqual(t, tally.Switches, 20*tally.Traces)
			for pair, steps := range tally.Beside {
				beside[pair] += steps
			}
			rejected, tried := tally.Rejected()
			assert.Equal(t, tried, rejected+tally.Equivalent())
		})
	}
	for _, pair := range []string{"Exit, Exit", "Exit, Fork", "Fork, Fork", "Exit, Migrate", "Fork, Migrate", "Fork, SplitAbove", "Fork, SplitBelow",
		"Fork, Walk", "Exit, Walk", "Migrate, SplitAbove", "Migrate, SplitBelow", "SplitAbove, Walk", "SplitBelow, Walk", "Migrate, Migrate"} {
		assert.GreaterOrEqual(t, beside[pair], n, "steps of %s side by side", pair)
	}
}

// byTLC times seven protocols makes 63 traces, with ROOTLOCK_DEEP.
const byTLC = 9

// TLC accepts what the checker in Go accepts, and stops where that stops.
func TestTLCAgrees(t *testing.T) {
	if raceEnabled {
		t.Skip("natively: TLC does not race")
	}
	in := tlc.Need(t)
	names := []string{"Full", "Recycle", "Neighbours", "Small", "Pins", "Full", "Full"}
	for i, p := range spec.Protocols() {
		if i > 0 && !deep.Asked() { // the others of the protocols
			continue
		}
		t.Run(p.String(), func(t *testing.T) {
			t.Parallel()
			var tally recording.Tally
			require.NoError(t, tally.AskTLC(t.Context(), find(t, p, names[i]), byTLC, 1_000, in))
			for _, problem := range tally.Problems {
				t.Error(problem)
			}
			assert.Equal(t, byTLC, tally.TLCTraces)
			rejected, tried := tally.RejectedByTLC()
			assert.GreaterOrEqual(t, tried, 2*byTLC-2)
			assert.Equal(t, tried, rejected+tally.Equivalent())
		})
	}
}

// What the code of one protocol does is no behaviour of another: the law rejects
// code that is not its own, at a step.
func TestTracesOfAnotherProtocol(t *testing.T) {
	const n = 20
	for _, p := range spec.Protocols() {
		m := find(t, p, "Recycle")
		var traces [n]*recording.Trace
		for seed := range traces {
			var err error
			traces[seed], err = recording.Record(m, uint64(seed))
			require.NoError(t, err)
		}
		for _, q := range spec.Protocols() {
			c := recording.NewChecker(find(t, q, "Recycle"))
			rejected := 0
			for _, trace := range traces {
				trace.Protocol = q.String()
				if r := c.Check(trace); r != nil {
					rejected++
					assert.NotEqual(t, recording.SameModel, r.Conjunct)
				}
			}
			if p == q {
				assert.Zero(t, rejected, "%s by its own law", p)
			} else {
				// A trace in which no walk gets to where the two part is one of both.
				assert.GreaterOrEqual(t, rejected, n/5, "%s by the law of %s", p, q)
			}
		}
	}
}
