package hunt

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/spec"
)

func TestX(t *testing.T) {
	m, err := spec.NewModel(spec.DeepestLock, "Family", spec.Bounds{MMs: 2, VMAs: 2, Objects: 2, Pages: 1, Walkers: 1, Slots: 1, MMOps: 2, WalkerOps: 2, Ops: spec.OpsOf(spec.Fork, spec.Fault, spec.Unmap, spec.Walk, spec.Migrate)})
	require.NoError(t, err)
	for _, c := range []spec.Claim{spec.NoUseAfterFree, spec.LockedIsRoot, spec.RootFreedLast, spec.NoMissedMapping} {
		r, err := Find(context.Background(), m, &ModelRunner{Model: m}, c.Set(), Options{Schedules: 20000, Seed: 1})
		require.NoError(t, err)
		t.Logf("%s: %d schedules %d steps %v first %v drawn %d", c, r.Schedules, r.Steps, r.Duration, r.FirstAfter, r.Drawn)
		if r.Failure != nil {
			t.Logf("%d %s %s\n%s", len(r.Failure.Schedule), r.Failure.Conjunct, r.Failure.Values, m.FormatSchedule(r.Failure.Schedule))
		}
	}
}
