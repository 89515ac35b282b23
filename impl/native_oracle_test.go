package impl

// What a test that runs natively knows about an address space: the oracle that the
// sequential test and the crowd compare each answer with.

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// An oracle is an address space, and for each slot that is in an area the byte that
// was stored there last and the protection.
type oracle struct {
	*AddressSpace
	bytes map[uint32]byte
	prots map[uint32]Prot
}

func newOracle(m *AddressSpace) *oracle {
	return &oracle{m, map[uint32]byte{}, map[uint32]Prot{}}
}

func (o *oracle) String() string { return fmt.Sprintf("mm%d", o.ID()) }

// fork is the oracle of a child that was forked just now.
func (o *oracle) fork(child *AddressSpace) *oracle {
	return &oracle{child, maps.Clone(o.bytes), maps.Clone(o.prots)}
}

// mapped is the number of slots [start, start+n) that are in an area.
func (o *oracle) mapped(start, n uint32) (count uint32) {
	for slot := start; slot < start+n; slot++ {
		if _, ok := o.bytes[slot]; ok {
			count++
		}
	}
	return count
}

func (o *oracle) add(start, n uint32, prot Prot) {
	for slot := start; slot < start+n; slot++ {
		o.bytes[slot], o.prots[slot] = 0, prot
	}
}

func (o *oracle) remove(start, n uint32) {
	for slot := start; slot < start+n; slot++ {
		delete(o.bytes, slot)
		delete(o.prots, slot)
	}
}

// move copies n slots and leaves zero bytes at the source, which is still mapped.
func (o *oracle) move(start, n, to uint32) {
	for i := range n {
		o.bytes[to+i], o.prots[to+i] = o.bytes[start+i], o.prots[start+i]
		o.bytes[start+i] = 0
	}
}

// strays reports whether a Move would merge written pages into an area without an
// anon_vma, which Linux 2.6.36 leaves without: see TestMovedBackToNobody. For the goroutine
// that operates on the address space.
func (o *oracle) strays(at, n, to uint32) bool {
	v := o.find(at)
	if v == nil || v.anon == nil {
		return false
	}
	would := func(w *vma, edge uint32, pgoff uint64) bool {
		return w != nil && w.anon == nil && w.prot == v.prot && w.offset(edge) == pgoff
	}
	var prev *vma
	if to > 0 {
		prev = o.find(to - 1)
	}
	return would(prev, to, v.offset(at)) || would(o.find(to+n), to+n, v.offset(at)+uint64(n))
}

// A sequence is a System with one goroutine, which knows all about it.
//
//	pending    pages whose migration is half done
//	dropped    pages whose bytes are on the swap device only
//	countdown  the allocation that is to fail, counted from the next one; 0: none
//	failed     it did
type sequence struct {
	sys       *System
	spaces    []*oracle
	pins      []*Pin
	pending   map[*Page]*PendingMigration
	dropped   map[*Page]bool
	countdown int
	failed    bool
}

func newSequence(p Protocol) *sequence {
	q := &sequence{pending: map[*Page]*PendingMigration{}, dropped: map[*Page]bool{}}
	q.sys = New(Options{Protocol: p, PageSize: 1, FailAlloc: func() bool {
		q.countdown--
		q.failed = q.failed || q.countdown == 0
		return q.countdown == 0
	}})
	q.spaces = []*oracle{newOracle(q.sys.NewAddressSpace())}
	return q
}

// short draws whether, and which, allocation of the next operation fails, and
// returns what says afterwards whether the operation failed for that reason. An
// operation may do without what it could not allocate.
func (q *sequence) short(t *rapid.T) (outOfMemory func(error) bool) {
	q.countdown = rapid.SampledFrom([]int{0, 0, 0, 1, 2, 3, 4, 5, 7, 9}).Draw(t, "failing allocation")
	q.failed = false
	return func(err error) bool {
		q.countdown = 0
		if err == nil {
			return false
		}
		require.ErrorIs(t, err, ErrNoMemory)
		require.True(t, q.failed, "no allocation failed")
		return true
	}
}

// halfway reports whether the page at a slot is being migrated, so that to touch it
// would be to wait for ever.
func (q *sequence) halfway(o *oracle, slot uint32) bool {
	e := o.table.load(slot)
	return e != nil && q.pending[e.page] != nil
}

// space draws an address space.
func (q *sequence) space(t *rapid.T) *oracle {
	return rapid.SampledFrom(q.spaces).Draw(t, "space")
}

// slot draws a slot of an address space, mostly one that is mapped.
func (q *sequence) slot(t *rapid.T, o *oracle) uint32 {
	slots := slices.Sorted(maps.Keys(o.bytes))
	return rapid.SampledFrom(append(slots, rapid.Uint32Range(0, oracleSlots-1).Draw(t, "any slot"))).Draw(t, "slot")
}

// page draws a page that something maps, or that is swapped, and that is not being
// migrated; nil: there is none.
func (q *sequence) page(t *rapid.T) *Page {
	var pages []*Page
	for _, o := range q.spaces {
		for slot := range uint32(oracleEnd) {
			if e := o.table.load(slot); e != nil && q.pending[e.page] == nil && !slices.Contains(pages, e.page) {
				pages = append(pages, e.page)
			}
		}
	}
	if len(pages) == 0 {
		return nil
	}
	return pages[rapid.IntRange(0, len(pages)-1).Draw(t, "page")]
}

// oracleSlots is where areas may begin; they end by oracleEnd.
const (
	oracleSlots = 12
	oracleEnd   = oracleSlots + 6
)

// require compares everything with the oracles: areas, protections, bytes, and what
// a walk of each page finds. It brings no page in.
func (q *sequence) require(t *rapid.T) {
	type place struct {
		mm   int
		slot uint32
	} // found once, each
	places := map[*Page]map[place]int{}
	for _, o := range q.spaces {
		slots := 0
		for _, v := range o.areas {
			for slot := v.start(); slot < v.end(); slot++ {
				if prot, ok := o.prots[slot]; !ok || prot != v.prot { // asked of every slot: without testify's ceremony
					t.Fatalf("mm%d: slot %d, in an area of protection %d, should have %d (mapped: %t)", o.ID(), slot, v.prot, prot, ok)
				}
				slots++
			}
		}
		require.Len(t, o.prots, slots, "mm%d: mapped slots", o.ID())
		for slot := range uint32(oracleEnd) {
			want, mapped := o.bytes[slot]
			got := []byte{0}
			switch e := o.table.load(slot); {
			case e != nil && e.kind != Present:
				require.True(t, mapped)
				require.Equal(t, e.kind == Migration, q.pending[e.page] != nil && e.kind != Swapped)
				e.page.load(0, got)
			default:
				if err := o.Read(slot, 0, got); mapped != (err == nil) || !mapped && !errors.Is(err, ErrNotMapped) {
					t.Fatalf("mm%d: reading slot %d (mapped: %t): %v", o.ID(), slot, mapped, err)
				}
			}
			if got[0] != want {
				t.Fatalf("mm%d: byte of slot %d is %d, should be %d", o.ID(), slot, got[0], want)
			}
			if e := o.table.load(slot); e != nil {
				if places[e.page] == nil {
					places[e.page] = map[place]int{}
				}
				if e.kind == Present {
					places[e.page][place{o.ID(), slot}] = 1
				}
			}
		}
	}
	for page, want := range places {
		found := map[place]int{}
		err := q.sys.Walk(page, func(m Mapping) bool {
			found[place{m.AddressSpace.ID(), m.Slot}]++
			return true
		})
		if len(want) == 0 {
			require.ErrorIs(t, err, ErrNotMapped)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, want, found, "page %d", page.ID())
	}
}
