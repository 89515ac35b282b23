package properties

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/lockstep"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
)

// The schedule breaks LockedIsRoot, and this test fails, as long as that is so.
func TestOwnLockLockedIsRoot(t *testing.T) {
	m, err := models.Find(spec.OwnLock, "Tiny")
	require.NoError(t, err)
	sch, err := m.ParseSchedule(`
w1:Walk(p1)
mm1:Unmap(v1)
w1:ReadMapping w1:CheckMapped
mm1:ZapEntry mm1:LockAnon mm1:UnlinkList mm1:UnlockAnon mm1:FreeAnon
w1:LockLeaf`)
	require.NoError(t, err)
	run, err := lockstep.New(m.Model)
	require.NoError(t, err)
	defer func() { require.NoError(t, run.Close()) }()
	var violated spec.ClaimSet
	for _, mv := range sch {
		require.True(t, m.Enabled(run.State(), mv), "%s: %s", m.Format(mv), m.WhyNot(run.State(), mv))
		require.NoError(t, run.Do(mv))
		violated |= m.Check(run.State())
	}
	require.False(t, violated.Has(spec.LockedIsRoot), "%s", "LockedIsRoot is violated: HeldIsLive is false")
}
