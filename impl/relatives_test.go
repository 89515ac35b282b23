package impl

// Families whose members live side by side: each address space has a goroutine of its
// own (life_test.go), and all of them share pages, lists and one lock. Walkers,
// in witness_test.go, work on their pages and hold what they find against the roster.

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/rootlock/rootlock/internal/deep"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

// A gathering is what clans that live side by side have in common: objects that are
// recycled among them, and the walkers.
type gathering struct {
	sys   *System
	seed  uint64
	clans [3]atomic.Pointer[clan] // those that live now; the last is one of few members, and soon another
	done  atomic.Bool
	wrong atomic.Pointer[error] // the first

	// Goroutines count for themselves, and add it up here when they end: a counter that
	// all share would order them, and hide data races.
	mu    sync.Mutex
	sum   *tally
	pages map[*Page]bool
}

// A tally is what one goroutine did, by name, and whom its walks found that nobody
// knew yet.
type tally struct {
	count  map[string]int
	unborn []unborn
}

func newTally() *tally { return &tally{count: map[string]int{}} }

func (n *tally) add(m *tally) {
	for what, k := range m.count {
		n.count[what] += k
	}
	n.unborn = append(n.unborn, m.unborn...)
}

func (g *gathering) fail(format string, args ...any) {
	err := fmt.Errorf(format, args...)
	g.wrong.CompareAndSwap(nil, &err)
}

// may reports whether an operation worked; only what is excused may keep it from that.
func (g *gathering) may(n *tally, what string, err error, excused ...error) bool {
	if err == nil {
		n.count[what]++
		return true
	}
	for _, excuse := range excused {
		if errors.Is(err, excuse) {
			return false
		}
	}
	g.fail("%s: %w", what, err)
	return false
}

// found begins a clan and returns when its last member is gone.
func (g *gathering) found(line int, id uint64) {
	c := &clan{gathering: g}
	r := rand.New(rand.NewPCG(g.seed, id<<8|uint64(line)))
	c.drops = r.IntN(2) == 0
	founder := &relative{oracle: newOracle(g.sys.NewAddressSpace())}
	n := newTally()
	g.may(n, "Map", founder.Map(0, homeEnd))
	founder.add(0, homeEnd, 0)
	g.may(n, "Map", founder.Map(roamStart, roamSlots/2))
	founder.add(roamStart, roamSlots/2, 0)
	for i, slot := range []uint32{still, restless} {
		c.write(n, founder, slot, r)
		c.shared[i], _ = founder.Page(slot)
	}
	c.roster[0].Store(founder)
	g.clans[line].Store(c)
	most := len(c.roster)
	if line == len(g.clans)-1 {
		most = 1 + r.IntN(3)
	}
	c.group.Go(func() { c.live(founder, 0, most, r) })
	c.group.Wait()
	g.add(n, c.shared[:]...)
}

// add counts what a goroutine did, and remembers pages for the end.
func (g *gathering) add(n *tally, pages ...*Page) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.sum.add(n)
	for _, p := range pages {
		g.pages[p] = true
	}
}

// manyClans is the number of clans that the floors are for.
const manyClans = 180

// floors are what a gathering of manyClans does at the least; it is ten times as much or more.
var floors = map[string]int{
	"Fork": 400, "Exit": 400, "Write": 2000, "Read": 20_000, "Map": 300, "Unmap": 40, "Protect": 25, "Move": 10, "Pin": 400, "Release": 400,
	"Map of a hole": 150, "Unmap of a hole": 200, "Protect at home": 200,
	"Walk": 200, "LockRoot": 300, "LockRoot of a page that is mapped": 80, "BeginMigrate": 30, "Migrate": 30, "SwapOut": 50, "SwapDrop": 20,
	"certain place": 120, "several certain places": 30,
}

// TestRelatives runs families whose members are on different goroutines, with
// RootPointer, RefcountedRoot and RwsemRoot: the others lose entries and objects.
func TestRelatives(t *testing.T) {
	defer goleak.VerifyNone(t)
	runs, clans := deep.Or(1, 4), deep.Or(60, manyClans)
	for _, p := range []Protocol{RootPointer, RefcountedRoot, RwsemRoot} {
		t.Run(p.String(), func(t *testing.T) {
			sum := newTally()
			for range runs {
				seed := *relativesSeed
				if seed == 0 {
					seed = rand.Uint64()
				}
				fmt.Println(again(t, seed)) // shown if anything fails, and also if the process dies
				n, err := gather(p, seed, clans)
				if err != nil {
					t.Fatalf("%v: %s", err, again(t, seed))
				}
				sum.add(n)
			}
			t.Logf("%v", sum.count)
			for what, least := range floors {
				require.GreaterOrEqual(t, sum.count[what], least*runs*clans/manyClans, what)
			}
		})
	}
}

// brief is how many clans of few members live while one of many does.
const brief = 8

// gather runs clans, and says what was done, and what was wrong.
func gather(p Protocol, seed uint64, clans int) (*tally, error) {
	g := &gathering{sys: New(Options{Protocol: p, PageSize: 8}), seed: seed, sum: newTally(), pages: map[*Page]bool{}}
	defer widen(g.sys, seed)()
	var lines, walkers sync.WaitGroup
	for i := range 8 {
		walkers.Go(func() { g.walker(rand.New(rand.NewPCG(seed, uint64(i)<<32))) })
	}
	for line := range g.clans {
		lines.Go(func() {
			most := clans
			if line == len(g.clans)-1 {
				most *= brief
			}
			for i := 0; i < most && g.wrong.Load() == nil; i++ {
				g.found(line, uint64(i))
			}
		})
	}
	lines.Wait()
	g.done.Store(true)
	walkers.Wait()
	if err := g.wrong.Load(); err != nil {
		return g.sum, *err
	}
	return g.sum, g.rest()
}

// rest says what is left when everybody has gone: nothing should be.
func (g *gathering) rest() error {
	snap := g.sys.Snapshot()
	if n := len(snap.VMAs) + len(snap.Pages) + len(snap.PTEs); n > 0 {
		return fmt.Errorf("all have exited: areas %v, pages %v, entries %v are left", snap.VMAs, snap.Pages, snap.PTEs)
	}
	for i, a := range snap.Anons {
		lock := &g.sys.pool.anons[i].lock
		if a.Live || a.Refs != 0 || len(a.List) > 0 || lock.held() {
			return fmt.Errorf("all have exited and released: anon_vma %+v is left (locked: %t)", a, lock.held())
		}
	}
	if free := len(g.sys.pool.free); free != len(snap.Anons) {
		return fmt.Errorf("%d anon_vmas, and %d are to be had", len(snap.Anons), free)
	}
	if stranger := g.sum.stranger(); stranger != 0 {
		return fmt.Errorf("a walk found mm%d, which never was of that clan", stranger)
	}
	for p := range g.pages {
		if p != nil && (p.mapped.Load() != 0 || p.swapped.Load() != 0 || p.entries.Load() != 0 || p.hands.Load() != 0 || p.lock.held()) {
			return fmt.Errorf("all have exited: page %d has %d entries (present %d, swapped %d), %d hands (locked: %t)",
				p.id, p.entries.Load(), p.mapped.Load(), p.swapped.Load(), p.hands.Load(), p.lock.held())
		}
	}
	return nil
}
