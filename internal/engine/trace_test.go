package engine

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/deep"
	"github.com/rootlock/rootlock/spec"
)

// A protocol's line says what was done, and does enough.
func TestRecord(t *testing.T) {
	if !deep.Asked() {
		t.Skip("as many as in rootlock check; " + deep.Variable + "=1 asks for it")
	}
	r, err := Record(t.Context(), spec.RootPointer, nil)
	require.NoError(t, err)
	assert.Empty(t, r.Differences)
	assert.Equal(t, "RootPointer/Recorded trace", r.Name())
	assert.GreaterOrEqual(t, r.Schedules*uint64(len(spec.Protocols())), uint64(10_000))
	assert.GreaterOrEqual(t, r.Generated, 20*r.Schedules)
	rejected, tried := r.Recorded.Rejected()
	assert.Equal(t, tried, rejected+r.Recorded.Equivalent())
	assert.GreaterOrEqual(t, rejected, int(r.Schedules)*9/10)
	assert.Contains(t, r.Bound, "traces")
}
