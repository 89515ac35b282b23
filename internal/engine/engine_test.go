package engine

import (
	"context"
	"os"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/deep"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/tla"
	"github.com/rootlock/rootlock/triangle/explore"
	"github.com/rootlock/rootlock/triangle/tlc"
)

func TestMain(m *testing.M) {
	debug.SetGCPercent(400) // little lives, and much is made
	os.Exit(m.Run())
}

func installation(t *testing.T) tlc.Installation {
	t.Helper()
	in, err := tlc.Finder{}.Find(t.Context())
	if err != nil {
		if os.Getenv("ROOTLOCK_REQUIRE_TLC") == "1" {
			t.Fatal(err)
		}
		t.Skip("without TLC: ", err)
	}
	return in
}

// Both engines give one answer: verdicts, counts, depth, steps and the length of
// each shortest counterexample.
func TestEnginesAgree(t *testing.T) {
	in := installation(t)
	names := []string{"RefcountedRoot/Tiny"}
	if deep.Asked() { // each claim that breaks is one more run of TLC
		names = append(names, "OwnLock/Tiny", "DeepestLock/LiveWeak")
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			m, err := models.FindFull(name)
			require.NoError(t, err)
			x, err := Explore(t.Context(), m, explore.Options{})
			require.NoError(t, err)
			var violated []string
			for _, v := range x.Violations {
				violated = append(violated, v.Claim)
			}
			y, err := AskTLC(t.Context(), m, TLCOptions{Installation: in, Files: tla.FS, States: x.Distinct, Violated: violated})
			require.NoError(t, err)
			delete(y.Claims, Refinement) // which the explorer does not know
			assert.Equal(t, x.Claims, y.Claims)
			if !m.Live() {
				assert.Equal(t, x.Steps, y.Steps)
			}
			assert.Equal(t, [...]any{x.Distinct, x.Generated, x.Depth}, [...]any{y.Distinct, y.Generated, y.Depth})
			for _, v := range x.Violations {
				w := y.Violation(v.Claim)
				require.NotNil(t, w)
				if !spec.IsTemporal(v.Claim) { // lassos of different length
					assert.Equal(t, v.Length, w.Length, v.Claim)
					assert.Equal(t, v.Conjunct, w.Conjunct)
				}
			}
		})
	}
}

// A claim that surprises is found out although nobody expected it to be violated,
// and one that was expected to be violated is found to hold.
func TestSurprises(t *testing.T) {
	if !deep.Asked() {
		t.Skip("four runs of TLC; " + deep.Variable + "=1 asks for it")
	}
	in := installation(t)
	m, err := models.FindFull("OwnLock/Tiny")
	require.NoError(t, err)
	asked, claims, violated := *m, []string{"TypeOK", "NoMissedMapping", "OneRoot", "NoUseAfterFree"}, []string{"OneRoot", "LockedIsRoot", "NoUseAfterFree"}
	asked.Config = m.Config.WithInvariants(claims...).WithProperties()
	r, err := AskTLC(t.Context(), &asked, TLCOptions{Installation: in, Files: tla.FS, States: 702, Violated: violated})
	require.NoError(t, err)
	assert.Equal(t, Holds, r.Claims["OneRoot"])
	assert.Equal(t, Violated, r.Claims["NoMissedMapping"], "not asked alone, and found all the same")
	assert.Equal(t, 19, r.Violation("NoMissedMapping").Length)
	assert.NotZero(t, r.Distinct, "and the rest was then explored to the end")
}

func TestCutShort(t *testing.T) {
	m, err := models.FindFull("OwnLock/Full")
	require.NoError(t, err)
	r, err := Explore(t.Context(), m, explore.Options{MaxStates: 1000})
	assert.ErrorIs(t, err, explore.ErrMaxStates)
	assert.Equal(t, NotChecked, r.Claims["OneRoot"], "nothing holds after a part")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = Explore(ctx, m, explore.Options{})
	assert.ErrorIs(t, err, context.Canceled)
}
