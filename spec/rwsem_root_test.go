package spec

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/triangle/explore"
)

// Whether a writer that waits stops new readers decides one claim: without that the mm side
// starves, as soon as walks of one family overlap. Nothing else depends on it.
func TestWaitingWriterStopsReaders(t *testing.T) {
	// Walks of one page keep each other out by its lock; a walk of what is pinned has none.
	overlap := Bounds{MMs: 2, VMAs: 2, Objects: 2, Pages: 1, Walkers: 2, Slots: 1, MMOps: 1, WalkerOps: Unlimited, Ops: OpsOf(Fork, Walk, Pin, WalkPinned)}
	law := mustModel(t, RwsemRoot, overlap)
	overtaken := *law
	overtaken.overtaken = true
	fairness := explore.WeakThreads | explore.StrongLocks
	lassos, _, err := explore.Terminates(t.Context(), law.Law(), fairness, 0)
	require.NoError(t, err)
	assert.Empty(t, lassos)
	lassos, _, err = explore.Terminates(t.Context(), overtaken.Law(), fairness, 0)
	require.NoError(t, err)
	require.NotNil(t, lassos.Of(OperationTerminates.String()), "two walks that overlap again and again keep a fork out")
	assert.Nil(t, lassos.Of(WalkTerminates.String()), "walks end")
	for name, b := range map[string]Bounds{
		"two walkers, two pages": {MMs: 2, VMAs: 2, Objects: 3, Pages: 2, Walkers: 2, Slots: 1, MMOps: 1, WalkerOps: 1, Layout: LayoutForked, Ops: OpsOf(Fault, Fork, Exit, Walk, WalkPinned, Pin)},
		"recycled":               {MMs: 2, VMAs: 3, Objects: 2, Pages: 2, Walkers: 1, Slots: 1, MMOps: 2, WalkerOps: 1, Ops: OpsOf(Map, Fault, Fork, Exit, Walk, Migrate)},
		"areas are split":        {MMs: 1, VMAs: 4, Objects: 1, Pages: 2, Walkers: 2, Slots: 2, MMOps: 2, WalkerOps: 1, Ops: OpsOf(Fault, Unmap, SplitBelow, Walk, Migrate)},
	} {
		m := mustModel(t, RwsemRoot, b)
		variant := *m
		variant.overtaken = true
		both := map[*Model]*explore.Exploration[State, Move]{}
		for _, m := range []*Model{m, &variant} {
			x, err := explore.Explore(t.Context(), m.Law(), explore.Options{})
			require.NoError(t, err)
			assert.True(t, x.Complete)
			assert.Empty(t, x.Violations, "%s: overtaken %t", name, m.overtaken)
			both[m] = x
		}
		t.Logf("%s: %d states; overtaken %d", name, both[m].Distinct, both[&variant].Distinct)
		if b.Walkers > 1 {
			assert.NotEqual(t, both[&variant].Distinct, both[m].Distinct, "readers overtake")
		}
	}
}

// Each step of RwsemRoot has a function of Linux 7.2, and no other step has.
func TestToday(t *testing.T) {
	for _, s := range Steps() {
		assert.Equal(t, RwsemRoot.Has(s), s.Today() != "", s)
	}
}
