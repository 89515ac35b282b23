package report

import (
	"bytes"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/internal/watch"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/lanes"
)

const lost = "mm1:SplitBelow(v1,1) mm1:CopyVMA mm1:LinkChain mm1:LockAnon mm1:LinkList mm1:UnlockAnon mm1:StoreStart w1:Walk(p1) w1:ReadMapping w1:CheckMapped w1:LockLeaf w1:NextEntry w1:ReadStart w1:ReadPgoff w1:NextEntry w1:ReadStart w1:ReadPgoff w1:NextEntry w1:UnlockRoot"

func TestLanes(t *testing.T) {
	m, err := models.Find(spec.OwnLock, "Tiny")
	require.NoError(t, err)
	sch, err := m.ParseSchedule(lost)
	require.NoError(t, err)
	var out bytes.Buffer
	b := &watch.Break{Claim: "NoMissedMapping", Conjunct: "WalkComplete", Values: "values"}
	require.NoError(t, Lanes(&out, m.Model, sch, b, Plain))
	Tell(&out, b, Plain)
	assert.Equal(t, `    mm1               w1
 1  SplitBelow(v1,1)  .
 2  CopyVMA           .            v2 detached mm1 [0,1); v2.anon = a1
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
18  .                 NextEntry    end of list[a1]
19  .                 UnlockRoot   lock[a1] free; missed pte[mm1][1]; <- NoMissedMapping
NoMissedMapping is violated: WalkComplete is false: values
`, out.String())
	assert.Equal(t, "go run ./cmd/rootlock replay --protocol OwnLock --model Tiny '"+lost+"'", Command(m.Model, sch))
}

// Colour changes nothing but the colour.
func TestColour(t *testing.T) {
	m, err := models.Find(spec.OwnLock, "Tiny")
	require.NoError(t, err)
	sch, err := m.ParseSchedule(lost)
	require.NoError(t, err)
	var plain, coloured bytes.Buffer
	b := &watch.Break{Claim: "NoMissedMapping", Conjunct: "WalkComplete", Values: "values"}
	require.NoError(t, Lanes(&plain, m.Model, sch, b, Plain))
	require.NoError(t, Lanes(&coloured, m.Model, sch, b, lanes.Coloured))
	assert.NotContains(t, plain.String(), "\x1b")
	assert.Contains(t, coloured.String(), "\x1b[31;1m<- NoMissedMapping\x1b[0m")
	var stripped strings.Builder // of escape sequences, and of the blanks that they kept
	for line := range strings.Lines(regexp.MustCompile("\x1b\\[[0-9;]*m").ReplaceAllString(coloured.String(), "")) {
		stripped.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	assert.Equal(t, plain.String(), stripped.String())
	assert.Equal(t, Plain, lanes.StyleFor(&plain), "only a terminal is coloured")
}

// Lanes fit their width, and say something whenever the shared state changes:
// on random runs of every model and of the widest one.
func TestLanesFitAndTell(t *testing.T) {
	list, err := models.All()
	require.NoError(t, err)
	wide, err := spec.NewModel(spec.DeepestLock, "Wide", spec.Bounds{MMs: 3, VMAs: 8, Objects: 8, Pages: 3, Walkers: 3, Slots: 4, MMOps: 4, WalkerOps: 4, Ops: spec.AllOps()})
	require.NoError(t, err)
	world, err := spec.NewModel(spec.RootPointer, "World", spec.Bounds{MMs: 3, VMAs: 64, Objects: 12, Pages: 12, Walkers: 2, Slots: 16, MMOps: 9, WalkerOps: 9,
		Prots: 3, Failures: true, Ops: spec.WideOps()})
	require.NoError(t, err)
	list = append(list, &models.Model{Model: wide}, &models.Model{Model: world})
	rows := 0
	for _, m := range list {
		for seed := range uint64(5) {
			sch := randomSchedule(m.Model, seed)
			var out bytes.Buffer
			require.NoError(t, Lanes(&out, m.Model, sch, &watch.Break{Claim: "NoMissedMapping"}, Plain))
			for line := range strings.Lines(out.String()) {
				assert.LessOrEqual(t, len(strings.TrimSuffix(line, "\n")), lanes.Width, "%s:\n%s", m.FullName(), line)
				rows++
			}
			s := m.Init()
			before := s
			require.NoError(t, m.Run(&s, sch, func(i int, s *spec.State) {
				if s.World != before.World {
					assert.NotEmpty(t, watch.Changes(m.Model, sch[i].Thread, &before, s), m.Format(sch[i]))
				}
				before = *s
			}))
		}
	}
	assert.Greater(t, rows, 2000, "floor on the work done")
}

// randomSchedule is the same for the same seed.
func randomSchedule(m *spec.Model, seed uint64) (sch spec.Schedule) {
	r := rand.New(rand.NewPCG(seed, 1))
	s := m.Init()
	for range 120 {
		moves := m.Moves(&s, nil)
		if len(moves) == 0 {
			break
		}
		mv := moves[r.IntN(len(moves))]
		m.Apply(&s, mv)
		sch = append(sch, mv)
	}
	return sch
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
	assert.Equal(t, "--protocol DeepestLock --mms 1 --vmas 2 --objects 2 --pages 1 --walkers 1 --slots 2 --mm-ops 1 --walker-ops 255 --layout OnePage --ops Walk", ModelFlags(m))
}
