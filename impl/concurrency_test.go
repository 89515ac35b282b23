package impl

import (
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

// A crowd is a number of families whose members fork, write, unmap and exit,
// beside walkers that lock, walk, migrate and pin their pages.
type crowd struct {
	sys     *System
	targets [16]atomic.Pointer[Page]
	done    atomic.Bool
	wrong   atomic.Pointer[error] // the first error that nothing excuses

	forks, writes, unmaps, exits, locks, walks, visits, moves, pins, useAfterFree, stranded atomic.Int64
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

// member lives one life: writes, reads back what it wrote, forks, unmaps.
func (c *crowd) member(m *AddressSpace, r *rand.Rand, generations int) {
	for range 12 {
		slot := r.Uint32N(8)
		switch r.IntN(6) {
		case 0, 1, 2:
			want := [2]byte{byte(r.Uint32()), byte(m.ID())}
			var got [2]byte
			if !c.judge(m.Write(slot, 7, want[:]), &c.writes, ErrNotMapped) {
				continue
			}
			if err := m.Read(slot, 7, got[:]); err == nil && got != want {
				err := errors.New("bytes were lost")
				c.wrong.CompareAndSwap(nil, &err)
			}
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
				c.member(child, r, generations-1)
			}
		case 5:
			c.judge(m.Unmap(slot, 1+r.Uint32N(2)), &c.unmaps, ErrNotMapped)
		}
	}
	c.judge(m.Exit(), &c.exits)
}

// walker works on whatever pages there are until the members are gone.
func (c *crowd) walker(r *rand.Rand) {
	for !c.done.Load() {
		page := c.targets[r.IntN(len(c.targets))].Load()
		if page == nil {
			continue
		}
		switch r.IntN(3) {
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
		}
	}
}

// TestCrowd runs free. Under -race it shows that what a protocol does not
// protect is atomic, so that a broken one goes wrong only in its own terms.
func TestCrowd(t *testing.T) {
	defer goleak.VerifyNone(t)
	eachProtocol(t, func(t *testing.T, p Protocol) {
		c := &crowd{sys: New(Options{Protocol: p})}
		var members, walkers sync.WaitGroup
		for i := range uint64(4) {
			walkers.Go(func() { c.walker(rand.New(rand.NewPCG(i, 1))) })
			members.Go(func() {
				r := rand.New(rand.NewPCG(i, 2))
				for range 60 {
					m := c.sys.NewAddressSpace()
					if err := m.Map(0, 8); err != nil {
						c.judge(err, &c.forks)
					}
					c.member(m, r, 4)
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
		t.Logf("forks %d writes %d unmaps %d exits %d pins %d locks %d walks %d visits %d moves %d; use after free %d, stranded %d",
			c.forks.Load(), c.writes.Load(), c.unmaps.Load(), c.exits.Load(), c.pins.Load(), c.locks.Load(), c.walks.Load(),
			c.visits.Load(), c.moves.Load(), c.useAfterFree.Load(), c.stranded.Load())
		for _, floor := range []struct {
			what string
			n    *atomic.Int64
			low  int64
		}{
			{"forks", &c.forks, 1000}, {"writes", &c.writes, 5000}, {"unmaps", &c.unmaps, 1000}, {"exits", &c.exits, 1000},
			{"pins", &c.pins, 1000}, {"locks", &c.locks, 100}, {"walks", &c.walks, 100}, {"visits", &c.visits, 100}, {"moves", &c.moves, 100},
		} {
			require.GreaterOrEqual(t, floor.n.Load(), floor.low, floor.what)
		}
		require.Empty(t, c.sys.Snapshot().VMAs)
		if p == RootPointer { // the others are known to
			require.Zero(t, c.useAfterFree.Load(), "uses after free")
			require.Zero(t, c.stranded.Load(), "migration entries left behind")
		}
		if c.useAfterFree.Load() == 0 {
			require.Zero(t, live(c.sys), "objects leaked")
		}
	})
}
