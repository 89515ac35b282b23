package impl

// Families whose members live side by side: each address space has a goroutine of its
// own, which knows its bytes, and all of them share pages, lists and one lock. Walkers,
// in witness_test.go, work on their pages and hold what they find against the roster.

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

// A relative has its home at slots [0, homeEnd), one area to begin with. Two of its
// pages nobody writes to again, so all relatives share them as long as they live: the
// still one stays where it is, the restless one is migrated and swapped. The other slots
// are written to, unmapped and mapped again, so that boundaries move around the two.
//
// From roamStart on a relative roams: it maps, protects and moves what it likes. What
// Protect and Move do to walks in Linux (doc.go) can therefore happen only there, where
// walks may miss pages, and no page is migrated or swapped.
const (
	homeEnd   = 8
	still     = 2
	restless  = 5
	roamStart = 16
	roamSlots = 10
	roamEnd   = roamStart + roamSlots + 4
)

// holes are the parts of a home that may be unmapped.
var holes = [][2]uint32{{0, 1}, {0, 2}, {1, 1}, {3, 1}, {3, 2}, {4, 1}, {6, 1}, {6, 2}, {7, 1}}

// A relative is an address space, its oracle, and what walkers may know of it. Only its
// own goroutine stores to it.
type relative struct {
	*oracle
	life atomic.Int32  // alive -> leaving, when Exit begins -> gone, when it has returned
	cuts atomic.Uint64 // odd while its areas are being cut or merged
	hole [2]uint32     // unmapped; length 0: nothing is
}

const (
	alive = iota
	leaving
	gone
)

// A clan is one family, all that descend from one address space.
type clan struct {
	*gathering
	drops   bool                         // the restless page leaves the swap cache, too
	roster  [32]atomic.Pointer[relative] // by birth; written once
	shared  [2]*Page                     // the still one and the restless one
	targets [8]atomic.Pointer[target]
	group   sync.WaitGroup
}

// A target is a page that was written to, for walkers.
type target struct {
	*Page
	roams bool
}

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

// live is a life. Places [place, end) of the roster are for the relative and those
// who descend from it.
func (c *clan) live(o *relative, place, end int, r *rand.Rand) {
	n := newTally()
	var pages []*Page
	var pins []*Pin
	cutter := r.IntN(2) == 0
	next := place + 1
	for range 4 + r.IntN(16) {
		if c.wrong.Load() != nil {
			break
		}
		switch k := r.IntN(12); {
		case k < 3 && next < end:
			child := c.fork(n, o)
			if child == nil {
				break
			}
			upTo := next + 1 + r.IntN(min(end-next, 8))
			at := next
			next = upTo
			c.roster[at].Store(child)
			seed := rand.NewPCG(r.Uint64(), r.Uint64())
			c.group.Go(func() { c.live(child, at, upTo, rand.New(seed)) })
		case k < 6:
			slot := r.Uint32N(homeEnd)
			if _, mapped := o.bytes[slot]; mapped && slot != still && slot != restless {
				pages = append(pages, c.write(n, o, slot, r))
			}
		case k == 6:
			if pin, err := o.Pin(still); c.may(n, "Pin", err) {
				pins = append(pins, pin)
			}
		case k < 9 && cutter:
			c.cut(n, o, r)
		case cutter:
			if p := c.roam(n, o, r); p != nil {
				pages = append(pages, p)
			}
		}
		for _, slot := range []uint32{restless, r.Uint32N(homeEnd), roamStart + r.Uint32N(roamSlots)} {
			c.check(n, o, slot)
		}
		runtime.Gosched()
	}
	for slot := range uint32(roamEnd) {
		c.check(n, o, slot)
	}
	o.life.Store(leaving)
	c.may(n, "Exit", o.Exit())
	o.life.Store(gone)
	for _, pin := range pins {
		c.may(n, "Release", pin.Release())
	}
	c.add(n, pages...)
}

// fork makes a child that nobody knows yet.
func (c *clan) fork(n *tally, o *relative) *relative {
	m, err := o.Fork()
	if !c.may(n, "Fork", err) {
		return nil
	}
	return &relative{oracle: o.oracle.fork(m), hole: o.hole}
}

// write stores a byte, and makes the page known to walkers.
func (c *clan) write(n *tally, o *relative, slot uint32, r *rand.Rand) *Page {
	b := byte(r.Uint32())
	if !c.may(n, "Write", o.Write(slot, 7, []byte{b})) {
		return nil
	}
	o.bytes[slot] = b
	page, err := o.Page(slot)
	if err != nil {
		c.fail("slot %d of mm%d was written to: Page: %w", slot, o.ID(), err)
	} else if slot != still && slot != restless {
		c.targets[r.IntN(len(c.targets))].Store(&target{page, slot >= roamStart})
	}
	return page
}

// check reads a slot: it has what was written there, or before the fork by whom the
// relative descends from.
func (c *clan) check(n *tally, o *relative, slot uint32) {
	b := []byte{0}
	err := o.Read(slot, 7, b)
	want, mapped := o.bytes[slot]
	if mapped && (err != nil || b[0] != want) || !mapped && !errors.Is(err, ErrNotMapped) {
		c.fail("slot %d of mm%d: read %d (%v), should be %d (mapped: %t)", slot, o.ID(), b[0], err, want, mapped)
	}
	n.count["Read"]++
}

// cut moves the boundaries at home: a hole is made or filled, or a part is protected
// and no longer. Every area has an anon_vma, and what is mapped is merged into a
// neighbour at once, so that the locks are those which the protocol wants.
func (c *clan) cut(n *tally, o *relative, r *rand.Rand) {
	o.cuts.Add(1)
	defer o.cuts.Add(1)
	switch start, length := o.hole[0], o.hole[1]; {
	case length > 0:
		if c.may(n, "Map of a hole", o.Map(start, length)) {
			o.add(start, length, 0)
			o.hole = [2]uint32{}
		}
	case r.IntN(3) > 0:
		o.hole = holes[r.IntN(len(holes))]
		if c.may(n, "Unmap of a hole", o.Unmap(o.hole[0], o.hole[1])) {
			o.remove(o.hole[0], o.hole[1])
		}
	default:
		start := r.Uint32N(homeEnd)
		length := 1 + r.Uint32N(homeEnd-start)
		c.may(n, "Protect at home", o.Protect(start, length, 1))
		c.may(n, "Protect at home", o.Protect(start, length, 0))
	}
}

// roam does something beyond home.
func (c *clan) roam(n *tally, o *relative, r *rand.Rand) *Page {
	start, length := roamStart+r.Uint32N(roamSlots), 1+r.Uint32N(4)
	o.cuts.Add(1)
	defer o.cuts.Add(1)
	switch r.IntN(6) {
	case 0:
		if c.may(n, "Map", o.Map(start, length), ErrOverlap) {
			o.add(start, length, 0)
		}
	case 1:
		if c.may(n, "Unmap", o.Unmap(start, length), ErrNotMapped) {
			o.remove(start, length)
		}
	case 2:
		c.may(n, "Protect", o.Protect(start, length, Prot(r.IntN(2))), ErrNotMapped)
	case 3:
		to := roamStart + r.Uint32N(roamSlots)
		if !o.strays(start, length, to) && c.may(n, "Move", o.Move(start, length, to), ErrNotMapped, ErrOverlap) {
			o.move(start, length, to)
			o.remove(start, length)
		}
	default:
		if _, mapped := o.bytes[start]; mapped {
			return c.write(n, o, start, r)
		}
	}
	return nil
}

// floors are what a gathering does at the least.
var floors = map[string]int{}

// TestRelatives runs families whose members are on different goroutines, with
// RootPointer and RefcountedRoot: the others lose entries and objects.
func TestRelatives(t *testing.T) {
	defer goleak.VerifyNone(t)
	runs := 4
	if testing.Short() {
		runs = 2
	}
	for _, p := range []Protocol{RootPointer, RefcountedRoot} {
		t.Run(p.String(), func(t *testing.T) {
			sum := newTally()
			for range runs {
				seed := *relativesSeed
				if seed == 0 {
					seed = rand.Uint64()
				}
				n, err := gather(p, seed, 120)
				if err != nil {
					t.Fatalf("%v\n%s", err, again(t, seed))
				}
				sum.add(n)
			}
			t.Logf("%v", sum.count)
			for what, least := range floors {
				require.GreaterOrEqual(t, sum.count[what], least*runs, what)
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
