package properties

import (
	"cmp"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/engine"
	"github.com/rootlock/rootlock/internal/ledger"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
)

// The explorer still finds what the ledger records, and in the ledger it agrees
// with TLC in verdict, length of every counterexample, states, depth and steps.
// This needs no Java: what TLC found is in the ledger, with the hash of the
// modules that it read.
func TestLedger(t *testing.T) {
	l, err := ledger.Load("../" + ledger.File)
	require.NoError(t, err)
	all, err := models.All()
	require.NoError(t, err)
	byTLC := 0
	for _, m := range all {
		hash, err := ledger.HashOf(m)
		require.NoError(t, err)
		want := l.Find(m.Protocol.String(), m.Name, engine.Explorer)
		require.NotNil(t, want, "%s is not in the ledger", m.FullName())
		assert.Equal(t, hash, want.Hash, "%s: the modules changed since: go run ./cmd/rootlock check --update", m.FullName())
		if !m.Large() && quick(t, m) { // rootlock check explores it
			assert.Empty(t, ledger.Compare(want, ledger.Of(explored(t, m), hash)))
		}
		tlc := l.Find(m.Protocol.String(), m.Name, engine.TLC)
		if tlc == nil {
			assert.False(t, m.ForTLC(), "%s: TLC's answer is missing", m.FullName())
			continue
		}
		byTLC++
		assert.Equal(t, hash, tlc.Hash, m.FullName())
		assert.Equal(t, [...]any{want.Distinct, want.Generated, want.Depth, want.Bound}, [...]any{tlc.Distinct, tlc.Generated, tlc.Depth, tlc.Bound}, m.FullName())
		for _, c := range spec.Claims() {
			of := func(e *ledger.Entry) engine.Verdict { return cmp.Or(e.Claims[c.String()], engine.NotChecked) } // a claim may be newer than TLC's answer
			assert.Equal(t, of(want), of(tlc), "%s %s", m.FullName(), c)
			assert.Equal(t, want.Shortest[c.String()], tlc.Shortest[c.String()], "%s %s", m.FullName(), c)
		}
		if !m.Live() {
			assert.Equal(t, want.Steps, tlc.Steps, m.FullName())
		}
		if m.Refines() {
			assert.Equal(t, tlc.Claims[spec.MutualExclusion.String()], tlc.Claims[engine.Refinement], "%s: what excludes refines FamilyMutex, or FamilyRwlock", m.FullName())
		}
	}
	assert.GreaterOrEqual(t, byTLC, 18)
	assert.Len(t, l.Entries, len(all)+byTLC, "no entry without a model")
}

// Every step of a protocol fires in some model that TLC has checked; a step of the
// wide world in one that was explored.
func TestEveryStepFires(t *testing.T) {
	l, err := ledger.Load("../" + ledger.File)
	require.NoError(t, err)
	for _, p := range spec.Protocols() {
		for _, s := range spec.Steps() {
			fired := uint64(0)
			for _, e := range l.Entries {
				if e.Protocol == p.String() && (e.Engine == engine.TLC || s.Wide()) {
					fired += e.Steps[s.String()]
				}
			}
			if p.Has(s) {
				assert.NotZero(t, fired, "%s of %s never fires", s, p)
			} else {
				assert.Zero(t, fired, "%s is no step of %s", s, p)
			}
		}
	}
}

// Every two operations meet in a model that is explored to the end: those of tla/'s
// world in one of tla/ (Full alone is explored in Go only), the wide world's in one
// of its own. They meet if two threads may run them at a time; of two that only mm
// threads or only walkers run, it takes two such threads.
func TestOperationsMeet(t *testing.T) {
	all, err := models.All()
	require.NoError(t, err)
	pairs := 0
	for _, p := range spec.Protocols() {
		for _, ops := range []spec.Ops{spec.AllOps(), spec.WideOps()} {
			for i, a := range ops.List() {
				for _, b := range ops.List()[i:] {
					pairs++
					assert.True(t, slices.ContainsFunc(all, func(m *models.Model) bool {
						return m.Protocol == p && m.Ops.Has(a) && m.Ops.Has(b) && meet(m, a, b) && (ops != spec.AllOps() || m.InTLA())
					}), "%s: no model has %s beside %s", p, a, b)
				}
			}
		}
		full, err := models.Find(p, "Full")
		require.NoError(t, err)
		assert.True(t, full.VMAs >= 3 && full.Objects >= 3 && full.Walkers >= 2 && full.MMs >= 2, "%s", full.Bounds)
		assert.Zero(t, spec.OpsOf(spec.Fork, spec.Unmap, spec.Fault, spec.SplitBelow, spec.SplitAbove, spec.Migrate)&^full.Ops)
	}
	t.Logf("%d pairs", pairs)
}

// walks are the operations of walkers.
var walks = spec.OpsOf(spec.Walk, spec.Migrate, spec.SwapOut, spec.SwapDrop, spec.WalkPinned, spec.Pin, spec.Unpin)

func meet(m *models.Model, a, b spec.Step) bool {
	switch {
	case walks.Has(a) && walks.Has(b):
		return m.Walkers >= 2
	case !walks.Has(a) && !walks.Has(b):
		return m.MMs >= 2
	}
	return m.Walkers >= 1
}
