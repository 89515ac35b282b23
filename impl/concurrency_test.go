package impl

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

// A crowd is a number of families whose members fork, write, unmap, protect, move
// and exit, beside walkers that lock, walk, migrate and swap their pages.
type crowd struct {
	sys     *System
	remaps  bool // members use Protect and Move, which make walks miss entries: see doc.go
	targets [16]atomic.Pointer[Page]
	done    atomic.Bool
	wrong   atomic.Pointer[error] // the first error that nothing excuses

	forks, writes, unmaps, protects, remapped, exits, locks, walks, visits, moves, swaps, drops, pins, useAfterFree, stranded atomic.Int64
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
	for _, excuse := range excused {
		if errors.Is(err, excuse) {
			return false
		}
	}
	c.wrong.CompareAndSwap(nil, &err)
	return false
}

// A contents is what the bytes of an address space must be: nobody else writes them.
type contents map[uint32]byte

// check reads a slot.
func (c *crowd) check(m *AddressSpace, want contents, slot uint32) {
	b := []byte{0}
	err := m.Read(slot, 7, b)
	wanted, mapped := want[slot]
	switch {
	case errors.Is(err, ErrStranded):
	case mapped && (err != nil || b[0] != wanted), !mapped && !errors.Is(err, ErrNotMapped):
		err := fmt.Errorf("slot %d of address space %d: read %d (%v), should be %d (mapped: %t)", slot, m.ID(), b[0], err, wanted, mapped)
		c.wrong.CompareAndSwap(nil, &err)
	}
}

// member lives one life: writes, forks, unmaps, remaps, and reads what it has.
func (c *crowd) member(m *AddressSpace, r *rand.Rand, generations int, has contents) {
	kinds := 6
	if c.remaps {
		kinds = 8
	}
	for range 12 {
		slot := r.Uint32N(8)
		c.check(m, has, slot)
		switch r.IntN(kinds) {
		case 0, 1, 2:
			b := byte(r.Uint32())
			if !c.judge(m.Write(slot, 7, []byte{b}), &c.writes, ErrNotMapped) {
				continue
			}
			has[slot] = b
			c.check(m, has, slot)
			if page, err := m.Page(slot); err == nil {
				c.targets[r.IntN(len(c.targets))].Store(page)
			}
		case 3:
			if pin, err := m.Pin(slot); c.judge(err, &c.pins, ErrNotMapped, ErrNoAnon) {
				defer func() { c.judge(pin.Release(), &c.pins) }()
			}
		case 4:
			if generations == 0 {
				continue
			}
			child, err := m.Fork()
			if c.judge(err, &c.forks, ErrNoArea) {
				c.member(child, r, generations-1, maps.Clone(has))
			}
		case 5:
			n := 1 + r.Uint32N(2)
			if c.judge(m.Unmap(slot, n), &c.unmaps, ErrNotMapped) {
				for i := range n {
					delete(has, slot+i)
				}
			}
		case 6:
			c.judge(m.Protect(slot, 1+r.Uint32N(3), Prot(r.IntN(2))), &c.protects, ErrNotMapped)
		case 7:
			n, to := 1+r.Uint32N(2), r.Uint32N(8)
			if c.judge(m.Move(slot, n, to), &c.remapped, ErrNotMapped, ErrOverlap) {
				for i := range n {
					has[to+i] = has[slot+i]
					delete(has, slot+i)
				}
			}
		}
	}
	for slot := range uint32(10) {
		c.check(m, has, slot)
	}
	c.judge(m.Exit(), &c.exits)
}

// enough reports whether the walkers have done the least that makes the test worth
// its name; until then the members go on.
func (c *crowd) enough() bool {
	for _, n := range []*atomic.Int64{&c.locks, &c.walks, &c.visits, &c.moves, &c.swaps} {
		if n.Load() < 200 {
			return false
		}
	}
	return c.drops.Load() >= 20
}

// walker works on whatever pages there are until the members are gone.
func (c *crowd) walker(r *rand.Rand) {
	for !c.done.Load() {
		page := c.targets[r.IntN(len(c.targets))].Load()
		if page == nil {
			continue
		}
		switch r.IntN(5) {
		case 0:
			root, err := c.sys.LockRoot(page)
			if c.judge(err, &c.locks, ErrNotMapped) {
				root.Unlock()
			}
		case 1:
			err := c.sys.Walk(page, func(Mapping) bool { c.visits.Add(1); return true })
			c.judge(err, &c.walks, ErrNotMapped)
		case 2:
			c.judge(c.sys.Migrate(page), &c.moves, ErrNotMapped, ErrNotMoved)
		case 3:
			c.judge(c.sys.SwapOut(page), &c.swaps, ErrNotMapped, ErrNotMoved)
		case 4:
			c.judge(c.sys.SwapDrop(page), &c.drops, ErrNotCached)
		}
	}
}

// TestCrowd runs free. Under -race it shows that what a protocol does not
// protect is atomic, so that a broken one goes wrong only in its own terms.
func TestCrowd(t *testing.T) {
	defer goleak.VerifyNone(t)
	eachProtocol(t, func(t *testing.T, p Protocol) {
		t.Run("remaps", func(t *testing.T) { testCrowd(t, &crowd{sys: New(Options{Protocol: p}), remaps: true}, p) })
		t.Run("does not", func(t *testing.T) { testCrowd(t, &crowd{sys: New(Options{Protocol: p})}, p) })
	})
}

func testCrowd(t *testing.T, c *crowd, p Protocol) {
	var members, walkers sync.WaitGroup
	for i := range uint64(4) {
		walkers.Go(func() { c.walker(rand.New(rand.NewPCG(i, 1))) })
		members.Go(func() {
			r := rand.New(rand.NewPCG(i, 2))
			for lives := 0; lives < 60 || !c.enough(); lives++ {
				m := c.sys.NewAddressSpace()
				if err := m.Map(0, 8); err != nil {
					c.judge(err, &c.forks)
				}
				has := contents{}
				for slot := range uint32(8) {
					has[slot] = 0
				}
				c.member(m, r, 4, has)
			}
		})
	}
	members.Wait()
	c.done.Store(true)
	walkers.Wait()

	if err := c.wrong.Load(); err != nil {
		t.Fatal(*err)
	}
	requireAtRest(t, c.sys)
	t.Logf("forks %d writes %d unmaps %d protects %d remapped %d exits %d pins %d locks %d walks %d visits %d moves %d swaps %d drops %d; use after free %d, stranded %d",
		c.forks.Load(), c.writes.Load(), c.unmaps.Load(), c.protects.Load(), c.remapped.Load(), c.exits.Load(), c.pins.Load(), c.locks.Load(), c.walks.Load(),
		c.visits.Load(), c.moves.Load(), c.swaps.Load(), c.drops.Load(), c.useAfterFree.Load(), c.stranded.Load())
	for what, n := range map[string]*atomic.Int64{"forks": &c.forks, "writes": &c.writes, "unmaps": &c.unmaps, "exits": &c.exits, "pins": &c.pins} {
		require.GreaterOrEqual(t, n.Load(), int64(1000), what)
	}
	require.Empty(t, c.sys.Snapshot().VMAs)
	if p != OwnLock && p != DeepestLock { // these are known to
		require.Zero(t, c.useAfterFree.Load(), "uses after free")
		if !c.remaps {
			require.Zero(t, c.stranded.Load(), "migration entries left behind")
		}
	}
	if c.useAfterFree.Load() == 0 {
		require.Zero(t, live(c.sys), "objects leaked")
	}
}
