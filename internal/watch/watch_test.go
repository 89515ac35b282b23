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

// After a crash nothing ends: not the walk that crashed, and not the operation that it cut short.
func TestNever(t *testing.T) {
	m, err := models.Find(spec.DeepestLock, "Live")
	require.NoError(t, err)
	const crash = "mm2:Exit w1:Walk(p2) mm2:ZapEntry mm2:LockAnon w1:ReadMapping w1:LockLeaf w1:ReadFirst mm2:UnlinkList mm2:UnlockAnon mm2:FreeAnon mm2:UnlinkChain mm2:LockAnon mm2:UnlinkList mm2:UnlockAnon mm2:UnlinkChain w1:ReadTail"
	for schedule, ends := range map[string]bool{crash: false, strings.TrimSuffix(crash, " w1:ReadTail"): true} {
		sch, err := m.ParseSchedule(schedule)
		require.NoError(t, err)
		w, err := Observe(m.Model, sch)
		require.NoError(t, err)
		assert.Nil(t, w.Loop(explore.WeakThreads), "it is no loop")
		for claim, values := range map[string]string{
			"WalkTerminates":      "w1 has crashed the kernel: no thread steps any more, and w1 never ends",
			"OperationTerminates": "w1 has crashed the kernel: no thread steps any more, and mm2 never ends",
		} {
			b := w.Never(claim, explore.WeakThreads)
			if assert.Equal(t, ends, b == nil, claim) && b != nil {
				assert.Equal(t, values, b.Values)
				assert.Equal(t, len(sch), b.Step)
			}
		}
	}
	live, err := models.Find(spec.OwnLock, "LiveWeak")
	require.NoError(t, err)
	sch, err := live.ParseSchedule(starved)
	require.NoError(t, err)
	w, err := Observe(live.Model, sch)
	require.NoError(t, err)
	assert.NotNil(t, w.Never("WalkTerminates", explore.WeakThreads), "a loop")
	assert.Nil(t, w.Never("OperationTerminates", explore.WeakThreads), "of the other claim")
}
