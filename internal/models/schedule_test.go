package models

import (
	"context"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/tla"
	"github.com/rootlock/rootlock/triangle/tlc"
)

// TLC's counterexample, state by state, is a schedule of the model that breaks
// the same claim.
func TestScheduleOfTLC(t *testing.T) {
	installation, err := tlc.Finder{}.Find(t.Context())
	if err != nil {
		if os.Getenv("ROOTLOCK_REQUIRE_TLC") == "1" {
			t.Fatal(err)
		}
		t.Skip("without TLC: ", err)
	}
	m, err := Find(spec.OwnLock, "Tiny")
	require.NoError(t, err)
	config := m.Config.WithInvariants(spec.NoMissedMapping.String())
	result, err := tlc.Run(context.Background(), tlc.Options{Installation: installation, Files: tla.FS, Module: m.Module(), Config: m.File, Workers: 1, JVM: []string{"-XX:TieredStopAtLevel=1"},
		Overlay: map[string][]byte{m.File: []byte(config.String())}})
	require.NoError(t, err)
	require.Equal(t, tlc.InvariantViolated, result.Verdict)
	require.Equal(t, "NoMissedMapping", result.Name)

	sch, err := Schedule(m.Model, result.Trace)
	require.NoError(t, err)
	s := m.Init()
	require.NoError(t, m.Run(&s, sch, nil))
	assert.True(t, m.Check(&s).Has(spec.NoMissedMapping))
	assert.Equal(t, len(result.Trace)-1, len(sch))

	// Tampered: an action under another name, a step left out, a value changed.
	tamper := func(change func(trace []tlc.TraceState) []tlc.TraceState) error {
		trace := change(append([]tlc.TraceState(nil), result.Trace...))
		_, err := Schedule(m.Model, trace)
		return err
	}
	assert.ErrorContains(t, tamper(func(tr []tlc.TraceState) []tlc.TraceState { tr[3].Action = "LockRoot"; return tr }), "TLC takes LockRoot")
	assert.ErrorContains(t, tamper(func(tr []tlc.TraceState) []tlc.TraceState { return append(tr[:3], tr[4:]...) }), "the model has no such step")
	assert.ErrorContains(t, tamper(func(tr []tlc.TraceState) []tlc.TraceState { return tr[1:] }), "state 1 of TLC's counterexample is not the model's")
	assert.ErrorContains(t, tamper(func(tr []tlc.TraceState) []tlc.TraceState { tr[5].Vars = tr[6].Vars; return tr }), "the model has no such step")
	assert.ErrorContains(t, tamper(func([]tlc.TraceState) []tlc.TraceState { return nil }), "has no state")
}
