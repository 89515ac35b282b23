package impl

// All operations at once, each address space with one goroutine that knows its bytes.

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/rootlock/rootlock/internal/deep"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

// A crowd is a number of families whose members fork, write, map, unmap, protect, move
// and exit, beside walkers that lock, walk, migrate and swap their pages.
type crowd struct {
	sys     *System
	remaps  bool // members use Protect and Move, which make walks miss entries: see doc.go
	targets [16]atomic.Pointer[Page]
	done    atomic.Bool
	asked   atomic.Uint64         // allocations
	wrong   atomic.Pointer[error] // the first error that nothing excuses

	forks, reads, writes, maps, unmaps, protects, remapped, exits, locks, walks, visits, moves, swaps, drops, pins, short, unmoved, useAfterFree, stranded atomic.Int64
}

// newCrowd has a System in which some allocations fail, and some let other
// goroutines run in the middle of an operation.
func newCrowd(p Protocol, remaps bool, seed uint64) *crowd {
	c := &crowd{remaps: remaps}
	c.sys = New(Options{Protocol: p, FailAlloc: func() bool {
		n := rand.NewPCG(seed, c.asked.Add(1)).Uint64()
		if n%64 == 0 {
			runtime.Gosched()
		}
		return n%200 == 1
	}})
	return c
}

// judge counts what a broken protocol is known to do, and takes note of the rest.
func (c *crowd) judge(err error, count *atomic.Int64, excused ...error) bool {
	switch {
	case err == nil:
		count.Add(1)
		return true
	case errors.Is(err, ErrUseAfterFree):
		c.useAfterFree.Add(1)
		return false
	case errors.Is(err, ErrStranded):
		c.stranded.Add(1)
		return false
	}
	for _, excuse := range append(excused, ErrNoMemory) {
		if !errors.Is(err, excuse) {
			continue
		}
		switch excuse {
		case ErrNoMemory:
			c.short.Add(1)
		case ErrNotMoved:
			c.unmoved.Add(1)
		}
		return false
	}
	c.wrong.CompareAndSwap(nil, &err)
	return false
}

// A member has areas in slots [0, crowdEnd), to begin with in the lower half.
const (
	crowdSlots = 24
	crowdEnd   = crowdSlots + 4
)

// check reads a slot: nobody else writes to the address space.
func (c *crowd) check(o *oracle, slot uint32) {
	b := []byte{0}
	err := o.Read(slot, 7, b)
	want, mapped := o.bytes[slot]
	switch {
	case mapped && errors.Is(err, ErrStranded):
		c.stranded.Add(1)
	case mapped && (err != nil || b[0] != want), !mapped && !errors.Is(err, ErrNotMapped):
		err := fmt.Errorf("slot %d of address space %d: read %d (%v), should be %d (mapped: %t)", slot, o.ID(), b[0], err, want, mapped)
		c.wrong.CompareAndSwap(nil, &err)
	}
	c.reads.Add(1)
}

// member lives one life: writes, forks, maps, unmaps, remaps, and reads what it has.
// Its children live theirs at once, or when it has stopped writing.
func (c *crowd) member(o *oracle, r *rand.Rand, generations int) {
	var later []*oracle
	kinds := 7
	if c.remaps {
		kinds = 10
	}
	for range 16 {
		slot, n := r.Uint32N(crowdSlots), 1+r.Uint32N(4)
		switch r.IntN(kinds) {
		case 0, 1, 2:
			b := byte(r.Uint32())
			if !c.judge(o.Write(slot, 7, []byte{b}), &c.writes, ErrNotMapped) {
				continue
			}
			o.bytes[slot] = b
			if page, err := o.Page(slot); err == nil {
				c.targets[r.IntN(len(c.targets))].Store(page)
			}
		case 3:
			if pin, err := o.Pin(slot); c.judge(err, &c.pins, ErrNotMapped, ErrNoAnon) {
				defer func() { c.judge(pin.Release(), &c.pins) }()
			}
		case 4:
			if generations == 0 {
				continue
			}
			child, err := o.Fork()
			if !c.judge(err, &c.forks, ErrNoArea) {
				continue
			}
			if fork := o.fork(child); r.IntN(2) == 0 {
				c.member(fork, r, generations-1)
			} else {
				later = append(later, fork)
			}
		case 5:
			if c.judge(o.Unmap(slot, n), &c.unmaps, ErrNotMapped) {
				o.remove(slot, n)
			}
		case 6:
			if c.judge(o.Map(slot, n), &c.maps, ErrOverlap) {
				o.add(slot, n, 0)
			}
		case 7:
			c.judge(o.Protect(slot, n, Prot(r.IntN(2))), &c.protects, ErrNotMapped)
		default:
			to := r.Uint32N(crowdSlots)
			if o.strays(slot, n, to) {
				continue
			}
			if c.judge(o.Move(slot, n, to), &c.remapped, ErrNotMapped, ErrOverlap) {
				o.move(slot, n, to)
				o.remove(slot, n)
			} else if o.mapped(to, n) == 0 && o.find(to) != nil { // memory ran out after everything was moved
				o.move(slot, n, to)
			}
		}
		c.check(o, slot)
		c.check(o, r.Uint32N(crowdEnd))
	}
	for slot := range uint32(crowdEnd) {
		c.check(o, slot)
	}
	for _, child := range later {
		c.member(child, r, generations-1)
	}
	for slot := range o.bytes {
		c.check(o, slot)
	}
	c.judge(o.Exit(), &c.exits)
}

// enough reports whether the walkers have done the least that makes the test worth
// its name; until then the members go on.
func (c *crowd) enough() bool {
	least := int64(deep.Or(400, 1000))
	if testing.Short() { // under the race detector
		least = 200
	}
	for _, n := range []*atomic.Int64{&c.locks, &c.walks, &c.visits, &c.moves, &c.swaps} {
		if n.Load() < least {
			return false
		}
	}
	return c.drops.Load() >= least/10
}

// walker works on whatever pages there are until the members are gone. Where there is
// nothing to do it lets the others run.
func (c *crowd) walker(r *rand.Rand) {
	for !c.done.Load() {
		page := c.targets[r.IntN(len(c.targets))].Load()
		if page == nil || !c.work(page, r) {
			runtime.Gosched()
		}
	}
}

// work does something with a page, and reports whether that could be done.
func (c *crowd) work(page *Page, r *rand.Rand) bool {
	switch r.IntN(5) {
	case 0:
		root, err := c.sys.LockRoot(page)
		if c.judge(err, &c.locks, ErrNotMapped) {
			root.Unlock()
			return true
		}
		return false
	case 1:
		err := c.sys.Walk(page, func(Mapping) bool { c.visits.Add(1); return true })
		return c.judge(err, &c.walks, ErrNotMapped)
	case 2:
		return c.judge(c.sys.Migrate(page), &c.moves, ErrNotMapped, ErrNotMoved)
	case 3:
		return c.judge(c.sys.SwapOut(page), &c.swaps, ErrNotMapped, ErrNotMoved)
	default:
		return c.judge(c.sys.SwapDrop(page), &c.drops, ErrNotCached)
	}
}

// TestCrowd runs free. Under -race it shows that what a protocol does not
// protect is atomic, so that a broken one goes wrong only in its own terms.
func TestCrowd(t *testing.T) {
	defer goleak.VerifyNone(t)
	eachProtocol(t, func(t *testing.T, p Protocol) {
		t.Run("remaps", func(t *testing.T) { testCrowd(t, p, true) })
		if deep.Asked() {
			t.Run("does not", func(t *testing.T) { testCrowd(t, p, false) })
		}
	})
}

func testCrowd(t *testing.T, p Protocol, remaps bool) {
	seed := rand.Uint64()
	c := newCrowd(p, remaps, seed)
	t.Logf("seed %d", seed)
	var members, walkers sync.WaitGroup
	for i := range uint64(4) {
		walkers.Go(func() { c.walker(rand.New(rand.NewPCG(seed, i))) })
		members.Go(func() {
			r := rand.New(rand.NewPCG(seed, 10+i))
			for lives := 0; lives < deep.Or(10, 30) || !c.enough(); lives++ {
				o := newOracle(c.sys.NewAddressSpace())
				if c.judge(o.Map(0, crowdSlots/2), &c.maps) {
					o.add(0, crowdSlots/2, 0)
				}
				c.member(o, r, 4)
			}
		})
	}
	members.Wait()
	c.done.Store(true)
	walkers.Wait()

	t.Logf("forks %d reads %d writes %d maps %d unmaps %d protects %d remapped %d exits %d pins %d locks %d walks %d visits %d moves %d swaps %d drops %d, out of memory %d; not moved %d, use after free %d, stranded %d",
		c.forks.Load(), c.reads.Load(), c.writes.Load(), c.maps.Load(), c.unmaps.Load(), c.protects.Load(), c.remapped.Load(), c.exits.Load(), c.pins.Load(), c.locks.Load(), c.walks.Load(),
		c.visits.Load(), c.moves.Load(), c.swaps.Load(), c.drops.Load(), c.short.Load(), c.unmoved.Load(), c.useAfterFree.Load(), c.stranded.Load())
	if err := c.wrong.Load(); err != nil {
		t.Fatal(*err)
	}
	requireAtRest(t, c.sys)
	floors := map[string]*atomic.Int64{
		"forks": &c.forks, "reads": &c.reads, "writes": &c.writes, "maps": &c.maps, "unmaps": &c.unmaps, "exits": &c.exits, "pins": &c.pins,
	}
	if c.remaps {
		floors["protects"], floors["remapped"] = &c.protects, &c.remapped
	}
	for what, n := range floors {
		require.GreaterOrEqual(t, n.Load(), int64(300), what)
	}
	require.GreaterOrEqual(t, c.short.Load(), int64(50), "out of memory")
	require.Empty(t, c.sys.Snapshot().VMAs)
	if p == RootPointer || p == RwsemRoot { // the others are known to
		require.Zero(t, c.useAfterFree.Load(), "uses after free")
		if !c.remaps || p == RwsemRoot {
			require.Zero(t, c.stranded.Load(), "migration entries left behind")
		}
	}
	if c.useAfterFree.Load() == 0 {
		require.Zero(t, live(c.sys), "objects leaked")
	}
}
