package explore

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// put inserts as a worker does.
func put(t *table, f, parent fingerprint, level uint64, r *room) found {
	for {
		if result := t.insert(f, parent, level, r); result != noRoom {
			return result
		}
		t.grow(f, r)
	}
}

// Several workers insert overlapping sets, level by level, far beyond the first
// size of the table. Each fingerprint must be new exactly once, at its first
// level, and have its smallest parent.
func TestTableAgainstMap(t *testing.T) {
	const perLevel, levels = 60_000, 6
	for _, workers := range []int{1, 4} {
		t.Run(fmt.Sprint(workers, " workers"), func(t *testing.T) {
			type entry struct {
				level  uint64
				parent fingerprint
			}
			model := map[fingerprint]entry{}
			table := newTable(workers)
			small := table.bytes()
			rng := rand.New(rand.NewPCG(5, 6))
			var all []fingerprint
			before := []fingerprint{0}
			for level := uint64(1); level <= levels; level++ {
				type insertion struct{ f, parent fingerprint }
				var list []insertion
				var fresh []fingerprint
				for range perLevel {
					f := fingerprint(rng.Uint64())
					if len(all) > 0 && rng.IntN(4) == 0 {
						f = all[rng.IntN(len(all))]
					}
					for range 1 + rng.IntN(3) {
						list = append(list, insertion{f, before[rng.IntN(len(before))]})
					}
				}
				for _, in := range list {
					e, ok := model[in.f]
					switch {
					case !ok:
						model[in.f] = entry{level, in.parent}
						fresh = append(fresh, in.f)
					case e.level == level && in.parent>>32 < e.parent>>32:
						model[in.f] = entry{level, in.parent}
					}
				}
				var wg sync.WaitGroup
				unseens := make([]int, workers)
				for w := range workers {
					wg.Go(func() {
						table.moving.RLock()
						defer table.moving.RUnlock()
						for i := range list {
							// Every insertion is made by two workers, if there are two.
							if in := list[i]; i%workers == w || (i+1)%workers == w {
								if put(table, in.f, in.parent, level, table.workers[w]) == unseen {
									unseens[w]++
								}
							}
						}
					})
				}
				wg.Wait()
				n := 0
				for _, u := range unseens {
					n += u
				}
				require.Equal(t, len(fresh), n, "level %d", level)
				all, before = append(all, fresh...), fresh
			}
			require.EqualValues(t, len(model), table.len())
			assert.Greater(t, table.bytes(), small, "the table must have grown")
			for f, e := range model {
				if got := table.parent(f, e.level); got != ^uint32(e.parent>>32) {
					t.Fatalf("parent of %x is %x, not that of %x", f, got, e.parent)
				}
				if e.level > 1 && !slices.Contains(table.ancestors(f, e.level), e.parent) {
					t.Fatalf("%x is not an ancestor of %x", e.parent, f)
				}
			}
		})
	}
}

// The fingerprint zero, the largest, and a whole segment of neighbours that
// wraps around its end.
func TestTableCorners(t *testing.T) {
	table := newTable(1)
	r := table.workers[0]
	table.moving.RLock()
	defer table.moving.RUnlock()
	const n = 1000
	for i := range fingerprint(n) {
		for _, f := range []fingerprint{i, ^i} {
			require.Equal(t, unseen, put(table, f, 0, 1, r))
			require.Equal(t, seen, put(table, f, 0, 1, r))
			require.Equal(t, seen, put(table, f, 0, maxLevel, r))
			require.Equal(t, unseen, put(table, f^1<<40, f, 2, r))
		}
	}
	require.EqualValues(t, 4*n, table.len())
	for i := range fingerprint(n) {
		require.Contains(t, table.ancestors(i^1<<40, 2), i, "many share the upper bits: all are candidates")
		require.Contains(t, table.ancestors(^i^1<<40, 2), ^i)
	}
}

func BenchmarkTableInsert(b *testing.B) {
	table := newTable(1)
	table.moving.RLock()
	f := fingerprint(1)
	for b.Loop() {
		f = f*6364136223846793005 + 1442695040888963407
		put(table, f, 0, 1, table.workers[0])
	}
	table.moving.RUnlock()
	b.ReportMetric(float64(table.bytes())/float64(table.len()), "B/state")
}
