package watch

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/explore"
)

// The chief break is the one that the last step brings; a claim that is asked for
// wins; else the first.
func TestChief(t *testing.T) {
	breaks := []Break{{Step: 3, Claim: "LockedIsRoot"}, {Step: 7, Claim: "OneRoot"}, {Step: 7, Claim: "NoMissedMapping"}}
	for _, test := range []struct {
		length      int
		claim, want string
		reason      string
		breaks      []Break
	}{
		{7, "", "OneRoot", "what the last step breaks", breaks},
		{9, "", "LockedIsRoot", "the first, if the schedule goes on", breaks},
		{7, "NoMissedMapping", "NoMissedMapping", "what is asked for", breaks},
		{7, "NoDeadlock", "", "asked for, and kept", breaks},
		{7, "", "", "nothing breaks", nil},
	} {
		got := ""
		if b := Chief(test.breaks, test.length, test.claim); b != nil {
			got = b.Claim
		}
		assert.Equal(t, test.want, got, test.reason)
	}
}

const starved = "w1:Walk(p1) w1:ReadMapping w1:CheckMapped w2:Walk(p1) w2:ReadMapping w2:CheckMapped w2:LockLeaf w2:NextEntry w2:ReadStart w2:ReadPgoff w2:Visit w2:NextEntry w2:UnlockRoot"

// A loop refutes WalkTerminates only if it is fair, and if the walker stays in
// its operation.
func TestLoop(t *testing.T) {
	m, err := models.Find(spec.OwnLock, "LiveWeak")
	require.NoError(t, err)
	for _, test := range []struct {
		schedule string
		fairness explore.Fairness
		loops    bool
		reason   string
	}{
		{starved, explore.WeakThreads, true, "w1 starves at the lock"},
		{starved, explore.WeakThreads | explore.StrongLocks, false, "w1 can take its lock again and again and does not"},
		{strings.TrimPrefix(starved, "w1:Walk(p1) w1:ReadMapping w1:CheckMapped "), explore.WeakThreads, false, "w1 is in no operation"},
		{strings.Replace(starved, " w1:CheckMapped", "", 1), explore.WeakThreads, false, "w1 could always step and never does"},
		{strings.Replace(starved, " w1:CheckMapped", "", 1), explore.NoFairness, true, "and need not, if nothing is fair"},
		{strings.TrimSuffix(starved, " w2:UnlockRoot"), explore.WeakThreads, false, "the loop is not closed"},
	} {
		sch, err := m.ParseSchedule(test.schedule)
		require.NoError(t, err)
		w, err := Observe(m.Model, sch)
		require.NoError(t, err)
		b := w.Loop(test.fairness)
		if assert.Equal(t, test.loops, b != nil, test.reason) && b != nil {
			assert.Contains(t, b.Values, "w1 never ends", test.reason)
			assert.Contains(t, b.Values, test.fairness.String())
		}
	}
}
