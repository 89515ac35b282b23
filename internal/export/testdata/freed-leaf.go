package properties

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/lockstep"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
)

// The schedule breaks NoBadFree, and this test fails, as long as that is so.
func TestOwnLockNoBadFree(t *testing.T) {
	m, err := models.Find(spec.OwnLock, "Tiny")
	require.NoError(t, err)
	sch, err := m.ParseSchedule(`
w1:Migrate(p1) w1:LockPage w1:ReadMapping w1:CheckMapped
mm1:Unmap(v1) mm1:ZapEntry mm1:LockAnon mm1:UnlinkList mm1:UnlockAnon
w1:LockLeaf w1:GetAnon`)
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
	require.False(t, violated.Has(spec.NoBadFree), "%s", "NoBadFree is violated: FreesUnreferred is false")
}
