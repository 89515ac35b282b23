package impl

// The members of TestRelatives: what an address space does in its life, and what it
// knows of its bytes.

import (
	"errors"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
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
		case k < 7:
			slot := r.Uint32N(homeEnd)
			if _, mapped := o.bytes[slot]; mapped && slot != still && slot != restless {
				pages = append(pages, c.write(n, o, slot, r))
			}
		case k == 7:
			if pin, err := o.Pin(still); c.may(n, "Pin", err) {
				pins = append(pins, pin)
			}
		case k < 10 && cutter:
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
