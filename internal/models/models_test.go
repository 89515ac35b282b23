package models

import (
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/tlc"
)

func TestMain(m *testing.M) {
	debug.SetGCPercent(400) // little lives, and much is made
	os.Exit(m.Run())
}

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
	assert.ErrorContains(t, err, `unknown model "OwnLock/Huge"; the models of OwnLock are`)
	_, err = Find(spec.OwnLock, "Huge")
	assert.ErrorContains(t, err, `unknown model "Huge" of OwnLock`)
}

const goodWorld = `SPECIFICATION Spec
CONSTANTS
  MMs = {mm1}
  Walkers = {w1}
  VMAs = {v1, v2}
  Objects = {a1, a2}
  Pages = {p1}
  Slots = 2
  MMOps = 1
  WalkerOps = Unlimited
  Layout = "OnePage"
  Ops = {"Walk"}
  None = None
  Unlimited = Unlimited
`

func TestBadConfigs(t *testing.T) {
	without := func(line string) string { return strings.Replace(goodWorld, line, "", 1) }
	read := func(world, claims string) ([]*Model, error) {
		return Read(fstest.MapFS{"models/X.cfg": {Data: []byte(world)}, "MCOwnLock.cfg": {Data: []byte(claims)}})
	}
	for _, test := range []struct{ world, claims, want, reason string }{
		{"CONSTANTS\n  Slots = 1\n", "", "MCOwnLock.cfg and models/X.cfg: 1 of the world's 12 constants are set", "a truncated file"},
		{goodWorld + "CONSTANTS Depth = 3\n", "", "constant Depth is none of the world's", "a foreign constant"},
		{goodWorld + "CONSTANTS Slots = 3\n", "", "constant Slots twice", "a constant twice"},
		{without("{mm1}") + "", "", "models/X.cfg: ", "a constant without a value"},
		{strings.Replace(goodWorld, "{mm1}", "2", 1), "", "constant MMs = 2 is of the wrong kind", "a number for a set of names"},
		{strings.Replace(goodWorld, "{v1, v2}", "{v1, v3}", 1), "", "constant VMAs = {v1, v3} has no v2", "a gap among the names"},
		{strings.Replace(goodWorld, "{v1, v2}", "{a1, a2}", 1), "", "constant VMAs = {a1, a2} has no v1", "names of another kind"},
		{strings.Replace(goodWorld, "Slots = 2", "Slots = two", 1), "", "constant Slots = two is of the wrong kind", "a name for a number"},
		{strings.Replace(goodWorld, "MMOps = 1", "MMOps = 255", 1), "", "constant MMOps = 255 is not between 0 and 254", "a number that means unlimited in Go"},
		{strings.Replace(goodWorld, "None = None", "None = Nil", 1), "", "constant None = Nil is not the model value None", "another name for none"},
		{strings.Replace(goodWorld, `"Walk"`, `"Jump"`, 1), "", `unknown operation "Jump"`, "an unknown operation"},
		{"CONSTANTS\n  MMs = \n", "", "configuration, line 3: constant MMs: a value expected", "a syntax error has a line"},
		{goodWorld, "INVARIANT TypeOK\nINVARIANT NoSuchClaim\n", `MCOwnLock.cfg, line 2: rootlock: unknown claim "NoSuchClaim"`, "a claim that there is not"},
		{goodWorld, "INVARIANT LockedIsRoot\n", "MCOwnLock.cfg, line 1: rootlock: LockedIsRoot is not asked of OwnLock: a walker holds the lock of the leaf", "a claim that is not asked"},
		{goodWorld, "CONSTANTS Slots = 3\n", "constant Slots stands beside the claims; bounds belong to models/", "bounds beside the claims"},
		{goodWorld + "INVARIANT TypeOK\n", "", "invariant TypeOK stands beside the bounds; claims belong to the protocol", "claims beside the bounds"},
	} {
		_, err := read(test.world, test.claims)
		assert.ErrorContains(t, err, test.want, test.reason)
	}
	_, err := Read(fstest.MapFS{})
	assert.ErrorContains(t, err, "no models/*.cfg")
	list, err := read(goodWorld, "INVARIANT TypeOK\n")
	require.NoError(t, err)
	require.Len(t, list, len(spec.Protocols()))
	for _, m := range list {
		assert.Equal(t, "X", m.Name)
		assert.Equal(t, spec.Unlimited, m.WalkerOps)
		assert.Equal(t, m.Protocol == spec.OwnLock, m.InTLA())
	}
}

// A state that lacks a field, or has one of the wrong kind, is refused.
func TestForeignStates(t *testing.T) {
	m, err := Find(spec.OwnLock, "Tiny")
	require.NoError(t, err)
	for _, test := range []struct{ vars, want, reason string }{
		{`[x |-> 1]`, "no variable vma", "no variable of ours"},
		{`[vma |-> (v1 :> [life |-> "Mapped"] @@ v2 :> 0)]`, "vma[v1] has no field mm", "a field is missing"},
		{`[vma |-> (v1 :> [life |-> "Alive"] @@ v2 :> 0)]`, `vma[v1].life = "Alive"`, "an unknown value"},
		{`[vma |-> (v1 :> [life |-> "Mapped", mm |-> a1] @@ v2 :> 0)]`, "vma[v1].mm = a1", "the wrong kind"},
		{`[vma |-> (v1 :> [life |-> "Mapped", mm |-> mm1, start |-> 0, end |-> 2, pgoff |-> 0, anon |-> a1, chain |-> <<` + strings.Repeat("a1,", spec.MaxObjects) + `a1>>] @@ v2 :> 0)]`, "vma[v1].chain", "a chain longer than a State holds"},
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

func TestMeant(t *testing.T) {
	names := []string{"OwnLock/Small", "OwnLock/Tiny"}
	assert.Equal(t, " (is it OwnLock/Small?)", Meant("ownlock/smal", names))
	assert.Equal(t, " (is it Tiny?)", Meant("Tinny", []string{"Tiny"}))
	assert.Empty(t, Meant("OwnLock/Huge", names))
	assert.Empty(t, Meant("", names))
}
