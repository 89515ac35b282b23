package impl

// Walkers of TestRelatives: what each finds is counted, place by place, and held
// against who lived all the time, who had gone before, and whose areas were being cut.

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
)

// walker works on the pages of the clans that live now.
func (g *gathering) walker(r *rand.Rand) {
	n := newTally()
	for !g.done.Load() && g.wrong.Load() == nil {
		if c := g.clans[r.IntN(len(g.clans))].Load(); c != nil {
			c.walker(n, r)
		}
		runtime.Gosched()
	}
	g.add(n)
}

// walker does one thing.
func (c *clan) walker(n *tally, r *rand.Rand) {
	page, slot, roams := c.shared[0], uint32(still), false
	switch k := r.IntN(6); {
	case k < 2:
		page, slot = c.shared[1], restless
	case k < 4:
		t := c.targets[r.IntN(len(c.targets))].Load()
		if t == nil {
			return
		}
		page, slot, roams = t.Page, homeEnd, t.roams
	}
	kind := r.IntN(8)
	switch {
	case kind == 0:
		c.pin(n, r)
	case kind < 3 || roams:
		c.audit(n, page, slot, slot == still, slot == still, func(visit func(*AddressSpace, uint32)) error {
			return c.sys.Walk(page, func(m Mapping) bool { visit(m.AddressSpace, m.Slot); return true })
		})
	case kind < 4 || slot == still:
		c.guarded(n, page, r)
		c.reachable(page)
	case kind == 4 && slot == restless:
		// What a walk leads to, whatever the entry is: nobody takes the page away but who exits.
		c.audit(n, page, slot, false, !c.drops, func(visit func(*AddressSpace, uint32)) error {
			locked, err := c.sys.walkPage(page, false, func(v *vma, at uint32) bool {
				if e := v.mm.table.load(at); e != nil && e.page == page {
					visit(v.mm, at)
				}
				return true
			})
			if err == nil && !locked {
				err = ErrNotMapped
			}
			return err
		})
	case kind == 5:
		c.may(n, "Migrate", c.sys.Migrate(page), ErrNotMapped, ErrNotMoved)
	case kind == 6:
		m, err := c.sys.BeginMigrate(page)
		if c.may(n, "BeginMigrate", err, ErrNotMapped) {
			yield(64)
			c.may(n, "Finish", m.Finish(), ErrNotMoved)
		}
	default:
		if c.may(n, "SwapOut", c.sys.SwapOut(page), ErrNotMapped, ErrNotMoved) && (slot != restless || c.drops) {
			yield(32)
			c.may(n, "SwapDrop", c.sys.SwapDrop(page), ErrNotCached)
		}
	}
}

// pin holds the family of a relative for a moment, maybe beyond its life.
func (c *clan) pin(n *tally, r *rand.Rand) {
	o := c.roster[r.IntN(1+r.IntN(len(c.roster)))].Load()
	if o == nil {
		return
	}
	pin, err := o.Pin(still)
	if c.may(n, "Pin", err, ErrExited) {
		yield(32)
		c.may(n, "Release", pin.Release())
	}
}

// lock is LockRoot; leaf is what it found, which stays what it is while the root is locked.
// nil: nobody knows.
func (c *clan) lock(page *Page, r *rand.Rand) (root Root, leaf *tenure, err error) {
	if r.IntN(2) == 0 {
		root, err = c.sys.LockRoot(page)
		return root, nil, err
	}
	return c.sys.lockRoot(page)
}

// reachable locks a page and asks that, if it is mapped, it tells where.
func (c *clan) reachable(page *Page) {
	page.lock.mu.Lock()
	defer page.lock.mu.Unlock()
	if page.Mapped() && page.mapping.Load() == nil {
		c.fail("page %d is mapped and names no anon_vma", page.id)
	}
}

// guarded locks the family of a page and looks twice at what the lock guards.
func (c *clan) guarded(n *tally, page *Page, r *rand.Rand) {
	sure := page == c.shared[0] && c.roster[0].Load().life.Load() == alive
	root, leaf, err := c.lock(page, r)
	if sure = sure && c.roster[0].Load().life.Load() == alive; sure {
		c.may(n, "LockRoot of a page that is mapped", err)
	}
	if !c.may(n, "LockRoot", err, ErrNotMapped) {
		return
	}
	defer root.Unlock()
	var first []string
	for range 3 {
		if now := page.mapping.Load(); now != nil && page.Mapped() { // who maps it cannot go
			leaf = now
		}
		if leaf != nil && (leaf.stale() || !leaf.anon.live.Load() || leaf.anon.root.Load() != root.held) {
			c.fail("page %d: locked is a%d; its leaf a%d is stale: %t, live: %t, of root a%d",
				page.id, root.held.id, leaf.anon.id, leaf.stale(), leaf.anon.live.Load(), leaf.anon.root.Load().id)
			return
		}
		var list []string
		for e := root.held.first.Load(); e != nil; e = e.next.Load() {
			if e == poison {
				c.fail("page %d: locked is a%d; an entry was taken off its list meanwhile", page.id, root.held.id)
				return
			}
			start, pgoff := e.vma.start(), e.vma.pgoff.Load()
			if uint64(start) != pgoff { // at home nothing was ever moved
				c.fail("page %d: locked is a%d; v%d begins at %d with page offset %d", page.id, root.held.id, e.vma.id, start, pgoff)
				return
			}
			list = append(list, fmt.Sprint("v", e.vma.id))
		}
		if first == nil {
			first = list
		}
		if !slices.Equal(first, list) {
			c.fail("page %d: locked is a%d; its list was %v and is %v", page.id, root.held.id, first, list)
			return
		}
		yield(48)
	}
}

// A sighting is what a walker knows of a relative.
type sighting struct {
	life int32
	cuts uint64
}

func (c *clan) sightings() (list []sighting) {
	for i := range c.roster {
		s := sighting{life: -1}
		if o := c.roster[i].Load(); o != nil {
			s = sighting{o.life.Load(), o.cuts.Load()}
		}
		list = append(list, s)
	}
	return list
}

type place struct {
	mm   *AddressSpace
	slot uint32
}

// audit walks a page and judges what was found. slot homeEnd: any one. sure: the walk
// finds the page mapped if anybody lives; whole: it shows each entry, whatever kind it
// is, and the page does not lose its index meanwhile.
func (c *clan) audit(n *tally, page *Page, slot uint32, sure, whole bool, walk func(visit func(*AddressSpace, uint32)) error) {
	found := map[place]int{}
	before := c.sightings()
	err := walk(func(m *AddressSpace, at uint32) {
		found[place{m, at}]++
		yield(16)
	})
	after := c.sightings()
	c.may(n, "Walk", err, ErrNotMapped)
	n.count["place"] += len(found)
	asked := sure || whole && err == nil
	certain := 0
	for i := range c.roster {
		o := c.roster[i].Load()
		if o == nil {
			continue
		}
		b, a := before[i], after[i]
		quiet := b.cuts == a.cuts && b.cuts%2 == 0 && a.life >= 0 || b.life < 0 && a.cuts == 0
		for at := range uint32(roamEnd) {
			times := found[place{o.AddressSpace, at}]
			delete(found, place{o.AddressSpace, at})
			must := asked && at == slot && b.life == alive && a.life == alive
			switch {
			case must && times == 0:
				c.fail("page %d: a walk missed slot %d of mm%d, which maps it all the time (%v)", page.id, at, o.ID(), err)
			case times > 1 && quiet:
				c.fail("page %d: a walk found slot %d of mm%d %d times", page.id, at, o.ID(), times)
			case times > 0 && (b.life == gone || slot != homeEnd && at != slot):
				c.fail("page %d: a walk found slot %d of mm%d, which does not map it (life %d)", page.id, at, o.ID(), b.life)
			}
			if must && quiet {
				certain++
			}
		}
	}
	n.count["certain place"] += certain
	if certain > 1 {
		n.count["several certain places"]++
	}
	// The rest must be children that are not in the roster yet.
	for p, times := range found {
		if times > 1 || slot != homeEnd && p.slot != slot || p.slot >= roamEnd {
			c.fail("page %d: a walk found slot %d of mm%d %d times, which is being forked", page.id, p.slot, p.mm.id, times)
		}
		n.unborn = append(n.unborn, unborn{c, p.mm.id})
	}
}

// An unborn is a place that a walk found and that the roster did not have.
type unborn struct {
	clan *clan
	mm   int
}

// stranger is an address space that a walk found and that never was of the clan; 0:
// there is none.
func (n *tally) stranger() int {
	for _, u := range n.unborn {
		known := false
		for i := range u.clan.roster {
			o := u.clan.roster[i].Load()
			known = known || o != nil && o.ID() == u.mm
		}
		if !known {
			return u.mm
		}
	}
	return 0
}
