package models

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/tlc"
	"github.com/rootlock/rootlock/spec"
)

func TestAll(t *testing.T) {
	list, err := All()
	require.NoError(t, err)
	perProtocol := map[spec.Protocol]int{}
	for _, m := range list {
		perProtocol[m.Protocol]++
		found, err := FindFull(m.FullName())
		require.NoError(t, err)
		assert.Equal(t, m.Bounds, found.Bounds)
		for _, c := range spec.Claims() {
			if !m.InTLA() || c == spec.NoDeadlock {
				continue
			}
			asked := append(slices.Clone(m.Config.Invariants), m.Config.Properties...)
			if m.Protocol.Asks(c) && (!c.Temporal() || m.Live()) {
				assert.Contains(t, asked, c.String(), "%s asks every claim of its protocol", m.File)
			} else {
				assert.NotContains(t, asked, c.String(), m.File)
			}
		}
	}
	for _, p := range spec.Protocols() {
		assert.GreaterOrEqual(t, perProtocol[p], 10, p)
	}
	_, err = FindFull("OwnLock/Huge")
	assert.ErrorContains(t, err, `unknown model "OwnLock/Huge"; the models are`)
	_, err = Find(spec.OwnLock, "Huge")
	assert.ErrorContains(t, err, `unknown model "Huge" of OwnLock`)
}

const goodConfig = `SPECIFICATION Spec
CONSTANTS
  MMs = 1
  VMAs = 2
  Objects = 2
  Pages = 1
  Walkers = 1
  Slots = 2
  MMOps = 1
  WalkerOps = 1
  Layout = "OnePage"
  Ops = {"Walk"}
INVARIANT TypeOK
`

func TestBadConfigs(t *testing.T) {
	for _, test := range []struct{ name, text, want, reason string }{
		{"MCNoLockTiny.cfg", goodConfig, "not named after a protocol", "an unknown protocol"},
		{"MCOwnLock.cfg", goodConfig, "not named after a protocol", "no model name"},
		{"MCOwnLockX.cfg", "CONSTANTS\n  MMs = 1\n", "1 of the world's 10 constants are set", "a truncated file"},
		{"MCOwnLockX.cfg", goodConfig + "CONSTANTS Depth = 3\n", "constant Depth is none of the world's", "a foreign constant"},
		{"MCOwnLockX.cfg", goodConfig + "CONSTANTS MMs = 3\n", "constant MMs twice", "a constant twice"},
		{"MCOwnLockX.cfg", "CONSTANTS\n  MMs = \"one\"\n", `constant MMs = "one" is of the wrong kind`, "a string for a number"},
		{"MCOwnLockX.cfg", "CONSTANTS\n  Ops = {\"Jump\"}\n", `unknown operation "Jump"`, "an unknown operation"},
		{"MCOwnLockX.cfg", "CONSTANTS\n  MMs = \n", "line", "a syntax error has a line"},
		{"MCOwnLockX.cfg", goodConfig + "INVARIANT NoSuchClaim\n", `MCOwnLockX.cfg, line 14: rootlock: unknown claim "NoSuchClaim"`, "a claim that there is not"},
		{"MCOwnLockX.cfg", goodConfig + "INVARIANT LockedIsRoot\n", "MCOwnLockX.cfg, line 14: rootlock: LockedIsRoot is not asked of OwnLock: a walker holds the lock of the leaf", "a claim that is not asked"},
	} {
		_, err := Read(fstest.MapFS{test.name: {Data: []byte(test.text)}})
		assert.ErrorContains(t, err, test.want, test.reason)
	}
	_, err := Read(fstest.MapFS{})
	assert.ErrorContains(t, err, "no model")
	list, err := Read(fstest.MapFS{"MCOwnLockX.cfg": {Data: []byte(goodConfig)}})
	require.NoError(t, err)
	require.Len(t, list, 1)
	assert.Equal(t, "OwnLock/X", list[0].FullName())
}

// A state that lacks a field, or has one of the wrong kind, is refused.
func TestForeignStates(t *testing.T) {
	m, err := Find(spec.OwnLock, "Tiny")
	require.NoError(t, err)
	for _, test := range []struct{ vars, want, reason string }{
		{`[x |-> 1]`, "no variable vma", "no variable of ours"},
		{`[vma |-> <<[life |-> "Mapped"]>>]`, "vma[1] has no field mm", "a field is missing"},
		{`[vma |-> <<[life |-> "Alive"]>>]`, `vma[1].life = "Alive"`, "an unknown value"},
		{`[vma |-> <<[life |-> "Mapped", mm |-> TRUE]>>]`, "vma[1].mm = TRUE", "the wrong kind"},
		{`[vma |-> <<[life |-> "Mapped", mm |-> 1, start |-> 0, end |-> 2, pgoff |-> 0, anon |-> 1, chain |-> <<` + strings.Repeat("1,", spec.MaxObjects) + `1>>]>>]`, "vma[1].chain", "a chain longer than a State holds"},
	} {
		v, err := tlc.ParseValue(test.vars)
		require.NoError(t, err)
		vars := map[string]tlc.Value{}
		for _, p := range v.Pairs() {
			name, _ := p.Key.AsString()
			vars[name] = p.Value
		}
		_, err = State(m.Model, vars)
		assert.ErrorContains(t, err, test.want, test.reason)
	}
}
