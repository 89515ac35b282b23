package report

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
)

const lost = "mm1:SplitBelow(v1,1) mm1:CopyVMA mm1:LinkChain mm1:LockAnon mm1:LinkList mm1:UnlockAnon mm1:StoreStart w1:Walk(p1) w1:ReadMapping w1:CheckMapped w1:LockLeaf w1:NextEntry w1:ReadStart w1:ReadPgoff w1:NextEntry w1:ReadStart w1:ReadPgoff w1:NextEntry w1:UnlockRoot"

func TestLanes(t *testing.T) {
	m, err := models.Find(spec.OwnLock, "Tiny")
	require.NoError(t, err)
	sch, err := m.ParseSchedule(lost)
	require.NoError(t, err)
	var out bytes.Buffer
	b := &Break{Claim: "NoMissedMapping", Conjunct: "WalkComplete", Values: "values"}
	require.NoError(t, Lanes(&out, m.Model, sch, b, Plain))
	b.Tell(&out, Plain)
	assert.Equal(t, `    mm1               w1
 1  SplitBelow(v1,1)  .
 2  CopyVMA           .            v2 detached mm1 [0,1)
 3  LinkChain         .            chain[v2] = <a1>
 4  LockAnon          .            lock[a1] held by mm1
 5  LinkList          .            list[a1] = <v1 v2>
 6  UnlockAnon        .            lock[a1] free
 7  StoreStart        .            v1 = [1,2)
 8  .                 Walk(p1)
 9  .                 ReadMapping  leaf a1
10  .                 CheckMapped
11  .                 LockLeaf     lock[a1] held by w1
12  .                 NextEntry    at v1
13  .                 ReadStart    reads [1,2)
14  .                 ReadPgoff    not in v1, it seems
15  .                 NextEntry    at v2
16  .                 ReadStart    reads [0,1)
17  .                 ReadPgoff    not in v2, it seems
18  .                 NextEntry
19  .                 UnlockRoot   lock[a1] free, <- NoMissedMapping
NoMissedMapping is violated: WalkComplete is false: values
`, out.String())
	assert.Equal(t, "go run ./cmd/rootlock replay --protocol OwnLock --model Tiny '"+lost+"'", Command(m.Model, sch))
}

func TestLanesOfRefusedMove(t *testing.T) {
	m, err := models.Find(spec.OwnLock, "Tiny")
	require.NoError(t, err)
	sch, err := m.ParseSchedule("w1:Walk(p1) w1:LockLeaf")
	require.NoError(t, err)
	var refused *spec.RefusedError
	assert.ErrorAs(t, Lanes(&bytes.Buffer{}, m.Model, sch, nil, Plain), &refused)
}

func TestCommandOfUnnamedBounds(t *testing.T) {
	m, err := spec.NewModel(spec.DeepestLock, "Mine", spec.Bounds{MMs: 1, VMAs: 2, Objects: 2, Pages: 1, Walkers: 1, Slots: 2, MMOps: 1, WalkerOps: 255, Ops: spec.OpsOf(spec.Walk)})
	require.NoError(t, err)
	assert.Equal(t, "--protocol DeepestLock --mms 1 --vmas 2 --objects 2 --pages 1 --walkers 1 --slots 2 --mm-ops 1 --walker-ops 255 --layout Faulted --ops Walk", ModelFlags(m))
}
